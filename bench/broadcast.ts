/**
 * What it costs to send one message to many: `deno task bench:broadcast`.
 *
 * One connection says something, one message or eight at once, the server sends
 * it to all; the next is said when it has come to everybody. The servers in turns;
 * ratios within a round.
 */
import { readCommandLine } from "./command_line.ts";
import { compileFloor, type Floor } from "./floor.ts";
import { installPeers, type Peers } from "./peers.ts";
import { serverOf } from "./plan.ts";
import {
  type Child,
  denoArgs,
  drive,
  freePort,
  type Run,
  startChild,
  startDriver,
  type Usage,
} from "./processes.ts";
import { row } from "./report.ts";
import { reliabilityPage, writeSection } from "./results_file.ts";
import { showProgress } from "./rounds.ts";
import { count, formatRatio, median, short, verdictOf } from "./statistics.ts";

const usage = `Usage: deno task bench:broadcast [options]

  --connections N   how many receive each message (1000)
  --rounds N        how often each server is measured (5)
  --quick           one short round with few connections; writes no page
  --help            this text

The result is written to tests/reliability/RESULTS.md and printed.`;

const options = readCommandLine({
  usage,
  numbers: { connections: 1000, rounds: 5 },
  flags: ["quick"],
});
const { quick } = options;
const connections = quick ? 100 : options.connections;
const rounds = quick ? 1 : options.rounds;
const warmUpMs = quick ? 200 : 1_000;
const runMs = quick ? 200 : 2_000;

/** The most that ours may cost, as a ratio to `ws`. */
const target = 0.5;

/** Longer messages take more than one read, which passing bytes on knows nothing of. */
const longestRawBytes = 1024;

/** What is sent. */
interface Load {
  readonly title: string;
  readonly bytes: number;
  /** How many messages are said at once. */
  readonly inFlight: number;
  /** Whether messages are compressed, each by itself. */
  readonly deflate: boolean;
}

const loads: readonly Load[] = [
  { title: "64 B", bytes: 64, inFlight: 1, deflate: false },
  { title: "1 KiB", bytes: 1024, inFlight: 1, deflate: false },
  { title: "16 KiB", bytes: 16 * 1024, inFlight: 1, deflate: false },
  { title: "8 × 64 B", bytes: 64, inFlight: 8, deflate: false },
  { title: "8 × 1 KiB", bytes: 1024, inFlight: 8, deflate: false },
  { title: "4 KiB, compressed", bytes: 4096, inFlight: 1, deflate: true },
];

/** A server; the compressed load is for those that can compress. */
interface BroadcastServer {
  readonly title: string;
  /** Whether it passes bytes on and knows no frames: nothing costs less. */
  readonly raw?: boolean;
  readonly deflates: boolean;
  readonly start: (on: Stage, args: readonly string[]) => Child;
}

/** What there is to start servers with. */
interface Stage {
  readonly peers: Peers;
  readonly floor: Floor | undefined;
}

/** Whom the target names. */
const targetTitle = "`ws` on Node";
const floorTitle = "`send()` in C";

const servers: readonly BroadcastServer[] = [
  {
    title: "Sluice",
    deflates: true,
    start: (_, args) => startDeno("broadcast_sluice.ts", args),
  },
  {
    title: targetTitle,
    deflates: true,
    start: ({ peers: { folderOf } }, args) => {
      const file = `${import.meta.dirname!}/servers/broadcast_ws.mjs`;
      return startChild("node", [file, ...args], folderOf("ws"));
    },
  },
  {
    title: "Deno native",
    deflates: false,
    start: (_, args) => startDeno("broadcast_deno.ts", args),
  },
  {
    title: "raw TCP on Deno",
    raw: true,
    deflates: false,
    start: (_, args) => startDeno("broadcast_raw.ts", args),
  },
  {
    title: floorTitle,
    raw: true,
    deflates: false,
    start: ({ floor }, args) => startChild(floor!.program, args),
  },
];

/** What one run of one server came to. */
interface Sample {
  readonly cpuMicroseconds: number;
  readonly deliveriesPerSecond: number;
}

await run();

async function run(): Promise<void> {
  using peers = await installPeers([serverOf("ws_node")]);
  using floor = await compileFloor("broadcast_floor.c");
  await using driver = startDriver();
  const stage = { peers, floor };
  const rows: string[] = [];
  for (const load of loads) {
    rows.push(...rowsOf(load, await measureAll(load, driver, stage)));
  }
  const report = makeReport(rows);
  console.log(`\n${report}`);
  if (!quick) await writeSection("broadcast", report, reliabilityPage);
}

