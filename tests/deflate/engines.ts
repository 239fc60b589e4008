import { assert } from "@std/assert";
import type { DeflateEngine, Inflater } from "../../lib/deflate/engine.ts";
import { pakoEngine } from "../../lib/deflate/pako_engine.ts";
import { zlibEngine } from "../../lib/deflate/zlib_engine.ts";
import type { Random } from "../support/random.ts";

/** Both engines: what one passes, the other has to pass. */
export const engines: readonly DeflateEngine[] = [pakoEngine, zlibEngine()!];

/** What is taken off every message, and put back (RFC 7692 §7.2.1). */
export const tail: Uint8Array = Uint8Array.of(0x00, 0x00, 0xff, 0xff);

/** The fastest way that is not too slow. */
export const quickest = { windowBits: 15, level: 1, memLevel: 8 } as const;

/** What most of the world uses. */
export const usual = { windowBits: 15, level: 6, memLevel: 8 } as const;

/** Concatenation for arrays that are long. */
export function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(
    parts.reduce((sum, { length }) => sum + length, 0),
  );
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Equality of bytes, whose failure does not print a mebibyte. */
export function assertBytes(
  found: Uint8Array,
  wanted: Uint8Array,
  name: string,
): void {
  const lengths = `${found.length} bytes, wanted ${wanted.length}`;
  assert(found.length === wanted.length, `${name}: ${lengths}`);
  const at = found.findIndex((byte, index) => byte !== wanted[index]);
  assert(at === -1, `${name}: byte ${at} is ${found[at]}, not ${wanted[at]}`);
}

/** What chunks come to, one after the other; corrupt ones throw. */
export function inflateAll(
  inflater: Inflater,
  chunks: readonly Uint8Array[],
): Uint8Array<ArrayBuffer> {
  return joined(chunks.flatMap((chunk) => {
    const { chunks, corrupt } = inflater.inflate(chunk, Infinity);
    if (corrupt !== undefined) throw new Error(`Found ${corrupt}`);
    return chunks;
  }));
}

/** The bytes in pieces of one length. */
export function piecesOf(bytes: Uint8Array, length: number): Uint8Array[] {
  return Array.from(
    { length: Math.ceil(bytes.length / length) },
    (_, index) => bytes.subarray(index * length, (index + 1) * length),
  );
}

/** Bytes that look back over distances of every length up to `farthest`. */
export function repetitive(
  random: Random,
  byteLength: number,
  farthest: number,
): Uint8Array<ArrayBuffer> {
  const bytes = random.bytes(byteLength);
  for (let at = 1; at < byteLength;) {
    const length = random.integer(3, 40);
    if (random.chance(0.6)) {
      const distance = random.integer(1, Math.min(at, farthest));
      bytes.copyWithin(
        at,
        at - distance,
        at - distance + Math.min(length, distance),
      );
    }
    at += length;
  }
  return bytes;
}
