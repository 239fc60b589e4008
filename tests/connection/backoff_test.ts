import { assert, assertEquals, assertThrows } from "@std/assert";
import { backoffMs } from "../../lib/connection/backoff.ts";
import { assertPure } from "../support/purity.ts";
import { forEachSeed } from "../support/random.ts";

/** The attempt, the bounds if they are not the default, and the longest wait. */
const waits = [
  { attempt: 0, longestMs: 5000 },
  { attempt: 1, longestMs: 10_000 },
  { attempt: 2, longestMs: 20_000 },
  { attempt: 3, longestMs: 40_000 },
  { attempt: 4, longestMs: 60_000 },
  { attempt: 1_000_000, longestMs: 60_000 },
  { attempt: 0, options: { firstDelayMs: 100 }, longestMs: 100 },
  { attempt: 3, options: { firstDelayMs: 100 }, longestMs: 800 },
  {
    attempt: 5,
    options: { firstDelayMs: 100, maxDelayMs: 500 },
    longestMs: 500,
  },
  {
    attempt: 0,
    options: { firstDelayMs: 900, maxDelayMs: 500 },
    longestMs: 500,
  },
  { attempt: 0, options: { firstDelayMs: 1 }, longestMs: 1 },
] as const;

Deno.test("backoffMs() draws from all the time up to a bound that doubles (R70, RFC 6455 §7.2.3)", () => {
  for (const { attempt, longestMs, ...rest } of waits) {
    const options = "options" in rest ? rest.options : {};
    for (const part of [0, 0.25, 0.999999]) {
      const label = `attempt ${attempt}, ${JSON.stringify(options)}`;
      assertEquals(
        assertPure(label, backoffMs, attempt, () => part, options),
        Math.floor(longestMs * part),
        label,
      );
    }
  }
});

Deno.test("backoffMs() never waits longer than its bound", () => {
  forEachSeed((random) => {
    const options = {
      firstDelayMs: random.integer(1, 100_000),
      maxDelayMs: random.integer(1, 100_000),
    };
    const waitMs = backoffMs(random.integer(0, 99), Math.random, options);
    assert(waitMs >= 0 && waitMs <= options.maxDelayMs);
  });
});

Deno.test("backoffMs() throws for a caller's mistake", () => {
  for (const wrong of [-1, 0, 0.5, NaN, Infinity, 2 ** 31]) {
    for (const name of ["firstDelayMs", "maxDelayMs"]) {
      assertThrows(
        () => backoffMs(0, Math.random, { [name]: wrong }),
        RangeError,
        name,
      );
    }
  }
  assertThrows(() => backoffMs(-1, Math.random), RangeError, "attempt");
});
