/**
 * The platform's own shapes of a WebSocket, over connections of this library:
 * for what expects a `WebSocket` class, as a global or given to it, and is to
 * run on our transports, extensions, headers and limits.
 *
 * @example What expects a global finds one
 * ```ts
 * import { serveWebSocket } from "@sluice/websocket/connection";
 * import { WebSocket } from "@sluice/websocket/facade";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = serveWebSocket({ hostname: "127.0.0.1" }, {
 *   message: (connection, data) => connection.send(data),
 * });
 *
 * globalThis.WebSocket = WebSocket;
 * const socket = new globalThis.WebSocket(`ws://${server.address}/`);
 * socket.binaryType = "arraybuffer";
 * socket.onopen = () => socket.send(Uint8Array.of(1, 2, 3));
 * const { data } = await new Promise<MessageEvent>((resolve) => {
 *   socket.onmessage = resolve;
 * });
 * assertEquals(new Uint8Array(data), Uint8Array.of(1, 2, 3));
 *
 * socket.close(1000, "done");
 * const { wasClean, code } = await new Promise<CloseEvent>((resolve) => {
 *   socket.onclose = resolve;
 * });
 * assertEquals([wasClean, code], [true, 1000]);
 * ```
 *
 * @module
 */
import { FacadeWebSocket } from "./web_socket.ts";

export { createWebSocketClass } from "./create_web_socket_class.ts";
export type { WebSocketClassOptions } from "./opening.ts";
export { toWebSocket, type ToWebSocketOptions } from "./to_web_socket.ts";
export { type WebSocketCloseInfo, WebSocketError } from "./web_socket_error.ts";
export {
  createWebSocketStreamClass,
  type WebSocketOpenInfo,
  WebSocketStream,
  type WebSocketStreamOptions,
} from "./web_socket_stream.ts";

/**
 * The platform's `WebSocket` over a connection of ours, with the options that a
 * connection has by default; those that `createWebSocketClass` and `toWebSocket`
 * make are instances of it, too.
 *
 * Source: {@link https://websockets.spec.whatwg.org/ | WebSockets Standard}.
 *
 * @example
 * ```ts
 * import { serveWebSocket } from "@sluice/websocket/connection";
 * import { WebSocket } from "@sluice/websocket/facade";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = serveWebSocket({ hostname: "127.0.0.1" }, {
 *   open: (connection) => connection.close({ closeCode: 4000, reason: "full" }),
 * });
 *
 * const socket = new WebSocket(`ws://${server.address}/`);
 * const { code, reason } = await new Promise<CloseEvent>((resolve) => {
 *   socket.onclose = resolve;
 * });
 * assertEquals([code, reason], [4000, "full"]);
 * ```
 */
export const WebSocket: typeof globalThis.WebSocket = FacadeWebSocket;

/** An object of the class. */
export type WebSocket = InstanceType<
  typeof globalThis.WebSocket
>;
