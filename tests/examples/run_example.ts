/** An example, running as its user would run it. */
export interface RunningExample {
  /** Its standard output, line by line. */
  readonly lines: AsyncIterator<string, undefined>;
  /** Ends it, if it has not ended, and gives what it wrote to standard error. */
  readonly stop: () => Promise<string>;
  /** How it ended by itself: its exit code and the rest of its output. */
  readonly finish: () => Promise<ExampleOutput>;
}

/** What an example left behind. */
export interface ExampleOutput {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts `examples/<name>` with no more than loopback. */
export function startExample(
  name: string,
  ...args: readonly string[]
): RunningExample {
  const path = new URL(`../../examples/${name}`, import.meta.url);
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-net=127.0.0.1", path.pathname, ...args],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const stderr = new Response(child.stderr).text();
  const lines = linesOf(child.stdout);
  return {
    lines,
    stop: async () => {
      try {
        child.kill("SIGKILL");
      } catch {
        // It has ended already.
      }
      while (!(await lines.next()).done);
      await child.status;
      return await stderr;
    },
    finish: async () => {
      const rest: string[] = [];
      for await (const line of { [Symbol.asyncIterator]: () => lines }) {
        rest.push(line);
      }
      const { code } = await child.status;
      return { code, stdout: rest.join("\n"), stderr: await stderr };
    },
  };
}

/** Starts a server example on a free port and waits for the URL it prints. */
export async function startServer(
  name: string,
  ...args: readonly string[]
): Promise<RunningExample & { readonly url: string }> {
  const example = startExample(name, "--port", "0", ...args);
  const { value } = await example.lines.next();
  const url = value?.match(/ws:\S+/)?.[0];
  if (url === undefined) {
    throw new Error(`${name} printed no URL: ${await example.stop()}`);
  }
  return { ...example, url };
}

async function* linesOf(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<string, undefined> {
  let text = "";
  for await (const piece of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (text + piece).split("\n");
    text = lines.pop()!;
    yield* lines;
  }
  if (text !== "") yield text;
}
