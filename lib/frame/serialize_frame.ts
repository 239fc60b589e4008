import { requireBytes } from "../error/require.ts";
import {
  type FrameInit,
  isControlOpcode,
  isDefinedOpcode,
  opcodeToString,
} from "./frame.ts";
import {
  headerByteLength,
  maxControlPayloadBytes,
  minimalLengthForm,
  writeHeader,
} from "./header.ts";
import { maskInPlace, requireMaskingKey } from "./mask.ts";

/**
 * Writes one frame as the bytes that go on the wire.
 *
 * The result is a new array, the length in its shortest form, the payload
 * masked when there is a `maskingKey`. The frame and its payload are never
 * changed. Time is linear in the payload.
 *
 * Source: {@link https://www.rfc-editor.org/rfc/rfc6455#section-5.2 | RFC 6455 §5.2}.
 *
 * @param frame Opcode and payload; `fin` defaults to true, the RSV bits to
 * false, and without a `maskingKey` the frame is not masked.
 * @returns Header and payload in one new array.
 * @throws {TypeError} If the payload or the masking key is not a `Uint8Array`.
 * @throws {RangeError} If the opcode is reserved, the masking key not 4 bytes
 * long, or a control frame fragmented or over 125 bytes.
 *
 * @example The masked "Hello" of RFC 6455 §5.7
 * ```ts
 * import { Opcode, serializeFrame } from "@sluice/websocket/frame";
 * import { assertEquals } from "@std/assert";
 * import { encodeHex } from "@std/encoding/hex";
 *
 * const bytes = serializeFrame({
 *   opcode: Opcode.text,
 *   maskingKey: Uint8Array.of(0x37, 0xfa, 0x21, 0x3d),
 *   payload: new TextEncoder().encode("Hello"),
 * });
 *
 * assertEquals(encodeHex(bytes), "818537fa213d7f9f4d5158");
 * ```
 */
export function serializeFrame(frame: FrameInit): Uint8Array<ArrayBuffer> {
  requireLegalFrame(frame, "Cannot serialize frame");
  const { payload, maskingKey } = frame;
  const headerLength = headerLengthOf(frame);
  const bytes = new Uint8Array(headerLength + payload.length);
  writeHeader(bytes, toHeader(frame), maskingKey);
  bytes.set(payload, headerLength);
  if (maskingKey !== undefined) {
    maskInPlace(bytes, headerLength, bytes.length, maskingKey, 0);
  }
  return bytes;
}

/**
 * How many bytes a frame takes on the wire, header and masking key included.
 *
 * @example
 * ```ts
 * import { frameByteLength, Opcode } from "@sluice/websocket/frame";
 * import { assertEquals } from "@std/assert";
 *
 * const payload = new Uint8Array(126);
 *
 * assertEquals(frameByteLength({ opcode: Opcode.binary, payload }), 130);
 * ```
 *
 * @param frame A frame to be sent, or one that was received.
 */
export function frameByteLength(frame: FrameInit): number {
  return headerLengthOf(frame) + frame.payload.length;
}

/**
 * The header of a frame alone, masking key included: for a payload that goes on
 * the wire from where it is.
 */
export function serializeHeader(frame: FrameInit): Uint8Array<ArrayBuffer> {
  requireLegalFrame(frame, "Cannot serialize header");
  const bytes = new Uint8Array(headerLengthOf(frame));
  writeHeader(bytes, toHeader(frame), frame.maskingKey);
  return bytes;
}

/** The fields of the header of `frame`. */
function toHeader(frame: FrameInit): Parameters<typeof writeHeader>[1] {
  const { fin = true, rsv1, rsv2, rsv3, opcode, payload } = frame;
  const rsv = (rsv1 ? 0x40 : 0) | (rsv2 ? 0x20 : 0) | (rsv3 ? 0x10 : 0);
  return { fin, rsv, opcode, payloadLength: payload.length };
}

/** Size of the header that `frame` has on the wire, in bytes. */
function headerLengthOf(frame: FrameInit): number {
  return headerByteLength(
    minimalLengthForm(frame.payload.length),
    frame.maskingKey !== undefined,
  );
}

/** Throws unless RFC 6455 §5 lets anybody send such a frame. */
export function requireLegalFrame(frame: FrameInit, action: string): void {
  const { opcode, payload, maskingKey, fin = true } = frame;
  if (!Number.isInteger(opcode) || opcode < 0 || !isDefinedOpcode(opcode)) {
    throw new RangeError(
      `${action}: found opcode ${opcode}, wanted one of Opcode (RFC 6455 §5.2)`,
    );
  }
  requireBytes(payload, action);
  if (maskingKey !== undefined) requireMaskingKey(maskingKey, action);
  if (!isControlOpcode(opcode)) return;
  const name = opcodeToString(opcode);
  if (!fin) {
    throw new RangeError(
      `${action}: found fin = false with control opcode ${name}, ` +
        "wanted true (RFC 6455 §5.5)",
    );
  }
  if (payload.length > maxControlPayloadBytes) {
    throw new RangeError(
      `${action}: found ${payload.length} bytes of payload with control ` +
        `opcode ${name}, wanted at most ${maxControlPayloadBytes} (RFC 6455 §5.5)`,
    );
  }
}
