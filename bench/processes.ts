/** Processes that are asked by lines of text: servers, clients, the driver. */
import { TextLineStream } from "./text_lines.ts";
import { bunProgram, nodeProgram, type Peers } from "./peers.ts";
import type { Kind, Server, Workload } from "./plan.ts";

/** The longest that any answer may take: more than any workload does. */
const answerTimeoutMs = 60_000;

/** A child process that answers each line with a line of JSON. */
export interface Child extends AsyncDisposable {
  /** Sends a line and waits for the answer, a minute at the most by default. */
  ask<Answer>(line: string, timeoutMs?: number): Promise<Answer>;
}

/** What a server has cost so far, and what it holds. */
export interface Usage {
  readonly cpuMicroseconds: number;
  readonly rssBytes: number;
}

/** What the driver makes of a load. */
export interface Run {
  readonly messages: number;
  readonly seconds: number;
}

/** Starts a child, which ends when it is disposed of, or with us. */
export function startChild(
  command: string,
  args: readonly string[],
  cwd?: string,
): Child {
  const process = new Deno.Command(command, {
    args: [...args],
    stdin: "piped",
    stdout: "piped",
    ...(cwd === undefined ? {} : { cwd }),
  }).spawn();
  const input = process.stdin.getWriter();
  const lines = process.stdout
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new TextLineStream())
    .getReader();
  return {
    ask: async <Answer>(line: string, timeoutMs?: number) => {
      await input.write(new TextEncoder().encode(`${line}\n`));
      const { done, value } = await withinTime(lines.read(), line, timeoutMs);
      if (done) throw new Error(`"${line}": the process has ended`);
      return JSON.parse(value) as Answer;
    },
    [Symbol.asyncDispose]: async () => {
      // The end of its input ends it; the signal is for one that hangs.
      await input.close().catch(() => {});
      const id = setTimeout(() => process.kill("SIGKILL"), 2_000);
      await lines.cancel();
      await process.status;
      clearTimeout(id);
    },
  };
}

/** Waits for `promise`, but not for ever. */
export async function withinTime<T>(
  promise: Promise<T>,
  what: string,
  timeoutMs: number = answerTimeoutMs,
): Promise<T> {
  const tooLate = Promise.withResolvers<never>();
  const id = setTimeout(
    () => tooLate.reject(new Error(`"${what}": no answer`)),
    timeoutMs,
  );
  try {
    return await Promise.race([promise, tooLate.promise]);
  } finally {
    clearTimeout(id);
  }
}

const folder: string = import.meta.dirname!;

/** What a program may here: reach this machine alone, and be profiled. */
const permissions = ["--allow-net=127.0.0.1", "--allow-sys"];

/** How a file is run by Deno. */
export function denoArgs(path: string): string[] {
  return ["run", "--quiet", ...permissions, `${folder}/${path}`];
}

/** Starts a server, each by the command line that a user would give. */
export function startServer(
  { file, runtime, bundled = false }: Server,
  port: number,
  { folderOf, bundle }: Peers,
): Child {
  const path = `servers/${file}`;
  const args = [
    `${folder}/${path}`,
    String(port),
    ...bundled ? [bundle] : [],
  ];
  switch (runtime) {
    case "deno":
      return startChild(Deno.execPath(), [...denoArgs(path), String(port)]);
    case "node":
      return startChild("node", args, folderOf("ws"));
    case "node24":
      return startChild(nodeProgram(folderOf("node")), args);
    case "bun":
      return startChild(bunProgram(folderOf("bun")), args);
  }
}

/** Starts the driver. */
export function startDriver(): Child {
  return startChild("node", [`${folder}/drive.mjs`]);
}

/** Has the driver do something, and throws what went wrong with it. */
export async function drive<Answer>(
  driver: Child,
  command: Readonly<Record<string, unknown>>,
): Promise<Answer> {
  const answer = await driver.ask<Answer & { error?: string }>(
    JSON.stringify(command),
  );
  if (answer.error !== undefined) throw new Error(answer.error);
  return answer;
}

/** Has the driver open the connections of a load. */
export function openLoad(
  driver: Child,
  { connections, inFlight, bytes }: Omit<Workload, "name">,
  { port, kind, raw = false }: { port: number; kind: Kind; raw?: boolean },
): Promise<unknown> {
  const load = { connections, inFlight, bytes, port, kind, raw };
  return drive(driver, { do: "open", ...load });
}

/** A port that was free a moment ago. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
