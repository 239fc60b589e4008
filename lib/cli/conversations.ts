import {
  type CaptureEvent,
  createCaptureReader,
  type Endpoint,
} from "../capture/mod.ts";
import {
  createDissector,
  type DissectOptions,
  type Dissector,
} from "../inspect/dissector.ts";
import type { DissectedHead, DissectedItem } from "../inspect/item.ts";

/** An item of one of the conversations in a capture. */
export interface ConversationItem {
  /** What was found. */
  readonly item: DissectedItem;
  /** Which connection of the capture it is of; the first is 1. */
  readonly connection: number;
  /** Who began the connection. */
  readonly client: Endpoint;
  /** The other end. */
  readonly server: Endpoint;
  /** When the packet that ended it was captured, in milliseconds since 1970. */
  readonly timeMs: number;
}

/** What there was in a capture. */
export interface ConversationCounts {
  /** TCP connections. */
  readonly connections: number;
  /** Those of them that are WebSocket. */
  readonly conversations: number;
  /** How many bytes of them the capture has lost. */
  readonly missingBytes: number;
  /** Why the capture could not be read to its end. */
  readonly broken: string | undefined;
}

/** The conversations of a capture, read chunk by chunk. */
export interface ConversationReader {
  /**
   * The next bytes of the capture. Items are made as they are taken: a packet may
   * hold millions of frames.
   */
  readonly read: (chunk: Uint8Array) => AsyncGenerator<ConversationItem>;
  /** The capture has ended. */
  readonly end: () => AsyncGenerator<ConversationItem>;
  /** What there was so far. */
  readonly counts: () => ConversationCounts;
}

/** A connection that is followed. */
interface Followed {
  readonly client: Endpoint;
  readonly server: Endpoint;
  readonly dissector: Dissector;
  /** What was found before it was known to be WebSocket; then `undefined`. */
  held: ConversationItem[] | undefined;
}

/** How many connections are followed at once: each may hold some kilobytes. */
const maxConnections = 16 * 1024;

/** What is dissected of a packet at once, in bytes. */
const partBytes = 16 * 1024;

/** What is held of a connection that is not known to be WebSocket. */
const mostHeldItems = 16;

/**
 * Makes what finds the WebSocket conversations in a capture. Of other connections
 * nothing is given; they are counted.
 */
export function createConversationReader(
  options: DissectOptions,
): ConversationReader {
  const capture = createCaptureReader({ maxConnections });
  const followed = new Map<number, Followed>();
  let connections = 0;
  let conversations = 0;
  let missingBytes = 0;
  let broken: string | undefined;

  const give = (
    connection: Followed,
    items: readonly DissectedItem[],
    { id, timeMs }: { readonly id: number; readonly timeMs: number },
  ): readonly ConversationItem[] => {
    const { client, server, held } = connection;
    const found = items.map((item) => ({
      item,
      connection: id + 1,
      client,
      server,
      timeMs,
    }));
    if (held === undefined) return found;
    if (items.some(isOfWebSocket)) {
      conversations += 1;
      connection.held = undefined;
      return [...held, ...found];
    }
    held.push(...found.slice(0, mostHeldItems - held.length));
    return [];
  };
  /** What an event says, in parts. */
  const follow = async function* (
    event: CaptureEvent,
  ): AsyncGenerator<readonly ConversationItem[]> {
    if (event.type === "broken") {
      broken = event.message;
      return;
    }
    if (event.type === "open") {
      connections += 1;
      const { client, server } = event;
      const dissector = createDissector(options);
      followed.set(event.id, { client, server, dissector, held: [] });
      return;
    }
    const connection = followed.get(event.id);
    if (connection === undefined) return;
    const { dissector } = connection;
    if (event.type === "data") {
      const { bytes, from } = event;
      for (let at = 0; at < bytes.length; at += partBytes) {
        const part = bytes.subarray(at, at + partBytes);
        yield give(connection, await dissector.read(part, from), event);
      }
    } else if (event.type === "gap") {
      missingBytes += event.byteLength;
      const items = await dissector.lose(event.byteLength, event.from);
      yield give(connection, items, event);
    } else {
      followed.delete(event.id);
      yield give(connection, await dissector.end(), event);
    }
  };
  const followAll = async function* (
    events: readonly CaptureEvent[],
  ): AsyncGenerator<ConversationItem> {
    for (const event of events) {
      for await (const items of follow(event)) yield* items;
    }
  };
  return {
    read: (chunk) => followAll(capture.read(chunk)),
    end: () => followAll(capture.end()),
    counts: () => ({ connections, conversations, missingBytes, broken }),
  };
}

/** Whether only a WebSocket has such a thing. */
function isOfWebSocket(item: DissectedItem): boolean {
  if (item.type === "head") return asksForUpgrade(item);
  return item.type !== "unread";
}

function asksForUpgrade({ headers }: DissectedHead): boolean {
  return headers.some(({ name, verdict }) =>
    name.toLowerCase() === "upgrade" && verdict === "right"
  );
}
