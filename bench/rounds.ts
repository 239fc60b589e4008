/** Rounds of measurements, the servers in turns. */
import type { Peers } from "./peers.ts";
import type { Kind, Server, Workload } from "./plan.ts";
import {
  type Child,
  drive,
  freePort,
  openLoad,
  type Run,
  startServer,
  type Usage,
} from "./processes.ts";
import { short } from "./statistics.ts";

/** What one run of one server came to. */
export interface Sample {
  readonly cpuMicrosecondsPerMessage: number;
  readonly messagesPerSecond: number;
  readonly rssBytes: number;
}

/** One workload with one kind of message: what is compared. */
export interface Case {
  readonly workload: Workload;
  readonly kind: Kind;
}

/** The samples of a case by server, one for each round. */
export interface CaseResult extends Case {
  readonly samples: ReadonlyMap<string, readonly Sample[]>;
}

/** How often, and how long. */
export interface RoundsOptions {
  readonly rounds: number;
  readonly warmUpMs: number;
  readonly runMs: number;
}

/** Everything that a measurement needs beside its case. */
export interface Stage {
  readonly driver: Child;
  readonly peers: Peers;
}

/**
 * Measures every case with every server, again and again: within a round the
 * servers follow one another, so that what else the machine does at the time
 * strikes all alike, and each round begins with another server.
 */
export async function runRounds(
  cases: readonly Case[],
  servers: readonly Server[],
  stage: Stage,
  options: RoundsOptions,
): Promise<CaseResult[]> {
  const results = cases.map((one) => ({
    ...one,
    samples: new Map<string, Sample[]>(),
  }));
  const total = options.rounds * results.reduce(
    (sum, { kind }) => sum + taking(servers, kind).length,
    0,
  );
  let done = 0;
  const startedMs = performance.now();
  for (let round = 0; round < options.rounds; round++) {
    for (const { workload, kind, samples } of results) {
      for (const server of rotate(taking(servers, kind), round)) {
        const sample = await measure(
          server,
          { workload, kind },
          stage,
          options,
        );
        samples.set(server.name, [...samples.get(server.name) ?? [], sample]);
        done += 1;
        const cost = short(sample.cpuMicrosecondsPerMessage);
        showProgress(
          `${done}/${total}  round ${round + 1}  ${workload.name} ${kind}  ` +
            `${server.name}  ${cost} µs  ` +
            `(${timeLeft(startedMs, done, total)} left)`,
        );
      }
    }
  }
  return results;
}

/** Bytes are bytes: servers that know no messages are measured once. */
function taking(servers: readonly Server[], kind: Kind): Server[] {
  return servers.filter(({ raw }) => !raw || kind === "binary");
}

/** Those from `by` on first, then the others. */
export function rotate<Item>(items: readonly Item[], by: number): Item[] {
  const at = by % Math.max(1, items.length);
  return [...items.slice(at), ...items.slice(0, at)];
}

/** One server, from its start to its end, under one load. */
async function measure(
  server: Server,
  { workload, kind }: Case,
  { driver, peers }: Stage,
  { warmUpMs, runMs }: RoundsOptions,
): Promise<Sample> {
  const port = freePort();
  await using process = startServer(server, port, peers);
  const { raw = false } = server;
  await openLoad(driver, workload, { port, kind, raw });
  await drive(driver, { do: "check" });
  await drive(driver, { do: "run", ms: warmUpMs });
  // Nothing is in flight here, nor below: what is counted was all paid between.
  const before = await process.ask<Usage>("usage");
  const { messages, seconds } = await drive<Run>(driver, {
    do: "run",
    ms: runMs,
  });
  const after = await process.ask<Usage>("usage");
  await drive(driver, { do: "close" });
  const cpuMicroseconds = after.cpuMicroseconds - before.cpuMicroseconds;
  return {
    cpuMicrosecondsPerMessage: cpuMicroseconds / messages,
    messagesPerSecond: messages / seconds,
    rssBytes: after.rssBytes,
  };
}

/** As text, by what has been done since. */
export function timeLeft(
  startedMs: number,
  done: number,
  total: number,
): string {
  const perRunMs = (performance.now() - startedMs) / done;
  return `${Math.round(perRunMs * (total - done) / 1000)} s`;
}

/** On one line, where there is a terminal to write it to. */
export function showProgress(text: string): void {
  if (!Deno.stdout.isTerminal()) return console.log(text);
  Deno.stdout.writeSync(new TextEncoder().encode(`\r\x1b[K${text}`));
}
