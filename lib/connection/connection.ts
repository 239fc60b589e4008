import type { ProtocolError } from "../error/protocol_error.ts";
import { requireLimit } from "../error/require.ts";
import type { Role } from "../frame/frame.ts";
import type { HeaderList } from "../handshake/headers.ts";
import type { WebSocketRequest } from "../handshake/server.ts";
import { CloseCode } from "../message/close.ts";
import { requireSettings, type SessionOptions } from "../session/options.ts";
import type { CloseReason, SessionEvent } from "../session/session.ts";
import type { Transport } from "../transport/transport.ts";
import { createInbox, keptBytes } from "./inbox.ts";
import { createIncoming, type IncomingMessage } from "./incoming.ts";
import { createLink } from "./link.ts";
import { createOutbox, type MessageData } from "./outbox.ts";
import { createPendingPings } from "./pending_pings.ts";
import { handleReceived, isReceived, rememberReceived } from "./received.ts";

/** How a connection behaves; every limit is on by default. */
export interface ConnectionOptions extends Omit<SessionOptions, "role"> {
  /**
   * How many bytes wait for an application that does not read, before nothing
   * more is read. As many may wait to be written before `drained` and the writes
   * of `writable` wait too, and before a server stops reading from a client that
   * does not read itself.
   *
   * @default {1048576}
   */
  readonly maxBufferedBytes?: number;
  /**
   * How many messages wait for an application that does not read, before
   * nothing more is read.
   *
   * @default {1024}
   */
  readonly maxBufferedMessages?: number;
  /** Closes the connection with 1001 when it aborts. */
  readonly signal?: AbortSignal;
}

/** How a connection came to its end. */
export interface ConnectionClosed extends CloseReason {
  /** Whether both sides had said that they close. */
  readonly wasClean: boolean;
  /** The rule that was broken, if that was it. */
  readonly error: ProtocolError | undefined;
}

/** What is given to {@linkcode WebSocketConnection.close}. */
export interface CloseInit {
  /** A code that may be sent; 1000 by default. */
  readonly closeCode?: number;
  /** At most 123 bytes of UTF-8; empty by default. */
  readonly reason?: string;
}

/**
 * An open WebSocket connection, for both roles, in the shape of WHATWG's
 * `WebSocketStream`.
 *
 * Messages are read by `receive`, by `for await`, or through `readable`; all
 * three take from the same queue. They are sent by `send` or through `writable`.
 * Pings are answered, closings answered and limits kept without anybody's help.
 */
export interface WebSocketConnection
  extends AsyncIterable<MessageData>, AsyncDisposable {
  /** The subprotocol in use; empty for none. */
  readonly protocol: string;
  /** The extensions in use, as the response names them; empty for none. */
  readonly extensions: string;
  /** The header lines of the peer's part of the handshake. */
  readonly headers: HeaderList;
  /**
   * The messages that come. It errors with the `ProtocolError` if the peer
   * breaks a rule or goes without a Close; cancelling it closes the connection.
   */
  readonly readable: ReadableStream<MessageData>;
  /**
   * Messages to send. A write settles when there is room for another; closing
   * it closes the connection with 1000, aborting it with 1011.
   */
  readonly writable: WritableStream<MessageData>;
  /**
   * Resolves when there is no connection any more; it never rejects. The code is
   * that of the peer's Close, so it is 1006 when we gave the peer up.
   */
  readonly closed: Promise<ConnectionClosed>;
  /** How many bytes are waiting to be written. */
  readonly bufferedBytes: number;
  /** How long the last Ping took, in milliseconds; `undefined` before one did. */
  readonly latencyMs: number | undefined;
  /**
   * Sends a message. It does not wait; see `bufferedBytes` and `drained`. Bytes
   * are copied, so they may be written to afterwards; those of a message that
   * was received, here or on another connection, may not: they are not copied.
   *
   * @returns Whether it will be sent: not when the connection is closing or
   * closed, which may be by no fault of the caller's.
   * @throws {TypeError} If it is neither text nor bytes.
   */
  send(data: MessageData): boolean;
  /**
   * Sends one message piece by piece, each chunk as a fragment with a masking
   * key of its own, in constant memory. Messages sent meanwhile follow after
   * it; Pings and Pongs do not wait. Chunks may not be written to afterwards.
   *
   * @throws {TypeError} (rejects) If a chunk is not of the type, or the
   * connection is closing or closed. A message that breaks off like that closes
   * the connection with 1011, since it cannot be ended otherwise.
   */
  sendFrom(
    type: "text" | "binary",
    source: AsyncIterable<MessageData> | Iterable<MessageData>,
  ): Promise<void>;
  /** Resolves when few enough bytes wait that more may be sent. */
  drained(): Promise<void>;
  /**
   * The next message; `undefined` when there are no more. Who calls it and looks
   * away, as in a race with a timer, has taken a message all the same.
   *
   * @throws {TypeError} (rejects) If the connection delivers pieces.
   * @throws {ProtocolError} (rejects) Once, if the peer broke a rule or went
   * without a Close.
   */
  receive(): Promise<MessageData | undefined>;
  /**
   * The next message as a stream of its pieces, for a connection opened with
   * `delivery: "pieces"`; `undefined` when there are no more. What was not read
   * of the message before is skipped.
   *
   * @throws {TypeError} (rejects) If the connection delivers whole messages.
   * @throws {ProtocolError} (rejects) As `receive` does.
   */
  receiveStream(): Promise<IncomingMessage | undefined>;
  /**
   * Sends a Ping and waits for its answer; gives the latency in milliseconds.
   *
   * @throws {TypeError} If the connection is closing or closed.
   * @throws {RangeError} If `data` has more than 125 bytes.
   */
  ping(data?: Uint8Array): Promise<number>;
  /**
   * Begins to close; does nothing if that has begun already. `closed` resolves
   * when it is done.
   *
   * @throws {RangeError} If the code or the reason cannot be sent.
   */
  close(init?: CloseInit): void;
}

