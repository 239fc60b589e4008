import { ProtocolError } from "../error/protocol_error.ts";
import {
  chooseProtocol,
  type ProtocolPolicy,
} from "../handshake/choose_protocol.ts";
import {
  type HeadLimits,
  parseRequestHead,
  type RequestHead,
} from "../handshake/head.ts";
import { type HeaderListInit, headerValues } from "../handshake/headers.ts";
import { checkOrigin, type OriginPolicy } from "../handshake/origin.ts";
import { serializeResponseHead } from "../handshake/serialize_head.ts";
import {
  acceptRequest,
  checkRequest,
  refuseRequest,
  type WebSocketRequest,
} from "../handshake/server.ts";
import type { ByteStreams } from "../stream/byte_streams.ts";
import { type DenoConn, denoTransport } from "../transport/deno.ts";
import { streamsTransport } from "../transport/streams.ts";
import type { Transport } from "../transport/transport.ts";
import {
  type ConnectionHooks,
  type ConnectionOptions,
  openConnection,
  type WebSocketConnection,
} from "./connection.ts";
import {
  answerAndHangUp,
  defaultHandshakeTimeoutMs,
  handshakeTooLate,
  readHeadFrom,
  withinTime,
} from "./handshake_io.ts";

/** How a server answers the opening handshake, and behaves after it. */
export interface AcceptWebSocketOptions extends ConnectionOptions, HeadLimits {
  /**
   * The subprotocols that the server speaks, the most wanted first, or a
   * function that chooses among those on offer; none by default.
   */
  readonly protocols?: ProtocolPolicy;
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
  /** Answers requests that are not for a WebSocket; a 426 by default. */
  readonly http?: (request: Request) => Response | Promise<Response>;
  /**
   * The longest that the handshake may take, in milliseconds; `Infinity` for no
   * limit.
   *
   * @default {10000}
   */
  readonly handshakeTimeoutMs?: number;
}

/** What can carry a WebSocket. */
export type Carrier = Transport | DenoConn | ByteStreams;

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
 * A request that breaks a rule, or is refused, is answered in HTTP; then the
 * connection is closed and the promise rejects.
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
  const { connection } = await acceptWithHooks(
    toTransport(carrier),
    options,
    {},
  );
  return connection;
}

/** {@linkcode acceptWebSocket}, with functions to be called with what comes. */
export async function acceptWithHooks(
  transport: Transport,
  options: AcceptWebSocketOptions,
  hooks: ConnectionHooks,
): Promise<AcceptedWebSocket> {
  const { handshakeTimeoutMs: timeoutMs = defaultHandshakeTimeoutMs, signal } =
    options;
  const { head, rest } = await withinTime(
    () => readRequest(transport, options),
    {
      timeoutMs,
      signal,
      giveUp: transport.close,
      tooLate: () => handshakeTooLate(timeoutMs),
    },
  );
  const request = await judge(transport, head, options);
  const protocol = chooseProtocol(request, options.protocols ?? []);
  const { headers = [] } = options;
  const answer = await acceptRequest(request, {
    protocol,
    headers: typeof headers === "function" ? headers(request) : headers,
  });
  await transport.write(serializeResponseHead(answer));
  const connection = openConnection(
    transport,
    {
      role: "server",
      protocol: protocol ?? "",
      extensions: "",
      headers: request.headers,
      leftover: rest,
    },
    connectionOptions(options),
    hooks,
  );
  return { connection, request };
}

/** Anything that carries bytes, as a transport. */
export function toTransport(carrier: Carrier): Transport {
  if ("readable" in carrier && !("read" in carrier)) {
    return streamsTransport(carrier);
  }
  // A Deno.Conn has both; its read() and write() cost a fraction of its streams.
  return "readable" in carrier || carrier.read.length > 0
    ? denoTransport(carrier as DenoConn)
    : carrier as Transport;
}

/** Without what is the handshake's alone. */
function connectionOptions(
  options: AcceptWebSocketOptions,
): ConnectionOptions {
  const {
    protocols: _protocols,
    origins: _origins,
    headers: _headers,
    authorize: _authorize,
    http: _http,
    handshakeTimeoutMs: _handshakeTimeoutMs,
    maxHeadBytes: _maxHeadBytes,
    maxHeaders: _maxHeaders,
    ...rest
  } = options;
  return rest;
}

/** The head of a request; what is wrong with it is answered. */
async function readRequest(
  transport: Transport,
  limits: HeadLimits,
): Promise<{ head: RequestHead; rest: Uint8Array }> {
  try {
    return await readHeadFrom(
      transport,
      (bytes) => parseRequestHead(bytes, limits),
    );
  } catch (error) {
    if (error instanceof ProtocolError) await refuse(transport, error);
    else transport.close();
    throw error;
  }
}

/** The request, if it is right and welcome; what is not is answered. */
async function judge(
  transport: Transport,
  head: RequestHead,
  options: AcceptWebSocketOptions,
): Promise<WebSocketRequest> {
  const checked = checkRequest(head);
  if (checked.status === "invalid") {
    const { error } = checked;
    if (error.code === "not-an-upgrade" && options.http !== undefined) {
      await answer(transport, await options.http(toRequest(head)));
    } else await refuse(transport, error);
    throw error;
  }
  const { request } = checked;
  const foreign = checkOrigin(request, options.origins ?? "same-host");
  if (foreign !== undefined) {
    await refuse(transport, foreign.error);
    throw foreign.error;
  }
  const refusal = await options.authorize?.(request);
  if (refusal === undefined) return request;
  await answer(transport, refusal);
  throw new ProtocolError("refused-request", {
    found:
      `a request for ${request.resourceName}, refused with ${refusal.status}`,
    offset: 0,
  });
}

async function refuse(
  transport: Transport,
  error: ProtocolError,
): Promise<void> {
  const { head, body } = refuseRequest(error);
  await answerAndHangUp(transport, head, new TextEncoder().encode(body));
}

/** A `Response` as HTTP/1.1, after which the connection is closed. */
async function answer(transport: Transport, response: Response): Promise<void> {
  const body = new Uint8Array(await response.arrayBuffer());
  const own = ["connection", "content-length", "transfer-encoding"];
  await answerAndHangUp(transport, {
    httpVersion: "1.1",
    status: response.status,
    reason: response.statusText,
    headers: [
      ...[...response.headers].filter(([name]) => !own.includes(name)),
      ["Content-Length", String(body.length)],
      ["Connection", "close"],
    ],
  }, body);
}

/** The head of a request as a `Request`; its body is not read. */
function toRequest({ method, target, headers }: RequestHead): Request {
  const [host = "localhost"] = headerValues(headers, "host");
  const url = URL.canParse(target) ? target : `http://${host}${target}`;
  return new Request(URL.canParse(url) ? url : "http://localhost/", {
    method,
    headers: headers.map(([name, value]): [string, string] => [name, value]),
  });
}
