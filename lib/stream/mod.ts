/**
 * The codec as Web Streams: bytes into frames into messages, and back, with
 * back-pressure all the way.
 *
 * @example A message through all four streams
 * ```ts
 * import {
 *   FrameDecoderStream,
 *   FrameEncoderStream,
 *   MessageDecoderStream,
 *   MessageEncoderStream,
 * } from "@sluice/websocket/stream";
 * import { assertEquals } from "@std/assert";
 *
 * const messages = ReadableStream.from([{ type: "text", data: "Hi" } as const])
 *   .pipeThrough(new MessageEncoderStream({ role: "client" }))
 *   .pipeThrough(new FrameEncoderStream({ role: "client" }))
 *   .pipeThrough(new FrameDecoderStream({ role: "server" }))
 *   .pipeThrough(new MessageDecoderStream({ role: "server" }));
 *
 * assertEquals(await Array.fromAsync(messages), [{ type: "text", data: "Hi" }]);
 * ```
 *
 * @module
 */
export * from "./byte_streams.ts";
export * from "./frame_decoder_stream.ts";
export * from "./frame_encoder_stream.ts";
export * from "./heartbeat_streams.ts";
export * from "./message_decoder_stream.ts";
export * from "./message_encoder_stream.ts";
export * from "./message_streams.ts";
export * from "./open_handshake.ts";
