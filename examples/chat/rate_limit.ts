/** A token bucket: so many at once after a pause, and so many a second for ever. */
export interface TokenBucket {
  /** Takes a token, if there is one. */
  readonly take: (nowMs: number) => boolean;
  /** How long until there is a token, in milliseconds; 0 if there is one. */
  readonly waitMs: (nowMs: number) => number;
}

/**
 * Makes a bucket that is full at first.
 *
 * @param rate How many tokens come a second, and how many it holds.
 */
export function createTokenBucket(
  { perSecond, burst }: { readonly perSecond: number; readonly burst: number },
): TokenBucket {
  let tokens = burst;
  let filledMs: number | undefined;
  const fill = (nowMs: number): void => {
    // A clock that goes back adds nothing.
    const passedMs = Math.max(0, nowMs - (filledMs ?? nowMs));
    tokens = Math.min(burst, tokens + passedMs * perSecond / 1000);
    filledMs = Math.max(nowMs, filledMs ?? nowMs);
  };
  return {
    take: (nowMs) => {
      fill(nowMs);
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
    waitMs: (nowMs) => {
      fill(nowMs);
      return tokens >= 1 ? 0 : Math.ceil((1 - tokens) * 1000 / perSecond);
    },
  };
}
