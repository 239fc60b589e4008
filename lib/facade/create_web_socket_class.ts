import { setClassOptions, type WebSocketClassOptions } from "./opening.ts";
import { FacadeWebSocket } from "./web_socket.ts";

/**
 * A class in the shape of the platform's `WebSocket`, whose objects are opened
 * with these options: for libraries that expect one, as a global or given to
 * them.
 *
 * Its constructor takes, in place of the protocols, also `{ protocols, headers }`,
 * as those of Deno, Node and Bun do; these headers take the place of the
 * class's.
 *
 * Source: {@link https://websockets.spec.whatwg.org/ | WebSockets Standard}.
 *
 * @param options What a connection is opened with: extensions, headers, limits,
 * what carries it.
 * @throws {TypeError} If a header cannot be sent.
 * @throws {RangeError} If a limit is out of its range.
 *
 * @example A WebSocket that sends a header, and compresses
 * ```ts
 * import { serveWebSocket } from "@sluice/websocket/connection";
 * import { permessageDeflate } from "@sluice/websocket/deflate";
 * import { createWebSocketClass } from "@sluice/websocket/facade";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = serveWebSocket({
 *   hostname: "127.0.0.1",
 *   extensions: [permessageDeflate()],
 * }, {
 *   message: (connection, data) => connection.send(data),
 * });
 *
 * const WebSocket = createWebSocketClass({
 *   extensions: [permessageDeflate()],
 *   headers: { Authorization: "Bearer secret" },
 * });
 * const socket = new WebSocket(`ws://${server.address}/`);
 * socket.onopen = () => socket.send("Hello");
 * const data = await new Promise((resolve) => {
 *   socket.onmessage = (event) => resolve(event.data);
 * });
 * assertEquals(data, "Hello");
 * assertEquals(socket.extensions, "permessage-deflate");
 *
 * socket.close(1000);
 * await new Promise((resolve) => socket.onclose = resolve);
 * ```
 */
export function createWebSocketClass(
  options: WebSocketClassOptions = {},
): typeof globalThis.WebSocket {
  const bound = class WebSocket extends FacadeWebSocket {};
  setClassOptions(bound, options);
  return bound;
}
