import { requireInteger } from "../error/require.ts";

/** How long a client waits before it tries again. */
export interface BackoffOptions {
  /**
   * The longest wait before the first attempt after a loss, in milliseconds.
   * RFC 6455 §7.2.3 calls 0 to 5 s reasonable.
   *
   * @default {5000}
   */
  readonly firstDelayMs?: number;
  /**
   * The longest wait before any attempt, in milliseconds.
   *
   * @default {60000}
   */
  readonly maxDelayMs?: number;
}

/** setTimeout() takes no more than this: 24 days. */
const longestTimerMs = 2 ** 31 - 1;

/** The options of a caller, judged and filled up. */
export function requireBackoff(
  { firstDelayMs = 5000, maxDelayMs = 60_000 }: BackoffOptions,
): Required<BackoffOptions> {
  const action = "Cannot wait to connect again";
  requireInteger(firstDelayMs, action, "firstDelayMs", 1, longestTimerMs);
  requireInteger(maxDelayMs, action, "maxDelayMs", 1, longestTimerMs);
  return { firstDelayMs, maxDelayMs };
}

/**
 * How long to wait before connecting again: any time up to a bound that doubles
 * with each attempt that failed (truncated binary exponential back-off). Drawn
 * from the whole range, so that ten thousand clients that lost their server at
 * once do not come back at once.
 *
 * Source: {@link https://www.rfc-editor.org/rfc/rfc6455#section-7.2.3 | RFC 6455 §7.2.3}.
 *
 * @param attempt How many attempts have failed since the connection was lost.
 * @param random Gives a number from 0 to 1, without 1, such as `Math.random`.
 * @param options The bounds.
 * @returns Milliseconds, a whole number.
 * @throws {RangeError} If a bound cannot be used.
 *
 * @example
 * ```ts
 * import { backoffMs } from "@sluice/websocket/connection";
 * import { assertEquals } from "@std/assert";
 *
 * const middle = () => 0.5;
 *
 * assertEquals(backoffMs(0, middle), 2500);
 * assertEquals(backoffMs(1, middle), 5000);
 * assertEquals(backoffMs(9, middle), 30_000);
 * ```
 */
export function backoffMs(
  attempt: number,
  random: () => number,
  options: BackoffOptions = {},
): number {
  const { firstDelayMs, maxDelayMs } = requireBackoff(options);
  requireInteger(attempt, "Cannot wait to connect again", "attempt");
  const longestMs = Math.min(maxDelayMs, firstDelayMs * 2 ** attempt);
  return Math.floor(random() * longestMs);
}