/** What is known of a connection once its handshake is done. */
export interface OpenedHandshake {
  /** Our role. */
  readonly role: Role;
  /** The subprotocol in use; empty for none. */
  readonly protocol: string;
  /** The extensions in use; empty for none. */
  readonly extensions: string;
  /** The header lines of the peer. */
  readonly headers: HeaderList;
  /** What was read after the handshake. */
  readonly leftover: Uint8Array;
}

/** Functions called with what comes, the messages in place of a queue. */
export interface ConnectionHooks {
  /** The connection is open, and nothing has been read of it yet. */
  readonly onOpen?:
    | ((connection: WebSocketConnection, request: WebSocketRequest) => void)
    | undefined;
  /** A whole message came; a Close that is due waits for a promise. */
  readonly onMessage?:
    | ((connection: WebSocketConnection, data: MessageData) => unknown)
    | undefined;
  /** The peer broke a rule, or went without a Close. */
  readonly onError?: ((error: ProtocolError) => void) | undefined;
  /** A Ping came, and has been answered. */
  readonly onPing?:
    | ((connection: WebSocketConnection, data: Uint8Array) => void)
    | undefined;
}

/** The most bytes that wait in each direction by default: 1 MiB. */
const defaultMaxBufferedBytes = 1024 * 1024;
/** The most messages that wait by default. */
const defaultMaxBufferedMessages = 1024;

/** Throws unless a connection can be opened with these options. */
export function requireConnectionOptions(
  options: ConnectionOptions,
  role: Role,
): void {
  const {
    maxBufferedBytes = defaultMaxBufferedBytes,
    maxBufferedMessages = defaultMaxBufferedMessages,
  } = options;
  const action = "Cannot open connection";
  requireLimit(maxBufferedBytes, action, "maxBufferedBytes");
  requireLimit(maxBufferedMessages, action, "maxBufferedMessages");
  requireSettings({ ...options, role });
}

/**
 * A connection on a transport whose handshake is done, whoever did it.
 *
 * This function is long because it is where everything meets; what meets here
 * has a file of its own each.
 */