function startDeno(file: string, args: readonly string[]): Child {
  return startChild(Deno.execPath(), [
    ...denoArgs(`servers/${file}`),
    ...args,
  ]);
}

function serversFor(
  { deflate, bytes }: Load,
  { floor }: Stage,
): readonly BroadcastServer[] {
  return servers.filter(({ title, deflates, raw = false }) =>
    (deflates || !deflate) && (!raw || bytes <= longestRawBytes) &&
    (title !== floorTitle || floor !== undefined)
  );
}

/** Every server in every round; its samples by its title. */
async function measureAll(
  load: Load,
  driver: Child,
  stage: Stage,
): Promise<Map<string, Sample[]>> {
  const samples = new Map<string, Sample[]>();
  for (let round = 0; round < rounds; round++) {
    for (const server of serversFor(load, stage)) {
      const sample = await measure(load, server, driver, stage);
      samples.set(server.title, [
        ...samples.get(server.title) ?? [],
        sample,
      ]);
      showProgress(
        `${load.title}, round ${round + 1}/${rounds}  ${server.title}  ` +
          `${short(sample.cpuMicroseconds)} µs`,
      );
    }
  }
  return samples;
}

async function measure(
  { bytes, inFlight, deflate }: Load,
  { start, raw = false }: BroadcastServer,
  driver: Child,
  stage: Stage,
): Promise<Sample> {
  const port = freePort();
  await using server = start(stage, [String(port), deflate ? "deflate" : ""]);
  await drive(driver, {
    do: "open",
    ...{ port, connections, bytes, inFlight, kind: "text", raw },
    extensions: deflate
      ? "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
      : "",
  });
  await drive(driver, { do: "broadcast", ms: warmUpMs });
  const before = await server.ask<Usage>("usage");
  const { messages, seconds } = await drive<Run>(driver, {
    do: "broadcast",
    ms: runMs,
  });
  const after = await server.ask<Usage>("usage");
  await drive(driver, { do: "close" });
  return {
    cpuMicroseconds: (after.cpuMicroseconds - before.cpuMicroseconds) /
      messages,
    deliveriesPerSecond: messages / seconds,
  };
}

function rowsOf(
  { title }: Load,
  samples: ReadonlyMap<string, readonly Sample[]>,
): string[] {
  return [...samples].map(([name, own]) => {
    const ratio = ratioOf(samples.get("Sluice")!, own);
    return row([
      title,
      name,
      short(median(own.map((sample) => sample.cpuMicroseconds))),
      count(median(own.map((sample) => sample.deliveriesPerSecond))),
      name === "Sluice" ? "" : formatRatio(ratio),
      name === targetTitle ? verdictOf(ratio, target) : "",
      name === floorTitle
        ? formatRatio(ratioOf(own, samples.get(targetTitle)!))
        : "",
    ]);
  });
}

/** The median over the rounds of what some cost over what others did. */
function ratioOf(some: readonly Sample[], others: readonly Sample[]): number {
  return median(
    others.map(({ cpuMicroseconds }, round) =>
      some[round]!.cpuMicroseconds / cpuMicroseconds
    ),
  );
}

function makeReport(rows: readonly string[]): string {
  return `## Broadcast

\`deno task bench:broadcast\` wrote this: one of ${connections} connections says
something, one message or eight at once, the server sends it to all, and the next
is said when it has come to everybody. The user and system time of the server's own process for each
recipient, in microseconds; median of ${rounds} rounds of ${runMs} ms after a warm-up, a
fresh process for each, the servers in turns. A ratio is the median over the rounds
of ours ÷ theirs. Raw TCP is a server that passes bytes on and knows no frames: what
the runtime itself takes for a write to each; and \`send()\` in C is the same without a
runtime: what the kernel takes, which no server can do without, also as a part of
what \`ws\` takes. At most ${target} × \`ws\` is wanted.

${
    row([
      "message",
      "server",
      "CPU µs",
      "deliveries/s",
      "ours ÷ theirs",
      "",
      "÷ `ws`",
    ])
  }
${row(["---", "---", "---:", "---:", "---:", "---", "---:"])}
${rows.join("\n")}
`;
}
