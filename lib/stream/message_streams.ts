import type { Role } from "../frame/frame.ts";
import type { Message } from "../message/message.ts";
import {
  FrameDecoderStream,
  type FrameDecoderStreamOptions,
} from "./frame_decoder_stream.ts";
import {
  FrameEncoderStream,
  type FrameEncoderStreamOptions,
} from "./frame_encoder_stream.ts";
import {
  MessageDecoderStream,
  type MessageDecoderStreamOptions,
} from "./message_decoder_stream.ts";
import {
  MessageEncoderStream,
  type MessageEncoderStreamOptions,
} from "./message_encoder_stream.ts";
import type { ByteStreams } from "./byte_streams.ts";

/** What the four streams are told. */
export interface MessageStreamsOptions
  extends
    FrameDecoderStreamOptions,
    FrameEncoderStreamOptions,
    MessageDecoderStreamOptions,
    MessageEncoderStreamOptions {
  /** Our role. */
  readonly role: Role;
}

/** A WebSocket as two streams of messages. */
export interface MessageStreams {
  /** What the peer says, control messages included. */
  readonly readable: ReadableStream<Message>;
  /** What the peer is told. Closing it closes the bytes' own `writable`. */
  readonly writable: WritableStream<Message>;
}

/**
 * Puts the four streams around a connection whose handshake is done: bytes on
 * one side, messages on the other.
 *
 * Nothing is answered by itself: for Ping and Close see `replyTo`. A rule that
 * the peer breaks errors `readable`, and leaves `writable` open for the Close
 * that tells it so. A connection that fails errors both.
 *
 * @param streams The bytes, from the first one after the handshake.
 * @param options Our role, and the limits of the four streams.
 * @throws {TypeError} If the role is neither `"client"` nor `"server"`.
 * @throws {RangeError} If another option is out of its range.
 *
 * @example Two ends joined in memory
 * ```ts
 * import { messageStreams } from "@sluice/websocket/stream";
 * import { assertEquals } from "@std/assert";
 *
 * const up = new TransformStream<Uint8Array<ArrayBuffer>>();
 * const down = new TransformStream<Uint8Array<ArrayBuffer>>();
 * const client = messageStreams(
 *   { readable: down.readable, writable: up.writable },
 *   { role: "client" },
 * );
 * const server = messageStreams(
 *   { readable: up.readable, writable: down.writable },
 *   { role: "server" },
 * );
 *
 * const writer = client.writable.getWriter();
 * writer.write({ type: "text", data: "Hi" });
 * writer.close();
 *
 * assertEquals(await Array.fromAsync(server.readable), [
 *   { type: "text", data: "Hi" },
 * ]);
 * ```
 */
export function messageStreams(
  streams: ByteStreams,
  options: MessageStreamsOptions,
): MessageStreams {
  const readable = streams.readable
    .pipeThrough(new FrameDecoderStream(options))
    .pipeThrough(new MessageDecoderStream(options));
  const encoder = new MessageEncoderStream(options);
  encoder.readable
    .pipeThrough(new FrameEncoderStream(options))
    .pipeTo(streams.writable)
    // The writer is told: the error travels up to `writable`.
    .catch(() => {});
  return { readable, writable: encoder.writable };
}
