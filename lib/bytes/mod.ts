/**
 * Chunks into runs of bytes, and UTF-8 judged step by step. Knows nothing of
 * WebSocket.
 *
 * @example Text that is cut inside a character
 * ```ts
 * import { decodeUtf8 } from "@sluice/websocket/bytes";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const bytes = new TextEncoder().encode("5 €");
 * const first = decodeUtf8(bytes.subarray(0, 3));
 * assert(first.status === "valid");
 * assertEquals(first.text, "5 ");
 *
 * const second = decodeUtf8(bytes.subarray(3), first.pending);
 * assert(second.status === "valid");
 * assertEquals(second.text, "€");
 * ```
 *
 * @module
 */
export { appendChunk, type Chunks, joinChunks, noChunks } from "./chunks.ts";
export { decodeUtf8, type Utf8Result } from "./utf8.ts";
