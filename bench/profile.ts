/**
 * Where a server's time goes: `deno task bench:profile`.
 *
 *     deno task bench:profile --server sluice --workload 16×64×32B --kind text
 *
 * Prints the share of each function in the samples of a CPU profile, its own
 * time alone; `--file` keeps the profile for a viewer.
 */
import { parseArgs } from "node:util";
import { installPeers } from "./peers.ts";
import { kinds, serverOf, workloadOf } from "./plan.ts";
import {
  type Child,
  drive,
  freePort,
  openLoad,
  type Run,
  startDriver,
  startServer,
} from "./processes.ts";

/** As much of V8's format as is read here. */
interface Profile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: {
      readonly functionName: string;
      readonly url: string;
    };
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

const { values } = parseArgs({
  options: {
    server: { type: "string", default: "sluice" },
    workload: { type: "string", default: "16×64×32B" },
    kind: { type: "string", default: "binary" },
    ms: { type: "string", default: "2000" },
    lines: { type: "string", default: "30" },
    file: { type: "string" },
    help: { type: "boolean", short: "h", default: false },
  },
});
if (values.help) {
  console.log(`Usage: deno task bench:profile [--server S] [--workload W]
         [--kind ${kinds.join("|")}] [--ms N] [--lines N] [--file F]`);
  Deno.exit();
}
await run();

async function run(): Promise<void> {
  const server = serverOf(values.server);
  const workload = workloadOf(values.workload);
  const kind = values.kind === "text" ? "text" : "binary";
  using peers = await installPeers([server]);
  await using driver = startDriver();
  const port = freePort();
  await using process = startServer(server, port, peers);
  const { raw = false } = server;
  await openLoad(driver, workload, { port, kind, raw });
  await drive(driver, { do: "run", ms: 1000 });
  const { profile, messages } = await record(process, driver);
  await drive(driver, { do: "close" });
  console.log(
    `${server.name} ${workload.name} ${kind}, ${messages} messages\n`,
  );
  print(profile);
  if (values.file !== undefined) {
    await Deno.writeTextFile(values.file, JSON.stringify(profile));
  }
}

async function record(
  process: Child,
  driver: Child,
): Promise<{ profile: Profile; messages: number }> {
  await process.ask("profile start");
  const ms = Number(values.ms);
  const { messages } = await drive<Run>(driver, { do: "run", ms });
  const { profile } = await process.ask<{ profile: Profile }>("profile stop");
  return { profile, messages };
}

/** The functions by their own time, without that in which nothing ran. */
function print({ nodes, samples, timeDeltas }: Profile): void {
  const names = new Map(
    nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]),
  );
  const times = new Map<string, number>();
  let total = 0;
  samples.forEach((id, index) => {
    const name = names.get(id)!;
    if (name.startsWith("(idle)")) return;
    const time = Math.max(0, timeDeltas[index] ?? 0);
    times.set(name, (times.get(name) ?? 0) + time);
    total += time;
  });
  const sorted = [...times].sort(([, a], [, b]) => b - a);
  for (const [name, time] of sorted.slice(0, Number(values.lines))) {
    console.log(`${(100 * time / total).toFixed(1).padStart(5)} %  ${name}`);
  }
}

/** Without its line, which is that of the JavaScript it was compiled to. */
function nameOf(
  { functionName, url }: Profile["nodes"][number]["callFrame"],
): string {
  const file = url.split("/").slice(-2).join("/");
  return `${functionName || "(anonymous)"}  ${file}`.trim();
}
