/**
 * A WebSocket codec for Deno and edge runtimes: pure functions over immutable
 * values, composed with Web Streams, so that raw TCP becomes a stream of
 * messages.
 *
 * @example From bytes to messages
 * ```ts
 * import { FrameDecoderStream, MessageDecoderStream } from "@sluice/websocket";
 * import { assertEquals } from "@std/assert";
 *
 * // "Hello" in two fragments, RFC 6455 §5.7.
 * const messages = ReadableStream.from([
 *   Uint8Array.of(0x01, 0x03, 0x48, 0x65, 0x6c),
 *   Uint8Array.of(0x80, 0x02, 0x6c, 0x6f),
 * ])
 *   .pipeThrough(new FrameDecoderStream({ role: "client" }))
 *   .pipeThrough(new MessageDecoderStream({ role: "client" }));
 *
 * assertEquals(await Array.fromAsync(messages), [
 *   { type: "text", data: "Hello" },
 * ]);
 * ```
 *
 * @module
 */
export * from "./lib/bytes/mod.ts";
export * from "./lib/error/mod.ts";
export * from "./lib/frame/mod.ts";
export * from "./lib/message/mod.ts";
export * from "./lib/extension/mod.ts";
export * from "./lib/handshake/mod.ts";
export * from "./lib/session/mod.ts";
export * from "./lib/stream/mod.ts";
export * from "./lib/transport/mod.ts";
export * from "./lib/connection/mod.ts";
export * from "./lib/inspect/mod.ts";
