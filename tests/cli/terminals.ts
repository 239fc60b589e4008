import { main } from "../../lib/cli/main.ts";
import type { Terminal } from "../../lib/cli/terminal.ts";

/** A terminal that keeps what is written. */
export interface TestTerminal extends Terminal {
  readonly output: () => string;
  readonly notes: () => string;
  /** Resolves when the output holds this. */
  readonly seen: (text: string) => Promise<void>;
  /** As Ctrl-C does. */
  readonly interrupt: () => void;
}

/** A terminal with this input, which by default is nothing, piped in. */
export function testTerminal(
  input: string | ReadableStream<Uint8Array> = "",
  options: Partial<Terminal> = {},
): TestTerminal {
  const end = new AbortController();
  let output = "";
  let notes = "";
  let waiting: (() => void)[] = [];
  const wake = () => {
    waiting.forEach((resume) => resume());
    waiting = [];
  };
  return {
    write: (text) => {
      output += text;
      wake();
      return Promise.resolve();
    },
    note: (text) => {
      notes += text;
      wake();
    },
    input: typeof input === "string"
      ? ReadableStream.from([new TextEncoder().encode(input)])
      : input,
    isInputTyped: false,
    isOutputRead: false,
    isNoteRead: false,
    color: false,
    signal: end.signal,
    ...options,
    output: () => output,
    notes: () => notes,
    seen: async (text) => {
      while (!(output + notes).includes(text)) {
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    },
    interrupt: () => end.abort(),
  };
}

/** What a run of the program left behind. */
export interface Ran {
  readonly code: number;
  readonly output: string;
  readonly notes: string;
}

/** Runs the program to its end. */
export async function run(
  args: readonly string[],
  input: string | ReadableStream<Uint8Array> = "",
  options: Partial<Terminal> = {},
): Promise<Ran> {
  const terminal = testTerminal(input, options);
  const code = await main(args, terminal);
  return { code, output: terminal.output(), notes: terminal.notes() };
}

/** The program while it runs. */
export interface Running {
  readonly terminal: TestTerminal;
  /** Where it says that it listens: the first port in what it wrote. */
  readonly port: () => Promise<number>;
  /** Interrupts it, and gives its exit code. */
  readonly stop: () => Promise<number>;
}

/** Starts a command that runs until it is interrupted. */
export function start(...args: readonly string[]): Running {
  const terminal = testTerminal();
  const ended = main(args, terminal);
  return {
    terminal,
    port: async () => {
      await terminal.seen("\n");
      const text = terminal.output() + terminal.notes();
      return Number(/127\.0\.0\.1:(\d+)/.exec(text)![1]);
    },
    stop: async () => {
      terminal.interrupt();
      return await ended;
    },
  };
}

/** A file beside the captures that the tests of `lib/capture` read. */
export function fixture(name: string): string {
  return new URL(`../capture/fixtures/${name}`, import.meta.url).pathname;
}

/** A name for a file that a test may write, and takes away again. */
export function scratchFile(name: string): string {
  const folder = new URL("../../.scratch/", import.meta.url).pathname;
  Deno.mkdirSync(folder, { recursive: true });
  return `${folder}${crypto.randomUUID()}-${name}`;
}
