/**
 * What an idle connection holds: `deno task bench:idle`.
 *
 * The resident set of a server with thousands of connections that say nothing,
 * over that of the same server with none, divided by their number.
 */
import { parseArgs } from "node:util";
import { available, installPeers, type Peers } from "./peers.ts";
import { type Server, serverOf } from "./plan.ts";
import {
  type Child,
  drive,
  freePort,
  openLoad,
  startDriver,
  startServer,
  type Usage,
} from "./processes.ts";
import { row } from "./report.ts";
import { writeSection } from "./results_file.ts";
import { mebibytes, median, verdictOf } from "./statistics.ts";

const { values } = parseArgs({
  options: {
    connections: { type: "string", default: "8000" },
    rounds: { type: "string", default: "3" },
    help: { type: "boolean", short: "h", default: false },
  },
});
if (values.help) {
  console.log("Usage: deno task bench:idle [--connections N] [--rounds N]");
  Deno.exit();
}
const connections = Number(values.connections);
const rounds = Number(values.rounds);

/** What is wanted of ours, for each connection. */
const targetKibibytes = 12;
/** For what was allocated while opening to be let go of. */
const settleMs = 2_000;

/** The resident set of a server, in bytes. */
interface Resident {
  readonly empty: number;
  readonly full: number;
}

await run();

async function run(): Promise<void> {
  const servers = ["sluice", "deno_native", "ws_node"].map(serverOf);
  using peers = await installPeers(servers);
  await using driver = startDriver();
  const rows: string[] = [];
  for (const server of available(servers, peers)) {
    const all = await measureAll(server, driver, peers);
    const perConnection = all.map(({ empty, full }) =>
      (full - empty) / connections / 1024
    );
    rows.push(row([
      server.title,
      mebibytes(median(all.map(({ empty }) => empty))),
      mebibytes(median(all.map(({ full }) => full))),
      `${median(perConnection).toFixed(1)} KiB`,
      server.name === "sluice"
        ? `at most ${targetKibibytes} KiB: ${
          verdictOf(median(perConnection), targetKibibytes)
        }`
        : "",
    ]));
  }
  const body = makeSection(rows);
  console.log(body);
  await writeSection("idle", body);
}

async function measureAll(
  server: Server,
  driver: Child,
  peers: Peers,
): Promise<Resident[]> {
  const all: Resident[] = [];
  for (let round = 0; round < rounds; round++) {
    const resident = await measure(server, driver, peers);
    all.push(resident);
    console.log(
      `${server.name}  round ${round + 1}/${rounds}  ` +
        `${mebibytes(resident.empty)} empty, ` +
        `${mebibytes(resident.full)} with ${connections}`,
    );
  }
  return all;
}

async function measure(
  server: Server,
  driver: Child,
  peers: Peers,
): Promise<Resident> {
  const port = freePort();
  await using process = startServer(server, port, peers);
  // One that comes and goes, so that the code of a handshake is loaded.
  await open(driver, port, 1);
  await drive(driver, { do: "close" });
  const empty = await process.ask<Usage>("usage");
  await open(driver, port, connections);
  await new Promise((resolve) => setTimeout(resolve, settleMs));
  const full = await process.ask<Usage>("usage");
  await drive(driver, { do: "close" });
  return { empty: empty.rssBytes, full: full.rssBytes };
}

/** Opens connections that will say nothing. */
function open(driver: Child, port: number, count: number): Promise<unknown> {
  const load = { connections: count, inFlight: 1, bytes: 32 };
  return openLoad(driver, load, { port, kind: "binary" });
}

function makeSection(rows: readonly string[]): string {
  return `## Idle memory

\`deno task bench:idle\` wrote this: the resident set of a server with
${connections} connections that say nothing, over that of the same server with
none; median of ${rounds} rounds.

${row(["server", "empty", "full", "a connection", "target"])}
${row(["---", "---:", "---:", "---:", "---"])}
${rows.join("\n")}
`;
}
