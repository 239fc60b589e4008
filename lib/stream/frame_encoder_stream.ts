import { requireRole } from "../error/require.ts";
import type { FrameInit, Role } from "../frame/frame.ts";
import { drawMaskingKey } from "./masking_keys.ts";
import { serializeFrame } from "../frame/serialize_frame.ts";
import { joiningTransform } from "./joining_transform.ts";

/** How a {@linkcode FrameEncoderStream} writes. */
export interface FrameEncoderStreamOptions {
  /**
   * Our role: a client masks every frame with a fresh key, a server none, and
   * what `maskingKey` a frame has does not matter. Without a role frames are
   * written as they are.
   */
  readonly role?: Role;
  /**
   * Where a client's masking keys come from: 4 bytes that nobody can predict,
   * new for each call. For tests; Web Crypto's random numbers by default.
   */
  readonly createMaskingKey?: () => Uint8Array;
}

/**
 * Frames in, bytes out: a chunk holds the frames that came since the reader last
 * asked, so that a socket gets one write a burst. It is a new array; at most 64
 * frames, or as many as make 16 KiB, wait for the reader.
 *
 * A frame that nobody may send errors the stream with a `RangeError`.
 *
 * Source: {@link https://www.rfc-editor.org/rfc/rfc6455#section-5.1 | RFC 6455 §5.1}
 * for who masks, §5.2 for the form.
 *
 * @example
 * ```ts
 * import { FrameEncoderStream } from "@sluice/websocket/stream";
 * import { Opcode } from "@sluice/websocket/frame";
 * import { assertEquals } from "@std/assert";
 *
 * const chunks = ReadableStream.from([
 *   { opcode: Opcode.ping, payload: new Uint8Array(0) },
 * ]).pipeThrough(new FrameEncoderStream({ role: "server" }));
 *
 * assertEquals(await Array.fromAsync(chunks), [Uint8Array.of(0x89, 0x00)]);
 * ```
 */
export class FrameEncoderStream
  implements ReadableWritablePair<Uint8Array<ArrayBuffer>, FrameInit> {
  /** The bytes of whole frames, in order. */
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** Takes the frames. */
  readonly writable: WritableStream<FrameInit>;

  /**
   * Makes an encoder for one stream.
   *
   * @param options Our role.
   * @throws {TypeError} If the role is neither `"client"` nor `"server"`.
   */
  constructor(options: FrameEncoderStreamOptions = {}) {
    const { role, createMaskingKey = drawMaskingKey } = options;
    requireRole(role, "Cannot encode frames");
    const { readable, writable } = joiningTransform((frame: FrameInit) =>
      serializeFrame(maskByRole(frame, role, createMaskingKey))
    );
    this.readable = readable;
    this.writable = writable;
  }
}

/** A fresh key for each frame, or none (RFC 6455 §5.1 and §5.3). */
function maskByRole(
  frame: FrameInit,
  role: Role | undefined,
  createMaskingKey: () => Uint8Array,
): FrameInit {
  if (role === undefined) return frame;
  const { maskingKey: _, ...unmasked } = frame;
  return role === "server"
    ? unmasked
    : { ...unmasked, maskingKey: createMaskingKey() };
}
