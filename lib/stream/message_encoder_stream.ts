import { requireRole } from "../error/require.ts";
import type { Frame, Role } from "../frame/frame.ts";
import {
  fragment,
  type FragmentOptions,
  requireFragmentOptions,
} from "../message/fragment.ts";
import type { Message } from "../message/message.ts";

/** How a {@linkcode MessageEncoderStream} cuts messages into frames. */
export interface MessageEncoderStreamOptions extends FragmentOptions {
  /** Our role. Messages have the same rules for both. */
  readonly role?: Role;
}

/**
 * Messages in, frames out: one frame a message, or several when
 * `maxFragmentBytes` says so.
 *
 * Nothing may be sent after a Close (RFC 6455 §5.5.1): a message written then
 * errors the stream with a `TypeError`.
 *
 * Payloads of a binary, Ping or Pong message are views on its data, so nothing
 * may write to it until the bytes have been sent.
 *
 * Source: {@link https://www.rfc-editor.org/rfc/rfc6455#section-5.4 | RFC 6455 §5.4}.
 *
 * @example
 * ```ts
 * import { type Message } from "@sluice/websocket/message";
 * import { FrameEncoderStream, MessageEncoderStream } from "@sluice/websocket/stream";
 * import { assertEquals } from "@std/assert";
 *
 * const messages: Message[] = [{ type: "text", data: "Hi" }];
 * const chunks = ReadableStream.from(messages)
 *   .pipeThrough(new MessageEncoderStream({ role: "server" }))
 *   .pipeThrough(new FrameEncoderStream({ role: "server" }));
 *
 * assertEquals(await Array.fromAsync(chunks), [
 *   Uint8Array.of(0x81, 0x02, 0x48, 0x69),
 * ]);
 * ```
 */
export class MessageEncoderStream extends TransformStream<Message, Frame> {
  /**
   * Makes an encoder for one stream.
   *
   * @param options Our role, and how large a frame may be.
   * @throws {TypeError} If the role is neither `"client"` nor `"server"`.
   * @throws {RangeError} If `maxFragmentBytes` is not an integer >= 1 or
   * `Infinity`.
   */
  constructor(options: MessageEncoderStreamOptions = {}) {
    requireRole(options.role, "Cannot encode messages");
    requireFragmentOptions(options);
    let closed = false;
    super({
      transform: (message, controller) => {
        if (closed) {
          throw new TypeError(
            `Cannot encode message: found a ${message.type} message after a ` +
              "Close, wanted nothing (RFC 6455 §5.5.1)",
          );
        }
        closed = message.type === "close";
        for (const frame of fragment(message, options)) {
          controller.enqueue(frame);
        }
      },
    });
  }
}
