/** The ways to deliver updates that are compared. */
import {
  type OpenClient,
  openLongPolling,
  openPolling,
  openServerSentEvents,
  openWebSocket,
} from "./clients.ts";

/** A server, and a client for it. */
export interface Way {
  readonly name: string;
  /** How it is called in tables. */
  readonly title: string;
  /** The program in this folder that serves it. */
  readonly server: "serve_http.ts" | "serve_websocket.ts";
  readonly open: OpenClient;
  /** How often a client asks, where it does by the clock. */
  readonly intervalMs?: number;
}

export const ways: readonly Way[] = [
  {
    name: "polling_100",
    title: "polling each 100 ms",
    server: "serve_http.ts",
    open: openPolling(100),
    intervalMs: 100,
  },
  {
    name: "polling_1000",
    title: "polling each second",
    server: "serve_http.ts",
    open: openPolling(1000),
    intervalMs: 1000,
  },
  {
    name: "long_polling",
    title: "long polling",
    server: "serve_http.ts",
    open: openLongPolling,
  },
  {
    name: "events",
    title: "server-sent events",
    server: "serve_http.ts",
    open: openServerSentEvents,
  },
  {
    name: "websocket",
    title: "WebSocket, Sluice",
    server: "serve_websocket.ts",
    open: openWebSocket,
  },
];

/** The way that the others are compared with. */
export const ours = "websocket";
