/** The middle of some numbers; of an even count, the mean of the two. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? sorted[half]!
    : (sorted[half - 1]! + sorted[half]!) / 2;
}

/** A number with about three digits that mean something. */
export function short(value: number): string {
  if (value >= 100) return String(Math.round(value));
  return value >= 10 ? value.toFixed(1) : value.toPrecision(2);
}

/** A ratio, whose second place decides whether a target is met. */
export function formatRatio(ratio: number): string {
  return ratio.toFixed(ratio < 0.1 ? 3 : 2);
}

/** Whether a ratio is within its target, or by how much it is not. */
export function verdictOf(ratio: number, target: number): string {
  return ratio <= target
    ? "met"
    : `**missed**, ${formatRatio(ratio / target)} × the target`;
}

/** A large number with a letter in place of its zeros. */
export function count(value: number): string {
  if (value >= 1e6) return `${short(value / 1e6)} M`;
  return value >= 1e4 ? `${Math.round(value / 1e3)} k` : short(value);
}

export function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 1024 / 1024)} MiB`;
}
