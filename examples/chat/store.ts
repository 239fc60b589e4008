/**
 * Where messages are kept, and how the processes that share them hear of each
 * other. `sqlite_store.ts` is for one process, `redis_store.ts` for many.
 */
import type { ChatDraft, ChatMessage } from "./protocol.ts";
import type { Presence } from "./presence.ts";

/** What is told to who watches a channel; in the order of the numbers, mostly. */
export interface ChannelWatcher {
  /**
   * A message was stored, by this process or another. One that was missed shows
   * as a gap in the numbers.
   */
  readonly onMessage: (message: ChatMessage) => void;
  /** Somebody came or went. */
  readonly onPresence: () => void;
}

/** Messages by channel and number. */
export interface Store extends AsyncDisposable {
  /**
   * Stores a message and gives it its number; resolves when it cannot be lost. One
   * whose id is in the channel already is not stored again: the promise gives the
   * first one's number.
   */
  readonly append: (channel: string, draft: ChatDraft) => Promise<number>;
  /** The number of the channel's last message; 0 for none. */
  readonly last: (channel: string) => Promise<number>;
  /** Up to `limit` messages behind number `after`, the oldest first. */
  readonly read: (
    channel: string,
    after: number,
    limit: number,
  ) => Promise<readonly ChatMessage[]>;
  /** Begins to tell of a channel; resolves when nothing is missed any more. */
  readonly watch: (channel: string, watcher: ChannelWatcher) => Promise<void>;
  /** Tells no more of a channel. */
  readonly unwatch: (
    channel: string,
    watcher: ChannelWatcher,
  ) => Promise<void>;
  /** Who is where. */
  readonly presence: Presence;
  /** Whether it can be reached, as far as is known. */
  readonly isAvailable: () => boolean;
  /** Has a function called whenever that changes; one at a time. */
  readonly onAvailability: (tell: (isAvailable: boolean) => void) => void;
}

/** How many messages a channel keeps by default. */
export const defaultKeptMessages = 10_000;

/** How long a channel in which nobody speaks is kept by default, in days. */
export const defaultKeptDays = 30;
