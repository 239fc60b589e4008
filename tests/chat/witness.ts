import { type ChatClient, connectChat } from "../../examples/chat/client.ts";
import type { ChatMessage } from "../../examples/chat/protocol.ts";
import type { Random } from "../support/random.ts";

/** A client that keeps what it saw, to be compared with what others saw. */
export interface Witness {
  readonly client: ChatClient;
  readonly nickname: string;
  readonly channels: readonly string[];
  /** What came, by channel, in the order in which it came. */
  readonly heard: ReadonlyMap<string, readonly ChatMessage[]>;
  /** The numbers that the server acknowledged, by the messages' ids. */
  readonly stored: ReadonlyMap<string, number>;
  readonly counts: {
    said: number;
    /** Connections that were opened. */
    connected: number;
    /** Messages that were not acknowledged when a connection was lost. */
    sentAgain: number;
  };
  /** Who is in a channel, as far as it was told. */
  readonly present: (channel: string) => ReadonlySet<string>;
  /** Says the next numbered message in a channel. */
  readonly say: (channel: string) => void;
}

/** Connects a witness, which joins its channels. */
export function startWitness(
  url: string,
  nickname: string,
  channels: readonly string[],
  random: Random,
): Witness {
  const heard = new Map<string, ChatMessage[]>(
    channels.map((channel) => [channel, []]),
  );
  const present = new Map<string, Set<string>>();
  const stored = new Map<string, number>();
  const counts = { said: 0, connected: 0, sentAgain: 0 };
  const client = connectChat(url, {
    nickname,
    firstDelayMs: 500,
    maxDelayMs: 2_000,
    random: () => random.integer(0, 999) / 1_000,
    onConnected: () => {
      counts.connected += 1;
    },
    onMessage: (channel, message) => {
      heard.get(channel)?.push(message);
    },
    onStored: ({ id }, number) => {
      stored.set(id, number);
    },
    onJoined: (channel, { nicknames }) => {
      present.set(channel, new Set(nicknames));
    },
    onPresence: (channel, { arrived, left }) => {
      const people = present.get(channel);
      for (const one of arrived) people?.add(one);
      for (const one of left) people?.delete(one);
    },
    onRetry: () => {
      counts.sentAgain += client.unconfirmed().length;
    },
  });
  channels.forEach(client.join);
  return {
    client,
    nickname,
    channels,
    heard,
    stored,
    counts,
    present: (channel) => present.get(channel) ?? new Set(),
    say: (channel) => {
      counts.said += 1;
      client.say(channel, `${nickname} ${counts.said}`);
    },
  };
}

/** Waits until something holds; says what it waited for, if it never does. */
export async function until(
  what: string,
  holds: () => boolean,
  { timeoutMs = 30_000, pauseMs = 20 }: {
    readonly timeoutMs?: number;
    readonly pauseMs?: number;
  } = {},
): Promise<void> {
  const endMs = performance.now() + timeoutMs;
  while (!holds()) {
    if (performance.now() > endMs) {
      throw new Error(`Found no end of waiting: ${what}`);
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}
