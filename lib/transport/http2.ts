/**
 * Streams of HTTP/2, by `node:http2` of Node, Deno and Bun: WebSockets beside
 * ordinary requests on one connection (RFC 8441).
 *
 * @example A server of HTTP/2, with a WebSocket and a page
 * ```ts
 * import { connectWebSocket, serveWebSocket } from "@sluice/websocket/connection";
 * import { http2Listener, http2Session } from "@sluice/websocket/transport/http2";
 * import { connect, createServer } from "node:http2";
 * import { assertEquals } from "@std/assert";
 *
 * const http = createServer(
 *   { settings: { enableConnectProtocol: true } },
 *   (_, response) => response.end("a page"),
 * );
 * await using server = serveWebSocket({ listener: http2Listener(http) }, {
 *   message: (connection, data) => connection.send(data),
 * });
 * await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
 * const { port } = http.address() as { port: number };
 *
 * const session = connect(`http://127.0.0.1:${port}`);
 * const connection = await connectWebSocket(`ws://127.0.0.1:${port}/`, {
 *   carrier: http2Session(session),
 * });
 * connection.send("Hello");
 * assertEquals(await connection.receive(), "Hello");
 * connection.close();
 * await connection.closed;
 *
 * session.close();
 * http.close();
 * ```
 *
 * @module
 */
import { responseError } from "../error/response_rules.ts";
import type { HeaderList } from "../handshake/headers.ts";
import { createClientQueue } from "./client_queue.ts";
import { type NodeSocket, nodeTransport } from "./node.ts";
import {
  type ConnectedStream,
  type ConnectSession,
  connectSession,
} from "./connect_session.ts";
import {
  type ConnectTransport,
  connectTransport,
} from "./connect_transport.ts";
import type { Listener, Transport } from "./transport.ts";

export type {
  ConnectSession,
  ConnectTransport,
  Listener,
  NodeSocket,
  Transport,
};

/** Fields as `node:http2` has them: a property a name, an array if repeated. */
export type Http2Headers = Readonly<
  Record<string, string | number | readonly string[] | undefined>
>;

/** What is needed of any stream of `node:http2`. */
export interface Http2Stream extends NodeSocket {
  /** Ends both halves with RST_STREAM and this code. */
  close(code: number): unknown;
}

/** What is needed of a stream on which a client asks. */
export interface Http2ServerStream extends Http2Stream {
  /** Sends the head of the answer. */
  respond(headers: Record<string, string | string[]>): unknown;
}

/** What is needed of a stream on which we ask. */
export interface Http2ClientStream extends Http2Stream {
  /** Calls `listener` when the peer has ended, or the stream is closed. */
  on(event: "end" | "close", listener: () => void): unknown;
  /** Calls `listener` with what comes. */
  on(event: "data", listener: (chunk: Uint8Array) => void): unknown;
  /** Calls `listener` when the stream fails. */
  on(event: "error", listener: (error: Error) => void): unknown;
  /** Calls `listener` with the head of the answer. */
  on(event: "response", listener: (headers: Http2Headers) => void): unknown;
}

/** What is needed of a server of `node:http2`. */
export interface Http2Server {
  /** Calls `listener` with each stream that a client opens. */
  on(event: "stream", listener: OnHttp2Stream): unknown;
  /** Calls `listener` with each CONNECT, if there is one for requests. */
  on(event: "connect", listener: OnHttp2Connect): unknown;
  /** Stops that. */
  off(event: "stream", listener: OnHttp2Stream): unknown;
  /** Stops that. */
  off(event: "connect", listener: OnHttp2Connect): unknown;
  /** Who is called. */
  listeners(event: "stream" | "connect"): readonly unknown[];
}

/** What `node:http2` calls with a stream that a client has opened. */
export type OnHttp2Stream = (
  stream: Http2ServerStream,
  headers: Http2Headers,
  flags: number,
  rawHeaders: readonly string[],
) => void;

/** What `node:http2` calls with a CONNECT, where requests are listened for. */
export type OnHttp2Connect = (
  request: { readonly headers: Http2Headers },
  response: {
    statusCode: number;
    readonly headersSent: boolean;
    end(): unknown;
  },
) => void;

