import { requireRole } from "../error/require.ts";
import type { FrameInit, Role } from "../frame/frame.ts";
import { maskingKeyBytes } from "../frame/header.ts";
import { serializeFrame } from "../frame/serialize_frame.ts";

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
 * Frames in, bytes out: one chunk for each frame, a new array.
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
  extends TransformStream<FrameInit, Uint8Array<ArrayBuffer>> {
  /**
   * Makes an encoder for one stream.
   *
   * @param options Our role.
   * @throws {TypeError} If the role is neither `"client"` nor `"server"`.
   */
  constructor(options: FrameEncoderStreamOptions = {}) {
    const { role, createMaskingKey = randomMaskingKey } = options;
    requireRole(role, "Cannot encode frames");
    super({
      transform: (frame, controller) => {
        controller.enqueue(
          serializeFrame(maskByRole(frame, role, createMaskingKey)),
        );
      },
    });
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

function randomMaskingKey(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(maskingKeyBytes));
}
