import { requireRole } from "../error/require.ts";
import type { Frame, Role } from "../frame/frame.ts";
import type { Message } from "../message/message.ts";
import { requireMessageLimits } from "../message/read_piece.ts";
import {
  endOfMessages,
  reassemble,
  type ReassembleOptions,
  type Reassembly,
} from "../message/reassemble.ts";
import { burstTransform } from "./burst_transform.ts";

/** How a {@linkcode MessageDecoderStream} judges. */
export interface MessageDecoderStreamOptions extends ReassembleOptions {
  /** Our role. Messages have the same rules for both. */
  readonly role?: Role;
}

/**
 * Frames in, messages out: fragments put together, text decoded, control
 * messages in their place, also between the fragments of another.
 *
 * A rule that the peer breaks errors the readable with a `ProtocolError`, after
 * the messages before it have been read; so does the end of the frames inside a
 * message. After a Close message the readable ends. What is written after an
 * error or a Close is discarded.
 *
 * The data of a binary, Ping or Pong message is the payload of its frame, or a
 * new array when it came in fragments.
 *
 * Source: {@link https://www.rfc-editor.org/rfc/rfc6455#section-5.4 | RFC 6455 §5.4}.
 *
 * @example
 * ```ts
 * import { FrameDecoderStream, MessageDecoderStream } from "@sluice/websocket/stream";
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
 */
export class MessageDecoderStream
  implements ReadableWritablePair<Message, Frame> {
  /** The messages, in order. */
  readonly readable: ReadableStream<Message>;
  /** Takes the frames of the stream. */
  readonly writable: WritableStream<Frame>;

  /**
   * Makes a decoder for one stream.
   *
   * @param options Our role, and how large a message may be.
   * @throws {TypeError} If the role is neither `"client"` nor `"server"`.
   * @throws {RangeError} If a limit is not an integer >= 0 or `Infinity`.
   */
  constructor(options: MessageDecoderStreamOptions = {}) {
    const action = "Cannot decode messages";
    requireRole(options.role, action);
    requireMessageLimits(options, action);
    let state: Reassembly | undefined;
    const { readable, writable } = burstTransform<Frame, Message>({
      transform: (frame) => {
        const result = reassemble(frame, state, options);
        if (result.status === "invalid") {
          return { items: [], error: result.error };
        }
        state = result.state;
        if (result.status === "partial") return { items: [] };
        const { message } = result;
        return { items: [message], last: message.type === "close" };
      },
      flush: () => endOfMessages(state),
    });
    this.readable = readable;
    this.writable = writable;
  }
}
