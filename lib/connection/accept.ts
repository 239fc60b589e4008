import { ProtocolError } from "../error/protocol_error.ts";
import { show } from "../error/quote.ts";
import { requestError } from "../error/request_rules.ts";
import type { Extension } from "../extension/extension.ts";
import {
  acceptExtensions,
  type NegotiatedExtensions,
} from "../extension/negotiate.ts";
import {
  chooseProtocol,
  type ProtocolPolicy,
} from "../handshake/choose_protocol.ts";
import type { HeadLimits, ResponseHead } from "../handshake/head.ts";
import { type HeaderListInit, headerValues } from "../handshake/headers.ts";
import { checkOrigin, type OriginPolicy } from "../handshake/origin.ts";
import { refuseRequest, type WebSocketRequest } from "../handshake/server.ts";
import type {
  ReceivedRequest,
  ServerExchange,
} from "../transport/server_exchange.ts";
import type { Transport } from "../transport/transport.ts";
import { type Carrier, toTransport } from "./carrier.ts";
import {
  type ConnectionHooks,
  type ConnectionOptions,
  type ConnectionSettings,
  openConnection,
  type OpenedHandshake,
  requireConnectionOptions,
  type WebSocketConnection,
} from "./connection.ts";
import {
  answerAndHangUp,
  defaultHandshakeTimeoutMs,
  handshakeTooLate,
  requireHandshakeLimits,
  withinTime,
} from "./handshake_io.ts";
import { exchangeOn } from "./upgrade_exchange.ts";

/** How a server answers the opening handshake, and behaves after it. */
export interface AcceptWebSocketOptions extends ConnectionOptions, HeadLimits {
  /**
   * The subprotocols that the server speaks, the most wanted first, or a
   * function that chooses among those on offer; none by default.
   */
  readonly protocols?: ProtocolPolicy;
  /**
   * The extensions that the server can do, such as `permessageDeflate()`; none by
   * default.
   */
  readonly extensions?: readonly Extension[];
  /**
   * Which web pages may ask; others get a 403. A request without `Origin` is
   * not from a browser, and may always.
   *
   * @default {"same-host"}
   */
  readonly origins?: OriginPolicy;
  /** More headers for the answer, such as cookies, or a function that has them. */
  readonly headers?:
    | HeaderListInit
    | ((request: WebSocketRequest) => HeaderListInit);
  /**
   * Asked about each request that is right in itself: a `Response` refuses it,
   * such as a 401 or a 404; nothing accepts it.
   */
  readonly authorize?: (
    request: WebSocketRequest,
  ) => Response | undefined | Promise<Response | undefined>;
  /**
   * Answers requests that are not for a WebSocket; a 426 by default. One whose
   * `Host` or target is wrong is not asked about: it is answered 400.
   */
  readonly http?: (request: Request) => Response | Promise<Response>;
  /**
   * The longest that the handshake may take, in milliseconds; `Infinity` for no
   * limit.
   *
   * @default {10000}
   */
  readonly handshakeTimeoutMs?: number;
}

/** A connection, and what its client asked for. */
export interface AcceptedWebSocket {
  /** The open connection. */
  readonly connection: WebSocketConnection;
  /** The request that opened it. */
  readonly request: WebSocketRequest;
}

/**
 * Opens a WebSocket as a server, on a connection that a client has just made.
 *
 * A request that breaks a rule, or is refused, is answered in HTTP, and with 500
 * if a function of the options throws; then the connection is closed and the
 * promise rejects.
 *
 * Source: {@link https://www.rfc-editor.org/rfc/rfc6455#section-4.2 | RFC 6455 §4.2}.
 *
 * @param carrier A `Deno.Conn`, a pair of byte streams, or any transport; from
 * now on the WebSocket's.
 * @param options How to answer, and how the connection behaves.
 * @throws {ProtocolError} (rejects) If the client broke a rule or was refused.
 * @throws (rejects) The reason of `signal`, if it aborts before.
 *
 * @example
 * ```ts
 * import { acceptWebSocket, connectWebSocket } from "@sluice/websocket/connection";
 * import { assertEquals } from "@std/assert";
 *
 * const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
 * const serving = listener.accept().then(async (conn) => {
 *   const connection = await acceptWebSocket(conn);
 *   for await (const message of connection) connection.send(message);
 * });
 *
 * const client = await connectWebSocket(`ws://127.0.0.1:${listener.addr.port}/`);
 * client.send("Hello");
 * assertEquals(await client.receive(), "Hello");
 *
 * client.close();
 * assertEquals((await client.closed).closeCode, 1000);
 * await serving;
 * listener.close();
 * ```
 */
