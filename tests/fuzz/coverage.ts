/** Which paths have been seen: each a counter and about how often it ran. */
export interface Coverage {
  /** Sets every counter to 0, before an execution. */
  readonly begin: () => void;
  /** How many paths of the last execution had not been seen before it. */
  readonly takeNew: () => number;
  /** The paths of the last execution, a number for each. */
  readonly paths: () => Uint32Array;
  /** How many statements it ran. */
  readonly spent: () => number;
  /** How many paths have been seen. */
  readonly count: () => number;
  /** Whether a counter has ever run. */
  readonly isReached: (counter: number) => boolean;
}

/** The counters of instrumented code. */
export interface Counters {
  /** How often each place ran since they were last set to 0. */
  readonly values: Uint32Array;
  /** 1 for each of them that counts. */
  readonly isCounted: Uint8Array;
  /** Those before this one count statements; those behind it branches. */
  readonly statements: number;
}

const bucketCount = 8;

/**
 * Once, twice, three times, 4 to 7, 8 to 15, 16 to 31, 32 to 127, and more, as
 * AFL has it: that a loop runs once more is not news, that it runs twice as often
 * is.
 */
export function bucketOf(count: number): number {
  if (count <= 3) return count - 1;
  if (count <= 7) return 3;
  if (count <= 15) return 4;
  if (count <= 31) return 5;
  return count <= 127 ? 6 : 7;
}

/** Makes what remembers the paths that were seen in some counters. */
export function createCoverage(counters: Counters): Coverage {
  const { values, isCounted, statements } = counters;
  /** A bit for each bucket. */
  const seen = new Uint8Array(values.length);
  let count = 0;
  const takeNew = (): number => {
    let found = 0;
    for (let at = 0; at < values.length; at++) {
      const value = values[at]!;
      if (value === 0 || isCounted[at] === 0) continue;
      const bit = 1 << bucketOf(value);
      if ((seen[at]! & bit) !== 0) continue;
      seen[at]! |= bit;
      found += 1;
    }
    count += found;
    return found;
  };
  const paths = (): Uint32Array => {
    const found: number[] = [];
    for (let at = 0; at < values.length; at++) {
      const value = values[at]!;
      if (value === 0 || isCounted[at] === 0) continue;
      found.push(at * bucketCount + bucketOf(value));
    }
    return Uint32Array.from(found);
  };
  const spent = (): number => {
    let sum = 0;
    for (let at = 0; at < statements; at++) {
      if (isCounted[at] === 1) sum += values[at]!;
    }
    return sum;
  };
  return {
    begin: () => void values.fill(0),
    takeNew,
    paths,
    spent,
    count: () => count,
    isReached: (counter) => seen[counter] !== 0,
  };
}
