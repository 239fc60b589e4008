import {
  createBroadcast,
  type WebSocketConnection,
} from "@sluice/websocket/connection";
import type { ChatLimits } from "./limits.ts";
import { followMessages } from "./message_follower.ts";
import type { Member } from "./presence.ts";
import { createPresenceTeller } from "./presence_teller.ts";
import { ChatClose, type ChatDraft, type ChatEvent } from "./protocol.ts";
import {
  createRecentMessages,
  type RecentMessages,
} from "./recent_messages.ts";
import type { ChannelWatcher, Store } from "./store.ts";

/** Somebody who is to be in a channel, with the connection to tell. */
export interface Guest extends Member {
  readonly connection: WebSocketConnection;
  /** Whether the connection went while something was waited for. */
  readonly isGone: () => boolean;
}

/** A channel as one process has it: those of its clients who are in it. */
export interface Channel {
  /** How many of this process's clients are in it. */
  readonly size: () => number;
  /** How many clients of all processes are in it, as far as is known. */
  readonly memberCount: () => number;
  /** Tells a guest what was said behind number `after`, and all that follows. */
  readonly join: (guest: Guest, after: number | undefined) => Promise<void>;
  /** Tells a guest no more. */
  readonly leave: (guest: Guest) => Promise<void>;
  /** Stores a message; gives its number. */
  readonly say: (draft: ChatDraft) => Promise<number>;
  /** Looks for messages and changes of presence that nobody told of. */
  readonly sync: () => Promise<void>;
  /** Lets go of the channel, which nobody is in any more. */
  readonly close: () => Promise<void>;
}

/** What channels are made of. */
export interface ChannelSettings {
  readonly store: Store;
  readonly limits: ChatLimits;
  /** Called with what went wrong where nobody waits for it. */
  readonly onError: (error: unknown) => void;
}

/** Opens a channel: reads what was last, and hears of all that follows. */
export async function openChannel(
  name: string,
  settings: ChannelSettings,
): Promise<Channel> {
  const { store, limits } = settings;
  const last = await store.last(name);
  const start = Math.max(0, last - limits.maxHistory);
  const recent = createRecentMessages(start, limits.maxHistory);
  for (const message of await store.read(name, start, limits.maxHistory)) {
    recent.add(message);
  }
  const { channel, watcher } = createChannel(name, recent, settings);
  try {
    await store.watch(name, watcher);
    // What was stored before the watch began has been told to nobody here.
    await channel.sync();
    return channel;
  } catch (error) {
    await channel.close().catch(settings.onError);
    throw error;
  }
}

function createChannel(
  name: string,
  recent: RecentMessages,
  { store, limits, onError }: ChannelSettings,
): { readonly channel: Channel; readonly watcher: ChannelWatcher } {
  const guests = new Set<Guest>();
  const broadcast = createBroadcast({
    maxBufferedBytes: limits.maxBufferedBytes,
    // Who is hung up on comes back, and is given what was missed.
    onSlow: "close",
  });
  const tell = (event: ChatEvent) => broadcast.send(JSON.stringify(event));
  const messages = followMessages({
    channel: name,
    store,
    recent,
    onMessage: (message) => tell({ type: "message", channel: name, message }),
  });
  const presence = createPresenceTeller({
    channel: name,
    presence: store.presence,
    onChange: (change) => tell({ type: "presence", channel: name, ...change }),
    onError,
  });
  const watcher: ChannelWatcher = {
    onMessage: (message) => void messages.hear(message).catch(onError),
    onPresence: presence.lookSoon,
  };

  const join = async (guest: Guest, after: number | undefined) => {
    const { from, omitted } = missedFrom(recent.last, after, limits);
    await messages.collect(from, (missed) => {
      if (guest.isGone()) return;
      const nicknames = new Set(presence.nicknames()).add(guest.nickname);
      sendEvent(guest.connection, {
        type: "joined",
        channel: name,
        nicknames: [...nicknames],
        messages: missed,
        last: recent.last,
        omitted,
      });
      guests.add(guest);
      broadcast.add(guest.connection);
    });
    const { key, nickname } = guest;
    if (guests.has(guest)) await store.presence.enter(name, { key, nickname });
  };
  const leave = async (guest: Guest) => {
    broadcast.delete(guest.connection);
    if (guests.delete(guest)) await store.presence.leave(name, guest.key);
  };
  const sync = async () => {
    const before = recent.last;
    if (await store.last(name) < before) return sendAway(guests);
    await messages.catchUp();
    await presence.look();
  };
  const close = () => {
    presence.close();
    return store.unwatch(name, watcher);
  };
  const channel: Channel = {
    size: () => guests.size,
    memberCount: () => Math.max(guests.size, presence.count()),
    join,
    leave,
    say: (draft) => store.append(name, draft),
    sync,
    close,
  };
  return { channel, watcher };
}

/** From which number on a guest is told what was said. */
function missedFrom(
  last: number,
  after: number | undefined,
  { maxHistory, maxMissed }: ChatLimits,
): { readonly from: number; readonly omitted: number } {
  // A number that was never given out is of a history that is lost.
  if (after === undefined || after > last) {
    return { from: Math.max(0, last - maxHistory), omitted: 0 };
  }
  const from = Math.max(after, last - maxMissed);
  return { from, omitted: from - after };
}

/** Numbers that go back: the store has lost what clients have seen. */
function sendAway(guests: Iterable<Guest>): void {
  for (const { connection } of guests) {
    connection.close({
      closeCode: ChatClose.serviceRestart,
      reason: "The history of a channel was lost",
    });
  }
}

/** Sends a client an event of its own. */
export function sendEvent(
  connection: WebSocketConnection,
  event: ChatEvent,
): void {
  connection.send(JSON.stringify(event));
}
