import type { Random } from "../support/random.ts";

/** What mutations take from elsewhere. */
export interface MutationSource {
  /** What stands in many inputs. */
  readonly tokens: readonly Uint8Array[];
  /** Makes a well-formed piece of an input. */
  readonly part: (random: Random) => Uint8Array;
  /** Another input, to be spliced with. */
  readonly other: Uint8Array;
  /** What comes out is cut to this length. */
  readonly maxBytes: number;
}

/** Makes a new input of one, which stays as it is. */
export type Mutator = (
  bytes: Uint8Array,
  random: Random,
  source: MutationSource,
) => Uint8Array;

/** Values at the edges of what fields hold, and of what lengths mean. */
const interesting: readonly number[] = [
  ...[0, 1, 2, 4, 7, 8, 15, 16, 31, 32, 63, 64, 100, 124, 125, 126, 127, 128],
  ...[129, 253, 254, 255, 256, 257, 511, 512, 1000, 1024, 4096, 16383, 16384],
  ...[32767, 32768, 65280, 65534, 65535, 65536, 0xffffff, 0x7fffffff],
  ...[0x80000000, 0xfffffffe, 0xffffffff],
];

/** Every mutation by its name. */
export const mutators: Readonly<Record<string, Mutator>> = {
  flipBit: (bytes, random) =>
    changed(bytes, random, (byte) => byte ^ (1 << random.integer(0, 7))),
  setByte: (bytes, random) =>
    changed(bytes, random, () => random.integer(0, 255)),
  addToByte: (bytes, random) =>
    changed(bytes, random, (byte) => byte + random.integer(-35, 35)),
  setInteger: (bytes, random) => {
    const integer = integerBytes(random);
    const at = random.integer(0, Math.max(0, bytes.length - integer.length));
    return replaced(bytes, at, at + integer.length, integer);
  },
  insertBytes: (bytes, random) =>
    inserted(bytes, random, random.bytes(random.integer(1, 8))),
  insertRun: (bytes, random) => {
    const byte = random.pick([0, 0x20, 0x41, 0xff, random.integer(0, 255)]);
    const run = new Uint8Array(random.integer(1, 300)).fill(byte);
    return inserted(bytes, random, run);
  },
  insertToken: (bytes, random, { tokens }) =>
    tokens.length === 0 ? bytes : inserted(bytes, random, random.pick(tokens)),
  replaceByToken: (bytes, random, { tokens }) => {
    if (tokens.length === 0) return bytes;
    const token = random.pick(tokens);
    const at = random.integer(0, bytes.length);
    return replaced(bytes, at, at + token.length, token);
  },
  insertPart: (bytes, random, { part }) =>
    inserted(bytes, random, part(random)),
  appendPart: (bytes, random, { part }) =>
    replaced(bytes, bytes.length, bytes.length, part(random)),
  remove: (bytes, random) => {
    const [from, to] = rangeOf(bytes, random);
    return replaced(bytes, from, to, nothing);
  },
  repeat: (bytes, random) => {
    const [from, to] = rangeOf(bytes, random);
    return replaced(bytes, to, to, bytes.subarray(from, to));
  },
  copyElsewhere: (bytes, random) => {
    const [from, to] = rangeOf(bytes, random);
    const at = random.integer(0, bytes.length);
    return replaced(bytes, at, at + to - from, bytes.subarray(from, to));
  },
  splice: (bytes, random, { other }) =>
    replaced(
      bytes,
      random.integer(0, bytes.length),
      bytes.length,
      other.subarray(random.integer(0, other.length)),
    ),
  insertOther: (bytes, random, { other }) => {
    const [from, to] = rangeOf(other, random);
    return inserted(bytes, random, other.subarray(from, to));
  },
};

const all: readonly Mutator[] = Object.values(mutators);

/** A few mutations one after the other, most often one or two. */
export const mutate: Mutator = (bytes, random, source) => {
  let count = 1;
  while (count < 16 && random.chance(0.5)) count += 1;
  let mutated = bytes;
  for (let done = 0; done < count; done++) {
    mutated = random.pick(all)(mutated, random, source)
      .subarray(0, source.maxBytes);
  }
  return mutated;
};

const nothing = new Uint8Array(0);

/** The bytes with those from `from` to `to` replaced, in a new array. */
function replaced(
  bytes: Uint8Array,
  from: number,
  to: number,
  by: Uint8Array,
): Uint8Array {
  const rest = bytes.subarray(to);
  const result = new Uint8Array(from + by.length + rest.length);
  result.set(bytes.subarray(0, from));
  result.set(by, from);
  result.set(rest, from + by.length);
  return result;
}

function inserted(
  bytes: Uint8Array,
  random: Random,
  what: Uint8Array,
): Uint8Array {
  const at = random.integer(0, bytes.length);
  return replaced(bytes, at, at, what);
}

/** The bytes with one of them changed; no bytes if there is none. */
function changed(
  bytes: Uint8Array,
  random: Random,
  change: (byte: number) => number,
): Uint8Array {
  const copy = bytes.slice();
  const at = random.integer(0, bytes.length - 1);
  if (at < copy.length) copy[at] = change(copy[at]!);
  return copy;
}

/** One of the interesting numbers, or one beside it, in 1, 2 or 4 bytes. */
function integerBytes(random: Random): Uint8Array {
  const byteLength = random.pick([1, 2, 4, 8]);
  const number = BigInt(random.pick(interesting) + random.integer(-1, 1));
  const view = new DataView(new ArrayBuffer(8));
  const isLittleEndian = random.chance(0.5);
  view.setBigUint64(0, BigInt.asUintN(64, number), isLittleEndian);
  const bytes = new Uint8Array(view.buffer);
  return isLittleEndian
    ? bytes.subarray(0, byteLength)
    : bytes.subarray(8 - byteLength);
}

/** A part of the bytes, short ones more often. */
function rangeOf(bytes: Uint8Array, random: Random): [number, number] {
  const from = random.integer(0, bytes.length);
  const most = random.chance(0.7) ? 16 : bytes.length;
  const to = Math.min(bytes.length, from + random.integer(0, most));
  return [from, to];
}
