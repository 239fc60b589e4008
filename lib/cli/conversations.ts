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
  /** Why the capture could not be read to its end. */
  readonly broken: string | undefined;
}

/** The conversations of a capture, read chunk by chunk. */
export interface ConversationReader {
  /** The next bytes of the capture. */
  readonly read: (chunk: Uint8Array) => Promise<readonly ConversationItem[]>;
  /** The capture has ended. */
  readonly end: () => Promise<readonly ConversationItem[]>;
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

/** What is held of a connection that is not known to be WebSocket. */
const mostHeldItems = 16;

/**
 * Makes what finds the WebSocket conversations in a capture. Of other connections
 * nothing is given; they are counted.
 */
export function createConversationReader(
  options: DissectOptions,
): ConversationReader {
  const capture = createCaptureReader();
  const followed = new Map<number, Followed>();
  let connections = 0;
  let conversations = 0;
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
  const follow = async (
    event: CaptureEvent,
  ): Promise<readonly ConversationItem[]> => {
    if (event.type === "broken") {
      broken = event.message;
      return [];
    }
    if (event.type === "open") {
      connections += 1;
      const { client, server } = event;
      const dissector = createDissector(options);
      followed.set(event.id, { client, server, dissector, held: [] });
      return [];
    }
    const connection = followed.get(event.id);
    if (connection === undefined) return [];
    const { dissector } = connection;
    if (event.type === "data") {
      const items = await dissector.read(event.bytes, event.from);
      return give(connection, items, event);
    }
    if (event.type === "gap") {
      const items = await dissector.lose(event.byteLength, event.from);
      return give(connection, items, event);
    }
    followed.delete(event.id);
    return give(connection, await dissector.end(), event);
  };
  const followAll = async (
    events: readonly CaptureEvent[],
  ): Promise<readonly ConversationItem[]> => {
    const items: ConversationItem[] = [];
    for (const event of events) items.push(...await follow(event));
    return items;
  };
  return {
    read: (chunk) => followAll(capture.read(chunk)),
    end: () => followAll(capture.end()),
    counts: () => ({ connections, conversations, broken }),
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
