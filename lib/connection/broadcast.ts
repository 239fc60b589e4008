import { describe, requireLimit } from "../error/require.ts";
import { CloseCode } from "../message/close.ts";
import { shareMessage } from "../session/outgoing_message.ts";
import { sendShared, type WebSocketConnection } from "./connection.ts";
import { type MessageData, type SendOptions, toMessage } from "./outbox.ts";

/** What is done about a receiver that does not keep up. */
export interface BroadcastOptions {
  /**
   * How many bytes may wait to be written to a receiver: one for which a message
   * would make it more is slow. A message alone may always wait. Nothing is
   * written before the turn ends, so all that one turn sends has to fit.
   *
   * @default {1048576}
   */
  readonly maxBufferedBytes?: number;
  /**
   * Whether a slow receiver goes without the message, or is closed with 1013. What
   * waits for one that is closed is let go when it has taken no whole write of it
   * for its `closeTimeoutMs`, twice.
   *
   * @default {"skip"}
   */
  readonly onSlow?: "skip" | "close";
}

/** How a message is sent to everybody. */
export interface BroadcastSendOptions extends SendOptions {
  /** Who goes without it, such as who it came from. */
  readonly except?: WebSocketConnection | undefined;
}

/** What became of a message. */
export interface BroadcastResult {
  /** To how many it will be sent. */
  readonly sent: number;
  /** How many were slow, and went without it. */
  readonly skipped: number;
  /** How many were slow, and are being closed. */
  readonly closed: number;
}

/** Connections that get the same messages. */
export interface Broadcast extends Iterable<WebSocketConnection> {
  /** How many there are. */
  readonly size: number;
  /** Whether a connection is among them. */
  has(connection: WebSocketConnection): boolean;
  /** Adds one, until it is closed or taken out. */
  add(connection: WebSocketConnection): void;
  /** Takes one out; whether it was there. */
  delete(connection: WebSocketConnection): boolean;
  /**
   * Sends a message to all of them, without waiting. It is serialized, and
   * compressed, once for all servers' connections that may have the same bytes.
   * Bytes are copied, so they may be written to afterwards.
   *
   * @returns How many are sent it, and how many were slow.
   * @throws {TypeError} If it is neither text nor bytes.
   */
  send(data: MessageData, options?: BroadcastSendOptions): BroadcastResult;
}

/** How many bytes may wait for each receiver by default: 1 MiB. */
const defaultMaxBufferedBytes = 1024 * 1024;

/**
 * Makes a set of connections to which messages are sent once for all.
 *
 * A frame of a server is the same for everybody, so it is made once. Compression
 * is, too: the message is compressed with nothing before it, whatever context a
 * connection has, and what a connection sends next refers to nothing before the
 * message, since the two windows differ there. So it costs a connection with
 * context takeover what it had remembered, and nothing else.
 *
 * Source: {@link https://www.rfc-editor.org/rfc/rfc7692#section-7.2 | RFC 7692 §7.2}.
 *
 * @param options What is done about a receiver that does not keep up.
 * @throws {RangeError} If `maxBufferedBytes` cannot be used.
 * @throws {TypeError} If `onSlow` is neither of the two.
 *
 * @example
 * ```ts
 * import {
 *   connectWebSocket,
 *   createBroadcast,
 *   serveWebSocket,
 * } from "@sluice/websocket/connection";
 * import { assertEquals } from "@std/assert";
 *
 * const everybody = createBroadcast();
 * await using server = serveWebSocket({ hostname: "127.0.0.1" }, {
 *   open: (connection) => everybody.add(connection),
 *   message: (connection, data) => everybody.send(data, { except: connection }),
 * });
 *
 * const url = `ws://${server.address}/`;
 * await using ann = await connectWebSocket(url);
 * await using bob = await connectWebSocket(url);
 * ann.send("Hello");
 * assertEquals(await bob.receive(), "Hello");
 * assertEquals(everybody.size, 2);
 * ```
 */
export function createBroadcast(options: BroadcastOptions = {}): Broadcast {
  const { maxBufferedBytes = defaultMaxBufferedBytes, onSlow = "skip" } =
    options;
  const action = "Cannot create broadcast";
  requireLimit(maxBufferedBytes, action, "maxBufferedBytes");
  if (onSlow !== "skip" && onSlow !== "close") {
    throw new TypeError(
      `${action}: found onSlow = ${describe(onSlow)}, wanted "skip" or "close"`,
    );
  }
  const connections = new Set<WebSocketConnection>();
  const known = new WeakSet<WebSocketConnection>();
  const isSlow = ({ bufferedBytes }: WebSocketConnection, length: number) =>
    bufferedBytes > 0 && bufferedBytes + length > maxBufferedBytes;
  const dismiss = (connection: WebSocketConnection): void => {
    connections.delete(connection);
    const closeCode = CloseCode.tryAgainLater;
    connection.close({ closeCode, reason: "too slow for what is sent" });
  };
  return {
    get size() {
      return connections.size;
    },
    [Symbol.iterator]: () => connections.values(),
    has: (connection) => connections.has(connection),
    add: (connection) => {
      if (connections.has(connection)) return;
      connections.add(connection);
      // Once for each, however often it comes and goes.
      if (known.has(connection)) return;
      known.add(connection);
      connection.closed.then(() => connections.delete(connection));
    },
    delete: (connection) => connections.delete(connection),
    send: (data, { except, compress } = {}) => {
      const message = shareMessage(toMessage(data), compress);
      const { length } = message.shared.payload;
      let sent = 0;
      let slow = 0;
      for (const connection of connections) {
        if (connection === except) continue;
        if (isSlow(connection, length)) {
          slow += 1;
          if (onSlow === "close") dismiss(connection);
        } else if (sendShared(connection, message)) sent += 1;
      }
      return onSlow === "close"
        ? { sent, skipped: 0, closed: slow }
        : { sent, skipped: slow, closed: 0 };
    },
  };
}
