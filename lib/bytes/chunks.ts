/**
 * A run of bytes that arrived in several chunks, as an immutable value.
 *
 * Joining the waiting bytes again for every chunk would take quadratic time,
 * and keeping every chunk would let a peer that sends one byte a packet cost
 * an object a byte. So small chunks are merged as the digits of a binary
 * counter are: a byte is copied at most about a dozen times, and a run of n
 * bytes is held in at most n / 2048 + 13 arrays, however it was cut.
 */
export interface Chunks {
  /** Number of bytes in the whole run. */
  readonly byteLength: number;
  /** The newest chunk, or several small ones merged. */
  readonly last: Uint8Array;
  /** The run before `last`; `undefined` at the beginning. */
  readonly before: Chunks | undefined;
}

/** An array of no bytes to begin with; never to be handed out. */
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
  if (chunks.byteLength === 0) {
    return { byteLength, last: chunk, before: undefined };
  }
  if (chunk.length >= mergeBelowBytes) {
    return { byteLength, last: chunk, before: merge(chunks, () => true) };
  }
  // Merging arrays of about one size keeps the copies logarithmic.
  return merge(
    { byteLength, last: chunk, before: chunks },
    (before, last) => before.length < 2 * last.length,
  );
}

/** The run with its newest small arrays made one, as long as `together` says. */
function merge(
  chunks: Chunks,
  together: (before: Uint8Array, last: Uint8Array) => boolean,
): Chunks {
  let { last, before } = chunks;
  while (
    before !== undefined && before.last.length < mergeBelowBytes &&
    last.length < mergeBelowBytes && together(before.last, last)
  ) {
    last = concat(before.last, last);
    before = before.before;
  }
  return { byteLength: chunks.byteLength, last, before };
}

/**
 * The whole run in one array: the chunk itself when there is one, which nothing
 * may write to, and else a new array. Time is linear in the run.
 */
export function joinChunks(chunks: Chunks): Uint8Array {
  // Not the shared one: an array handed out may be detached by its owner.
  if (chunks.byteLength === 0) return new Uint8Array(0);
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
  // A copy of one array is not filled with zeros first.
  if (a.length === 0) return new Uint8Array(b);
  const both = new Uint8Array(a.length + b.length);
  both.set(a, 0);
  both.set(b, a.length);
  return both;
}

/** All of the bytes in one array: a new one, or the only one there is. */
export function concatAll<Buffer extends ArrayBufferLike>(
  arrays: readonly Uint8Array<Buffer>[],
): Uint8Array<Buffer | ArrayBuffer> {
  if (arrays.length === 1) return arrays[0]!;
  const byteLength = arrays.reduce((sum, { length }) => sum + length, 0);
  const all = new Uint8Array(byteLength);
  let at = 0;
  for (const array of arrays) {
    all.set(array, at);
    at += array.length;
  }
  return all;
}
