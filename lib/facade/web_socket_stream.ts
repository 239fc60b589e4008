import type {
  ConnectionClosed,
  WebSocketConnection,
} from "../connection/connection.ts";
import { CloseCode } from "../message/close.ts";
import { createCountedSender } from "./counted_sender.ts";
import { byteLengthOf, ownBytes, toSendable } from "./message_data.ts";
import {
  openFor,
  setClassOptions,
  type WebSocketClassOptions,
} from "./opening.ts";
import { readProtocols } from "./protocols.ts";
import { readSocketUrl } from "./socket_url.ts";
import {
  connectionError,
  readCloseInfo,
  type WebSocketCloseInfo,
  WebSocketError,
} from "./web_socket_error.ts";

/** What one {@linkcode WebSocketStream} asks for. */
export interface WebSocketStreamOptions {
  /** Subprotocols to offer, the most wanted first. */
  readonly protocols?: readonly string[];
  /** Gives up; once the connection is open, it does nothing. */
  readonly signal?: AbortSignal;
}

/** An open connection. */
export interface WebSocketOpenInfo {
  /** The messages that come: text, and bytes that are the reader's to keep. */
  readonly readable: ReadableStream<string | Uint8Array<ArrayBuffer>>;
  /**
   * Messages to send: text, buffers and views; anything else is sent as text. A
   * write settles when there is room for another.
   */
  readonly writable: WritableStream<string | ArrayBuffer | ArrayBufferView>;
  /** The extensions in use, as the response names them; empty for none. */
  readonly extensions: string;
  /** The subprotocol in use; empty for none. */
  readonly protocol: string;
}

/**
 * A connection as a pair of streams, with back-pressure all the way: nothing is
 * read that nobody reads, and a write waits for the network.
 *
 * A class, since the platform's is one.
 *
 * Source: {@link https://developer.mozilla.org/docs/Web/API/WebSocketStream | WebSocketStream}
 * and {@link https://github.com/whatwg/websockets/pull/48 | what is to become its standard}.
 *
 * @example
 * ```ts
 * import { serveWebSocket } from "@sluice/websocket/connection";
 * import { WebSocketStream } from "@sluice/websocket/facade";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = serveWebSocket({ hostname: "127.0.0.1" }, {
 *   message: (connection, data) => connection.send(data),
 * });
 *
 * const stream = new WebSocketStream(`ws://${server.address}/`);
 * const { readable, writable } = await stream.opened;
 * const [reader, writer] = [readable.getReader(), writable.getWriter()];
 * await writer.write("Hello");
 * assertEquals(await reader.read(), { done: false, value: "Hello" });
 *
 * stream.close({ closeCode: 4000, reason: "done" });
 * assertEquals(await stream.closed, { closeCode: 4000, reason: "done" });
 * ```
 */
export class WebSocketStream {
  readonly #url: string;
  readonly #giveUp = new AbortController();
  readonly #opened = Promise.withResolvers<WebSocketOpenInfo>();
  readonly #closed = Promise.withResolvers<Required<WebSocketCloseInfo>>();
  #connection: WebSocketConnection | undefined;

