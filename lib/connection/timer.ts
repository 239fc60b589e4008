/** setTimeout() takes no more than this. */
const longestTimerMs = 2 ** 31 - 1;

/** A timer for one moment, by the clock of `performance.now()`. */
export interface Timer {
  /**
   * Comes at `deadlineMs`, or earlier if it was set so before; never at
   * `Infinity`.
   */
  set(deadlineMs: number): void;
}

/**
 * A timer that is cheap to put off: a later deadline leaves it as it is, and
 * when it comes too early it is set again.
 */
export function createTimer(onTime: () => void): Timer {
  return new LazyTimer(onTime);
}

/** A class, since every connection has one, and most of them are idle. */
class LazyTimer implements Timer {
  readonly #onTime: () => void;
  #id: ReturnType<typeof setTimeout> | undefined;
  #setFor = Infinity;

  constructor(onTime: () => void) {
    this.#onTime = onTime;
  }

  set(deadlineMs: number): void {
    if (deadlineMs >= this.#setFor && deadlineMs !== Infinity) return;
    clearTimeout(this.#id);
    this.#setFor = deadlineMs;
    if (deadlineMs === Infinity) return;
    const delayMs = Math.max(0, Math.ceil(deadlineMs - performance.now()));
    const fire = () => {
      this.#setFor = Infinity;
      this.#onTime();
    };
    // Once more around the loop: where it stood still, what came meanwhile has not
    // been read yet, and nobody is to be given up who has answered.
    const fireAfterReading = () => this.#id = setTimeout(fire, 0);
    this.#id = setTimeout(fireAfterReading, Math.min(delayMs, longestTimerMs));
  }
}
