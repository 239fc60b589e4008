import { DatabaseSync } from "node:sqlite";
import { createLocalPresence } from "./presence.ts";
import type { ChatDraft, ChatMessage } from "./protocol.ts";
import { defaultKeptDays, defaultKeptMessages, type Store } from "./store.ts";
import { createWatchers } from "./watchers.ts";

/** How much an embedded store keeps. */
export interface SqliteStoreOptions {
  /**
   * Messages that a channel keeps; the oldest go first.
   *
   * @default {10000}
   */
  readonly keptMessages?: number;
  /**
   * Days that a channel in which nobody speaks is kept; looked at when the store is
   * opened.
   *
   * @default {30}
   */
  readonly keptDays?: number;
}

/**
 * Every commit is on the disk before it returns: `synchronous = FULL` is what
 * makes an answer to a client true after a power cut, too.
 */
const schema = `
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
CREATE TABLE IF NOT EXISTS messages (
  channel TEXT NOT NULL,
  number INTEGER NOT NULL,
  id TEXT NOT NULL,
  nickname TEXT NOT NULL,
  text TEXT NOT NULL,
  atMs INTEGER NOT NULL,
  PRIMARY KEY (channel, number),
  UNIQUE (channel, id)
) STRICT, WITHOUT ROWID;
`;

/** A message that waits for the next commit. */
interface Waiting {
  readonly channel: string;
  readonly draft: ChatDraft;
  readonly settled: PromiseWithResolvers<number>;
}

/** A message after the commit; `isNew` unless it had been stored before. */
interface Appended extends Waiting {
  readonly number: number;
  readonly isNew: boolean;
}

/**
 * Keeps messages in SQLite, for a server of one process.
 *
 * @param path A file, or `:memory:`.
 */
export function openSqliteStore(
  path: string,
  { keptMessages = defaultKeptMessages, keptDays = defaultKeptDays }:
    SqliteStoreOptions = {},
): Store {
  const database = new DatabaseSync(path);
  database.exec(schema);
  forgetSilentChannels(database, Date.now() - keptDays * 86_400_000);
  const messages = prepareMessages(database, keptMessages);
  const watchers = createWatchers();
  let waiting: Waiting[] = [];

  /** All that came in one turn share a commit, and its wait for the disk. */
  const commit = () => {
    const batch = waiting;
    waiting = [];
    try {
      const appended = inTransaction(
        database,
        () => batch.map((one) => ({ ...one, ...messages.append(one) })),
      );
      appended.forEach(tell);
    } catch (error) {
      for (const { settled } of batch) settled.reject(error);
    }
  };
  const tell = ({ channel, draft, number, isNew, settled }: Appended) => {
    settled.resolve(number);
    if (!isNew) return;
    for (const { onMessage } of watchers.of(channel)) {
      onMessage({ ...draft, number });
    }
  };
  return {
    append: (channel, draft) => {
      const settled = Promise.withResolvers<number>();
      waiting.push({ channel, draft, settled });
      if (waiting.length === 1) setTimeout(commit);
      return settled.promise;
    },
    last: (channel) => Promise.resolve(messages.last(channel)),
    read: (channel, after, limit) =>
      Promise.resolve(messages.read(channel, after, limit)),
    watch: (channel, watcher) => {
      watchers.add(channel, watcher);
      return Promise.resolve();
    },
    unwatch: (channel, watcher) => {
      watchers.delete(channel, watcher);
      return Promise.resolve();
    },
    presence: createLocalPresence((channel) => {
      for (const { onPresence } of watchers.of(channel)) onPresence();
    }),
    isAvailable: () => true,
    onAvailability: () => {},
    [Symbol.asyncDispose]: async () => {
      await Promise.allSettled(waiting.map(({ settled }) => settled.promise));
      database.close();
    },
  };
}

/** The statements, each as a function. */
function prepareMessages(database: DatabaseSync, keptMessages: number) {
  const known = database.prepare(
    "SELECT number FROM messages WHERE channel = ? AND id = ?",
  );
  const last = database.prepare(
    "SELECT coalesce(max(number), 0) AS number FROM messages WHERE channel = ?",
  );
  const insert = database.prepare(
    "INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?)",
  );
  const forget = database.prepare(
    "DELETE FROM messages WHERE channel = ? AND number <= ?",
  );
  const read = database.prepare(
    "SELECT number, id, nickname, text, atMs FROM messages " +
      "WHERE channel = ? AND number > ? ORDER BY number LIMIT ?",
  );
  const lastOf = (channel: string) => Number(last.get(channel)?.number ?? 0);
  return {
    last: lastOf,
    append: ({ channel, draft: { id, nickname, text, atMs } }: Waiting) => {
      const found = known.get(channel, id);
      if (found) return { number: Number(found.number), isNew: false };
      const number = lastOf(channel) + 1;
      insert.run(channel, number, id, nickname, text, atMs);
      forget.run(channel, number - keptMessages);
      return { number, isNew: true };
    },
    read: (channel: string, after: number, limit: number): ChatMessage[] =>
      read.all(channel, after, limit).map((row) => ({
        number: Number(row.number),
        id: String(row.id),
        nickname: String(row.nickname),
        text: String(row.text),
        atMs: Number(row.atMs),
      })),
  };
}

function forgetSilentChannels(database: DatabaseSync, beforeMs: number): void {
  database.prepare(
    "DELETE FROM messages WHERE channel IN " +
      "(SELECT channel FROM messages GROUP BY channel HAVING max(atMs) < ?)",
  ).run(beforeMs);
}

function inTransaction<Result>(
  database: DatabaseSync,
  run: () => Result,
): Result {
  database.exec("BEGIN IMMEDIATE");
  try {
    const result = run();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    database.exec("ROLLBACK");
    throw error;
  }
}