export function openConnection(
  transport: Transport,
  handshake: OpenedHandshake,
  options: ConnectionOptions = {},
  hooks: ConnectionHooks = {},
): WebSocketConnection {
  const {
    signal,
    maxBufferedBytes = defaultMaxBufferedBytes,
    maxBufferedMessages = defaultMaxBufferedMessages,
    ...limits
  } = options;

  const room = {
    maxBufferedBytes,
    maxBufferedMessages,
    onRoom: () => link.wake(),
    onEmpty: () => link.answer(),
  };
  const inbox = createInbox<MessageData>({
    ...room,
    sizeOf: keptBytes,
  });
  const incoming = createIncoming(room);
  const pings = createPendingPings();
  const closed = Promise.withResolvers<ConnectionClosed>();
  let latencyMs: number | undefined;
  let error: ProtocolError | undefined;
  requireConnectionOptions(options, handshake.role);
  const handle = (data: MessageData) => hooks.onMessage?.(connection, data);
  const onMessage = (data: MessageData) => {
    if (hooks.onMessage === undefined) {
      rememberReceived(data);
      return inbox.put(data);
    }
    const handled = handleReceived(data, handle);
    if (handled instanceof Promise) waitFor(handled);
  };
  // Messages that are still being dealt with by a function.
  let handling = 0;
  const waitFor = (handled: Promise<unknown>) => {
    handling += 1;
    handled.finally(() => {
      handling -= 1;
      link.answer();
    });
  };

  const onEvent = (event: SessionEvent) => {
    switch (event.type) {
      case "message":
        return onMessage(event.message.data);
      case "piece":
        return incoming.put(event);
      case "ping":
        return hooks.onPing?.(connection, event.data);
      case "pong":
        if (event.latencyMs === undefined) return;
        latencyMs = event.latencyMs;
        return pings.answer(event.data, latencyMs);
      case "error":
        error = event.error;
        hooks.onError?.(error);
        inbox.fail(error);
        return incoming.fail(error);
      case "close":
        inbox.end();
        return incoming.end();
      case "ended":
        return onEnded(event);
    }
  };
  const onEnded = (
    { closeCode, reason, wasClean }: CloseReason & { wasClean: boolean },
  ) => {
    signal?.removeEventListener("abort", goAway);
    inbox.end();
    incoming.end();
    pings.end();
    closed.resolve({ closeCode, reason, wasClean, error });
  };

  const link = createLink(
    transport,
    handshake.leftover,
    { ...limits, role: handshake.role, maxBufferedBytes },
    {
      onEvent,
      isFull: () => inbox.isFull() || incoming.isFull(),
      heldBytes: () => outbox.heldBytes(),
      isLeft: () => handling === 0 && inbox.isLeft() && incoming.isLeft(),
      isIdle: () => handling === 0 && inbox.isIdle() && incoming.isIdle(),
    },
  );
  const outbox = createOutbox({ ...link, isReceived });

  const close = ({ closeCode = 1000, reason = "" }: CloseInit = {}) =>
    link.apply({ type: "close", closeCode, reason });
  // Nobody will read any more, and a full inbox would keep the Close from us.
  const leave = () => {
    close();
    inbox.discard();
    incoming.discard();
  };
  const goAway = () => close({ closeCode: CloseCode.goingAway });
  signal?.addEventListener("abort", goAway);
  if (signal?.aborted) goAway();

  let readable: ReadableStream<MessageData> | undefined;
  let writable: WritableStream<MessageData> | undefined;
  const connection: WebSocketConnection = {
    protocol: handshake.protocol,
    extensions: handshake.extensions,
    headers: handshake.headers,
    get readable() {
      return readable ??= readableOf(connection, leave);
    },
    get writable() {
      return writable ??= writableOf(connection);
    },
    closed: closed.promise,
    get bufferedBytes() {
      return link.bufferedBytes();
    },
    get latencyMs() {
      return latencyMs;
    },
    send: outbox.send,
    sendFrom: outbox.sendFrom,
    drained: link.drained,
    receive: () =>
      limits.delivery === "pieces"
        ? Promise.reject(wrongDelivery("whole messages", "pieces"))
        : inbox.next(),
    receiveStream: () =>
      limits.delivery === "pieces"
        ? incoming.next()
        : Promise.reject(wrongDelivery("pieces", "messages")),
    ping: (data = pings.createData()) => {
      link.apply({ type: "ping", data });
      return pings.wait(data);
    },
    close,
    [Symbol.asyncIterator]: () => iteratorOf(connection.receive),
    [Symbol.asyncDispose]: async () => {
      leave();
      await closed.promise;
    },
  };
  releases.set(connection, () => {
    inbox.release();
    incoming.release();
  });
  return connection;
}

/** What {@linkcode releaseReader} calls, for each connection. */
const releases = new WeakMap<WebSocketConnection, () => void>();

/** The function that had a connection to itself has returned. */
export function releaseReader(connection: WebSocketConnection): void {
  releases.get(connection)?.();
}

function wrongDelivery(wanted: string, found: string): TypeError {
  return new TypeError(
    `Cannot receive ${wanted}: found a connection with delivery: "${found}", ` +
      `wanted one opened with delivery: "${
        found === "pieces" ? "messages" : "pieces"
      }"`,
  );
}

/** Leaving the loop leaves the connection open, so that another may follow. */
function iteratorOf(
  next: () => Promise<MessageData | undefined>,
): AsyncIterator<MessageData, undefined> {
  return { next: () => next().then(toResult) };
}

function toResult(
  value: MessageData | undefined,
): IteratorResult<MessageData, undefined> {
  return value === undefined ? { done: true, value } : { done: false, value };
}

function readableOf(
  connection: WebSocketConnection,
  leave: () => void,
): ReadableStream<MessageData> {
  return new ReadableStream({
    pull: async (controller) => {
      const data = await connection.receive();
      if (data === undefined) controller.close();
      else controller.enqueue(data);
    },
    cancel: leave,
  }, { highWaterMark: 0 });
}

function writableOf(
  connection: WebSocketConnection,
): WritableStream<MessageData> {
  return new WritableStream({
    write: (data) => {
      connection.send(data);
      return connection.drained();
    },
    close: async () => {
      connection.close();
      await connection.closed;
    },
    abort: () => connection.close({ closeCode: CloseCode.internalError }),
  });
}
