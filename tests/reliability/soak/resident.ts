import { countHandles } from "../handles.ts";

/** What a process holds, when it has let go of what it can. */
export interface Resident {
  readonly rssBytes: number;
  readonly heapBytes: number;
  /** How many files and sockets are open. */
  readonly handles: number;
}

/** Collections run until one finds nothing more to do: some free others' hold. */
const collections = 5;
const pauseMs = 200;

/** Measures this process; it has to be run with `--v8-flags=--expose-gc`. */
export async function residentBytes(): Promise<Resident> {
  const { gc } = globalThis as { gc?: () => void };
  for (let count = 0; count < collections; count++) {
    gc?.();
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  const { rss, heapUsed } = Deno.memoryUsage();
  return { rssBytes: rss, heapBytes: heapUsed, handles: countHandles("self") };
}
