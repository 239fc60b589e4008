/** Random values that come out the same for the same seed. */
export interface Random {
  /** An integer from `low` to `high`, both included. */
  integer(low: number, high: number): number;
  /** Whether something of this probability happens. */
  chance(probability: number): boolean;
  /** One of `choices`, each as likely as the others. */
  pick<T>(choices: readonly T[]): T;
  /** That many bytes in an array of their own. */
  bytes(byteLength: number): Uint8Array<ArrayBuffer>;
}

/** Fixed, so that a run can be repeated; a longer list searches further. */
const seeds: readonly number[] = Array.from({ length: 25 }, (_, at) => at + 1);

/**
 * Runs a property once for every seed. Whatever it throws comes out with the
 * seed in front, also when it is not an assertion that failed.
 */
export function forEachSeed(property: (random: Random) => void): void {
  for (const seed of seeds) {
    try {
      property(seededRandom(seed));
    } catch (cause) {
      throw withSeed(seed, cause);
    }
  }
}

/** As {@linkcode forEachSeed}, for a property that takes its time. */
export async function forEachSeedAsync(
  property: (random: Random) => Promise<void>,
): Promise<void> {
  for (const seed of seeds) {
    try {
      await property(seededRandom(seed));
    } catch (cause) {
      throw withSeed(seed, cause);
    }
  }
}

function withSeed(seed: number, cause: unknown): Error {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new Error(`With seed ${seed}: ${reason}`, { cause });
}

/** Random values from `seed` on. */
export function seededRandom(seed: number): Random {
  const next = mulberry32(seed);
  const integer = (low: number, high: number) =>
    low + Math.floor(next() * (high - low + 1));
  return {
    integer,
    chance: (probability) => next() < probability,
    pick: (choices) => choices[integer(0, choices.length - 1)]!,
    bytes: (byteLength) =>
      Uint8Array.from({ length: byteLength }, () => integer(0, 255)),
  };
}

/** Tommy Ettinger's mulberry32: 32 bits of state, numbers from 0 below 1. */
function mulberry32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
