import { ProtocolError } from "../error/protocol_error.ts";
import { requireLimit } from "../error/require.ts";
import type { WebSocketRequest } from "../handshake/server.ts";
import { CloseCode, serializeCloseBody } from "../message/close.ts";
import type { ListenOptions } from "../transport/dial_options.ts";
import { listen } from "../transport/listen.ts";
import type { Listener, Transport } from "../transport/transport.ts";
import { defaultCloseTimeoutMs } from "../session/options.ts";
import {
  type AcceptWebSocketOptions,
  acceptWithHooks,
  isAnsweredPage,
  requireAcceptOptions,
} from "./accept.ts";
import {
  type CloseInit,
  type ConnectionClosed,
  type ConnectionHooks,
  releaseReader,
  type WebSocketConnection,
} from "./connection.ts";
import type { MessageData } from "./outbox.ts";
import { createTimer } from "./timer.ts";

/** Where a server listens, how it answers, how its connections behave. */
export interface ServeWebSocketOptions
  extends AcceptWebSocketOptions, ListenOptions {
  /**
   * Where clients come from, in place of a port of Deno's; elsewhere there has to
   * be one, such as `await listenNode({ port: 3000 })`.
   */
  readonly listener?: Listener;
  /**
   * How many connections there may be at once, with those that are being answered;
   * one more is answered 503, to come again in 5 seconds. Who has not asked yet does
   * not count: that would keep others out.
   *
   * @default {Infinity}
   */
  readonly maxConnections?: number;
  /**
   * Called with what a client did wrong, and with what a handler threw; writes
   * a line to the console by default.
   */
  readonly onError?: (error: unknown) => void;
}

/** Functions called with what happens on each connection. */
export interface WebSocketHandlers {
  /** A WebSocket was opened. */
  readonly open?: (
    connection: WebSocketConnection,
    request: WebSocketRequest,
  ) => unknown;
  /**
   * A message came. Called for one after the other, without waiting for a
   * promise; what it sends goes out together at the end of the chunk. While
   * promises of more than `maxBufferedMessages` messages, or of several with more
   * than `maxBufferedBytes` together, are open, nothing more is read. Without this function messages
   * are let go. Not with `delivery: "pieces"`.
   */
  readonly message?: (
    connection: WebSocketConnection,
    data: MessageData,
  ) => unknown;
  /** A Ping came, and has been answered. */
  readonly ping?: (
    connection: WebSocketConnection,
    data: Uint8Array,
  ) => unknown;
  /**
   * A connection came to its end, however it did; `open` may not have returned
   * yet.
   */
  readonly close?: (
    connection: WebSocketConnection,
    closed: ConnectionClosed,
  ) => unknown;
}

/** A function that has a connection to itself, from its opening on. */
export type WebSocketHandler = (
  connection: WebSocketConnection,
  request: WebSocketRequest,
) => unknown;

/** A running server. */
export interface WebSocketServer extends AsyncDisposable {
  /** Where it listens: host and port, or the path of a Unix socket. */
  readonly address: string;
  /** The connections that are open. */
  readonly connections: ReadonlySet<WebSocketConnection>;
  /** Resolves when the server and all of its connections are closed. */
  readonly finished: Promise<void>;
  /**
   * Takes no more clients, closes every connection, with 1001 by default, and
   * waits for them: for each as long as its peer goes on taking what was sent to it
   * before, and then no longer than its `closeTimeoutMs` twice, and the functions of
   * the handler.
   */
  shutdown(init?: CloseInit): Promise<void>;
}

