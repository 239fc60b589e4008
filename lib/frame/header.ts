/**
 * The header of a frame as it stands on the wire: decoded, not yet judged.
 *
 * ```text
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-------+-+-------------+-------------------------------+
 * |F|R|R|R| opcode|M| Payload len |    Extended payload length    |
 * |I|S|S|S|  (4)  |A|     (7)     |            (16/64)            |
 * |N|V|V|V|       |S|             |  (if payload len is 126/127)  |
 * | |1|2|3|       |K|             |                               |
 * +-+-+-+-+-------+-+-------------+-------------------------------+
 * ```
 */
export interface FrameHeader {
  /** Whether this is the last fragment of its message. */
  readonly fin: boolean;
  /** The RSV bits in their places: RSV1 0x40, RSV2 0x20, RSV3 0x10. */
  readonly rsv: number;
  /** 0 to 15; not every one is an {@linkcode Opcode}. */
  readonly opcode: number;
  /** The MASK bit: whether a masking key follows the length. */
  readonly masked: boolean;
  /** Which of the three forms the length is written in, in bits. */
  readonly lengthForm: 7 | 16 | 64;
  /**
   * In bytes, or `undefined` while the bytes that say it have not arrived.
   * Exact up to 2^53 - 1; `Infinity` when the top bit of 64 is set.
   */
  readonly payloadLength: number | undefined;
  /** The whole header with the masking key, in bytes: 2 to 14. */
  readonly byteLength: number;
}

/** Size of a masking key, in bytes (RFC 6455 §5.3). */
export const maskingKeyBytes = 4;

/** The largest payload of a control frame, in bytes (RFC 6455 §5.5). */
export const maxControlPayloadBytes = 125;

/** The largest payload whose length fits the first two bytes of a header. */
const max7BitLength = 125;
const max16BitLength = 0xffff;

/**
 * Decodes the header that starts at `bytes[at]`, as far as it has arrived.
 *
 * Judges nothing: {@linkcode checkHeader} does. Constant time.
 *
 * Source: {@link https://www.rfc-editor.org/rfc/rfc6455#section-5.2 | RFC 6455 §5.2}.
 *
 * @param bytes Received bytes.
 * @param at Index of the first byte of the frame.
 * @returns The header, or `undefined` while there are fewer than 2 bytes.
 */
export function readHeader(
  bytes: Uint8Array,
  at = 0,
): FrameHeader | undefined {
  const first = bytes[at];
  const second = bytes[at + 1];
  if (first === undefined || second === undefined) return undefined;
  const length = second & 0x7f;
  const lengthForm = length === 127 ? 64 : length === 126 ? 16 : 7;
  const masked = (second & 0x80) !== 0;
  return {
    fin: (first & 0x80) !== 0,
    rsv: first & 0x70,
    opcode: first & 0x0f,
    masked,
    lengthForm,
    payloadLength: lengthForm === 7
      ? length
      : readExtendedLength(bytes, at + 2, lengthForm),
    byteLength: headerByteLength(lengthForm, masked),
  };
}

/** The 16 or 64 bits at `bytes[at]`, in network byte order. */
function readExtendedLength(
  bytes: Uint8Array,
  at: number,
  lengthForm: 16 | 64,
): number | undefined {
  const end = at + lengthForm / 8;
  if (end > bytes.length) return undefined;
  // Said apart, because 2^63 - 1 and 2^63 are the same number in JavaScript.
  if (lengthForm === 64 && bytes[at]! >= 0x80) return Infinity;
  let length = 0;
  // Multiplied, not shifted: << works on 32 bits, and signed ones at that.
  for (let index = at; index < end; index++) {
    length = length * 256 + bytes[index]!;
  }
  return length;
}

/** The shortest form that holds `payloadLength`, the only legal one. */
export function minimalLengthForm(payloadLength: number): 7 | 16 | 64 {
  if (payloadLength <= max7BitLength) return 7;
  return payloadLength <= max16BitLength ? 16 : 64;
}

/** Size of a header up to the end of its length, in bytes: 2, 4 or 10. */
export function lengthEnd(lengthForm: 7 | 16 | 64): number {
  return lengthForm === 7 ? 2 : 2 + lengthForm / 8;
}

/** Size of a header in bytes, masking key included: 2 to 14. */
export function headerByteLength(
  lengthForm: 7 | 16 | 64,
  masked: boolean,
): number {
  return lengthEnd(lengthForm) + (masked ? maskingKeyBytes : 0);
}

/**
 * Writes a header with the shortest length form to `target[at]`.
 *
 * @param target Long enough for the header; written to, so it has to be the
 * caller's own.
 * @param header The fields to write; the length form is chosen here.
 * @param maskingKey 4 bytes, when the frame is masked.
 */
export function writeHeader(
  target: Uint8Array,
  header: Pick<FrameHeader, "fin" | "rsv" | "opcode"> & {
    readonly payloadLength: number;
  },
  maskingKey?: Uint8Array,
  at = 0,
): void {
  const { payloadLength } = header;
  const lengthForm = minimalLengthForm(payloadLength);
  const length = lengthForm === 7
    ? payloadLength
    : lengthForm === 16
    ? 126
    : 127;
  target[at] = (header.fin ? 0x80 : 0) | header.rsv | header.opcode;
  target[at + 1] = (maskingKey === undefined ? 0 : 0x80) | length;
  const keyAt = at + lengthEnd(lengthForm);
  let rest = payloadLength;
  for (let index = keyAt - 1; index >= at + 2; index--) {
    target[index] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  if (maskingKey !== undefined) target.set(maskingKey, keyAt);
}

/** RSV bits in their places as the fields of a frame. */
export function rsvFlags(
  rsv: number,
): { readonly rsv1: boolean; readonly rsv2: boolean; readonly rsv3: boolean } {
  return {
    rsv1: (rsv & 0x40) !== 0,
    rsv2: (rsv & 0x20) !== 0,
    rsv3: (rsv & 0x10) !== 0,
  };
}
