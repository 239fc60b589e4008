/** The soak's clients, in a process of their own. Answers lines. */
import { answers } from "../../../bench/servers/report_usage.mjs";
import { seededRandom } from "../../support/random.ts";
import { createFaults } from "./faults.ts";
import { type Happening, live } from "./life.ts";
import { residentBytes } from "./resident.ts";

const [port, count, seed] = Deno.args.map(Number);
const faults = createFaults();
const doing = new Set<{ readonly deed: string }>();
const happened: Partial<Record<Happening, number>> = {};

/** How long they may take to come to their ends. */
const patienceMs = 120_000;

/** The clients that live now, and what ends them. */
let stop = new AbortController();
let living: Promise<unknown> = Promise.resolve();

function start(): void {
  stop = new AbortController();
  const world = {
    url: `ws://127.0.0.1:${port}/`,
    faults,
    signal: stop.signal,
    doing,
    count: (what: Happening, by = 1) => {
      happened[what] = (happened[what] ?? 0) + by;
    },
  };
  living = Promise.all(
    Array.from(
      { length: count! },
      (_, index) => live(seededRandom(seed! * 100_003 + index), world),
    ),
  );
}

Object.assign(answers, {
  "start": () => {
    start();
    return {};
  },
  "stop": async () => {
    stop.abort();
    const tooLate = new Promise((resolve) => setTimeout(resolve, patienceMs));
    await Promise.race([living, tooLate]);
    for (const { deed } of doing) faults.note(`client does not end: ${deed}`);
    return {};
  },
  "state": () => ({ happened, faults: faults.all() }),
  "resident": residentBytes,
});
