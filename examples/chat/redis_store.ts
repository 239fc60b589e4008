import type { ChatDraft, ChatMessage } from "./protocol.ts";
import { answered, connectRedis } from "./redis_connection.ts";
import { channelKeys, presenceWord } from "./redis_keys.ts";
import { openRedisPresence } from "./redis_presence.ts";
import { defaultKeptDays, defaultKeptMessages, type Store } from "./store.ts";
import { createWatchers } from "./watchers.ts";

/** How much is kept in Redis, and how processes live there. */
export interface RedisStoreOptions {
  /**
   * Messages that a channel keeps; the oldest go first.
   *
   * @default {10000}
   */
  readonly keptMessages?: number;
  /**
   * Days that a channel in which nobody speaks is kept.
   *
   * @default {30}
   */
  readonly keptDays?: number;
  /**
   * How long a process that says nothing is taken to live, in milliseconds: so
   * long are its clients still listed after it died.
   *
   * @default {10000}
   */
  readonly leaseMs?: number;
  /** Called with what goes wrong where nobody waits for it. */
  readonly onError: (error: unknown) => void;
}

/**
 * Keeps messages in Redis, for servers of many processes.
 *
 * Messages are in a stream for each channel, under their numbers. Each is published
 * in the same step that stores it; a process subscribes to those channels that its
 * clients are in. What is published while a process is not connected it reads from
 * the stream later, by the gap in the numbers.
 *
 * @param url Such as `redis://127.0.0.1:6379`.
 */
export async function openRedisStore(
  url: string,
  {
    keptMessages = defaultKeptMessages,
    keptDays = defaultKeptDays,
    leaseMs = 10_000,
    onError,
  }: RedisStoreOptions,
): Promise<Store> {
  let tellAvailability: (isAvailable: boolean) => void = () => {};
  const connection = await connectRedis(url, {
    onError,
    onReady: (isReady) => tellAvailability(isReady),
  });
  const { commands, subscriber } = connection;
  const presence = await openRedisPresence({ commands, leaseMs, onError });
  const keptMs = String(keptDays * 86_400_000);
  const watchers = createWatchers();

  const hear = (text: string, topic: string) => {
    const watching = watchers.of(topic);
    if (text === presenceWord) {
      for (const { onPresence } of watching) onPresence();
      return;
    }
    const message = parsePublished(text);
    for (const { onMessage } of watching) onMessage(message);
  };
  const subscribed = new Set<string>();
  /** Brings the subscription into line with who watches. */
  const settle = async (topic: string) => {
    const isWanted = watchers.of(topic).length > 0;
    if (isWanted === subscribed.has(topic)) return;
    if (isWanted) {
      await answered(subscriber.subscribe(topic, hear));
      subscribed.add(topic);
    } else {
      await answered(subscriber.unsubscribe(topic, hear));
      subscribed.delete(topic);
    }
  };
  let turn: Promise<void> = Promise.resolve();
  // One after the other: who leaves last must not take along who comes first.
  const settleInTurn = (topic: string) => {
    const settled = turn.then(() => settle(topic));
    turn = settled.catch(() => {});
    return settled;
  };

  return {
    append: (channel, { id, ...body }) => {
      const { messages, ids, last, topic } = channelKeys(channel);
      return answered(commands.append(
        [messages, ids, last],
        id,
        JSON.stringify({ id, ...body }),
        topic,
        String(keptMessages),
        keptMs,
      ));
    },
    last: async (channel) =>
      Number(await answered(commands.get(channelKeys(channel).last)) ?? 0),
    read: async (channel, after, limit) => {
      const entries = await answered(
        commands.xRange(
          channelKeys(channel).messages,
          `${after + 1}-0`,
          "+",
          { COUNT: limit },
        ),
      );
      return (entries ?? []).map(({ id, message }) =>
        toMessage(parseInt(id), message.body ?? "")
      );
    },
    watch: (channel, watcher) => {
      const { topic } = channelKeys(channel);
      watchers.add(topic, watcher);
      return settleInTurn(topic);
    },
    unwatch: (channel, watcher) => {
      const { topic } = channelKeys(channel);
      watchers.delete(topic, watcher);
      return settleInTurn(topic);
    },
    presence,
    isAvailable: connection.isReady,
    onAvailability: (tell) => {
      tellAvailability = tell;
    },
    [Symbol.asyncDispose]: async () => {
      tellAvailability = () => {};
      await presence[Symbol.asyncDispose]();
      await connection[Symbol.asyncDispose]();
    },
  };
}

/** What is published: the number, a space, and the message in JSON. */
function parsePublished(text: string): ChatMessage {
  const space = text.indexOf(" ");
  return toMessage(Number(text.slice(0, space)), text.slice(space + 1));
}

/**
 * What somebody else has written there, and is no message, keeps its number: one
 * that is missing would be looked for again and again.
 */
function toMessage(number: number, body: string): ChatMessage {
  try {
    const draft: ChatDraft = JSON.parse(body);
    return { number, ...draft };
  } catch {
    const text = "This message cannot be read.";
    return { number, id: `${number}`, nickname: "chat", text, atMs: 0 };
  }
}
