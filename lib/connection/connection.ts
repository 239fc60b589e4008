import type { ProtocolError } from "../error/protocol_error.ts";
import { describe, requireLimit } from "../error/require.ts";
import type { NegotiatedExtensions } from "../extension/negotiate.ts";
import type { Role } from "../frame/frame.ts";
import type { HeaderList } from "../handshake/headers.ts";
import type { WebSocketRequest } from "../handshake/server.ts";
import { CloseCode } from "../message/close.ts";
import { requireSettings, type SessionOptions } from "../session/options.ts";
import type { CloseReason, SessionEvent } from "../session/session.ts";
import type { OutgoingMessage } from "../session/outgoing_message.ts";
import type { Transport } from "../transport/transport.ts";
import { createInbox, type Inbox, keptBytes } from "./inbox.ts";
import {
  createIncoming,
  type Incoming,
  type IncomingMessage,
} from "./incoming.ts";
import {
  createLink,
  type Link,
  type LinkHooks,
  type LinkSettings,
} from "./link.ts";
import {
  createOutbox,
  type MessageData,
  type Outbox,
  type SendOptions,
} from "./outbox.ts";
import { createPendingPings, type PendingPings } from "./pending_pings.ts";
import { handleReceived, rememberReceived } from "./received.ts";

/** How a connection behaves; every limit is on by default. */
export interface ConnectionOptions
  extends Omit<SessionOptions, "role" | "allowedRsv"> {
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
  /**
   * How many bytes are waiting to be written. A text of this turn counts by its
   * characters until the turn ends, when it is made into bytes.
   */
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
  send(data: MessageData, options?: SendOptions): boolean;
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
    options?: SendOptions,
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
   * @throws {TypeError} If `init` is no object.
   */
  close(init?: CloseInit): void;
}

/** What is known of a connection once its handshake is done. */
export interface OpenedHandshake {
  /** Our role. */
  readonly role: Role;
  /** The subprotocol in use; empty for none. */
  readonly protocol: string;
  /** The extensions in use. */
  readonly extensions: NegotiatedExtensions;
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
  /** The peer broke a rule, or went without a Close, or an extension threw. */
  readonly onError?: ((error: unknown) => void) | undefined;
  /** A Ping came, and has been answered. */
  readonly onPing?:
    | ((connection: WebSocketConnection, data: Uint8Array) => void)
    | undefined;
  /** The connection came to its end. */
  readonly onEnded?:
    | ((connection: WebSocketConnection, closed: ConnectionClosed) => void)
    | undefined;
}

/** The most bytes that wait in each direction by default: 1 MiB. */
const defaultMaxBufferedBytes = 1024 * 1024;
/** The most messages that wait by default. */
const defaultMaxBufferedMessages = 1024;

/** Options that have been judged, with every default filled in. */
export interface ConnectionSettings extends LinkSettings {
  /** How many messages may wait for an application that does not read. */
  readonly maxBufferedMessages: number;
  /** Closes the connection with 1001 when it aborts. */
  readonly signal: AbortSignal | undefined;
}

/** The options of a caller, judged and filled up; once for all of a server's. */
export function requireConnectionOptions(
  options: ConnectionOptions,
  role: Role,
): ConnectionSettings {
  const {
    signal,
    maxBufferedBytes = defaultMaxBufferedBytes,
    maxBufferedMessages = defaultMaxBufferedMessages,
  } = options;
  const action = "Cannot open connection";
  requireLimit(maxBufferedBytes, action, "maxBufferedBytes");
  requireLimit(maxBufferedMessages, action, "maxBufferedMessages");
  const session = requireSettings({ ...options, role });
  // A peer that has nothing read of it can show no sign of life.
  const maxUnwrittenBytes = Math.min(
    session.maxUnwrittenBytes,
    maxBufferedBytes,
  );
  return {
    session: { ...session, maxUnwrittenBytes },
    maxBufferedBytes,
    maxBufferedMessages,
    signal,
  };
}

