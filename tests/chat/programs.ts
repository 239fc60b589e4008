/** The programs of a cluster, each with its own port and folder. */

/** A program that runs. */
export interface RunningProgram extends AsyncDisposable {
  readonly pid: number;
  /** What it has written so far. */
  readonly output: () => string;
  /** Ends it, gently or not, and waits for its end. */
  readonly kill: (signal: "SIGTERM" | "SIGKILL") => Promise<void>;
}

/** How long a program may take until it can be used. */
const startTimeoutMs = 15_000;

/** Starts a program. Whoever lets it go ends it. */
export function startProgram(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): RunningProgram {
  const child = new Deno.Command(command, {
    args: [...args],
    env: { ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let output = "";
  const keep = async (stream: ReadableStream<Uint8Array<ArrayBuffer>>) => {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      // The end of it says what went wrong.
      output = (output + text).slice(-20_000);
    }
  };
  const read = Promise.all([keep(child.stdout), keep(child.stderr)]);
  const kill = async (signal: "SIGTERM" | "SIGKILL") => {
    try {
      child.kill(signal);
    } catch {
      // It has ended already.
    }
    await child.status;
    await read;
  };
  return {
    pid: child.pid,
    output: () => output,
    kill,
    [Symbol.asyncDispose]: () => kill("SIGKILL"),
  };
}

/** Waits until something listens on a port. */
export async function untilListening(
  port: number,
  program: RunningProgram,
): Promise<void> {
  const endMs = performance.now() + startTimeoutMs;
  while (performance.now() < endMs) {
    try {
      using _conn = await Deno.connect({ hostname: "127.0.0.1", port });
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  throw new Error(
    `Found nobody on port ${port} after ${startTimeoutMs} ms:\n` +
      program.output(),
  );
}

/** A port that nobody listens on. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Whether a program is installed. */
export async function isInstalled(name: string): Promise<boolean> {
  const command = new Deno.Command("sh", {
    args: ["-c", `command -v ${name}`],
    stdout: "null",
  });
  return (await command.output()).success;
}
