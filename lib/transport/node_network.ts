/**
 * The network of Node and Bun, by `node:net` and `node:tls`: TCP, TLS and Unix
 * sockets; and a server of `node:http` whose port is shared.
 *
 * @example A WebSocket beside an ordinary HTTP server, on one port
 * ```ts
 * import { connectWebSocket, serveWebSocket } from "@sluice/websocket/connection";
 * import { upgradeListener } from "@sluice/websocket/transport/node";
 * import { createServer } from "node:http";
 * import { assertEquals } from "@std/assert";
 *
 * const http = createServer((_, response) => response.end("a page"));
 * await using server = serveWebSocket({ listener: upgradeListener(http) }, {
 *   message: (connection, data) => connection.send(data),
 * });
 * await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
 * const { port } = http.address() as { port: number };
 *
 * const page = await fetch(`http://127.0.0.1:${port}/`);
 * assertEquals(await page.text(), "a page");
 *
 * const connection = await connectWebSocket(`ws://127.0.0.1:${port}/`);
 * connection.send("Hello");
 * assertEquals(await connection.receive(), "Hello");
 * connection.close();
 * await connection.closed;
 * http.close();
 * ```
 *
 * @module
 */
export { dialNode } from "./node_dial.ts";
export { hasNodeNetwork } from "./node_builtins.ts";
export { listenNode, type ListenNodeOptions } from "./node_listen.ts";
export { type NodeSocket, nodeTransport } from "./node.ts";
export {
  type OnUpgrade,
  upgradeListener,
  type UpgradeListenerOptions,
  type UpgradeRequest,
  type UpgradeServer,
  upgradeTransport,
} from "./node_upgrade.ts";
export type { DialOptions, ListenOptions } from "./dial_options.ts";
export type { Listener, Transport } from "./transport.ts";
