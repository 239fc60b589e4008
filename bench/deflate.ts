/**
 * What compression costs a server, beside `ws`: `deno task bench:deflate`.
 *
 * An echo of compressed texts, with and without context takeover, both sides with
 * the same parameters. The servers in turns; ratios within a round.
 */
import { parseArgs } from "node:util";
import { installPeers, type Peers } from "./peers.ts";
import { serverOf } from "./plan.ts";
import {
  type Child,
  denoArgs,
  drive,
  freePort,
  startChild,
  type Usage,
} from "./processes.ts";
import { row } from "./report.ts";
import { writeSection } from "./results_file.ts";
import { showProgress } from "./rounds.ts";
import { median, short, verdictOf } from "./statistics.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    help: { type: "boolean", short: "h", default: false },
  },
});
if (values.help) {
  console.log("Usage: deno task bench:deflate [--rounds N]");
  Deno.exit();
}
const rounds = Number(values.rounds);
const warmUpMs = 1_000;
const runMs = 1_500;

/** One size of message. */
interface Load {
  readonly title: string;
  readonly payload: "json" | "text";
  readonly connections: number;
  readonly inFlight: number;
}

const loads: readonly Load[] = [
  { title: "1 KiB JSON", payload: "json", connections: 16, inFlight: 8 },
  { title: "64 KiB text", payload: "text", connections: 8, inFlight: 2 },
];

const engines = ["ws", "zlib", "pako"] as const;
type Engine = typeof engines[number];

/** The most that ours may cost, as a ratio to `ws`. */
const targets = { zlib: 1, pako: 2.5 };
/** And the most that its messages may be longer. */
const sizeTarget = 1.02;

/** What one run of one server came to. */
interface Sample {
  readonly cpuMicroseconds: number;
  readonly wireBytes: number;
}

/** What is set, in the order of the arguments. */
const memorySettings = (["zlib", "pako"] as const).flatMap((engine) => [
  { engine, windowBits: 15, memLevel: 8, takeover: "on" },
  { engine, windowBits: 12, memLevel: 5, takeover: "on" },
  { engine, windowBits: 9, memLevel: 1, takeover: "on" },
  { engine, windowBits: 15, memLevel: 8, takeover: "off" },
]);

await run();

async function run(): Promise<void> {
  using peers = await installPeers([serverOf("ws_node")]);
  await using driver = startChild("node", [
    `${import.meta.dirname!}/drive_deflate.mjs`,
  ]);
  const rows: string[] = [];
  for (const load of loads) {
    for (const takeover of [true, false]) {
      const samples = await measureAll(load, takeover, driver, peers);
      rows.push(...rowsOf(load, takeover, samples));
    }
  }
  const report = makeReport(rows, await measureMemory());
  console.log(`\n${report}`);
  if (rounds >= 5) await writeSection("deflate", report);
}

/** Every server in every round. */
async function measureAll(
  load: Load,
  takeover: boolean,
  driver: Child,
  peers: Peers,
): Promise<Map<Engine, Sample[]>> {
  const samples = new Map<Engine, Sample[]>(engines.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const engine of engines) {
      const sample = await measure(load, takeover, engine, driver, peers);
      samples.get(engine)!.push(sample);
      showProgress(
        `${load.title}, takeover ${takeover ? "on" : "off"}, round ` +
          `${round + 1}/${rounds}  ${engine}  ${
            short(sample.cpuMicroseconds)
          } µs`,
      );
    }
  }
  return samples;
}