/** What is needed of a session of `node:http2`, as `http2.connect` gives it. */
export interface Http2ClientSession {
  /** Whether there is no connection yet. */
  readonly connecting: boolean;
  /** Whether no more streams can be opened. */
  readonly closed: boolean;
  /** Whether there is no connection any more. */
  readonly destroyed: boolean;
  /** What the server has said of itself, or what holds until it does. */
  readonly remoteSettings: {
    readonly enableConnectProtocol?: boolean | undefined;
  };
  /** Opens a stream. */
  request(
    headers: Record<string, string | string[]>,
    options: { endStream: boolean },
  ): Http2ClientStream;
  /** Asks the server for a sign of life. */
  ping(done: (error: Error | null) => void): boolean;
  /** Calls `listener` when the server has said something of itself. */
  on(event: "remoteSettings" | "close", listener: () => void): unknown;
  /** Calls `listener` when the session fails. */
  on(event: "error", listener: (error: Error) => void): unknown;
  /** Stops that. */
  off(event: "remoteSettings" | "close", listener: () => void): unknown;
  /** Stops that. */
  off(event: "error", listener: (error: Error) => void): unknown;
}

/** RST_STREAM with this is to a stream what a reset is to TCP (RFC 8441 §5). */
const cancelCode = 8;

/** REFUSED_STREAM: nothing was done, and elsewhere it may be (RFC 9113 §8.7). */
const refusedCode = 7;

/** How long the peer may take to end its half after ours, in milliseconds. */
const lingerMs = 1_000;

/**
 * A stream of HTTP/2 as a transport.
 *
 * Ending our half sends END_STREAM. Closing is what it is to TCP (RFC 8441 §5): it
 * sends RST_STREAM with CANCEL; but when a half has ended END_STREAM ends the other,
 * and there is a reset only if the peer goes on sending, or takes longer than a
 * second. The stream is paused while nobody reads, which closes its window and no
 * other's.
 *
 * @param stream A `ServerHttp2Stream` or `ClientHttp2Stream`, from now on the
 * transport's.
 */
export function http2Transport(stream: Http2Stream): Transport {
  let hasEnded = false;
  let hasPeerEnded = false;
  let isLetGo = false;
  let isClosed = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const reset = () => {
    clearTimeout(timer);
    stream.close(cancelCode);
    stream.destroy();
  };
  stream.on("end", () => hasPeerEnded = true);
  stream.on("close", () => {
    isClosed = true;
    clearTimeout(timer);
  });
  const letGo = () => {
    if (isLetGo || isClosed) return;
    isLetGo = true;
    if (!hasEnded && !hasPeerEnded) return reset();
    // A reset on the heels of END_STREAM would make an unclean end of it.
    timer = setTimeout(reset, lingerMs);
    if (!hasEnded) stream.end(() => {});
    stream.on("data", reset);
    stream.resume();
  };
  return nodeTransport({
    on: stream.on.bind(stream) as NodeSocket["on"],
    pause: () => stream.pause(),
    resume: () => stream.resume(),
    write: (bytes, done) => stream.write(bytes, done),
    end: (done) => {
      hasEnded = true;
      return stream.end(done);
    },
    destroy: letGo,
  });
}

/**
 * A stream on which a client asks, as a transport for `acceptWebSocket`: with the
 * request that `node:http2` has read, and a way to answer it.
 *
 * @example A WebSocket for one path, by the `stream` event
 * ```ts
 * import { acceptWebSocket, connectWebSocket } from "@sluice/websocket/connection";
 * import { http2Request, http2Session } from "@sluice/websocket/transport/http2";
 * import { connect, createServer } from "node:http2";
 * import { assertEquals } from "@std/assert";
 *
 * const http = createServer({ settings: { enableConnectProtocol: true } });
 * http.on("stream", async (stream, headers) => {
 *   if (headers[":path"] !== "/chat") return stream.close();
 *   const connection = await acceptWebSocket(http2Request(stream, headers));
 *   for await (const message of connection) connection.send(message);
 * });
 * await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
 * const { port } = http.address() as { port: number };
 *
 * const session = connect(`http://127.0.0.1:${port}`);
 * const connection = await connectWebSocket(`ws://127.0.0.1:${port}/chat`, {
 *   carrier: http2Session(session),
 * });
 * connection.send("Hello");
 * assertEquals(await connection.receive(), "Hello");
 * connection.close();
 * await connection.closed;
 *
 * session.close();
 * http.close();
 * ```
 *
 * @param stream The first argument of the `stream` event, from now on the
 * transport's.
 * @param headers The second one; or the fourth, `rawHeaders`, in which no two lines
 * of a name have been made one.
 */
