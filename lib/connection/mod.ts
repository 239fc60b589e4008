/**
 * WebSocket connections: `connectWebSocket` for clients, `acceptWebSocket` and
 * `serveWebSocket` for servers, with the whole protocol taken care of.
 *
 * @example An echo server, and a client
 * ```ts
 * import { connectWebSocket, serveWebSocket } from "@sluice/websocket/connection";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = serveWebSocket({ hostname: "127.0.0.1" }, {
 *   message: (connection, data) => connection.send(data),
 * });
 * await using connection = await connectWebSocket(`ws://${server.address}/`);
 *
 * connection.send("Hello");
 * assertEquals(await connection.receive(), "Hello");
 * ```
 *
 * @module
 */
export { acceptWebSocket, type AcceptWebSocketOptions } from "./accept.ts";
export { backoffMs, type BackoffOptions } from "./backoff.ts";
export * from "./broadcast.ts";
export type { Carrier } from "./carrier.ts";
export * from "./connect.ts";
export {
  type CloseInit,
  type ConnectionClosed,
  type ConnectionOptions,
  type WebSocketConnection,
} from "./connection.ts";
export type { IncomingMessage } from "./incoming.ts";
export type { MessageData, SendOptions } from "./outbox.ts";
export * from "./reconnect.ts";
export * from "./serve.ts";