export async function acceptWebSocket(
  carrier: Carrier,
  options: AcceptWebSocketOptions = {},
): Promise<WebSocketConnection> {
  const transport = toTransport(carrier);
  let settings: ConnectionSettings;
  try {
    settings = requireAcceptOptions(options);
  } catch (error) {
    transport.close();
    throw error;
  }
  const accepting = { transport, options, settings };
  return (await acceptWithHooks(accepting, {})).connection;
}

/** A client that has come, and how it is to be taken. */
export interface Accepting {
  readonly transport: Transport;
  readonly options: AcceptWebSocketOptions;
  /** What {@linkcode requireAcceptOptions} made of the options. */
  readonly settings: ConnectionSettings;
}

/**
 * {@linkcode acceptWebSocket}, with functions to be called with what comes. The
 * transport is closed whenever it rejects.
 */
export async function acceptWithHooks(
  accepting: Accepting,
  hooks: ConnectionHooks,
): Promise<AcceptedWebSocket> {
  const { transport, options } = accepting;
  const exchange = exchangeOn(transport);
  const { handshakeTimeoutMs: timeoutMs = defaultHandshakeTimeoutMs, signal } =
    options;
  const tooLate = handshakeTooLate(timeoutMs);
  try {
    const opened = await withinTime(() => open(accepting, exchange, hooks), {
      timeoutMs,
      signal,
      giveUp: (isTooLate) =>
        void (isTooLate
          ? refuseNow(transport, exchange, tooLate)
          : transport.close()),
      tooLate: () => tooLate,
    });
    if ("connection" in opened) return opened;
    const { head, body } = opened;
    await answerAndHangUp(transport, () => exchange.refuse(head, body));
    throw opened.error;
  } catch (error) {
    // Too late is being told; for the rest there is nothing left to say.
    if (error !== tooLate) transport.close();
    throw error;
  }
}

/** Throws unless WebSockets can be accepted with these options. */
export function requireAcceptOptions(
  options: AcceptWebSocketOptions,
): ConnectionSettings {
  requireHandshakeLimits(options);
  return requireConnectionOptions(options, "server");
}

/** A request that opens no WebSocket: why, and what to answer. */
interface Refused {
  readonly error: unknown;
  readonly head: ResponseHead;
  readonly body: Uint8Array;
}

/** Reads the request, judges it, and answers it if it is right and welcome. */
async function open(
  { transport, options, settings }: Accepting,
  exchange: ServerExchange,
  hooks: ConnectionHooks,
): Promise<AcceptedWebSocket | Refused> {
  const received = await receive(exchange, options);
  if ("error" in received) return received;
  const decided = await decide(received, exchange, options).catch(fault);
  if ("error" in decided) return decided;
  const { request, protocol, extensions } = decided;
  await decided.accept();
  const handshake: OpenedHandshake = {
    role: "server",
    protocol: protocol ?? "",
    extensions,
    headers: request.headers,
    leftover: received.leftover,
  };
  const connection = openConnection(transport, handshake, settings, hooks);
  hooks.onOpen?.(connection, request);
  return { connection, request };
}

/** The request, or what is wrong with its head. */
async function receive(
  exchange: ServerExchange,
  limits: HeadLimits,
): Promise<ReceivedRequest | Refused> {
  try {
    return await exchange.receive(limits);
  } catch (error) {
    if (error instanceof ProtocolError) return refuse(error);
    throw error;
  }
}