export function http2Request(
  stream: Http2ServerStream,
  headers: Http2Headers | readonly string[],
): ConnectTransport {
  return connectTransport(http2Transport(stream), {
    request: toFields(headers),
    respond: (fields) =>
      new Promise((resolve) => {
        stream.respond(toHeaders(fields));
        resolve();
      }),
  });
}

/** How {@linkcode http2Listener} shares a server. */
export interface Http2ListenerOptions {
  /**
   * Which requests to take; by default those that are an extended CONNECT for a
   * WebSocket. Others are left to other listeners of the server.
   */
  readonly filter?: (headers: Http2Headers) => boolean;
  /**
   * Where the server listens, for `server.address`; it may not listen yet.
   *
   * @default {"http2"}
   */
  readonly address?: string;
}

/**
 * The WebSockets of a server of `node:http2` as a listener for `serveWebSocket`:
 * both share a port and each connection, and ordinary requests are served as
 * before.
 *
 * The server has to be made with `settings: { enableConnectProtocol: true }`, or no
 * client asks. Closing the listener does not close the server.
 *
 * @example Only what asks for one path
 * ```ts
 * import { connectWebSocket, serveWebSocket } from "@sluice/websocket/connection";
 * import { http2Listener, http2Session } from "@sluice/websocket/transport/http2";
 * import { connect, createServer } from "node:http2";
 * import { assertEquals } from "@std/assert";
 *
 * const http = createServer({ settings: { enableConnectProtocol: true } });
 * const listener = http2Listener(http, {
 *   filter: (headers) => headers[":path"] === "/chat",
 * });
 * const server = serveWebSocket({ listener }, {
 *   message: (connection, data) => connection.send(data),
 * });
 * await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
 * const { port } = http.address() as { port: number };
 *
 * const session = connect(`http://127.0.0.1:${port}`);
 * const connection = await connectWebSocket(`ws://127.0.0.1:${port}/chat`, {
 *   carrier: http2Session(session),
 * });
 * connection.send("Hello");
 * assertEquals(await connection.receive(), "Hello");
 *
 * await server.shutdown();
 * session.close();
 * http.close();
 * ```
 *
 * @param server A server, which may listen already.
 * @param options Which requests to take.
 */
export function http2Listener(
  server: Http2Server,
  options: Http2ListenerOptions = {},
): Listener {
  const { filter = isWebSocket, address = "http2" } = options;
  const queue = createClientQueue();
  const take: OnHttp2Stream = (stream, headers, _flags, rawHeaders) => {
    if (!filter(headers)) return;
    queue.put(http2Request(stream, rawHeaders ?? headers));
  };
  // Where there are listeners for requests, node:http2 answers a CONNECT with 405
  // unless somebody listens for those, too.
  const leave: OnHttp2Connect = ({ headers }, response) => {
    if (filter(headers) || response.headersSent) return;
    if (server.listeners("connect").some((other) => !isOurs(other))) return;
    response.statusCode = 405;
    response.end();
  };
  ours.add(leave);
  // After the end a request would be answered by nobody where nobody else listens.
  const refuse: OnHttp2Stream = (stream, headers) => {
    if (!filter(headers) || !server.listeners("stream").every(isOurs)) return;
    stream.on("error", () => {});
    stream.close(refusedCode);
  };
  ours.add(refuse);
  server.on("stream", take);
  server.on("connect", leave);
  return {
    address,
    accept: queue.take,
    close: () => {
      server.off("stream", take);
      server.off("connect", leave);
      server.on("stream", refuse);
      queue.close();
    },
  };
}

/** The functions of ours that answer only what nobody else does. */
const ours = new WeakSet<object>();

function isOurs(listener: unknown): boolean {
  return typeof listener === "function" && ours.has(listener);
}

/** Whether somebody asks for a WebSocket, rightly or not. */
function isWebSocket(headers: Http2Headers): boolean {
  return headers[":method"] === "CONNECT" &&
    headers[":protocol"] === "websocket";
}

