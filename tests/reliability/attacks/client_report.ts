/** What is agreed between a bad server and the client that it attacks. */
import type { ConnectWebSocketOptions } from "@sluice/websocket";

/** Where the client connects to, and how. */
export interface ClientOptions {
  readonly url: string;
  /** A server that does nothing wrong, which it talks with meanwhile. */
  readonly politePort: number;
  readonly connecting?: Pick<
    ConnectWebSocketOptions,
    | "handshakeTimeoutMs"
    | "idleTimeoutMs"
    | "closeTimeoutMs"
    | "heartbeat"
    | "maxRedirects"
    | "protocols"
  >;
  /** Whether it offers permessage-deflate. */
  readonly deflate?: boolean;
  /** Whether it says something when the WebSocket is open. */
  readonly saysHello?: boolean;
  /** How often it connects, in all and at the same time. */
  readonly count: number;
  readonly atOnce: number;
}

/** What came of that. */
export interface ClientReport {
  /** How often a connection ended in which way. */
  readonly ends: Readonly<Record<string, number>>;
  /** How many messages the other server answered. */
  readonly answered: number;
  readonly unhandled: number;
}