/** A request that is welcome, and the answer to it. */
interface Decision {
  readonly request: WebSocketRequest;
  readonly protocol: string | undefined;
  readonly extensions: NegotiatedExtensions;
  /** Sends the answer. */
  readonly accept: () => Promise<void>;
}

/** Asks the application whether and how to accept a request. */
async function decide(
  received: ReceivedRequest,
  exchange: ServerExchange,
  options: AcceptWebSocketOptions,
): Promise<Decision | Refused> {
  const request = await judge(received, options);
  if ("error" in request) return request;
  const protocol = chooseProtocol(request, options.protocols ?? []);
  const { headers = [] } = options;
  const extensions = acceptExtensions(
    headerValues(request.headers, "sec-websocket-extensions"),
    options.extensions ?? [],
  );
  const accept = await exchange.accept(request, {
    protocol,
    extensions,
    headers: typeof headers === "function" ? headers(request) : headers,
  });
  return { request, protocol, extensions, accept };
}

/** What a function of the application threw is no fault of the client's. */
function fault(error: unknown): Refused {
  const body = new TextEncoder().encode("Internal Server Error\n");
  const headers = [
    ["Connection", "close"],
    ["Content-Type", "text/plain; charset=utf-8"],
    ["Content-Length", String(body.length)],
  ] as const;
  const reason = "Internal Server Error";
  return {
    error,
    head: { httpVersion: "1.1", status: 500, reason, headers },
    body,
  };
}

/** What is said of requests that the application has answered itself. */
const answeredPages = new WeakSet<object>();

/** Whether an error says no more than that `http` has answered a request. */
export function isAnsweredPage(error: unknown): boolean {
  return error instanceof ProtocolError && answeredPages.has(error);
}

/** The request, if it is right and welcome. */
async function judge(
  { checked, toPage }: ReceivedRequest,
  options: AcceptWebSocketOptions,
): Promise<WebSocketRequest | Refused> {
  if (checked.status === "invalid") {
    const { error } = checked;
    const page = toPage();
    const response = page && await options.http?.(page);
    if (response === undefined) return refuse(error);
    answeredPages.add(error);
    return await answer(error, response, page?.method === "HEAD");
  }
  const { request } = checked;
  const foreign = checkOrigin(request, options.origins ?? "same-host");
  if (foreign !== undefined) return refuse(foreign.error);
  const refusal = await options.authorize?.(request);
  if (refusal === undefined) return request;
  const { resourceName } = request;
  const found = `a request for ${
    show(resourceName)
  }, refused with ${refusal.status}`;
  const error = requestError("refused-request", { found, offset: 0 });
  return await answer(error, refusal);
}

/** A refusal in the words of the rule. */
function refuse(error: ProtocolError): Refused {
  const { head, body } = refuseRequest(error);
  return { error, head, body: new TextEncoder().encode(body) };
}

/** A refusal in the words of the application. */
async function answer(
  error: ProtocolError,
  response: Response,
  withoutBody = false,
): Promise<Refused> {
  const whole = new Uint8Array(await response.arrayBuffer());
  const body = withoutBody ? new Uint8Array(0) : whole;
  const own = ["connection", "content-length", "transfer-encoding"];
  const head: ResponseHead = {
    httpVersion: "1.1",
    status: response.status,
    reason: response.statusText,
    headers: [
      ...[...response.headers].filter(([name]) => !own.includes(name)),
      ...mayHaveBody(response.status)
        ? [["Content-Length", String(whole.length)] as const]
        : [],
      ["Connection", "close"],
    ],
  };
  return { error, head, body };
}

/** Says why while something else may still be read; it has a second. */
async function refuseNow(
  transport: Transport,
  exchange: ServerExchange,
  error: ProtocolError,
): Promise<void> {
  const id = setTimeout(transport.close, 1_000);
  try {
    const { head, body } = refuse(error);
    await exchange.refuse(head, body);
  } catch {
    // The client is gone, which is where this was to lead.
  } finally {
    clearTimeout(id);
    transport.close();
  }
}

/** Not with 1xx and 204 (RFC 9110 §8.6). */
function mayHaveBody(status: number): boolean {
  return status >= 200 && status !== 204;
}
