import {
  acceptWebSocket,
  type AcceptWebSocketOptions,
} from "../../lib/connection/accept.ts";
import type { WebSocketConnection } from "../../lib/connection/connection.ts";
import { createWebSocketClass } from "../../lib/facade/create_web_socket_class.ts";
import type { WebSocketClassOptions } from "../../lib/facade/opening.ts";
import {
  memoryTransports,
  type MemoryTransportsOptions,
} from "../../lib/transport/memory.ts";
import { within } from "../connection/connections.ts";

/** The platform's class, and those of ours, which have its type. */
export type WebSocketClass = typeof globalThis.WebSocket;

/** What happens to a socket, a line each, with the state it is in. */
export interface Recording {
  readonly lines: string[];
  /** Resolves a while after the close event, when nothing more may come. */
  readonly closed: Promise<void>;
}

const states = ["connecting", "open", "closing", "closed"];

/** Writes down every event of a socket. */
export function record(socket: WebSocket): Recording {
  const lines: string[] = [];
  const closed = Promise.withResolvers<void>();
  const note = (text: string) =>
    lines.push(`${text} while ${states[socket.readyState]}`);
  socket.addEventListener("open", () => note("open"));
  socket.addEventListener("message", ({ data }) => {
    note(`message ${typeof data === "string" ? data : data.constructor.name}`);
  });
  socket.addEventListener("error", () => note("error"));
  socket.addEventListener("close", ({ wasClean, code, reason }) => {
    note(`close ${wasClean ? "clean" : "unclean"} ${code} ${reason}`.trim());
    setTimeout(closed.resolve, 20);
  });
  return { lines, closed: closed.promise };
}

/** Waits for an event. */
export function once<Type extends "open" | "message" | "error" | "close">(
  socket: WebSocket,
  type: Type,
): Promise<WebSocketEventMap[Type]> {
  const event = new Promise<WebSocketEventMap[Type]>((resolve) => {
    socket.addEventListener(type, resolve, { once: true });
  });
  return within(event, type, 5_000);
}

/** A socket in memory, and the connection of its server. */
export async function socketWithServer(
  options: WebSocketClassOptions = {},
  more: {
    readonly server?: AcceptWebSocketOptions;
    readonly transports?: MemoryTransportsOptions;
  } = {},
): Promise<
  { readonly socket: WebSocket; readonly server: WebSocketConnection }
> {
  const [own, other] = memoryTransports(more.transports);
  const Bound = createWebSocketClass({ ...options, carrier: () => own });
  const socket = new Bound("ws://server.example.com/");
  const opened = once(socket, "open");
  const server = await acceptWebSocket(other, more.server);
  await opened;
  return { socket, server };
}
