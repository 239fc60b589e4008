import { assert, assertEquals } from "@std/assert";
import { utf8 } from "../support/hex.ts";
import type { Counters } from "./coverage.ts";
import { type Crasher, fuzz, type FuzzOptions } from "./fuzz.ts";
import { runOrder } from "./jobs.ts";
import { target as planted } from "./planted.ts";
import type { FuzzTarget } from "./target.ts";

/** The planted target with counters that it sets itself, a deeper one each byte. */
function countedByHand(): { target: FuzzTarget; counters: Counters } {
  const values = new Uint32Array(5);
  const isCounted = new Uint8Array(5).fill(1);
  const secret = utf8("bug!");
  const target: FuzzTarget = {
    ...planted,
    check: (bytes, meter) => {
      let depth = 0;
      while (depth < secret.length && bytes[depth] === secret[depth]) {
        depth += 1;
      }
      values[depth]! += 1;
      return planted.check(bytes, meter);
    },
  };
  return { target, counters: { values, isCounted, statements: 5 } };
}

async function run(
  options: Partial<FuzzOptions>,
  isGuided = true,
): Promise<{ executed: string[]; crashers: Crasher[]; executions: number }> {
  const { target, counters } = countedByHand();
  const executed: string[] = [];
  const crashers: Crasher[] = [];
  if (!isGuided) counters.isCounted.fill(0);
  const { executions } = await fuzz(target, counters, {
    seed: 1,
    seeds: [],
    maxExecutions: 40_000,
    onExecution: (bytes) => void executed.push(bytes.join(" ")),
    onCrasher: (crasher) => void crashers.push(crasher),
    ...options,
  });
  return { executed, crashers, executions };
}

Deno.test("fuzz() finds a bug that is four bytes deep, and makes its input as small as it can be", async () => {
  const { crashers } = await run({});
  assertEquals(crashers.map(({ bytes }) => bytes), [utf8("bug!")]);
  assert(crashers[0]!.message.includes("The planted bug"));
});

Deno.test("fuzz() does not find that bug without its counters", async () => {
  const { crashers, executions } = await run({}, false);
  assertEquals(crashers, []);
  assertEquals(executions, 40_000);
});

Deno.test("fuzz() makes the same executions for the same seed, others for another", async () => {
  const options = { maxExecutions: 3000 };
  const first = await run({ ...options, seed: 7 });
  const again = await run({ ...options, seed: 7 });
  const other = await run({ ...options, seed: 8 });
  assertEquals(again.executed, first.executed);
  assert(other.executed.join() !== first.executed.join());
});

Deno.test("fuzz() begins with the seeds, and ends when its time is over", async () => {
  let nowMs = 0;
  const seeds = [utf8("one"), utf8("two")];
  const nowMsOf = () => nowMs += 1;
  const { executed } = await run({ seeds, maxMs: 50, nowMs: nowMsOf });
  assertEquals(executed.slice(0, 2), seeds.map((seed) => seed.join(" ")));
  assert(executed.length < 60);
});

Deno.test("a job instruments a target and finds the bug in it", async () => {
  const scratch = new URL("../../.scratch/", import.meta.url);
  const crashers = new URL(`${crypto.randomUUID()}/`, scratch);
  try {
    const found: string[] = [];
    const row = await runOrder({
      target: "planted",
      file: new URL("planted.ts", import.meta.url).href,
      counted: "planted",
      crashers: crashers.href,
      seed: 1,
      maxExecutions: 40_000,
      maxMs: null,
      saveCorpus: false,
    }, {
      progress: () => {},
      crasher: (path) => void found.push(path),
    });
    assertEquals(row.crashers, 1);
    assertEquals(row.reached.reached, row.reached.branches);
    assertEquals(found.map((path) => Deno.readFileSync(path)), [utf8("bug!")]);
  } finally {
    Deno.removeSync(crashers, { recursive: true });
  }
});
