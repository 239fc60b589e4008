/** Messages that tell which they are, and whether they are whole. */
import type { MessageData } from "@sluice/websocket";
import type { Random } from "../../support/random.ts";

/** What a message says of itself, and what was found. */
export interface Numbered {
  readonly number: number;
  readonly isWhole: boolean;
}

const headerBytes = 8;

/** As `Math.imul` wants it: the prime of 32-bit FNV-1a. */
const prime = 0x01000193;

/** FNV-1a of bytes: enough to tell that one is another, or missing. */
function checksumOf(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < bytes.length; at++) {
    hash = Math.imul(hash ^ bytes[at]!, prime);
  }
  return hash >>> 0;
}

const encoder = new TextEncoder();

/** Bytes of a number, a checksum, and what is summed. */
export function numberedBytes(
  number: number,
  body: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(headerBytes + body.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, number);
  view.setUint32(4, checksumOf(body));
  bytes.set(body, headerBytes);
  return bytes;
}

/** The same as a text: `"17 2166136261 …"`. */
export function numberedText(number: number, body: string): string {
  return `${number} ${checksumOf(encoder.encode(body))} ${body}`;
}

/** What a message says of itself; nothing if it is no such message. */
export function readNumbered(data: MessageData): Numbered | undefined {
  if (typeof data !== "string") {
    if (data.length < headerBytes) return undefined;
    const view = new DataView(data.buffer, data.byteOffset, headerBytes);
    const body = data.subarray(headerBytes);
    const isWhole = checksumOf(body) === view.getUint32(4);
    return { number: view.getUint32(0), isWhole };
  }
  const found = /^([0-9]+) ([0-9]+) (.*)$/s.exec(data);
  if (found === null) return undefined;
  const [, number, checksum, body] = found;
  const isWhole = checksumOf(encoder.encode(body)) === Number(checksum);
  return { number: Number(number), isWhole };
}

/** Most messages are short, some are long, few are very long. */
const sizes = [
  ...Array.from({ length: 30 }, () => 100),
  ...Array.from({ length: 10 }, () => 2_000),
  ...Array.from({ length: 4 }, () => 40_000),
  300_000,
];

const words = ["žluť", "kůň", "message", "水", "𝄞", "of", "the", "frame"];

/** A message with this number, of any type and length. */
export function drawNumbered(number: number, random: Random): MessageData {
  const length = random.integer(0, random.pick(sizes));
  if (random.chance(0.5)) {
    const some = random.bytes(Math.min(length, 64));
    const body = Uint8Array.from(
      { length },
      (_, at) => some[at % some.length]! ^ (at >> 6),
    );
    return numberedBytes(number, body);
  }
  const word = random.pick(words);
  return numberedText(number, word.repeat(Math.ceil(length / word.length)));
}
