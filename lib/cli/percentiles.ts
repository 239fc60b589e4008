/**
 * Durations counted in classes, so that a million of them take no more room than a
 * few: each class is 2 % wide, from a microsecond to an hour.
 */
export interface Durations {
  /** One more, in milliseconds. */
  readonly add: (ms: number) => void;
  /** How many there are. */
  readonly count: () => number;
  /**
   * The duration below which a share of them, 0 to 1, lie, in milliseconds; NaN of
   * none.
   */
  readonly percentile: (share: number) => number;
  /** The longest, in milliseconds; NaN of none. */
  readonly longest: () => number;
}

const smallestMs = 0.001;
const step = Math.log(1.02);
const classes = Math.ceil(Math.log(3_600_000 / smallestMs) / step);

/** Makes an empty count. */
export function createDurations(): Durations {
  const counts = new Uint32Array(classes + 1);
  let total = 0;
  let longestMs = NaN;
  return {
    add: (ms) => {
      const index = Math.floor(
        Math.log(Math.max(ms, smallestMs) / smallestMs) / step,
      );
      counts[Math.min(index, classes)]! += 1;
      total += 1;
      longestMs = total === 1 ? ms : Math.max(longestMs, ms);
    },
    count: () => total,
    percentile: (share) => {
      const wanted = Math.max(1, Math.ceil(share * total));
      let seen = 0;
      for (const [index, count] of counts.entries()) {
        seen += count;
        // The upper edge of the class, which no more than the longest can be.
        if (seen >= wanted) {
          return Math.min(smallestMs * Math.exp((index + 1) * step), longestMs);
        }
      }
      return longestMs;
    },
    longest: () => longestMs,
  };
}
