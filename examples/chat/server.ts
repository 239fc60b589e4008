/** One port for two things: the page, and the chat itself on `/chat`. */
import {
  serveWebSocket,
  type WebSocketConnection,
  type WebSocketServer,
} from "@sluice/websocket/connection";
import { permessageDeflate } from "@sluice/websocket/deflate";
import { sendEvent } from "./channel.ts";
import { createChannelDirectory } from "./channel_directory.ts";
import { type ChatLimits, defaultLimits } from "./limits.ts";
import type { Store } from "./store.ts";
import { createVisitor, type Visitor } from "./visitor.ts";

/** Where clients connect. */
export const chatPath = "/chat";

/** What a chat server is made of. */
export interface ChatServerOptions {
  readonly store: Store;
  /** The address to listen on; loopback by default. */
  readonly hostname?: string;
  /** The port; 0, the default, picks a free one. */
  readonly port?: number;
  /** Those limits that are to be others than the default ones. */
  readonly limits?: Partial<ChatLimits>;
  /** Answers requests for the page. */
  readonly page?: (path: string) => Response;
  /**
   * How often each channel is looked at for what nobody told of, in milliseconds.
   *
   * @default {5000}
   */
  readonly syncIntervalMs?: number;
  /** Called with what goes wrong; writes a line to the console by default. */
  readonly onError?: (error: unknown) => void;
}

/** The longest request: text of which each character is escaped in JSON. */
const maxRequestBytes = 16 * 1024;

/** Serves a chat. The store is the caller's to close, afterwards. */
export function serveChat(
  { store, hostname = "127.0.0.1", port = 0, page = notFound, ...options }:
    ChatServerOptions,
): WebSocketServer {
  const { syncIntervalMs = 5_000, onError = logError } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const channels = createChannelDirectory({ store, limits, onError });
  const visitors = new Map<WebSocketConnection, Visitor>();
  let count = 0;

  let isSyncing = false;
  const syncAll = async () => {
    if (isSyncing || !store.isAvailable()) return;
    isSyncing = true;
    for (const channel of await channels.open()) {
      await channel.sync().catch(onError);
    }
    isSyncing = false;
  };
  store.onAvailability((isAvailable) => {
    for (const connection of visitors.keys()) {
      sendEvent(connection, { type: "storage", isAvailable });
    }
    syncAll();
  });

  const server = serveWebSocket({
    hostname,
    port,
    extensions: [permessageDeflate()],
    maxMessageBytes: maxRequestBytes,
    accepts: "text",
    maxBufferedBytes: limits.maxBufferedBytes,
    maxConnections: limits.maxClients,
    authorize: ({ resourceName }) =>
      resourceName === chatPath ? undefined : notFound(),
    http: (request) => {
      const { pathname } = new URL(request.url);
      return pathname === "/health" ? health(store) : page(pathname);
    },
    onError,
  }, {
    open: (connection) => {
      const key = String(++count);
      const settings = { channels, store, limits, onError };
      visitors.set(connection, createVisitor(connection, key, settings));
    },
    message: (connection, data) => visitors.get(connection)?.receive(data),
    close: async (connection) => {
      const visitor = visitors.get(connection);
      visitors.delete(connection);
      await visitor?.leave();
    },
  });
  const timer = setInterval(syncAll, syncIntervalMs);
  server.finished.finally(() => clearInterval(timer));
  return server;
}

function notFound(): Response {
  return new Response("Not Found\n", { status: 404 });
}

/** For who watches over the processes. */
function health(store: Store): Response {
  return store.isAvailable()
    ? new Response("The storage answers\n")
    : new Response("The storage does not answer\n", { status: 503 });
}

function logError(error: unknown): void {
  console.error(String(error));
}
