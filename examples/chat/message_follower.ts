import type { ChatMessage } from "./protocol.ts";
import type { RecentMessages } from "./recent_messages.ts";
import type { Store } from "./store.ts";

/** Brings a channel's messages into the order of their numbers, each once. */
export interface MessageFollower {
  /** Takes a message that was told of. */
  readonly hear: (message: ChatMessage) => Promise<void>;
  /** Reads what nobody told of. */
  readonly catchUp: () => Promise<void>;
  /**
   * Calls `take` with all messages behind number `after`, in a turn in which the
   * last of them is the last that was delivered: the next one follows it.
   */
  readonly collect: (
    after: number,
    take: (messages: readonly ChatMessage[]) => void,
  ) => Promise<void>;
}

/** What is followed, and where it leads. */
export interface MessageFollowerOptions {
  readonly channel: string;
  readonly store: Store;
  /** Messages from before; every one that is delivered is added. */
  readonly recent: RecentMessages;
  readonly onMessage: (message: ChatMessage) => void;
}

/**
 * Messages that are read from the store at once: so few that the longest of them
 * fit into what may wait for a client.
 */
const pageMessages = 100;

/** How often a reader may fall behind those who write before it gives up. */
const maxReads = 100;

/** Follows a channel from the last of its `recent` messages on. */
export function followMessages(
  { channel, store, recent, onMessage }: MessageFollowerOptions,
): MessageFollower {
  let newest = recent.last;
  let reading: Promise<void> | undefined;
  const deliver = (message: ChatMessage) => {
    // Who reads and who is told may both bring it.
    if (message.number <= recent.last) return;
    recent.add(message);
    onMessage(message);
  };
  const readOn = async () => {
    for (let reads = 0; reads < maxReads; reads++) {
      const page = await store.read(channel, recent.last, pageMessages);
      page.forEach(deliver);
      if (page.length === 0 || newest <= recent.last) return;
    }
  };
  const catchUp = () => {
    reading ??= readOn().finally(() => reading = undefined);
    return reading;
  };
  return {
    catchUp,
    hear: async (message) => {
      newest = Math.max(newest, message.number);
      if (message.number <= recent.last + 1) return deliver(message);
      // Something was not told of: it is read, and this one with it.
      await catchUp();
    },
    collect: async (after, take) => {
      const found: ChatMessage[] = [];
      for (let reads = 0; reads < maxReads; reads++) {
        const from = found.at(-1)?.number ?? after;
        const rest = recent.since(from);
        if (rest !== undefined) return take([...found, ...rest]);
        const page = await store.read(channel, from, pageMessages);
        // What the store has lost cannot be given to anybody.
        if (page.length === 0) return take(found);
        found.push(...page);
      }
      throw new Error(
        `Cannot read channel ${channel}: found more messages after ` +
          `${maxReads} reads, wanted to come to their end`,
      );
    },
  };
}
