/**
 * Fuzzes one target in a process of its own, which `main.ts` starts with an order
 * (`order.ts`) for its argument. It says what it finds in lines of JSON.
 */
import { readSeeds, writeCorpus, writeCrasher } from "./files.ts";
import { fuzz, type FuzzOutcome } from "./fuzz.ts";
import { instrument, type Instrumented } from "./instrument.ts";
import { coveringSet } from "./minimise.ts";
import type { JobMessage, JobOrder, Reached } from "./order.ts";
import { createSharedMemory, shareInput } from "./shared_input.ts";
import type { WatchOrder } from "./watch.ts";

/** How much of the corpus of one target is kept: six of them are 200 KB. */
const corpusLimits = { maxInputs: 150, maxBytes: 30 * 1024 };

const order = JSON.parse(Deno.args[0]!) as JobOrder;
const memory = createSharedMemory();
const watcher = startWatcher({ memory, crashers: order.crashers });
await run();
watcher.terminate();

function startWatcher(watch: WatchOrder): Worker {
  const url = new URL("watch.ts", import.meta.url);
  const worker = new Worker(url, { type: "module" });
  worker.postMessage(watch);
  return worker;
}

async function run(): Promise<void> {
  const file = new URL(order.file);
  const instrumented = await instrument(file, new RegExp(order.counted));
  const { target, counters } = instrumented;
  const input = shareInput(memory);
  const outcome = await fuzz(target, counters, {
    seed: order.seed,
    seeds: readSeeds(order.target).map(({ bytes }) => bytes),
    maxExecutions: order.maxExecutions ?? Infinity,
    maxMs: order.maxMs ?? Infinity,
    onExecution: input.write,
    onProgress: (progress) => say({ type: "progress", ...progress }),
    onCrasher: ({ bytes, message }) => {
      const path = writeCrasher(new URL(order.crashers), bytes);
      say({ type: "crasher", path, message });
    },
  });
  const saved = order.saveCorpus ? save(outcome) : undefined;
  const { executions, elapsedMs, paths, corpus, crashers } = outcome;
  const reached = reachedOf(instrumented, outcome);
  const counts = { executions, elapsedMs, paths, corpus, crashers };
  say({ type: "done", ...counts, reached, saved });
}

function save({ inputs }: FuzzOutcome): number {
  const kept = coveringSet(inputs, corpusLimits);
  writeCorpus(order.target, kept);
  return kept.length;
}

/** How many branches of what the target aims at were reached. */
function reachedOf(
  { target, counters, files }: Instrumented,
  { isReached }: FuzzOutcome,
): Reached {
  let branches = 0;
  let reached = 0;
  for (let at = counters.statements; at < files.length; at++) {
    if (!target.files.test(files[at]!)) continue;
    branches += 1;
    if (isReached(at)) reached += 1;
  }
  return { branches, reached };
}

function say(message: JobMessage): void {
  const line = `${JSON.stringify(message)}\n`;
  Deno.stdout.writeSync(new TextEncoder().encode(line));
}