/**
 * Serves WebSockets: listens, opens each, and hands it to a function, or each
 * of its messages to functions.
 *
 * Functions are the faster way, with no stream and no promise in between; a
 * function with the connection to itself can read it by `for await`. What a
 * handler throws closes its connection with 1011 and no other.
 *
 * @param options Where to listen, how to answer, how connections behave.
 * @param handler What to do with them.
 * @throws {Deno.errors.AddrInUse} If somebody else listens there.
 *
 * @example
 * ```ts
 * import { connectWebSocket, serveWebSocket } from "@sluice/websocket/connection";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = serveWebSocket(
 *   { hostname: "127.0.0.1", port: 0 },
 *   async (connection) => {
 *     for await (const message of connection) connection.send(message);
 *   },
 * );
 *
 * const connection = await connectWebSocket(`ws://${server.address}/`);
 * connection.send("Hello");
 * assertEquals(await connection.receive(), "Hello");
 * connection.close();
 * await connection.closed;
 * ```
 */
export function serveWebSocket(
  options: ServeWebSocketOptions,
  handler: WebSocketHandler | WebSocketHandlers,
): WebSocketServer {
  const {
    listener: given,
    onError = logError,
    maxConnections = Infinity,
    ...accepting
  } = options;
  requireLimit(maxConnections, "Cannot serve", "maxConnections");
  const handlers: WebSocketHandlers = typeof handler === "function"
    ? { open: handler }
    : handler;
  const { message, ping } = handlers;
  const settings = requireAcceptOptions(options);
  requireDelivery(options, handlers);
  const listener = given ?? listen(options);
  const connections = new Set<WebSocketConnection>();
  const opening = new Set<Transport>();
  /** How many have been let in, and are not among the connections yet. */
  let admitted = 0;
  const serving = new Set<Promise<void>>();
  let shutdownWith: CloseInit | undefined;
  // A handler that reads rejects with the error that has been reported already.
  const reported = new WeakSet<object>();
  const report = (error: unknown) => {
    if (typeof error === "object" && error !== null) {
      if (reported.has(error)) return;
      reported.add(error);
    }
    try {
      onError(error);
    } catch (fault) {
      // Who reports is not to end a server that has done nothing wrong.
      logError(fault);
    }
  };

  /** What a handler throws closes its connection, and no other. */
  const fail = (connection: WebSocketConnection, error: unknown) => {
    report(error);
    connection.close({ closeCode: CloseCode.internalError });
  };
  const run = async (
    connection: WebSocketConnection,
    handler: () => unknown,
  ) => {
    try {
      await handler();
    } catch (error) {
      fail(connection, error);
    }
  };
  /** As `run`, without a promise where there is none. */
  const call = <Given>(
    handler: (connection: WebSocketConnection, given: Given) => unknown,
    connection: WebSocketConnection,
    given: Given,
  ) => {
    try {
      const result = handler(connection, given);
      if (!isThenable(result)) return;
      return Promise.resolve(result)
        .catch((error: unknown) => fail(connection, error));
    } catch (error) {
      fail(connection, error);
    }
  };
  const track = (served: Promise<void>) => {
    serving.add(served);
    served.finally(() => {
      serving.delete(served);
      settle();
    });
  };
  // For who waits until nothing is left to be served.
  let settled = Promise.withResolvers<void>();
  const settle = () => {
    settled.resolve();
    settled = Promise.withResolvers();
  };
  // Functions that have a connection to themselves, until they return.
  const opened = new WeakMap<WebSocketConnection, Promise<void>>();
  const onOpen = (
    connection: WebSocketConnection,
    request: WebSocketRequest,
  ) => {
    if (maxConnections !== Infinity) admitted -= 1;
    connections.add(connection);
    if (shutdownWith !== undefined) connection.close(shutdownWith);
    if (handlers.open === undefined) return;
    const running = run(connection, () => handlers.open?.(connection, request))
      .then(() => releaseReader(connection));
    opened.set(connection, running);
  };
  const onEnded = (
    connection: WebSocketConnection,
    closed: ConnectionClosed,
  ) => {
    connections.delete(connection);
    track(serveEnd(connection, closed));
  };
  const serveEnd = async (
    connection: WebSocketConnection,
    closed: ConnectionClosed,
  ) => {
    await run(connection, () => handlers.close?.(connection, closed));
    const running = opened.get(connection);
    if (running === undefined) return;
    await atMost(running, options.closeTimeoutMs ?? defaultCloseTimeoutMs);
  };
  // Without a function to read them messages would wait for nobody.
  const onMessage = message ??
    (typeof handler === "function" ? undefined : () => {});
  const hooks: ConnectionHooks = {
    onOpen,
    onEnded,
    onError: report,
    onMessage: onMessage &&
      ((connection, data) => call(onMessage, connection, data)),
    onPing: ping &&
      ((connection, data) => call(ping, connection, data)),
  };
  /** The options of one client, who is asked whether there is room for it. */
  const withRoom = (): AcceptWebSocketOptions & { giveUp?: () => void } => {
    if (maxConnections === Infinity) return accepting;
    let isAdmitted = false;
    return {
      ...accepting,
      authorize: (request) => {
        if (connections.size + admitted >= maxConnections) return noRoom();
        admitted += 1;
        isAdmitted = true;
        return accepting.authorize?.(request);
      },
      giveUp: () => {
        if (isAdmitted) admitted -= 1;
      },
    };
  };
  const accept = async (transport: Transport) => {
    opening.add(transport);
    const { giveUp, ...options } = withRoom();
    try {
      await acceptWithHooks({ transport, options, settings }, hooks);
    } catch (error) {
      giveUp?.();
      if (shutdownWith === undefined && !isAnsweredPage(error)) report(error);
    } finally {
      opening.delete(transport);
    }
  };
  const acceptAll = async () => {
    while (true) {
      try {
        const transport = await listener.accept();
        if (transport === null) break;
        track(accept(transport));
      } catch (error) {
        // Such as too many open files: later there may be fewer.
        report(error);
        await new Promise((resolve) => setTimeout(resolve, acceptPauseMs));
      }
    }
    while (serving.size > 0 || connections.size > 0) await settled.promise;
  };

  const finished = acceptAll();
  const shutdown = async (
    init: CloseInit = { closeCode: CloseCode.goingAway },
  ) => {
    if (shutdownWith === undefined) {
      // What cannot be sent throws here, before anything is shut.
      serializeCloseBody(init.closeCode ?? CloseCode.normal, init.reason ?? "");
      shutdownWith = init;
      listener.close();
      for (const transport of opening) transport.close();
      for (const connection of connections) connection.close(init);
    }
    await finished;
  };
  return {
    address: listener.address,
    connections,
    finished,
    shutdown,
    [Symbol.asyncDispose]: () => shutdown(),
  };
}

/** The answer to who is one too many. */
function noRoom(): Response {
  const headers = { "Retry-After": "5" };
  return new Response("Too many connections\n", { status: 503, headers });
}

/** A promise, or what `await` takes for one. */
function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value &&
    typeof value.then === "function";
}

/** A function with messages to get cannot get them in pieces. */
function requireDelivery(
  { delivery }: ServeWebSocketOptions,
  { message }: WebSocketHandlers,
): void {
  if (delivery !== "pieces" || message === undefined) return;
  throw new TypeError(
    'Cannot serve: found a message function with delivery: "pieces", ' +
      "wanted a function that reads the connection by receiveStream",
  );
}

/** Waits for a handler that may never come to its end, but not for ever. */
async function atMost(promise: Promise<void>, timeMs: number): Promise<void> {
  const over = Promise.withResolvers<void>();
  const timer = createTimer(over.resolve);
  timer.set(performance.now() + timeMs);
  await Promise.race([promise, over.promise]);
  timer.set(Infinity);
}

/** How long to wait after an accept that failed, in milliseconds. */
const acceptPauseMs = 100;

/** A line for each: the message of an error names the rule. */
function logError(error: unknown): void {
  const text = error instanceof ProtocolError ? String(error) : error;
  console.error(text);
}
