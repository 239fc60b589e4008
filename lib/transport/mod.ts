/**
 * Connections of a runtime as transports: bytes to read and write. The only
 * part of the library that knows of a runtime.
 *
 * @example Two ends joined in memory, for tests
 * ```ts
 * import { memoryTransports } from "@sluice/websocket/transport";
 * import { assertEquals } from "@std/assert";
 *
 * const [a, b] = memoryTransports();
 * await a.write(Uint8Array.of(1));
 *
 * assertEquals(await b.read(), Uint8Array.of(1));
 * ```
 *
 * @module
 */
export * from "./connect_session.ts";
export {
  type ConnectRequest,
  type ConnectTransport,
  connectTransport,
} from "./connect_transport.ts";
export { type DenoConn, denoTransport } from "./deno.ts";
export { dialDeno, listenDeno } from "./deno_network.ts";
export type { DialOptions, ListenOptions } from "./dial_options.ts";
export { memoryTransports, type MemoryTransportsOptions } from "./memory.ts";
export type {
  ReceivedRequest,
  SendAnswer,
  ServerExchange,
} from "./server_exchange.ts";
export { streamsTransport } from "./streams.ts";
export * from "./transport.ts";
