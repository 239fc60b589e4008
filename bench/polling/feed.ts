/** Where updates are made: the same for every server that delivers them. */
import { type Load, warmUpOf } from "./load.ts";
import { makeUpdate } from "./update.ts";

/** The updates of a run so far, and who wants to know of the next. */
export interface Feed {
  /** Those with numbers above `id`, in order. */
  readonly after: (id: number) => readonly string[];
  /** Begins again from number 1. */
  readonly start: () => void;
  /** As `start`, with the load that is not counted. */
  readonly warmUp: () => void;
}

/** Time for the last client to be let in and to ask, before the first update. */
const pauseMs = 100;

/** Makes updates on its own time, whether they are fetched or not. */
export function createFeed(
  load: Load,
  onUpdate: (update: string) => void,
): Feed {
  let made: string[] = [];
  const make = async ({ updates, everyMs }: Load) => {
    const firstMs = performance.now() + pauseMs;
    for (let index = 0; index < updates; index++) {
      // By the clock, not by the last one, so that being late does not add up.
      await sleepUntil(firstMs + index * everyMs);
      const update = makeUpdate(made.length + 1);
      made.push(update);
      onUpdate(update);
    }
  };
  const start = (load: Load) => {
    made = [];
    make(load);
  };
  return {
    after: (id) => made.slice(id),
    start: () => start(load),
    warmUp: () => start(warmUpOf(load)),
  };
}

/** Waits, but not at all for what is past. */
export async function sleepUntil(timeMs: number): Promise<void> {
  const leftMs = timeMs - performance.now();
  if (leftMs > 0) await new Promise((resolve) => setTimeout(resolve, leftMs));
}
