import type { WebSocketConnection } from "../connection/connection.ts";
import { FacadeWebSocket, OpenSocket } from "./web_socket.ts";

/** What a connection does not know of itself. */
export interface ToWebSocketOptions {
  /**
   * What the `url` of the object is, and whose origin its messages have.
   *
   * @default {""}
   */
  readonly url?: string | URL;
}

/**
 * An open connection as a `WebSocket` of the platform's shape, for either role.
 *
 * It is `OPEN` from the start, so that no `open` event comes; the first message
 * comes in a later task, when there has been time to listen. From now on the
 * connection is the object's: nobody else may read it. A function of
 * `serveWebSocket` has to wait for its end before it returns.
 *
 * @param connection An open connection that gives whole messages.
 * @param options What it does not know of itself.
 *
 * @example A server whose connections have listeners
 * ```ts
 * import { serveWebSocket } from "@sluice/websocket/connection";
 * import { toWebSocket, WebSocket } from "@sluice/websocket/facade";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = serveWebSocket(
 *   { hostname: "127.0.0.1" },
 *   async (connection) => {
 *     const socket = toWebSocket(connection);
 *     socket.onmessage = ({ data }) => socket.send(`You said ${data}`);
 *     await connection.closed;
 *   },
 * );
 *
 * const socket = new WebSocket(`ws://${server.address}/`);
 * socket.onopen = () => socket.send("Hello");
 * const data = await new Promise((resolve) => {
 *   socket.onmessage = (event) => resolve(event.data);
 * });
 * assertEquals(data, "You said Hello");
 * socket.close();
 * await new Promise((resolve) => socket.onclose = resolve);
 * ```
 */
export function toWebSocket(
  connection: WebSocketConnection,
  options: ToWebSocketOptions = {},
): InstanceType<typeof globalThis.WebSocket> {
  const { url = "" } = options;
  return new FacadeWebSocket(new OpenSocket(connection, String(url)));
}
