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
export * from "./deno.ts";
export * from "./deno_network.ts";
export * from "./memory.ts";
export * from "./streams.ts";
export * from "./transport.ts";
