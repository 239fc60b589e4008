/**
 * A run of bytes that arrived in several chunks, as an immutable value.
 *
 * Joining the waiting bytes again for every chunk would take quadratic time,
 * and keeping every chunk would let a peer that sends one byte a packet cost
 * an object a byte. So small chunks are merged as the digits of a binary
 * counter are: a byte is copied at most about a dozen times, and a run of n
 * bytes is held in at most n / 2048 + 12 arrays, however it was cut.
 */
export interface Chunks {
  /** Number of bytes in the whole run. */
  readonly byteLength: number;
  /** The newest chunk, or several small ones merged. */
  readonly last: Uint8Array;
  /** The run before `last`; `undefined` at the beginning. */
  readonly before: Chunks | undefined;
}

/** An array of no bytes, shared because nothing can be written to it. */
export const noBytes: Uint8Array<ArrayBuffer> = new Uint8Array(0);

/** The empty run. */
export const noChunks: Chunks = {
  byteLength: 0,
  last: noBytes,
  before: undefined,
};

/** Chunks of this many bytes and more are kept as they came, never merged. */
const mergeBelowBytes = 4096;

/**
 * Puts `chunk` after `chunks` and gives the longer run.
 *
 * `chunks` stays what it was. `chunk` is kept, not copied, until it is merged
 * or joined: nothing may write to it from then on. Amortized time is linear in
 * `chunk`.
 */
export function appendChunk(chunks: Chunks, chunk: Uint8Array): Chunks {
  if (chunk.length === 0) return chunks;
  const byteLength = chunks.byteLength + chunk.length;
  let last = chunk;
  let before: Chunks | undefined = chunks.byteLength === 0 ? undefined : chunks;
  while (before !== undefined && shouldMerge(before.last, last)) {
    last = concat(before.last, last);
    before = before.before;
  }
  return { byteLength, last, before };
}

/**
 * The whole run in one array: a view when there is one chunk, which nothing
 * may write to, and else a new array. Time is linear in the run.
 */
export function joinChunks(chunks: Chunks): Uint8Array {
  if (chunks.before === undefined) return chunks.last;
  const joined = new Uint8Array(chunks.byteLength);
  let run: Chunks | undefined = chunks;
  while (run !== undefined) {
    joined.set(run.last, run.byteLength - run.last.length);
    run = run.before;
  }
  return joined;
}

/** A new array with the bytes of `a`, then those of `b`. */
export function concat(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length);
  both.set(a, 0);
  both.set(b, a.length);
  return both;
}

/** Merging only arrays of about one size keeps the copies logarithmic. */
function shouldMerge(before: Uint8Array, last: Uint8Array): boolean {
  return before.length < mergeBelowBytes && last.length < mergeBelowBytes &&
    before.length < 2 * last.length;
}
