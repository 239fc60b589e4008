/** A client's own account of what it got. */
import { nowMs, type Update, updateBytes } from "./update.ts";

/**
 * Takes updates and checks that they are all there, each once, in order, and
 * none of a run before.
 */
export interface Receiver {
  /** The number of the last one, or 0. */
  readonly lastId: () => number;
  readonly isComplete: () => boolean;
  readonly take: (update: Update) => void;
  /** As `take`, of a text. */
  readonly takeText: (text: string) => void;
  /** From the making of each update until it was taken, in milliseconds. */
  readonly delaysMs: Float64Array;
}

export function createReceiver(updates: number): Receiver {
  const delaysMs = new Float64Array(updates);
  const createdMs = nowMs();
  let lastId = 0;
  const take = ({ id, madeMs }: Update) => {
    if (id !== lastId + 1 || id > updates) {
      throw new Error(`Found update ${id} after ${lastId} of ${updates}`);
    }
    if (madeMs < createdMs) {
      throw new Error(`Found update ${id} of a run before`);
    }
    delaysMs[lastId] = nowMs() - madeMs;
    lastId = id;
  };
  return {
    lastId: () => lastId,
    isComplete: () => lastId === updates,
    take,
    takeText: (text) => {
      if (text.length !== updateBytes) {
        throw new Error(`Found ${text.length} bytes, wanted ${updateBytes}`);
      }
      take(JSON.parse(text));
    },
    delaysMs,
  };
}
