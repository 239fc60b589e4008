/**
 * Makes an input smaller for as long as it still `fails`: pieces of it are left
 * out, from a half down to a byte, and then bytes become 0.
 *
 * @param maxTries How often `fails` is called at the most.
 */
export async function minimise(
  bytes: Uint8Array,
  fails: (bytes: Uint8Array) => Promise<boolean>,
  maxTries: number,
): Promise<Uint8Array> {
  let smallest = bytes;
  let tries = 0;
  const accept = async (candidate: Uint8Array): Promise<boolean> => {
    if (tries >= maxTries) return false;
    tries += 1;
    if (!await fails(candidate)) return false;
    smallest = candidate;
    return true;
  };
  let pieceBytes = Math.max(1, smallest.length >> 1);
  let before: number;
  do {
    before = smallest.length;
    for (let at = 0; at < smallest.length && tries < maxTries;) {
      const isLess = await accept(without(smallest, at, pieceBytes));
      if (!isLess) at += pieceBytes;
    }
    if (pieceBytes > 1) pieceBytes >>= 1;
    else if (smallest.length === before) break;
  } while (tries < maxTries);
  for (let at = 0; at < smallest.length && tries < maxTries; at++) {
    if (smallest[at] !== 0) await accept(smallest.with(at, 0));
  }
  return smallest;
}

function without(
  bytes: Uint8Array,
  at: number,
  byteLength: number,
): Uint8Array {
  const result = new Uint8Array(
    bytes.length - Math.min(byteLength, bytes.length - at),
  );
  result.set(bytes.subarray(0, at));
  result.set(bytes.subarray(at + byteLength), at);
  return result;
}

/** An input with the paths that it takes. */
export interface Covering {
  readonly bytes: Uint8Array;
  readonly paths: Uint32Array;
}

/** How large a corpus may be when it is kept. */
export interface CorpusLimits {
  readonly maxInputs: number;
  readonly maxBytes: number;
}

/** What an input costs beside its bytes: a file of many short ones is no better. */
const inputBytes = 16;

/**
 * The fewest and shortest inputs that take as many of the paths as fit: always the
 * one next that takes most new ones for its length.
 */
export function coveringSet(
  inputs: readonly Covering[],
  { maxInputs, maxBytes }: CorpusLimits,
): Uint8Array[] {
  const covered = new Set<number>();
  const chosen: Uint8Array[] = [];
  let left = inputs.map((input) => ({ ...input, isNew: input.paths.length }));
  let room = maxBytes;
  while (chosen.length < maxInputs) {
    for (const input of left) {
      input.isNew = input.paths.reduce(
        (count, path) => count + (covered.has(path) ? 0 : 1),
        0,
      );
    }
    left = left.filter(({ isNew, bytes }) => isNew > 0 && bytes.length <= room);
    const best = bestOf(left);
    if (best === undefined) break;
    chosen.push(best.bytes);
    room -= best.bytes.length;
    for (const path of best.paths) covered.add(path);
  }
  return chosen;
}

function bestOf<Input extends { bytes: Uint8Array; isNew: number }>(
  inputs: readonly Input[],
): Input | undefined {
  const worth = ({ isNew, bytes }: Input) =>
    isNew / (inputBytes + bytes.length);
  return inputs.reduce<Input | undefined>(
    (best, input) =>
      best === undefined || worth(input) > worth(best) ? input : best,
    undefined,
  );
}
