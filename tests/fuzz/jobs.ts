/** Processes that fuzz a target each. */
import { crasherFolder, targetFile } from "./files.ts";
import type { Options } from "./options.ts";
import type { JobMessage, JobOrder, JobReport } from "./order.ts";
import type { Row } from "./report.ts";

/** Who is told what a job says while it runs. */
export interface JobListener {
  readonly progress: (report: JobReport) => void;
  readonly crasher: (path: string, message: string) => void;
}

/**
 * A job that says nothing for so long hangs: the thread that watches it has spoken
 * before, in milliseconds.
 */
const silenceMs = 180_000;

/** Fuzzes one target in a process of its own, until it ends or hangs. */
export async function runJob(
  target: string,
  options: Options,
  listener: JobListener,
): Promise<Row> {
  const { seed, saveCorpus, maxExecutions, maxMs } = options;
  return await runOrder({
    target,
    file: targetFile(target).href,
    counted: "^lib/",
    crashers: crasherFolder(target).href,
    seed,
    saveCorpus,
    maxExecutions: maxExecutions ?? null,
    maxMs: maxMs === Infinity ? null : maxMs,
  }, listener);
}

/** Runs the job that an order describes. */
export async function runOrder(
  order: JobOrder,
  listener: JobListener,
): Promise<Row> {
  const { target, seed } = order;
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--quiet", "--no-check", "--allow-read", "--allow-env"],
      ...["--allow-write", `--allow-run=${Deno.execPath()}`, "--allow-sys"],
      ...[jobProgram, JSON.stringify(order)],
    ],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const row: Row = { target, seed, ...nothingDone };
  let timer = setTimeout(() => child.kill("SIGKILL"), silenceMs);
  for await (const message of messagesOf(child.stdout)) {
    clearTimeout(timer);
    timer = setTimeout(() => child.kill("SIGKILL"), silenceMs);
    hear(row, message, listener);
    if (message.type === "hang") child.kill("SIGKILL");
  }
  clearTimeout(timer);
  const { success } = await child.status;
  if (!success && row.crashers === 0) {
    throw new Error(`Cannot fuzz ${target}: its process ended before its work`);
  }
  return row;
}

const jobProgram = new URL("job.ts", import.meta.url).pathname;

const nothingDone = {
  executions: 0,
  elapsedMs: 0,
  paths: 0,
  corpus: 0,
  crashers: 0,
  reached: { branches: 0, reached: 0 },
  saved: undefined,
};

function hear(row: Row, message: JobMessage, listener: JobListener): void {
  switch (message.type) {
    case "crasher":
    case "hang":
      row.crashers += 1;
      return listener.crasher(message.path, message.message);
    case "progress":
    case "done": {
      const { type: _, ...report } = message;
      Object.assign(row, report);
      return listener.progress(report);
    }
  }
}

async function* messagesOf(
  output: ReadableStream<Uint8Array>,
): AsyncGenerator<JobMessage> {
  let rest = "";
  for await (const text of decoded(output)) {
    const lines = `${rest}${text}`.split("\n");
    rest = lines.pop()!;
    for (const line of lines) yield JSON.parse(line) as JobMessage;
  }
}

async function* decoded(
  output: ReadableStream<Uint8Array>,
): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  for await (const bytes of output) {
    yield decoder.decode(bytes, { stream: true });
  }
}
