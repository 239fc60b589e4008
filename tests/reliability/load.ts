/**
 * Ten thousand connections on one server, with a steady rate of messages:
 * `deno task load`. Ours beside `ws` and what Deno has built in, in one run.
 */
import { readCommandLine } from "../../bench/command_line.ts";
import { available, installPeers, type Peers } from "../../bench/peers.ts";
import { type Server, serverOf } from "../../bench/plan.ts";
import {
  type Child,
  drive,
  freePort,
  openLoad,
  startDriver,
  startServer,
  type Usage,
} from "../../bench/processes.ts";
import { row } from "../../bench/report.ts";
import { reliabilityPage, writeSection } from "../../bench/results_file.ts";
import { showProgress } from "../../bench/rounds.ts";
import { median, short } from "../../bench/statistics.ts";

const usage = `Usage: deno task load [options]

  --connections N   how many at once (10000); both sides need as many open files
  --rate N          messages a second, of all of them together (5000)
  --seconds N       how long the rate is kept (20)
  --rounds N        how often each server is measured, in turns (3)
  --results         write the result to tests/reliability/RESULTS.md
  --help            this text

Ends with 1 if a message to our server was not answered.`;

const options = readCommandLine({
  usage,
  numbers: { connections: 10_000, rate: 5000, seconds: 20, rounds: 3 },
  flags: ["results"],
});
const { connections, rate, seconds, rounds } = options;
const runMs = seconds * 1000;
const warmUpMs = Math.min(3_000, runMs);
/** For what was allocated while opening to be let go of. */
const settleMs = 2_000;
const messageBytes = 64;

/** What the driver makes of a steady rate, in milliseconds. */
interface Paced {
  readonly sent: number;
  readonly answered: number;
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly longest: number;
}

/** What one run of one server came to. */
interface Sample extends Paced {
  readonly connectionBytes: number;
  readonly cpuMicroseconds: number;
}

const servers = ["sluice", "ws_node", "deno_native"].map(serverOf);

Deno.exit(await run() ? 0 : 1);

async function run(): Promise<boolean> {
  using peers = await installPeers(servers);
  await using driver = startDriver();
  const samples = new Map<Server, Sample[]>();
  for (let round = 0; round < rounds; round++) {
    for (const server of available(servers, peers)) {
      const sample = await measure(server, driver, peers);
      samples.set(server, [...samples.get(server) ?? [], sample]);
      showProgress(
        `round ${round + 1}/${rounds}  ${server.name}  ${sample.answered} of ` +
          `${sample.sent} answered, p99 ${short(sample.p99)} ms`,
      );
    }
  }
  const report = makeReport(samples);
  console.log(`\n${report}`);
  if (options.results) await writeSection("load", report, reliabilityPage);
  const ours = samples.get(servers[0]!)!;
  return ours.every(({ sent, answered }) => sent === answered);
}

async function measure(
  server: Server,
  driver: Child,
  peers: Peers,
): Promise<Sample> {
  const port = freePort();
  await using process = startServer(server, port, peers);
  const load = { connections, inFlight: 1, bytes: messageBytes };
  // One that comes and goes, so that the code of a handshake is loaded.
  await openLoad(driver, { ...load, connections: 1 }, { port, kind: "binary" });
  await drive(driver, { do: "close" });
  const empty = await process.ask<Usage>("usage");
  await openLoad(driver, load, { port, kind: "binary" });
  await new Promise((resolve) => setTimeout(resolve, settleMs));
  const full = await process.ask<Usage>("usage");
  await drive(driver, { do: "pace", rate, ms: warmUpMs });
  const before = await process.ask<Usage>("usage");
  const paced = await drive<Paced>(driver, { do: "pace", rate, ms: runMs });
  const after = await process.ask<Usage>("usage");
  await drive(driver, { do: "close" });
  return {
    ...paced,
    connectionBytes: (full.rssBytes - empty.rssBytes) / connections,
    cpuMicroseconds: (after.cpuMicroseconds - before.cpuMicroseconds) /
      paced.sent,
  };
}

function makeReport(samples: ReadonlyMap<Server, readonly Sample[]>): string {
  const rows = [...samples].map(([{ title }, own]) => {
    const middle = (field: keyof Sample) =>
      median(own.map((sample) => sample[field]));
    const sum = (field: keyof Sample) =>
      own.reduce((total, sample) => total + sample[field], 0);
    return row([
      title,
      `${sum("answered")} of ${sum("sent")}`,
      `${(middle("connectionBytes") / 1024).toFixed(1)} KiB`,
      short(middle("cpuMicroseconds")),
      ...(["p50", "p99", "p999", "longest"] as const).map((field) =>
        short(middle(field))
      ),
    ]);
  });
  return `## Load

\`deno task load\` wrote this: ${connections} connections on one server, and ${rate}
messages of ${messageBytes} bytes a second, of all of them together, for ${seconds} seconds after a
warm-up; the driver on the other core. What an answer took counts from when its
message was due, in milliseconds. Memory is the resident set with the connections
open, before they say anything, over that of the same server with none; medians of
${rounds} rounds, the servers in turns.

${
    row([
      "server",
      "answered",
      "a connection",
      "CPU µs a message",
      "p50",
      "p99",
      "p99.9",
      "longest",
    ])
  }
${row(["---", "---:", "---:", "---:", "---:", "---:", "---:", "---:"])}
${rows.join("\n")}
`;
}
