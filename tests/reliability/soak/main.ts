/**
 * Many connections that do all that clients do, by chance, for a long time, and
 * then are closed: `deno task soak`. Nothing may be lost, doubled or out of order,
 * and nothing may stay behind.
 */
import { readCommandLine } from "../../../bench/command_line.ts";
import { type Child, freePort, startChild } from "../../../bench/processes.ts";
import { row } from "../../../bench/report.ts";
import { reliabilityPage, writeSection } from "../../../bench/results_file.ts";
import { showProgress } from "../../../bench/rounds.ts";
import { mebibytes } from "../../../bench/statistics.ts";
import type { Faults } from "./faults.ts";
import type { Happening } from "./life.ts";
import type { Resident } from "./resident.ts";

const usage = `Usage: deno task soak [options]

  --connections N   how many clients at once (1000)
  --minutes N       how long they live (20)
  --warm-up N       how long they live before the memory of the start is taken, in
                    minutes (2)
  --most-growth N   by how much resident memory may be more in the end, in percent
                    (10; a short life has not come to its plateau)
  --seed N          what their lives are drawn from (another one each time)
  --results         write the result to tests/reliability/RESULTS.md
  --help            this text

Ends with 1 if anything was lost, doubled or out of order, if a rejection was
caught by nobody, or if memory or handles were not given back.`;

const options = readCommandLine({
  usage,
  numbers: {
    connections: 1000,
    minutes: 20,
    "warm-up": 2,
    "most-growth": 10,
    seed: 1 + Date.now() % 1_000_000,
  },
  flags: ["results"],
});
const { connections, minutes, seed, "warm-up": warmUpMinutes } = options;
const lifeMs = minutes * 60_000;
const warmUpMs = warmUpMinutes * 60_000;
const sampleMs = Math.min(10_000, lifeMs / 4);

/** So much more than at the start may be resident in the end. */
const mostGrowth = options["most-growth"] / 100;
/** How long all may take to be closed. */
const closingMs = 180_000;

/** What a process tells of itself. */
interface State {
  readonly faults: ReturnType<Faults["all"]>;
}
interface ServerState extends State {
  readonly connections: number;
  readonly opened: number;
  readonly messages: number;
}
interface ClientsState extends State {
  readonly happened: Partial<Record<Happening, number>>;
}

/** Something that has to be so. */
interface Check {
  readonly what: string;
  readonly found: string;
  readonly holds: boolean;
}

/** Both processes. */
interface Stage {
  readonly server: Child;
  readonly clients: Child;
}

Deno.exit(await run() ? 0 : 1);

async function run(): Promise<boolean> {
  console.log(`Seed ${seed}`);
  const port = freePort();
  await using server = start("server.ts", [port]);
  // It answers when it listens.
  await server.ask("state");
  await using clients = start("clients.ts", [port, connections, seed]);
  const stage = { server, clients };
  await spend(stage, warmUpMs, "warming up");
  const before = await measure(stage);
  await spend(stage, lifeMs, "living");
  const after = await measure(stage);
  const checks = await check(stage, before, after);
  const report = makeReport(checks, await stage.clients.ask("state"));
  console.log(`\n${report}`);
  if (options.results) await writeSection("soak", report, reliabilityPage);
  return checks.every(({ holds }) => holds);
}

function start(file: string, args: readonly unknown[]): Child {
  return startChild(Deno.execPath(), [
    // Nothing less may look at the open files of a process.
    ...["run", "--quiet", "--v8-flags=--expose-gc", "--allow-all"],
    `${import.meta.dirname!}/${file}`,
    ...args.map(String),
  ]);
}

/** Has the clients live for a while, and come to their ends. */
async function spend(
  { server, clients }: Stage,
  ms: number,
  what: string,
): Promise<void> {
  await clients.ask("start");
  const startedMs = performance.now();
  while (performance.now() - startedMs < ms) {
    await new Promise((resolve) => setTimeout(resolve, sampleMs));
    const state = await server.ask<ServerState>("state");
    const { rssBytes } = await server.ask<{ rssBytes: number }>("usage");
    const seconds = Math.round((performance.now() - startedMs) / 1000);
    showProgress(
      `${what}: ${seconds} of ${Math.round(ms / 1000)} s, ` +
        `${state.connections} connections, ${state.messages} messages, ` +
        `${mebibytes(rssBytes)}, ${state.faults.count} faults`,
    );
  }
  await clients.ask("stop", closingMs);
  await settle(server);
}

/** Waits until the server has seen the ends of all. */
async function settle(server: Child): Promise<void> {
  const limitMs = performance.now() + closingMs;
  while (performance.now() < limitMs) {
    const { connections } = await server.ask<ServerState>("state");
    if (connections === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** What both hold when nobody is connected. */
async function measure({ server, clients }: Stage) {
  return {
    server: await server.ask<Resident>("resident"),
    clients: await clients.ask<Resident>("resident"),
  };
}

type Measured = Awaited<ReturnType<typeof measure>>;

async function check(
  { server, clients }: Stage,
  before: Measured,
  after: Measured,
): Promise<Check[]> {
  const served = await server.ask<ServerState>("state");
  const lived = await clients.ask<ClientsState>("state");
  const faults = [...served.faults.first, ...lived.faults.first]
    .map((fault) => fault.split("\n")[0]!);
  const faultCount = served.faults.count + lived.faults.count;
  return [
    {
      what:
        "every message whole, once, in order, on both ends; every rejection " +
        "caught",
      found: faultCount === 0
        ? "no fault"
        : `${faultCount} faults: ${faults.join("; ")}`,
      holds: faultCount === 0,
    },
    {
      what: "no connection left",
      found: `${served.connections} of ${served.opened}`,
      holds: served.connections === 0 && served.opened > 0,
    },
    ...(["server", "clients"] as const).flatMap((side) => [
      growthOf(side, before[side], after[side]),
      {
        what: `open handles of the ${side}`,
        found: `${before[side].handles}, then ${after[side].handles}`,
        holds: after[side].handles <= before[side].handles,
      },
    ]),
  ];
}

function growthOf(side: string, before: Resident, after: Resident): Check {
  const growth = after.rssBytes / before.rssBytes - 1;
  const heap = `heap ${mebibytes(before.heapBytes)}, then ${
    mebibytes(after.heapBytes)
  }`;
  return {
    what: `resident memory of the ${side}, at most ${mostGrowth * 100} % more`,
    found: `${mebibytes(before.rssBytes)}, then ${mebibytes(after.rssBytes)} ` +
      `(${(growth * 100).toFixed(1)} %); ${heap}`,
    holds: growth <= mostGrowth,
  };
}

function makeReport(
  checks: readonly Check[],
  { happened }: ClientsState,
): string {
  const counts = Object.entries(happened).map(([what, count]) =>
    `${count.toLocaleString("en")} ${what}`
  );
  return `## Soak

\`deno task soak\` wrote this: ${connections} clients at once did by chance what
clients do, for ${minutes} minutes: bursts of messages from nothing to 300 KB, messages
in pieces, Pings, pauses, not reading, compressed or not, and then closed, broke
off in the middle, or tore the connection apart, and came back. Every message
carries its number and a checksum, which both ends judge. The memory of the start
is that after ${warmUpMinutes} minutes of the same, with everything closed; seed ${seed}.

${counts.join(", ")}.

${row(["what has to be so", "found", ""])}
${row(["---", "---", "---"])}
${
    checks.map(({ what, found, holds }) =>
      row([what, found, holds ? "holds" : "**does not hold**"])
    ).join("\n")
  }
`;
}
