import type { Random } from "./random.ts";

/** The bytes one by one, each in a view of its own. */
export function byteByByte(bytes: Uint8Array): Uint8Array[] {
  return Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));
}

/** Every way to cut `bytes` in two, with an empty half at either end. */
export function everyCutInTwo(bytes: Uint8Array): [Uint8Array, Uint8Array][] {
  return Array.from({ length: bytes.length + 1 }, (_, at) => [
    bytes.subarray(0, at),
    bytes.subarray(at),
  ]);
}

/**
 * The bytes in pieces of random size, a few of them empty. Half of the time
 * the pieces are short, so that headers are cut too.
 */
export function randomPieces(bytes: Uint8Array, random: Random): Uint8Array[] {
  const longest = random.chance(0.5)
    ? random.integer(1, 8)
    : random.integer(1, Math.max(1, bytes.length));
  const pieces: Uint8Array[] = [];
  let at = 0;
  while (at < bytes.length) {
    const end = Math.min(bytes.length, at + random.integer(0, longest));
    pieces.push(bytes.subarray(at, end));
    at = end;
  }
  return pieces;
}

/** Plain concatenation, as simple as can be, to compare others with. */
export function concatenated(pieces: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(pieces.flatMap((piece) => Array.from(piece)));
}
