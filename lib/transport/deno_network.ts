/**
 * The network of Deno: TCP, TLS and Unix sockets.
 *
 * @example
 * ```ts
 * import { acceptWebSocket } from "@sluice/websocket/connection";
 * import { connectWebSocket } from "@sluice/websocket/connection";
 * import { listenDeno } from "@sluice/websocket/transport/deno";
 * import { assertEquals } from "@std/assert";
 *
 * const listener = listenDeno({ hostname: "127.0.0.1", port: 0 });
 * const accepting = listener.accept().then((client) => acceptWebSocket(client!));
 * const client = await connectWebSocket(`ws://${listener.address}/`);
 * const server = await accepting;
 *
 * server.send("Hello");
 * assertEquals(await client.receive(), "Hello");
 * client.close();
 * await server.closed;
 * listener.close();
 * ```
 *
 * @module
 */
export { type DenoConn, denoTransport } from "./deno.ts";
export { dialDeno } from "./deno_dial.ts";
export { listenDeno } from "./deno_listen.ts";
export type { DialOptions, ListenOptions } from "./dial_options.ts";
export type { Listener, Transport } from "./transport.ts";
