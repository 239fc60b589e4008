import type { ChatMessage } from "./protocol.ts";

/**
 * The last messages of a channel: who joins is given them from here, so that a
 * thousand who come back at once do not ask the store a thousand times.
 */
export interface RecentMessages {
  /** The number of the last one; 0 for none. */
  readonly last: number;
  /** Adds the next one. */
  readonly add: (message: ChatMessage) => void;
  /** Those behind number `after`; `undefined` if some of them are not here. */
  readonly since: (after: number) => readonly ChatMessage[] | undefined;
}

/**
 * Keeps up to `limit` messages.
 *
 * @param start The number of the last message before the first that is added.
 */
export function createRecentMessages(
  start: number,
  limit: number,
): RecentMessages {
  let kept: ChatMessage[] = [];
  let last = start;
  return {
    get last() {
      return last;
    },
    add: (message) => {
      kept.push(message);
      last = message.number;
      // Cut seldom: taking the first of a long array away moves all others.
      if (kept.length >= 2 * limit) kept = kept.slice(-limit);
    },
    since: (after) => {
      if (after >= last) return [];
      const first = kept[0]?.number ?? Infinity;
      return first > after + 1
        ? undefined
        : kept.filter(({ number }) => number > after);
    },
  };
}
