import { concat } from "../bytes/chunks.ts";
import { Opcode } from "../frame/frame.ts";
import {
  headerByteLength,
  minimalLengthForm,
  writeHeader,
} from "../frame/header.ts";
import { maskInPlace } from "../frame/mask.ts";
import type { DataMessage } from "./message.ts";

/** Makes an array of zeros. */
export type Allocate = (byteLength: number) => Uint8Array<ArrayBuffer>;

/** The longest header, masking key included, in bytes. */
const longestHeaderBytes = headerByteLength(64, true);

/** From here on a copy costs more than a chunk of its own for the header. */
export const largePayloadBytes: number = 16 * 1024;

/** The most bytes of UTF-8 that one UTF-16 code unit becomes. */
const bytesPerCodeUnit = 3;

// Up to here a loop over the characters is faster than a call of the encoder.
const shortText = 64;

const encoder = new TextEncoder();

/**
 * Whole messages as the bytes that go on the wire, one frame each, in as few
 * arrays as may be: the small ones of a burst share one.
 *
 * The same bytes as `fragment` and `serializeFrame` make, message by message,
 * which the tests compare. A binary payload of 16 KiB and more that is not masked
 * is not copied, but stands between the arrays as it is.
 *
 * @param messages To be sent in this order.
 * @param createMaskingKey For a client: a fresh key of 4 bytes for each frame.
 * @param allocate Makes an array of so many zeros that nobody else has.
 */
export function serializeMessages(
  messages: readonly DataMessage[],
  createMaskingKey?: () => Uint8Array,
  allocate: Allocate = (byteLength) => new Uint8Array(byteLength),
): Uint8Array<ArrayBuffer>[] {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let at = 0;
  while (at < messages.length) {
    const end = endOfBatch(messages, at, createMaskingKey !== undefined);
    if (end > at) {
      const target = allocate(longestBatch(messages, at, end, 1));
      chunks.push(serializeBatch(target, messages, at, end, createMaskingKey));
    } else chunks.push(...serializeLarge(messages[at]!, allocate));
    at = Math.max(end, at + 1);
  }
  return chunks;
}

/** Where the small messages from `start` on come to their end. */
function endOfBatch(
  messages: readonly DataMessage[],
  start: number,
  isMasked: boolean,
): number {
  let end = start;
  while (end < messages.length && (isMasked || !isLarge(messages[end]!))) {
    end += 1;
  }
  return end;
}

function isLarge({ type, data }: DataMessage): boolean {
  return type === "binary" && data.length >= largePayloadBytes;
}

/** A header, and a payload that is written from where it is. */
function serializeLarge(
  { data }: DataMessage,
  allocate: Allocate,
): Uint8Array<ArrayBuffer>[] {
  const payload = data as Uint8Array<ArrayBuffer>;
  const header = allocate(headerLength(payload.length, false));
  writeHeader(header, dataHeader(Opcode.binary, payload.length));
  return [header, payload];
}

/**
 * Messages in one array: in `room`, where texts are taken for ASCII, which most
 * are, or in a larger one when one of them does not fit.
 */
function serializeBatch(
  room: Uint8Array<ArrayBuffer>,
  messages: readonly DataMessage[],
  start: number,
  end: number,
  createMaskingKey: (() => Uint8Array) | undefined,
): Uint8Array<ArrayBuffer> {
  let target = room;
  let at = 0;
  for (let index = start; index < end; index++) {
    const message = messages[index]!;
    const maskingKey = createMaskingKey?.();
    let next = writeMessage(target, at, message, maskingKey);
    if (next === undefined) {
      const room = longestBatch(messages, index, end, bytesPerCodeUnit);
      target = concat(target.subarray(0, at), new Uint8Array(room));
      next = writeMessage(target, at, message, maskingKey)!;
    }
    at = next;
  }
  // What a text might have needed and did not is not worth keeping.
  return at * 2 < target.length ? target.slice(0, at) : target.subarray(0, at);
}

/** The most bytes that messages become, at so many for each code unit of text. */
function longestBatch(
  messages: readonly DataMessage[],
  start: number,
  end: number,
  perCodeUnit: number,
): number {
  let byteLength = 0;
  for (let index = start; index < end; index++) {
    const { type, data } = messages[index]!;
    byteLength += longestHeaderBytes +
      data.length * (type === "text" ? perCodeUnit : 1);
  }
  return byteLength;
}

/**
 * Writes one message as a frame at `target[at]`, and gives where it ends, or
 * nothing if a text finds no room.
 */
function writeMessage(
  target: Uint8Array<ArrayBuffer>,
  at: number,
  { type, data }: DataMessage,
  maskingKey: Uint8Array | undefined,
): number | undefined {
  const isMasked = maskingKey !== undefined;
  // A text is moved when it turns out longer than its characters are many.
  const guess = at + headerLength(data.length, isMasked);
  const byteLength = type === "text"
    ? writeText(target, guess, data)
    : data.length;
  if (byteLength === undefined) return undefined;
  const payloadAt = at + headerLength(byteLength, isMasked);
  const end = payloadAt + byteLength;
  if (end > target.length) return undefined;
  if (type === "binary") target.set(data, payloadAt);
  else if (payloadAt !== guess) {
    target.copyWithin(payloadAt, guess, guess + byteLength);
  }
  const header = dataHeader(Opcode[type], byteLength);
  writeHeader(target, header, maskingKey, at);
  if (isMasked) maskInPlace(target, payloadAt, end, maskingKey, 0);
  return end;
}

/**
 * Writes a text as UTF-8 at `target[at]`, and gives its length in bytes, or
 * nothing if it finds no room.
 */
function writeText(
  target: Uint8Array,
  at: number,
  text: string,
): number | undefined {
  if (at + text.length > target.length) return undefined;
  if (text.length <= shortText && writeAscii(target, at, text)) {
    return text.length;
  }
  const { read, written } = encoder.encodeInto(text, target.subarray(at));
  return read === text.length ? written : undefined;
}

/** Writes a text if all of it is ASCII. */
function writeAscii(target: Uint8Array, at: number, text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code >= 0x80) return false;
    target[at + index] = code;
  }
  return true;
}

function headerLength(payloadLength: number, isMasked: boolean): number {
  return headerByteLength(minimalLengthForm(payloadLength), isMasked);
}

function dataHeader(opcode: number, payloadLength: number) {
  return { fin: true, rsv: 0, opcode, payloadLength };
}
