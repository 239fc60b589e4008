/** setTimeout() takes no more than this. */
const longestTimerMs = 2 ** 31 - 1;

/** A timer for one moment, by the clock of `performance.now()`. */
export interface Timer {
  /**
   * Comes at `deadlineMs`, or earlier if it was set so before; never at
   * `Infinity`.
   */
  readonly set: (deadlineMs: number) => void;
}

/**
 * A timer that is cheap to put off: a later deadline leaves it as it is, and
 * when it comes too early it is set again.
 */
export function createTimer(onTime: () => void): Timer {
  let id: ReturnType<typeof setTimeout> | undefined;
  let setFor = Infinity;
  const set = (deadlineMs: number) => {
    if (deadlineMs >= setFor && deadlineMs !== Infinity) return;
    clearTimeout(id);
    setFor = deadlineMs;
    if (deadlineMs === Infinity) return;
    const delayMs = Math.max(0, Math.ceil(deadlineMs - performance.now()));
    id = setTimeout(fire, Math.min(delayMs, longestTimerMs));
  };
  const fire = () => {
    setFor = Infinity;
    onTime();
  };
  return { set };
}