/**
 * A session of `node:http2` as the carrier of any number of WebSockets, for
 * `connectWebSocket`. It stays the caller's, for other requests, and to be closed.
 *
 * Before the first stream it is waited for the server's settings, without which an
 * extended CONNECT may not be sent (RFC 8441 §3).
 *
 * @example
 * ```ts
 * import { connectWebSocket } from "@sluice/websocket/connection";
 * import { http2Session } from "@sluice/websocket/transport/http2";
 * import { connect, createServer } from "node:http2";
 * import { assertRejects } from "@std/assert";
 *
 * // A server that says nothing of extended CONNECT.
 * const http = createServer();
 * await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
 * const { port } = http.address() as { port: number };
 *
 * const session = connect(`http://127.0.0.1:${port}`);
 * await assertRejects(
 *   () =>
 *     connectWebSocket(`ws://127.0.0.1:${port}/`, {
 *       carrier: http2Session(session),
 *     }),
 *   Error,
 *   "wanted SETTINGS_ENABLE_CONNECT_PROTOCOL = 1",
 * );
 *
 * session.close();
 * http.close();
 * ```
 *
 * @param session What `http2.connect` gives, connected or not.
 */
export function http2Session(session: Http2ClientSession): ConnectSession {
  return connectSession(async (fields, signal) => {
    await offered(session, signal);
    return await open(session, fields, signal);
  });
}

/** Waits until the server has said that it takes extended CONNECT. */
async function offered(
  session: Http2ClientSession,
  signal: AbortSignal,
): Promise<void> {
  const isOffered = () => session.remoteSettings.enableConnectProtocol === true;
  if (isOffered()) return;
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", abort);
  try {
    await Promise.race([settled(session), aborted.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
  if (isOffered()) return;
  throw responseError("connect-not-offered", {
    found: "a server without extended CONNECT",
    offset: 0,
  });
}

/** The sessions whose settings are waited for, once for all of their streams. */
const settling = new WeakMap<Http2ClientSession, Promise<void>>();

/** Waits for the settings of the server. */
function settled(session: Http2ClientSession): Promise<void> {
  const waiting = settling.get(session);
  if (waiting !== undefined) return waiting;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  settling.set(session, promise);
  const stop = () => {
    settling.delete(session);
    session.off("remoteSettings", done);
    session.off("error", fail);
    session.off("close", close);
  };
  const done = () => {
    stop();
    resolve();
  };
  const fail = (error: Error) => {
    stop();
    reject(error);
  };
  const close = () => fail(new Error("Cannot connect: the session is closed"));
  session.on("remoteSettings", done);
  session.on("error", fail);
  session.on("close", close);
  if (session.closed || session.destroyed) close();
  // Settings that have come already are told of by no event; they are the first
  // that a server sends (RFC 9113 §3.4), so before the answer to a Ping.
  else if (!session.connecting) {
    session.ping((error) => error ? fail(error) : done());
  }
  return promise;
}

/** Opens a stream and waits for its answer. */
function open(
  session: Http2ClientSession,
  fields: HeaderList,
  signal: AbortSignal,
): Promise<ConnectedStream> {
  signal.throwIfAborted();
  const stream = session.request(toHeaders(fields), { endStream: false });
  const transport = http2Transport(stream);
  return new Promise((resolve, reject) => {
    const abort = () => {
      transport.close();
      reject(signal.reason);
    };
    const fail = (error: Error) => {
      signal.removeEventListener("abort", abort);
      reject(error);
    };
    signal.addEventListener("abort", abort);
    stream.on("response", (headers) => {
      signal.removeEventListener("abort", abort);
      resolve({ response: toFields(headers), transport });
    });
    stream.on("error", fail);
    stream.on(
      "close",
      () => fail(new Error("Cannot connect: the stream is closed")),
    );
  });
}

/** Fields as a list, in order. */
function toFields(headers: Http2Headers | readonly string[]): HeaderList {
  const fields: [string, string][] = [];
  if (isList(headers)) {
    for (let at = 0; at + 1 < headers.length; at += 2) {
      fields.push([headers[at]!, headers[at + 1]!]);
    }
    return fields;
  }
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined) continue;
    const values = typeof value === "object" ? value : [value];
    fields.push(
      ...values.map((value): [string, string] => [name, String(value)]),
    );
  }
  return fields;
}

function isList(
  headers: Http2Headers | readonly string[],
): headers is readonly string[] {
  return Array.isArray(headers);
}

/** Fields as `node:http2` wants them. */
function toHeaders(fields: HeaderList): Record<string, string | string[]> {
  // Without a prototype: there are headers named "constructor", too.
  const headers: Record<string, string | string[]> = Object.create(null);
  for (const [name, value] of fields) {
    const before = headers[name];
    headers[name] = before === undefined ? value : [before, value].flat();
  }
  return headers;
}
