/**
 * What the client side costs: `deno task bench:client`.
 *
 * Our client and the one that Deno has built in connect to one server in turns,
 * each a process of its own that says what it has cost.
 */
import { parseArgs } from "node:util";
import type { ClientResult, ClientTask } from "./clients/echo_client.ts";
import { installPeers, type Peers } from "./peers.ts";
import { serverOf, servers } from "./plan.ts";
import { denoArgs, freePort, startServer, type Usage } from "./processes.ts";
import { row } from "./report.ts";
import { writeSection } from "./results_file.ts";
import { showProgress } from "./rounds.ts";
import { formatRatio, median, short, verdictOf } from "./statistics.ts";

const { values } = parseArgs({
  options: {
    server: { type: "string", default: "deno_native" },
    rounds: { type: "string", default: "5" },
    quick: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});
if (values.help) {
  console.log(`Usage: deno task bench:client [--rounds N] [--quick] [--server S]

  --server S   which server both connect to (deno_native), one of:
               ${servers.map(({ name }) => name).join(", ")}`);
  Deno.exit();
}
const rounds = values.quick ? 1 : Number(values.rounds);
const times = values.quick
  ? { warmUpMs: 200, runMs: 300 }
  : { warmUpMs: 450, runMs: 600 };

const tasks: readonly (Omit<ClientTask, "url"> & { readonly name: string })[] =
  [
    {
      name: "connecting and closing",
      kind: "handshakes",
      connections: 300,
      inFlight: 0,
      bytes: 0,
      ...times,
    },
    ...([
      ["binary", 64, 1, 32],
      ["text", 64, 1, 32],
      ["binary", 16, 64, 32],
      ["text", 16, 64, 32],
      ["binary", 16, 16, 16 * 1024],
    ] as const).map(([kind, connections, inFlight, bytes]) => ({
      name: `${connections}×${inFlight}×${bytes}B ${kind}`,
      kind,
      connections,
      inFlight,
      bytes,
      ...times,
    })),
  ];

const clients = ["sluice", "deno_native"] as const;
type Client = typeof clients[number];

await run();

async function run(): Promise<void> {
  const server = serverOf(values.server);
  using peers = await installPeers([server]);
  const rows: string[] = [];
  for (const task of tasks) {
    const costs = await measureTask(task, peers);
    const ratio = median(costs.map((cost) => cost.sluice / cost.deno_native));
    rows.push(row([
      task.name,
      short(median(costs.map(({ sluice }) => sluice))),
      short(median(costs.map(({ deno_native }) => deno_native))),
      formatRatio(ratio),
      verdictOf(ratio, 1),
    ]));
  }
  const body = makeSection(rows, server.title);
  console.log(`\n${body}`);
  if (!values.quick) await writeSection("client", body);
}

/** Microseconds of CPU for each message or handshake, round by round. */
async function measureTask(
  { name, ...task }: typeof tasks[number],
  peers: Peers,
): Promise<Record<Client, number>[]> {
  const costs: Record<Client, number>[] = [];
  const port = freePort();
  await using process = startServer(serverOf(values.server), port, peers);
  // Asked so that it is there before the first client comes.
  await process.ask<Usage>("usage");
  const url = `ws://127.0.0.1:${port}/`;
  for (let round = 0; round < rounds; round++) {
    const cost = { sluice: 0, deno_native: 0 };
    const inTurns = round % 2 === 0 ? clients : clients.toReversed();
    for (const client of inTurns) {
      cost[client] = await measure(client, { ...task, url });
      showProgress(
        `${name}  round ${round + 1}/${rounds}  ${client}  ` +
          `${short(cost[client])} µs`,
      );
    }
    costs.push(cost);
  }
  return costs;
}

async function measure(client: Client, task: ClientTask): Promise<number> {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: [...denoArgs(`clients/${client}.ts`), JSON.stringify(task)],
    stderr: "inherit",
  }).output();
  if (!success) throw new Error(`${client}: failed`);
  const result: ClientResult = JSON.parse(new TextDecoder().decode(stdout));
  return result.cpuMicroseconds / result.count;
}

function makeSection(rows: readonly string[], server: string): string {
  return `## Client

\`deno task bench:client\` wrote this: the CPU time of a client's own process, for
each connection that was opened and closed or each message that came back, in
microseconds. Both clients connect to one server (${server}), in turns; median of ${rounds}
rounds, the ratio that of each round. The target is a ratio of at
most 1.

${row(["load", "`connectWebSocket`", "`WebSocket` of Deno", "ratio", "target"])}
${row(["---", "---:", "---:", "---:", "---"])}
${rows.join("\n")}
`;
}
