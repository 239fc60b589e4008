import type { Terminal } from "./terminal.ts";

/**
 * The terminal of this process. Colours are left out where nobody looks, and
 * where `NO_COLOR` is set (no-color.org).
 */
export function denoTerminal(): Terminal {
  let end: AbortController | undefined;
  /** Only who asks for it ends by itself; others are ended as any program is. */
  const watchSignals = (): AbortController => {
    if (end !== undefined) return end;
    const controller = new AbortController();
    for (const name of ["SIGINT", "SIGTERM"] as const) {
      Deno.addSignalListener(name, () => controller.abort());
    }
    return end = controller;
  };
  const encoder = new TextEncoder();
  const isOutputRead = Deno.stdout.isTerminal();
  return {
    write: async (text) => {
      try {
        await writeAll(encoder.encode(text));
      } catch (error) {
        if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
        // Whoever read it has seen enough, as `head` does.
        if (end === undefined) Deno.exit(0);
        end.abort();
      }
    },
    note: (text) => {
      Deno.stderr.writeSync(encoder.encode(text));
    },
    get input() {
      return Deno.stdin.readable;
    },
    isInputTyped: Deno.stdin.isTerminal(),
    isOutputRead,
    isNoteRead: Deno.stderr.isTerminal(),
    color: isOutputRead && !Deno.noColor,
    get signal() {
      return watchSignals().signal;
    },
  };
}

async function writeAll(bytes: Uint8Array): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    written += await Deno.stdout.write(bytes.subarray(written));
  }
}
