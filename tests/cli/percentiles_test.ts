import { assert, assertEquals } from "@std/assert";
import { createDurations } from "../../lib/cli/percentiles.ts";
import { forEachSeed } from "../support/random.ts";

Deno.test("percentiles are those of the sorted durations, to within 2 %", () => {
  forEachSeed((random) => {
    const durations = createDurations();
    const all = Array.from(
      { length: 1 + random.integer(0, 500) },
      () => 10 ** (random.integer(0, 6000) / 1000 - 2),
    );
    all.forEach(durations.add);
    const sorted = all.toSorted((a, b) => a - b);
    assertEquals(durations.count(), all.length);
    assertEquals(durations.longest(), sorted.at(-1));
    for (const share of [0.001, 0.5, 0.9, 0.99, 1]) {
      const exact = sorted[Math.ceil(share * sorted.length) - 1]!;
      const found = durations.percentile(share);
      assert(found >= exact * 0.999 && found <= exact * 1.021, `${share}`);
    }
  });
});

Deno.test("durations beyond all classes are counted in the last ones", () => {
  const durations = createDurations();
  for (const ms of [0, 1e-9, 1e9]) durations.add(ms);
  assertEquals(durations.count(), 3);
  assertEquals(durations.longest(), 1e9);
  assert(durations.percentile(0.1) <= 0.0011);
});

Deno.test("of no durations there is no percentile, and no longest", () => {
  const durations = createDurations();
  assertEquals([durations.percentile(0.5), durations.longest()], [NaN, NaN]);
});