/** The settings of one connection, with what its handshake agreed on. */
function withExtensions(
  settings: LinkSettings,
  extensions: NegotiatedExtensions,
): LinkSettings {
  const codec = extensions.open();
  if (codec === undefined) return settings;
  const { session, maxBufferedBytes } = settings;
  const allowedRsv = extensions.rsv;
  const frames = { ...session.frames, allowedRsv };
  return {
    session: { ...session, allowedRsv, frames },
    maxBufferedBytes,
    codec,
  };
}

/** A connection on a transport whose handshake is done, whoever did it. */
export function openConnection(
  transport: Transport,
  handshake: OpenedHandshake,
  settings: ConnectionSettings,
  hooks: ConnectionHooks = {},
): WebSocketConnection {
  const core = new ConnectionCore(transport, handshake, settings, hooks);
  return new TransportConnection(core, handshake);
}

/** The function that had a connection to itself has returned. */
export function releaseReader(connection: WebSocketConnection): void {
  TransportConnection.coreOf(connection)?.release();
}

/**
 * Calls `tell` when all that was sent so far is written; never if it is lost. What
 * waits for a message in pieces is not looked at.
 */
export function whenWritten(
  connection: WebSocketConnection,
  tell: () => void,
): void {
  const core = TransportConnection.coreOf(connection);
  // A connection of somebody else's making says no more than that.
  if (core === undefined) void connection.drained().then(tell);
  else core.link.whenWritten(tell);
}

/** Sends a message of which frames are made once for many connections. */
export function sendShared(
  connection: WebSocketConnection,
  message: OutgoingMessage,
): boolean {
  const core = TransportConnection.coreOf(connection);
  if (core !== undefined) return core.outbox.sendOwn(message);
  // A connection of somebody else's making takes what everybody can give.
  const { data, compress } = message;
  return connection.send(data, { compress });
}

/** Leaves a connection: closes it, and reads on only for the sake of its Close. */
export function leaveConnection(connection: WebSocketConnection): void {
  const core = TransportConnection.coreOf(connection);
  if (core === undefined) connection.close();
  else core.leave();
}

/**
 * What a connection is to its link: the place where everything meets; what meets
 * here has a file of its own each.
 *
 * A class, with most of what it has made when it is first asked for: ten
 * thousand connections that are idle have as many of these.
 */
class ConnectionCore implements LinkHooks {
  readonly settings: ConnectionSettings;
  readonly hooks: ConnectionHooks;
  readonly link: Link;
  readonly outbox: Outbox;
  /** The connection that the application has. */
  connection: WebSocketConnection | undefined;
  latencyMs: number | undefined;
  #inbox: Inbox<MessageData> | undefined;
  #incoming: Incoming | undefined;
  #pings: PendingPings | undefined;
  #closing: PromiseWithResolvers<ConnectionClosed> | undefined;
  #closed: ConnectionClosed | undefined;
  /** How many messages are still being dealt with by a function, and their size. */
  #handling = 0;
  #handlingBytes = 0;
  /** Whether nothing more will be received. */
  #isInputOver = false;
  /** Whether nobody wants what is received. */
  #isDiscarding = false;
  #error: ProtocolError | undefined;
  /** Whether something of our own went wrong. */
  #isAtFault = false;
  #goAway: (() => void) | undefined;

  constructor(
    transport: Transport,
    { leftover, extensions }: OpenedHandshake,
    settings: ConnectionSettings,
    hooks: ConnectionHooks,
  ) {
    this.settings = settings;
    this.hooks = hooks;
    const extended = withExtensions(settings, extensions);
    this.link = createLink(transport, leftover, extended, this);
    this.outbox = createOutbox(this.link);
    const { signal } = settings;
    if (signal !== undefined) this.#closeWith(signal);
  }

  get delivery(): "messages" | "pieces" {
    return this.settings.session.delivery;
  }