async function measure(
  load: Load,
  takeover: boolean,
  engine: Engine,
  driver: Child,
  { folderOf }: Peers,
): Promise<Sample> {
  const port = freePort();
  const args = [String(port), engine, takeover ? "on" : "off"];
  const folder = `${import.meta.dirname!}/servers`;
  await using server = engine === "ws"
    ? startChild("node", [`${folder}/ws_deflate.mjs`, ...args], folderOf("ws"))
    : startChild(Deno.execPath(), [
      ...denoArgs("servers/sluice_deflate.ts"),
      ...args,
    ]);
  await drive(driver, { do: "open", ...load, port, takeover });
  await drive(driver, { do: "run", ms: warmUpMs });
  const before = await server.ask<Usage>("usage");
  const { messages, wireBytes } = await drive<
    { messages: number; wireBytes: number }
  >(driver, { do: "run", ms: runMs });
  const after = await server.ask<Usage>("usage");
  await drive(driver, { do: "close" });
  return {
    cpuMicroseconds: (after.cpuMicroseconds - before.cpuMicroseconds) /
      messages,
    wireBytes: wireBytes / messages,
  };
}

function rowsOf(
  { title }: Load,
  takeover: boolean,
  samples: ReadonlyMap<Engine, readonly Sample[]>,
): string[] {
  const theirs = samples.get("ws")!;
  return engines.map((engine) => {
    const own = samples.get(engine)!;
    const ratioOf = (field: keyof Sample) =>
      median(own.map((sample, round) => sample[field] / theirs[round]![field]));
    const name = engine === "ws" ? "`ws` on Node" : `Sluice, ${engine}`;
    const cost = short(median(own.map((sample) => sample.cpuMicroseconds)));
    const size = Math.round(median(own.map((sample) => sample.wireBytes)));
    const start = [title, takeover ? "on" : "off", name, cost];
    if (engine === "ws") return row([...start, "", "", `${size} B`, "", ""]);
    const [cpu, bytes] = [ratioOf("cpuMicroseconds"), ratioOf("wireBytes")];
    return row([
      ...start,
      short(cpu),
      verdictOf(cpu, targets[engine]),
      `${size} B`,
      bytes.toFixed(3),
      verdictOf(bytes, sizeTarget),
    ]);
  });
}

/** What a connection holds after a message each way, for each setting. */
async function measureMemory(): Promise<string[]> {
  const rows: string[] = [];
  for (const settings of memorySettings) {
    const samples: number[] = [];
    for (let round = 0; round < 3; round++) {
      samples.push(await measureOneMemory(Object.values(settings).map(String)));
    }
    const { engine, windowBits, memLevel, takeover } = settings;
    rows.push(row([
      engine,
      String(windowBits),
      String(memLevel),
      takeover,
      `${Math.round(median(samples) / 1024)} KiB`,
    ]));
    showProgress(
      `Memory of ${engine}, ${windowBits} bits, takeover ${takeover}`,
    );
  }
  return rows;
}

async function measureOneMemory(args: readonly string[]): Promise<number> {
  const { stdout, success } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--quiet", "--v8-flags=--expose-gc"],
      `${import.meta.dirname!}/deflate_memory.ts`,
      ...args,
    ],
    stderr: "inherit",
  }).output();
  if (!success) throw new Error(`Cannot measure memory: ${args}`);
  return Number(new TextDecoder().decode(stdout));
}

function makeReport(
  rows: readonly string[],
  memory: readonly string[],
): string {
  return `## Compression

\`deno task bench:deflate\` wrote this: the CPU time of an echo server's own process
for each compressed text that it read and wrote, in microseconds, and how long its
answer was; level 6, median of ${rounds} rounds of ${runMs} ms, ratios within a round.
At most 1 × \`ws\` is wanted with zlib, 2.5 × with pako, and 2 % more bytes.

${
    row([
      "message",
      "takeover",
      "server",
      "CPU µs",
      "ours ÷ ws",
      "",
      "answer",
      "ours ÷ ws",
      "",
    ])
  }
${row(Array(9).fill("---"))}
${rows.join("\n")}

What a connection holds for compression after a message of 50 kB each way: resident
memory over that without, of 400 of them.

${row(["engine", "window bits", "memLevel", "takeover", "a connection"])}
${row(Array(5).fill("---"))}
${memory.join("\n")}
`;
}
