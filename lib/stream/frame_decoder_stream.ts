import {
  decodeFrames,
  endOfFrames,
  type FrameDecoding,
} from "../frame/decode_frames.ts";
import { type Frame, Opcode } from "../frame/frame.ts";
import type { ParseFrameOptions } from "../frame/parse_frame.ts";
import { burstTransform } from "./burst_transform.ts";

/** How a {@linkcode FrameDecoderStream} reads and judges. */
export type FrameDecoderStreamOptions = Omit<
  ParseFrameOptions,
  "streamOffset"
>;

/**
 * Bytes in, frames out, however the bytes are cut into chunks.
 *
 * A rule that the peer breaks errors the readable with a `ProtocolError`, after
 * the frames before it have been read; so does the end of the bytes inside a
 * frame. After a Close frame the readable ends (RFC 6455 §5.5.1). In both cases
 * the writable goes on, and what it takes is discarded: the source is not
 * cancelled, so that a Close frame can still be sent, and it is for the caller
 * to close the connection then.
 *
 * A chunk written is kept, not copied: nothing may write to it afterwards. An
 * unmasked payload may be a view into it.
 *
 * Source: {@link https://www.rfc-editor.org/rfc/rfc6455#section-5.2 | RFC 6455 §5.2}.
 *
 * @example
 * ```ts
 * import { FrameDecoderStream } from "@sluice/websocket/stream";
 * import { assertEquals } from "@std/assert";
 *
 * const frames = ReadableStream.from([
 *   Uint8Array.of(0x81, 0x02),
 *   Uint8Array.of(0x48, 0x69, 0x89, 0x00),
 * ]).pipeThrough(new FrameDecoderStream({ role: "client" }));
 *
 * const opcodes = await Array.fromAsync(frames, (frame) => frame.opcode);
 * assertEquals(opcodes, [0x1, 0x9]);
 * ```
 */
export class FrameDecoderStream
  implements ReadableWritablePair<Frame, Uint8Array> {
  /** The frames, in order. */
  readonly readable: ReadableStream<Frame>;
  /** Takes the bytes of the stream. */
  readonly writable: WritableStream<Uint8Array>;

  /**
   * Makes a decoder for one stream.
   *
   * @param options Our role, and the largest payload we accept, in bytes.
   * @throws {TypeError} If the role is neither `"client"` nor `"server"`.
   * @throws {RangeError} If another option is out of its range.
   */
  constructor(options: FrameDecoderStreamOptions = {}) {
    // No bytes, for the sake of a caller whose options are wrong.
    let state: FrameDecoding =
      decodeFrames(new Uint8Array(0), undefined, options).state;
    const { readable, writable } = burstTransform<Uint8Array, Frame>({
      transform: (chunk) => {
        const result = decodeFrames(chunk, state, options);
        state = result.state;
        const { frames, error } = result;
        const end = frames.findIndex(({ opcode }) => opcode === Opcode.close);
        return end === -1
          ? { items: frames, error }
          : { items: frames.slice(0, end + 1), last: true };
      },
      flush: () => endOfFrames(state),
    });
    this.readable = readable;
    this.writable = writable;
  }
}