  get inbox(): Inbox<MessageData> {
    return this.#inbox ??= this.#begin(
      createInbox<MessageData>({ ...this.#room(), sizeOf: keptBytes }),
    );
  }

  get incoming(): Incoming {
    return this.#incoming ??= this.#begin(createIncoming(this.#room()));
  }

  get pings(): PendingPings {
    return this.#pings ??= createPendingPings();
  }

  get closed(): Promise<ConnectionClosed> {
    this.#closing ??= Promise.withResolvers();
    if (this.#closed !== undefined) this.#closing.resolve(this.#closed);
    return this.#closing.promise;
  }

  #room() {
    const { maxBufferedBytes, maxBufferedMessages } = this.settings;
    return {
      maxBufferedBytes,
      maxBufferedMessages,
      onRoom: () => this.link.wake(),
      onEmpty: () => this.link.answer(),
    };
  }

  /** Tells what is made late of what has happened before. */
  #begin<Box extends Inbox<MessageData> | Incoming>(box: Box): Box {
    if (this.#isDiscarding) box.discard();
    if (this.#error !== undefined) box.fail(this.#error);
    if (this.#isInputOver) box.end();
    return box;
  }

  #closeWith(signal: AbortSignal): void {
    const goAway = () => this.close({ closeCode: CloseCode.goingAway });
    signal.addEventListener("abort", goAway);
    this.#goAway = goAway;
    if (signal.aborted) goAway();
  }

  onEvent(event: SessionEvent): void {
    switch (event.type) {
      case "message":
        return this.#onMessage(event.message.data);
      case "piece":
        return this.incoming.put(event);
      case "ping":
        return this.hooks.onPing?.(this.connection!, event.data);
      case "pong":
        return this.#onPong(event);
      case "error":
        return this.#onError(event.error);
      case "close":
        return this.#endInput();
      case "ended":
        return this.#onEnded(event);
    }
  }

  #onMessage(data: MessageData): void {
    const { onMessage } = this.hooks;
    if (onMessage === undefined) {
      rememberReceived(data);
      return this.inbox.put(data);
    }
    const handled = handleReceived(this.connection!, data, onMessage);
    if (handled instanceof Promise) this.#waitFor(handled, data.length);
  }

  #waitFor(handled: Promise<unknown>, length: number): void {
    this.#handling += 1;
    this.#handlingBytes += length;
    handled.finally(() => {
      this.#handling -= 1;
      this.#handlingBytes -= length;
      this.link.wake();
      this.link.answer();
    });
  }

