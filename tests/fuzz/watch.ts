/**
 * The thread that watches a job: an execution that takes longer than this does not
 * end. Its input is kept, and the parent ends the process.
 */
import { writeCrasher } from "./files.ts";
import type { JobMessage } from "./order.ts";
import { type SharedInput, shareInput } from "./shared_input.ts";

/** What a watcher is told, once. */
export interface WatchOrder {
  readonly memory: SharedArrayBuffer;
  /** The folder for an input that does not end, as a URL. */
  readonly crashers: string;
}

/** So long no execution takes, on the slowest machine, in milliseconds. */
const mostMs = 20_000;

const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent<WatchOrder>) => void;
};

scope.onmessage = ({ data: { memory, crashers } }) => {
  watch(shareInput(memory), new URL(crashers));
};

function watch(input: SharedInput, crashers: URL): void {
  let before = input.read().execution;
  const timer = setInterval(() => {
    const { execution, bytes } = input.read();
    if (execution === before && execution > 0) {
      clearInterval(timer);
      report(crashers, bytes);
    }
    before = execution;
  }, mostMs);
}

function report(crashers: URL, bytes: Uint8Array): void {
  const message: JobMessage = {
    type: "hang",
    path: writeCrasher(crashers, bytes),
    message: `An execution took longer than ${mostMs} ms`,
  };
  const line = `${JSON.stringify(message)}\n`;
  Deno.stdout.writeSync(new TextEncoder().encode(line));
}
