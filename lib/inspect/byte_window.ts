import { appendBytes } from "../bytes/append_bytes.ts";
import { concat, noBytes } from "../bytes/chunks.ts";

/** How many bytes are shown before a place, and after it. */
const sideBytes = 16;

/** As far back as a rule may be broken: a whole control frame, and a bit more. */
const keptBytes = 160;

/** Some bytes of a stream. */
export interface Excerpt {
  /** Where they begin, in bytes from the start of the stream. */
  readonly offset: number;
  /** At most 32 of them. */
  readonly bytes: Uint8Array;
}

/** A copy of the bytes around a place in a stream, of which these are a part. */
export function excerpt(
  bytes: Uint8Array,
  offset: number,
  place: number,
): Excerpt {
  const at = Math.min(Math.max(place - offset, 0), bytes.length);
  const from = Math.max(at - sideBytes, 0);
  return { offset: offset + from, bytes: bytes.slice(from, at + sideBytes) };
}

/** Knows the last bytes of a stream that is read chunk by chunk. */
export interface ByteWindow {
  /** Goes past a chunk, of which the last bytes are copied. */
  readonly moveTo: (chunk: Uint8Array) => void;
  /** The bytes around a place in the chunk that comes next, or just before it. */
  readonly around: (chunk: Uint8Array, place: number) => Excerpt;
}

/** A window that begins at the start of the stream. */
export function createByteWindow(): ByteWindow {
  /** Where what comes next begins. */
  let offset = 0;
  let kept: Uint8Array = noBytes;
  return {
    moveTo: (chunk) => {
      const last = chunk.subarray(-keptBytes);
      const before = kept.subarray(last.length - keptBytes);
      kept = last.length === keptBytes ? last.slice() : concat(before, last);
      offset += chunk.length;
    },
    around: (chunk, place) =>
      excerpt(concat(kept, chunk), offset - kept.length, place),
  };
}

/** The first bytes of what comes piece by piece, up to so many. */
export interface Beginning {
  /** Those that came; copies. */
  readonly bytes: Uint8Array;
  /** How many came in all. */
  readonly byteLength: number;
}

/** Nothing has come yet. */
export const nothingYet: Beginning = { bytes: noBytes, byteLength: 0 };

/** The beginning with one more piece, kept to at most `maxBytes`. */
export function beginningWith(
  { bytes, byteLength }: Beginning,
  piece: Uint8Array,
  maxBytes: number,
): Beginning {
  const part = piece.subarray(0, maxBytes - bytes.length);
  // Room for as much again, so that many short pieces take linear time.
  const expected = Math.min(maxBytes, 2 * bytes.length + part.length);
  return {
    bytes: appendBytes(bytes, part, expected),
    byteLength: byteLength + piece.length,
  };
}