  #onPong({ latencyMs }: Extract<SessionEvent, { type: "pong" }>): void {
    if (latencyMs === undefined) return;
    this.latencyMs = latencyMs;
    this.#pings?.answer(this.link.session.pings, latencyMs);
  }

  #onError(error: ProtocolError): void {
    // That no Close comes after our own fault is not the peer's.
    if (this.#isAtFault) return;
    this.#error = error;
    this.hooks.onError?.(error);
    this.#inbox?.fail(error);
    this.#incoming?.fail(error);
    this.#isInputOver = true;
  }

  onFault(error: unknown): void {
    this.#isAtFault = true;
    this.hooks.onError?.(error);
    const reason = error instanceof Error ? error : new Error(String(error));
    this.#inbox?.fail(reason);
    this.#incoming?.fail(reason);
  }

  #endInput(): void {
    this.#isInputOver = true;
    this.#inbox?.end();
    this.#incoming?.end();
  }

  #onEnded({ closeCode, reason, wasClean }: EndedEvent): void {
    const { signal } = this.settings;
    if (this.#goAway) signal?.removeEventListener("abort", this.#goAway);
    this.#endInput();
    this.#pings?.end();
    const closed = { closeCode, reason, wasClean, error: this.#error };
    this.#closed = closed;
    this.#closing?.resolve(closed);
    this.hooks.onEnded?.(this.connection!, closed);
  }

  isFull(): boolean {
    const { maxBufferedBytes, maxBufferedMessages } = this.settings;
    // One alone holds nobody up: it may wait for what is still to be read.
    return (this.#handling > 1 && this.#handlingBytes > maxBufferedBytes) ||
      this.#handling > maxBufferedMessages ||
      (this.#inbox?.isFull() ?? false) || (this.#incoming?.isFull() ?? false);
  }

  heldBytes(): number {
    return this.outbox.heldBytes;
  }

  isLeft(): boolean {
    return this.#handling === 0 && (this.#inbox?.isLeft() ?? true) &&
      (this.#incoming?.isLeft() ?? true);
  }

  isIdle(): boolean {
    return this.#handling === 0 && (this.#inbox?.isIdle() ?? true) &&
      (this.#incoming?.isIdle() ?? true);
  }

  release(): void {
    this.#inbox?.release();
    this.#incoming?.release();
  }

  close(init: CloseInit = {}): void {
    // In JavaScript, what other libraries take: it would be a 1000 without a word.
    if (typeof init !== "object") {
      throw new TypeError(
        `Cannot close: found ${describe(init)}, wanted { closeCode, reason }`,
      );
    }
    const { closeCode = 1000, reason = "" } = init;
    this.link.apply({ type: "close", closeCode, reason });
  }

  /** Nobody will read any more, and what waits would keep the Close from us. */
  leave(): void {
    this.close();
    this.#isDiscarding = true;
    this.#inbox?.discard();
    this.#incoming?.discard();
  }
}

type EndedEvent = Extract<SessionEvent, { type: "ended" }>;

/** A connection as an application sees it. */
class TransportConnection implements WebSocketConnection {
  readonly protocol: string;
  readonly extensions: string;
  readonly headers: HeaderList;
  readonly #core: ConnectionCore;
  #readable: ReadableStream<MessageData> | undefined;
  #writable: WritableStream<MessageData> | undefined;

  constructor(
    core: ConnectionCore,
    { protocol, extensions, headers }: OpenedHandshake,
  ) {
    this.protocol = protocol;
    this.extensions = extensions.header;
    this.headers = headers;
    this.#core = core;
    core.connection = this;
  }

  /**
   * What the functions of this file know a connection by; nothing for one of
   * somebody else's making.
   */
  static coreOf(connection: WebSocketConnection): ConnectionCore | undefined {
    return #core in connection ? connection.#core : undefined;
  }

  get readable(): ReadableStream<MessageData> {
    return this.#readable ??= readableOf(this, () => this.#core.leave());
  }

  get writable(): WritableStream<MessageData> {
    return this.#writable ??= writableOf(this);
  }

  get closed(): Promise<ConnectionClosed> {
    return this.#core.closed;
  }

  get bufferedBytes(): number {
    return this.#core.link.bufferedBytes;
  }

  get latencyMs(): number | undefined {
    return this.#core.latencyMs;
  }

  send(data: MessageData, options?: SendOptions): boolean {
    return this.#core.outbox.send(data, options);
  }

  sendFrom(
    type: "text" | "binary",
    source: AsyncIterable<MessageData> | Iterable<MessageData>,
    options?: SendOptions,
  ): Promise<void> {
    return this.#core.outbox.sendFrom(type, source, options);
  }

  drained(): Promise<void> {
    return this.#core.link.drained();
  }

  receive(): Promise<MessageData | undefined> {
    return this.#core.delivery === "messages"
      ? this.#core.inbox.next()
      : Promise.reject(wrongDelivery("whole messages", "pieces"));
  }

  receiveStream(): Promise<IncomingMessage | undefined> {
    return this.#core.delivery === "pieces"
      ? this.#core.incoming.next()
      : Promise.reject(wrongDelivery("pieces", "messages"));
  }

  ping(data: Uint8Array = this.#core.pings.createData()): Promise<number> {
    this.#core.link.apply({ type: "ping", data });
    return this.#core.pings.wait(data);
  }

  close(init?: CloseInit): void {
    this.#core.close(init);
  }

  [Symbol.asyncIterator](): AsyncIterator<MessageData, undefined> {
    return iteratorOf(() => this.receive());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#core.leave();
    await this.closed;
  }
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

function notOpen(): TypeError {
  return new TypeError(
    "Cannot write message: found a connection that is closing or closed, " +
      "wanted an open one (RFC 6455 §5.5.1)",
  );
}

function writableOf(
  connection: WebSocketConnection,
): WritableStream<MessageData> {
  return new WritableStream({
    // Who pipes is to learn of the end, also while there is nothing to write.
    start: (controller) => {
      connection.closed.then(() => controller.error(notOpen()));
    },
    write: (data) => {
      if (!connection.send(data)) throw notOpen();
      return connection.drained();
    },
    close: async () => {
      connection.close();
      await connection.closed;
    },
    abort: () => connection.close({ closeCode: CloseCode.internalError }),
  });
}