  /**
   * Begins to open a connection.
   *
   * @param url A `ws:`, `wss:`, `http:` or `https:` URL.
   * @param options What to ask for.
   * @throws {DOMException} `SyntaxError`, if the URL or a protocol cannot be used.
   * @throws {TypeError} If an option is of another type.
   */
  constructor(url: string | URL, options: WebSocketStreamOptions = {}) {
    if (arguments.length === 0) {
      throw new TypeError("Cannot open WebSocket: found nothing, wanted a URL");
    }
    const { protocols, signal } = readStreamOptions(options);
    const socketUrl = readSocketUrl(url);
    this.#url = socketUrl.href;
    // Who looks at one of them has seen the other: neither is to end a program.
    this.#opened.promise.catch(() => {});
    this.#closed.promise.catch(() => {});
    if (signal?.aborted) {
      this.#fail(signal.reason);
      return;
    }
    const abort = () => this.#abort(signal?.reason);
    signal?.addEventListener("abort", abort);
    const opening = openFor(new.target, {
      url: socketUrl,
      protocols,
      signal: this.#giveUp.signal,
    });
    opening
      .then((connection) => this.#open(connection))
      .catch((error) => this.#refuse(error))
      .finally(() => signal?.removeEventListener("abort", abort));
  }

  /** Where it leads. */
  get url(): string {
    return this.#url;
  }

  /**
   * Resolves when the connection is open. Rejects with a
   * {@linkcode WebSocketError}, whose `cause` says why, if it cannot be opened,
   * and with the reason of the signal if that aborts.
   */
  get opened(): Promise<WebSocketOpenInfo> {
    return this.#opened.promise;
  }

  /**
   * Resolves with the code and the reason of the peer's Close. Rejects with a
   * {@linkcode WebSocketError} if the connection did not come to a clean end, or
   * messages were not sent.
   */
  get closed(): Promise<Required<WebSocketCloseInfo>> {
    return this.#closed.promise;
  }

  /**
   * Begins to close; one that is not open yet fails.
   *
   * @param info The code, 1000 or 3000–4999, and the reason, at most 123 bytes.
   * @throws {DOMException} `InvalidAccessError` or `SyntaxError`, if they cannot
   * be sent.
   */
  close(info: WebSocketCloseInfo = {}): void {
    const init = readCloseInfo(info);
    if (this.#connection !== undefined) return this.#connection.close(init);
    const closed = new DOMException(
      "Cannot open WebSocket: it was closed before",
      "AbortError",
    );
    this.#refuse(closed);
    this.#giveUp.abort(closed);
  }

  /** What `Object.prototype.toString` says of it. */
  get [Symbol.toStringTag](): string {
    return "WebSocketStream";
  }

  #open(connection: WebSocketConnection): void {
    // Closed or aborted in the moment in which it was opened.
    if (this.#giveUp.signal.aborted) return connection.close();
    this.#connection = connection;
    const { extensions, protocol } = connection;
    const { readable, writable, closed } = streamsOf(connection);
    closed.then(this.#closed.resolve, this.#closed.reject);
    this.#opened.resolve({ readable, writable, extensions, protocol });
  }

  #abort(reason: unknown): void {
    if (this.#connection !== undefined) return;
    this.#fail(reason);
    this.#giveUp.abort(reason);
  }

  #refuse(cause: unknown): void {
    const message = cause instanceof Error ? cause.message : String(cause);
    const error = connectionError(message, noClose, cause);
    this.#fail(error);
  }

  /** Does nothing when it has failed already. */
  #fail(reason: unknown): void {
    this.#opened.reject(reason);
    this.#closed.reject(reason);
  }
}

/**
 * A {@linkcode WebSocketStream} class whose objects are opened with these
 * options.
 *
 * @param options What a connection is opened with.
 * @throws {TypeError} If a header cannot be sent.
 * @throws {RangeError} If a limit is out of its range.
 *
 * @example
 * ```ts
 * import { acceptWebSocket } from "@sluice/websocket/connection";
 * import { createWebSocketStreamClass } from "@sluice/websocket/facade";
 * import { memoryTransports } from "@sluice/websocket/transport/memory";
 * import { assertEquals } from "@std/assert";
 *
 * const [own, other] = memoryTransports();
 * const WebSocketStream = createWebSocketStreamClass({ carrier: () => own });
 * const stream = new WebSocketStream("ws://localhost/");
 *
 * const server = await acceptWebSocket(other);
 * server.send("Hello");
 * const { readable } = await stream.opened;
 * assertEquals((await readable.getReader().read()).value, "Hello");
 * server.close();
 * assertEquals((await stream.closed).closeCode, 1000);
 * ```
 */
export function createWebSocketStreamClass(
  options: WebSocketClassOptions = {},
): typeof WebSocketStream {
  const bound = class extends WebSocketStream {};
  Object.defineProperty(bound, "name", { value: "WebSocketStream" });
  setClassOptions(bound, options);
  return bound;
}

/** What there is to tell of a connection that was never open. */
const noClose = { closeCode: CloseCode.abnormal, reason: "" };

function readStreamOptions(options: unknown): {
  readonly protocols: readonly string[];
  readonly signal: AbortSignal | undefined;
} {
  const refuse = (found: string) =>
    new TypeError(
      `Cannot open WebSocket: found ${found}, wanted an object with protocols, ` +
        "a list, and signal",
    );
  if (typeof options !== "object") throw refuse(String(options));
  const { protocols = [], signal } = (options ?? {}) as WebSocketStreamOptions;
  if (typeof protocols !== "object" || protocols === null) {
    throw refuse(`protocols ${JSON.stringify(protocols)}`);
  }
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw refuse(`a signal that is none`);
  }
  return { protocols: readProtocols(protocols), signal };
}

/** The streams of a connection, and its end. */
interface Streams extends Pick<WebSocketOpenInfo, "readable" | "writable"> {
  /** Rejects with an error of which the streams have heard, too. */
  readonly closed: Promise<Required<WebSocketCloseInfo>>;
}

function streamsOf(connection: WebSocketConnection): Streams {
  const sending = createSending(connection);
  // No Close of a peer that broke a rule will be read: nobody is to wait for it.
  const failed = Promise.withResolvers<never>();
  const ended = connection.closed.then((end) =>
    requireWhole(end, sending.unwrittenBytes())
  );
  const closed = Promise.race([ended, failed.promise]);
  const fail = (error: unknown) => failed.reject(unclean(error, noClose));
  return {
    readable: readableOf(connection, closed, fail),
    writable: writableOf(connection, closed, sending),
    closed,
  };
}

/** The Close of the peer; throws if it was not the end of a whole conversation. */
function requireWhole(
  { wasClean, closeCode, reason, error }: ConnectionClosed,
  unwrittenBytes: number,
): Required<WebSocketCloseInfo> {
  const info = { closeCode, reason };
  if (wasClean && unwrittenBytes === 0) return info;
  throw unclean(
    wasClean
      ? `${unwrittenBytes} bytes were not sent`
      : error ?? "there was no Close on both sides",
    info,
  );
}

function unclean(
  why: unknown,
  info: Required<WebSocketCloseInfo>,
): WebSocketError {
  const isError = why instanceof Error;
  const message = isError ? why.message : String(why);
  return connectionError(
    `WebSocket did not close cleanly: ${message}`,
    info,
    isError ? why : undefined,
  );
}

/** The messages of a writable on their way. */
interface Sending {
  /** How many bytes of messages are not known to be written. */
  unwrittenBytes(): number;
  /** Sends one, and waits until there is room for another. */
  send(data: string | Uint8Array): Promise<void>;
}

function createSending(connection: WebSocketConnection): Sending {
  let unwrittenBytes = 0;
  let isEnded = false;
  connection.closed.then(() => isEnded = true);
  const sender = createCountedSender(connection, (byteLength) => {
    unwrittenBytes -= byteLength;
  });
  return {
    unwrittenBytes: () => unwrittenBytes,
    send: async (data) => {
      if (!sender.send(data)) throw notOpen();
      unwrittenBytes += byteLengthOf(data);
      await connection.drained();
      if (isEnded && unwrittenBytes > 0) throw notOpen();
    },
  };
}

function readableOf(
  connection: WebSocketConnection,
  closed: Streams["closed"],
  fail: (error: unknown) => void,
): WebSocketOpenInfo["readable"] {
  let isOver = false;
  const next = async () => {
    try {
      return await connection.receive();
    } catch (error) {
      // Told by `closed`, to the writable as well.
      fail(error);
      return undefined;
    }
  };
  return new ReadableStream({
    start: (controller) => {
      const finish = async () => {
        // What came before the Close can still be read.
        while (!isOver) {
          const data = await next();
          if (data === undefined) break;
          if (!isOver) controller.enqueue(toChunk(data));
        }
        if (!isOver) controller.close();
        isOver = true;
      };
      closed.then(finish, (error) => {
        if (!isOver) controller.error(error);
        isOver = true;
      });
    },
    pull: async (controller) => {
      const data = await next();
      if (data !== undefined && !isOver) controller.enqueue(toChunk(data));
    },
    cancel: (reason) => {
      isOver = true;
      closeWith(connection, reason);
      // Nobody else reads any more, and what waits would keep the Close from us.
      void (async () => {
        while (await next() !== undefined);
      })();
    },
  }, { highWaterMark: 0 });
}

function toChunk(
  data: string | Uint8Array,
): string | Uint8Array<ArrayBuffer> {
  return typeof data === "string" ? data : ownBytes(data);
}

function writableOf(
  connection: WebSocketConnection,
  closed: Streams["closed"],
  sending: Sending,
): WebSocketOpenInfo["writable"] {
  return new WritableStream({
    start: (controller) => {
      closed.then(
        () => controller.error(notOpen()),
        (error) => controller.error(error),
      );
    },
    write: (chunk) => {
      const data = toSendable(chunk);
      // A Blob is none of the types that a stream knows.
      return sending.send(data instanceof Blob ? String(data) : data);
    },
    close: async () => {
      connection.close({ closeCode: CloseCode.noStatus });
      await closed;
    },
    abort: (reason) => closeWith(connection, reason),
  });
}

function notOpen(): DOMException {
  return new DOMException(
    "Cannot write message: found a WebSocketStream that is closed, wanted an " +
      "open one",
    "InvalidStateError",
  );
}

/** Closes with the code and the reason of a `WebSocketError`, or with none. */
function closeWith(connection: WebSocketConnection, reason: unknown): void {
  const { closeCode, reason: text } = reason instanceof WebSocketError
    ? reason
    : { closeCode: null, reason: "" };
  connection.close({
    closeCode: closeCode ?? CloseCode.noStatus,
    reason: text,
  });
}
