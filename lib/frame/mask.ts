import { requireBytes, requireInteger } from "../error/require.ts";
import { maskingKeyBytes } from "./header.ts";

// Below this many bytes a view of 32-bit words costs more than it saves.
const wordwiseFromBytes = 64;

const littleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/**
 * Masks a payload, or unmasks it: doing it twice gives the input back.
 *
 * Byte i becomes `payload[i] ^ maskingKey[(i + offset) % 4]`. The result is a
 * new array of the same length; neither argument is changed. Time is linear.
 *
 * Source: {@link https://www.rfc-editor.org/rfc/rfc6455#section-5.3 | RFC 6455 §5.3}.
 *
 * @param payload The bytes to mask or unmask.
 * @param maskingKey 4 bytes.
 * @param offset How many bytes of the frame's payload came before `payload`,
 * for masking piece by piece; 0 by default.
 * @returns A new array, as long as `payload`.
 * @throws {TypeError} If `payload` or `maskingKey` is not a `Uint8Array`.
 * @throws {RangeError} If `maskingKey` is not 4 bytes long, or `offset` not an
 * integer >= 0.
 *
 * @example The bytes of "something"
 * ```ts
 * import { mask } from "@sluice/websocket/frame";
 * import { assertEquals } from "@std/assert";
 *
 * const maskingKey = Uint8Array.of(0x32, 0xfd, 0x43, 0x5f);
 * const payload = new TextEncoder().encode("something");
 * const masked = mask(payload, maskingKey);
 *
 * assertEquals(masked.subarray(0, 4), Uint8Array.of(0x41, 0x92, 0x2e, 0x3a));
 * assertEquals(mask(masked, maskingKey), payload);
 * // Piece by piece: the second piece says how many bytes came before it.
 * assertEquals(mask(masked.subarray(4), maskingKey, 4), payload.subarray(4));
 * ```
 */
export function mask(
  payload: Uint8Array,
  maskingKey: Uint8Array,
  offset: number = 0,
): Uint8Array<ArrayBuffer> {
  const action = "Cannot mask payload";
  requireBytes(payload, action);
  requireMaskingKey(maskingKey, action);
  requireInteger(offset, action, "offset");
  // Not payload.slice(): that of a Node.js Buffer is a view.
  const masked = new Uint8Array(payload);
  maskInPlace(masked, 0, masked.length, maskingKey, 0, offset % 4);
  return masked;
}

/** Throws unless `maskingKey` is 4 bytes (RFC 6455 §5.3). */
export function requireMaskingKey(
  maskingKey: Uint8Array,
  action: string,
): void {
  requireBytes(maskingKey, action);
  if (maskingKey.length === maskingKeyBytes) return;
  throw new RangeError(
    `${action}: found a masking key of ${maskingKey.length} bytes, wanted 4 bytes`,
  );
}

/**
 * Masks `bytes[start..end)` where it stands. Only for an array that this
 * library has just made and nobody has seen.
 *
 * Long payloads go by 32-bit words, 8 to 10 times as fast as by bytes: first
 * the bytes up to a multiple of 4 of the underlying buffer, then the words
 * with the key turned to fit, then the bytes that remain.
 *
 * @param key Holds the masking key from `key[keyAt]` on; may be `bytes` itself,
 * outside the part that is masked.
 * @param offset Place of `bytes[start]` in the frame's payload, or that modulo
 * 4.
 */
export function maskInPlace(
  bytes: Uint8Array,
  start: number,
  end: number,
  key: Uint8Array,
  keyAt: number,
  offset: number = 0,
): void {
  if (end - start < wordwiseFromBytes) {
    return maskBytes(bytes, start, end, key, keyAt, offset);
  }
  const wordsStart = start + (-(bytes.byteOffset + start) & 3);
  const wordCount = (end - wordsStart) >> 2;
  const wordsEnd = wordsStart + wordCount * 4;
  maskBytes(bytes, start, wordsStart, key, keyAt, offset);
  const words = new Int32Array(
    bytes.buffer,
    bytes.byteOffset + wordsStart,
    wordCount,
  );
  maskWords(words, keyWord(key, keyAt, offset + wordsStart - start));
  maskBytes(bytes, wordsEnd, end, key, keyAt, offset + wordsEnd - start);
}

/** Eight words a turn: a third faster than one. */
function maskWords(words: Int32Array, word: number): void {
  const unrolledEnd = words.length - words.length % 8;
  let at = 0;
  for (; at < unrolledEnd; at += 8) {
    words[at]! ^= word;
    words[at + 1]! ^= word;
    words[at + 2]! ^= word;
    words[at + 3]! ^= word;
    words[at + 4]! ^= word;
    words[at + 5]! ^= word;
    words[at + 6]! ^= word;
    words[at + 7]! ^= word;
  }
  for (; at < words.length; at++) words[at]! ^= word;
}

/** The definition of §5.3, byte by byte, a masking key a turn. */
function maskBytes(
  bytes: Uint8Array,
  start: number,
  end: number,
  key: Uint8Array,
  keyAt: number,
  offset: number,
): void {
  const byte = (index: number) => key[keyAt + ((offset + index) & 3)]!;
  // Read once, before the first of them could be written over.
  const first = byte(0), second = byte(1), third = byte(2), fourth = byte(3);
  let index = start;
  for (; index + 4 <= end; index += 4) {
    bytes[index]! ^= first;
    bytes[index + 1]! ^= second;
    bytes[index + 2]! ^= third;
    bytes[index + 3]! ^= fourth;
  }
  if (index < end) bytes[index]! ^= first;
  if (index + 1 < end) bytes[index + 1]! ^= second;
  if (index + 2 < end) bytes[index + 2]! ^= third;
}

/** Four bytes of the key from `offset` on, as this machine orders a word. */
function keyWord(key: Uint8Array, keyAt: number, offset: number): number {
  const byte = (index: number) => key[keyAt + ((offset + index) & 3)]!;
  return littleEndian
    ? byte(0) | byte(1) << 8 | byte(2) << 16 | byte(3) << 24
    : byte(3) | byte(2) << 8 | byte(1) << 16 | byte(0) << 24;
}
