/**
 * Why not polling? `deno task bench:polling`.
 *
 * The same updates, to the same number of clients, by polling, long polling,
 * server-sent events and WebSocket: bytes on the wire, requests, the server's
 * CPU time, and how long an update takes. Results go to `bench/POLLING.md` and
 * `bench/polling.svg`.
 */
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import type { Load } from "./polling/load.ts";
import { measure, type Sample } from "./polling/measure.ts";
import { makePlot } from "./polling/plot.ts";
import { makeReport, makeTable, type WayResult } from "./polling/report.ts";
import { ways } from "./polling/ways.ts";
import { writeMarkdown } from "./results_file.ts";
import { findRevision } from "./revision.ts";
import { rotate, showProgress, timeLeft } from "./rounds.ts";
import { short } from "./statistics.ts";

const defaults: Load = { updates: 1000, clients: 100, everyMs: 8 };
const defaultRounds = 3;

const help = `Usage: deno task bench:polling [options]

  --updates N    how many updates each client gets (${defaults.updates})
  --clients N    how many clients there are (${defaults.clients})
  --every-ms N   the time between two updates (${defaults.everyMs})
  --rounds N     how often each way is measured (${defaultRounds})
  --help         this text

Results are written to bench/POLLING.md and bench/polling.svg when no option is
given, and printed in any case.`;

const { values } = parseArgs({
  options: {
    updates: { type: "string" },
    clients: { type: "string" },
    "every-ms": { type: "string" },
    rounds: { type: "string" },
    help: { type: "boolean", short: "h", default: false },
  },
});
if (values.help) {
  console.log(help);
  Deno.exit();
}

const load: Load = {
  updates: numberOf("updates", defaults.updates),
  clients: numberOf("clients", defaults.clients),
  everyMs: numberOf("every-ms", defaults.everyMs),
};
const rounds = numberOf("rounds", defaultRounds);
await run();

/** Measures, prints, and writes what is comparable. */
async function run(): Promise<void> {
  const results = await runRounds();
  console.log(`\n${makeTable(results, load)}`);
  if (Deno.args.length > 0) return;
  const folder = import.meta.dirname!;
  await Deno.writeTextFile(`${folder}/polling.svg`, makePlot(results, load));
  const context = {
    load,
    rounds,
    versions: findVersions(),
    revision: await findRevision(),
  };
  await writeMarkdown(`${folder}/POLLING.md`, makeReport(results, context));
  console.log("\nWritten to bench/POLLING.md and bench/polling.svg");
}

/** The ways in turns, each round beginning with another. */
async function runRounds(): Promise<WayResult[]> {
  const results = ways.map((way) => ({ way, samples: [] as Sample[] }));
  const total = rounds * ways.length;
  const startedMs = performance.now();
  let done = 0;
  for (let round = 0; round < rounds; round++) {
    for (const { way, samples } of rotate(results, round)) {
      const sample = await measure(way, load);
      samples.push(sample);
      done += 1;
      showProgress(
        `${done}/${total}  round ${round + 1}  ${way.title}  ` +
          `${short(sample.serverCpuSeconds)} s of CPU, ` +
          `${short(sample.delayP50Ms)} ms  ` +
          `(${timeLeft(startedMs, done, total)} left)`,
      );
    }
  }
  return results;
}

function numberOf(
  name: "updates" | "clients" | "every-ms" | "rounds",
  byDefault: number,
): number {
  const number = Number(values[name] ?? byDefault);
  if (Number.isInteger(number) && number >= 1) return number;
  throw new RangeError(`Found --${name} ${values[name]}, wanted at least 1`);
}

/** What was measured, on what. */
function findVersions(): Map<string, string> {
  const { os, arch } = Deno.build;
  const all = cpus();
  return new Map([
    ["Deno", Deno.version.deno],
    ["System", `${os} ${arch}, ${all.length} × ${all[0]?.model ?? "?"}`],
  ]);
}
