/** A chat client on `connectWebSocket`, for terminals and for tests. */
import {
  type BackoffOptions,
  reconnectWebSocket,
} from "@sluice/websocket/connection";
import {
  type Conversation,
  type ConversationOptions,
  createConversation,
} from "./conversation.ts";

/** How a client connects, and who it is. */
export interface ChatClientOptions extends ConversationOptions, BackoffOptions {
  /** Called when a connection was opened. */
  readonly onConnected?: () => void;
  /** Called before each wait for another connection. */
  readonly onRetry?: (delayMs: number) => void;
  /** What waits are drawn with. */
  readonly random?: () => number;
}

/** A client, from its making until it is closed. */
export interface ChatClient
  extends Pick<Conversation, "join" | "leave" | "say" | "unconfirmed"> {
  /**
   * Resolves when it was closed; rejects when it is of no use to connect again,
   * such as with a server that has no chat there.
   */
  readonly finished: Promise<void>;
  /** Closes the connection, and makes no other. */
  readonly close: () => Promise<void>;
}

/**
 * Connects to a chat server, and again whenever the connection is lost.
 *
 * @param url Such as `ws://127.0.0.1:3000/chat`.
 */
export function connectChat(
  url: string | URL,
  { onConnected, onRetry, random, firstDelayMs, maxDelayMs, ...options }:
    ChatClientOptions,
): ChatClient {
  const conversation = createConversation(options);
  const end = new AbortController();
  const run = async () => {
    const connections = reconnectWebSocket(url, {
      signal: end.signal,
      ...onRetry === undefined ? {} : { onRetry },
      ...random === undefined ? {} : { random },
      ...firstDelayMs === undefined ? {} : { firstDelayMs },
      ...maxDelayMs === undefined ? {} : { maxDelayMs },
    });
    for await (const connection of connections) {
      conversation.opened((text) => connection.send(text));
      onConnected?.();
      try {
        for await (const data of connection) {
          conversation.received(String(data));
        }
      } catch {
        // A connection that breaks off is followed by another.
      }
      conversation.closed();
    }
  };
  const finished = run();
  // Who does not look at it is not to be ended by it.
  finished.catch(() => {});
  const { join, leave, say, unconfirmed } = conversation;
  return {
    join,
    leave,
    say,
    unconfirmed,
    finished,
    close: async () => {
      end.abort();
      await finished.catch(() => {});
    },
  };
}
