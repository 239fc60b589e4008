/**
 * What an echo costs a server, beside other servers: `deno task bench`.
 *
 * Each server is a process of its own and says itself what it has cost; the
 * driver is another. Results go to `bench/RESULTS.md` and `bench/results.svg`.
 */
import { parseArgs } from "node:util";
import { available, installPeers, type Peers } from "./peers.ts";
import {
  kinds,
  type Server,
  serverOf,
  servers,
  workloadOf,
  workloads,
} from "./plan.ts";
import { makePlot } from "./plot.ts";
import { type Child, drive, startDriver } from "./processes.ts";
import { makeCaseTable, makeReport } from "./report.ts";
import { writeSection } from "./results_file.ts";
import { type RoundsOptions, runRounds } from "./rounds.ts";

const help = `Usage: deno task bench [options]

  --rounds N          how often each server is measured (5; 1 with --quick)
  --servers a,b       of: ${servers.map(({ name }) => name).join(", ")}
  --workloads a,b     of: ${workloads.map(({ name }) => name).join(", ")}
  --kinds a,b         of: ${kinds.join(", ")}
  --quick             short rounds, to see that everything works
  --help              this text

Results are written to bench/RESULTS.md and bench/results.svg when everything
was measured, without --quick, and printed in any case.`;

const { values } = parseArgs({
  options: {
    rounds: { type: "string" },
    servers: { type: "string" },
    workloads: { type: "string" },
    kinds: { type: "string" },
    quick: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});
if (values.help) {
  console.log(help);
  Deno.exit();
}

const chosenServers = choose(values.servers, servers, serverOf);
const chosenWorkloads = choose(values.workloads, workloads, workloadOf);
const chosenKinds = choose(values.kinds, kinds, kindOf);
const options: RoundsOptions = values.quick
  ? { rounds: roundsOf(1), warmUpMs: 250, runMs: 300 }
  : { rounds: roundsOf(5), warmUpMs: 450, runMs: 600 };
await run();

/** Measures, prints, and writes what is whole. */
async function run(): Promise<void> {
  using peers = await installPeers(chosenServers);
  await using driver = startDriver();
  const versions = await findVersions(driver, peers);
  const measured: Server[] = available(chosenServers, peers);
  const cases = chosenWorkloads.flatMap((workload) =>
    chosenKinds.map((kind) => ({ workload, kind }))
  );
  const results = await runRounds(cases, measured, { driver, peers }, options);
  console.log(`\n\n${results.map(makeCaseTable).join("\n")}`);
  const isWhole = chosenServers.length === servers.length &&
    cases.length === workloads.length * kinds.length;
  if (!isWhole || values.quick) return;
  const { rounds, runMs } = options;
  const svg = `${import.meta.dirname!}/results.svg`;
  await Deno.writeTextFile(svg, makePlot(results));
  await writeSection("echo", makeReport(results, { versions, rounds, runMs }));
}

/** Those that are named in `list`, or all. */
function choose<Item>(
  list: string | undefined,
  all: readonly Item[],
  find: (name: string) => Item,
): readonly Item[] {
  return list === undefined ? all : list.split(",").map(find);
}

function kindOf(name: string): typeof kinds[number] {
  const kind = kinds.find((kind) => kind === name);
  if (kind === undefined) throw new RangeError(`Found "${name}"\n${help}`);
  return kind;
}

function roundsOf(byDefault: number): number {
  const rounds = Number(values.rounds ?? byDefault);
  if (Number.isInteger(rounds) && rounds >= 1) return rounds;
  throw new RangeError(`Found --rounds ${values.rounds}, wanted at least 1`);
}

/** What was measured, on what. */
async function findVersions(
  driver: Child,
  peers: Peers,
): Promise<Map<string, string>> {
  const { node, system, cpu, cores } = await drive<Record<string, string>>(
    driver,
    { do: "hello" },
  );
  return new Map([
    ["Deno", Deno.version.deno],
    ["Node", node!],
    ...peers.versions,
    ["System", `${system}, ${cores} × ${cpu}`],
  ]);
}
