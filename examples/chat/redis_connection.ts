import { createClient, type RedisClientType } from "@redis/client";
import { backoffMs } from "@sluice/websocket/connection";
import {
  append,
  type ChatScript,
  listMembers,
  renew,
} from "./redis_scripts.ts";

/** A client with the scripts of the chat. */
export type RedisClient = RedisClientType<
  Record<never, never>,
  Record<never, never>,
  {
    readonly append: ChatScript<number>;
    readonly renew: ChatScript<number>;
    readonly listMembers: ChatScript<readonly string[]>;
  }
>;

/**
 * Makes a client of Redis that connects again by itself. While it cannot, commands
 * fail at once: who waits is to be told, and not to fill the memory.
 *
 * `@redis/client` is Redis's own client for Node, without the commands of modules;
 * it runs on Deno, subscribes again by itself, and its makers recommend it over
 * `ioredis` for what is new.
 */
function createRedisClient(url: string): RedisClient {
  return createClient({
    url,
    scripts: { append, listMembers, renew },
    disableOfflineQueue: true,
    // A router may forget a connection on which nothing is said.
    pingInterval: 10_000,
    socket: {
      connectTimeout: 5_000,
      // All processes lose Redis at once, and are not to come back at once.
      reconnectStrategy: (retries) =>
        backoffMs(retries, Math.random, {
          firstDelayMs: 200,
          maxDelayMs: 5_000,
        }),
    },
  });
}

/** Two connections, since one that subscribes is used for nothing else. */
export interface RedisConnection extends AsyncDisposable {
  readonly commands: RedisClient;
  readonly subscriber: RedisClient;
  /** Whether both are there. */
  readonly isReady: () => boolean;
}

/** Called with what happens to the connections. */
export interface RedisConnectionHandlers {
  readonly onError: (error: unknown) => void;
  /** Both are there again, or one is not there any more. */
  readonly onReady: (isReady: boolean) => void;
}

/** Connects; waits for as long as Redis cannot be reached. */
export async function connectRedis(
  url: string,
  { onError, onReady }: RedisConnectionHandlers,
): Promise<RedisConnection> {
  const commands = createRedisClient(url);
  const subscriber = createRedisClient(url);
  const clients = [commands, subscriber];
  const isReady = () => clients.every((client) => client.isReady);
  let wasReady = false;
  const judge = () => {
    if (isReady() === wasReady) return;
    wasReady = !wasReady;
    onReady(wasReady);
  };
  for (const client of clients) {
    client.on("error", (error) => {
      onError(error);
      judge();
    });
    for (const event of ["ready", "reconnecting", "end"]) {
      client.on(event, judge);
    }
  }
  commands.on("ready", () => {
    // First of all: an append that had to bring its script along would be overtaken.
    for (const { SCRIPT } of [append, listMembers, renew]) {
      commands.scriptLoad(SCRIPT).catch(onError);
    }
  });
  await Promise.all(clients.map((client) => client.connect()));
  return {
    commands,
    subscriber,
    isReady,
    [Symbol.asyncDispose]: async () => {
      for (const client of clients) {
        if (client.isReady) await client.close();
        else client.destroy();
      }
    },
  };
}

/** The longest that Redis may take to answer, in milliseconds. */
const answerTimeoutMs = 5_000;

/** Waits for an answer of Redis, but not for ever: it may hang, and say nothing. */
export async function answered<Answer>(
  answer: Promise<Answer>,
): Promise<Answer> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    late.reject(
      new Error(
        `Cannot use Redis: found no answer after ${answerTimeoutMs} ms`,
      ),
    );
  }, answerTimeoutMs);
  try {
    return await Promise.race([answer, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
