import { ProtocolError } from "../error/protocol_error.ts";
import type { Extension } from "../extension/extension.ts";
import { offerExtensions } from "../extension/negotiate.ts";
import { createKey } from "../handshake/accept_key.ts";
import {
  checkResponse,
  type CheckResponseResult,
  createRequest,
  parseWebSocketUrl,
  type WebSocketUrl,
} from "../handshake/client.ts";
import {
  type HeadLimits,
  parseResponseHead,
  type ResponseHead,
} from "../handshake/head.ts";
import {
  type HeaderList,
  type HeaderListInit,
  headerValues,
  toHeaderList,
} from "../handshake/headers.ts";
import { serializeRequestHead } from "../handshake/serialize_head.ts";
import type { DialOptions } from "../transport/dial_options.ts";
import type { ConnectSession } from "../transport/connect_session.ts";
import { dial } from "../transport/dial.ts";
import type { Transport } from "../transport/transport.ts";
import { type Carrier, toTransport } from "./carrier.ts";
import {
  type ConnectionOptions,
  openConnection,
  type OpenedHandshake,
  requireConnectionOptions,
  type WebSocketConnection,
} from "./connection.ts";
import {
  defaultHandshakeTimeoutMs,
  handshakeTooLate,
  readHeadFrom,
  requireHandshakeLimits,
  withinTime,
} from "./handshake_io.ts";

/** What a client asks for, and how it behaves. */
export interface ConnectWebSocketOptions
  extends ConnectionOptions, HeadLimits, DialOptions {
  /** Subprotocols to offer, the most wanted first. */
  readonly protocols?: readonly string[];
  /**
   * Extensions to offer, such as `permessageDeflate()`, the most wanted first;
   * none by default.
   */
  readonly extensions?: readonly Extension[];
  /** More headers for the request, such as `Authorization` or `Cookie`. */
  readonly headers?: HeaderListInit;
  /**
   * The longest that connecting and the handshake may take, in milliseconds;
   * `Infinity` for no limit.
   *
   * @default {10000}
   */
  readonly handshakeTimeoutMs?: number;
  /**
   * How many redirects to follow. `Authorization` and `Cookie` go no further
   * than the host that they were meant for.
   *
   * @default {0}
   */
  readonly maxRedirects?: number;
  /**
   * A connection to use in place of one that is made from the URL; or one of HTTP/2
   * or HTTP/3, such as `http2Session(session)`, on which a stream is opened, and on
   * which others may be. Redirects are then followed within the same host alone.
   */
  readonly carrier?: Carrier | ConnectSession;
}

/**
 * Opens a WebSocket as a client: connects, with TLS for `wss:`, asks, and judges
 * the answer.
 *
 * Connections to one host and port are opened one after the other, as RFC 6455
 * §4.1 wants it.
 *
 * Source: {@link https://www.rfc-editor.org/rfc/rfc6455#section-4.1 | RFC 6455 §4.1}.
 *
 * @param url A `ws:` or `wss:` URL.
 * @param options What to ask for, and how the connection behaves.
 * @throws {TypeError} (rejects) If the URL or an option cannot be used.
 * @throws {ProtocolError} (rejects) If the server did not open the WebSocket,
 * or broke a rule; `cause` is then the head of its response.
 * @throws (rejects) The reason of `signal`, if it aborts before.
 *
 * @example
 * ```ts
 * import { connectWebSocket, serveWebSocket } from "@sluice/websocket/connection";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = serveWebSocket({ hostname: "127.0.0.1" }, {
 *   message: (connection, data) => connection.send(data),
 * });
 *
 * await using connection = await connectWebSocket(`ws://${server.address}/`);
 * connection.send("Hello");
 * assertEquals(await connection.receive(), "Hello");
 * ```
 */
export async function connectWebSocket(
  url: string | URL,
  options: ConnectWebSocketOptions = {},
): Promise<WebSocketConnection> {
  const { handshakeTimeoutMs: timeoutMs = defaultHandshakeTimeoutMs, signal } =
    options;
  requireHandshakeLimits(options);
  requireConnectionOptions(options, "client");
  const giveUp = new AbortController();
  return await withinTime(() => follow(String(url), options, giveUp.signal), {
    timeoutMs,
    signal,
    giveUp: () => giveUp.abort(),
    tooLate: () => handshakeTooLate(timeoutMs),
  });
}

/** Opens the URL, or where it is redirected to. */
async function follow(
  url: string,
  options: ConnectWebSocketOptions,
  signal: AbortSignal,
): Promise<WebSocketConnection> {
  const { maxRedirects = 0 } = options;
  let headers = toHeaderList(options.headers ?? [], "Cannot connect");
  let current = url;
  for (let redirects = 0;; redirects++) {
    try {
      return await open(current, { ...options, headers }, signal);
    } catch (error) {
      const next = redirects < maxRedirects
        ? redirectOf(error, current, options)
        : undefined;
      if (next === undefined) throw error;
      headers = headersFor(headers, current, next);
      current = next;
    }
  }
}

/** Where an answer that opens nothing leads, if it leads anywhere. */
function redirectOf(
  error: unknown,
  from: string,
  { carrier }: ConnectWebSocketOptions,
): string | undefined {
  if (!(error instanceof ProtocolError)) return undefined;
  if (error.code !== "unexpected-status") return undefined;
  const { status, headers } = error.cause as Pick<
    ResponseHead,
    "status" | "headers"
  >;
  const [location] = headerValues(headers, "location");
  if (![301, 302, 303, 307, 308].includes(status)) return undefined;
  const next = location === undefined ? undefined : placeOf(location, from);
  if (next === undefined || carrier === undefined) return next;
  // A connection that is spent leads nowhere, and a session to one host.
  const isThere = "ask" in carrier && isSameOrigin(from, next);
  return isThere ? next : undefined;
}

/**
 * The URL that a `Location` leads to; nothing if none can be opened there. Its
 * fragment is for whoever shows a page (RFC 9110 §10.2.2).
 */
function placeOf(location: string, from: string): string | undefined {
  if (!URL.canParse(location, from)) return undefined;
  const place = new URL(location, from);
  place.hash = "";
  // http: and https: are what a server that redirects everything writes.
  const isKnown = /^(?:http|ws)s?:$/.test(place.protocol);
  const isPlain = place.username === "" && place.password === "";
  return isKnown && isPlain ? place.href.replace(/^http/, "ws") : undefined;
}

function isSameOrigin(a: string, b: string): boolean {
  const [one, other] = [new URL(a), new URL(b)];
  return one.protocol === other.protocol && one.host === other.host;
}

/** Without what was meant for one host alone, or for nobody else's eyes. */
function headersFor(headers: HeaderList, from: string, to: string): HeaderList {
  const [before, after] = [new URL(from), new URL(to)];
  const isExposed = before.protocol === "wss:" && after.protocol === "ws:";
  if (before.host === after.host && !isExposed) return headers;
  const secret = ["authorization", "cookie", "host"];
  return headers.filter(([name]) => !secret.includes(name.toLowerCase()));
}

/** The handshakes under way, by host and port (RFC 6455 §4.1, point 2). */
const connecting = new Map<string, Promise<unknown>>();

/** Opens the URL when no other handshake with that host is under way. */
async function open(
  url: string,
  options: ConnectWebSocketOptions,
  signal: AbortSignal,
): Promise<WebSocketConnection> {
  const { carrier } = options;
  const parsed = parseWebSocketUrl(url);
  if (carrier !== undefined) {
    // Streams need not wait for each other as connections do (RFC 8441 §5).
    return "ask" in carrier
      ? await askOnStream(url, carrier, options, signal)
      : await askOn(url, toTransport(carrier), options, signal);
  }
  const place = `${parsed.hostname}:${parsed.port}`;
  const before = connecting.get(place) ?? Promise.resolve();
  const opening = before.catch(() => {}).then(() => {
    signal.throwIfAborted();
    return dialAndAsk(url, parsed, options, signal);
  });
  connecting.set(place, opening);
  try {
    return await opening;
  } finally {
    if (connecting.get(place) === opening) connecting.delete(place);
  }
}

/** Connecting cannot be aborted everywhere: who comes too late is hung up on. */
async function dialAndAsk(
  url: string,
  parsed: WebSocketUrl,
  options: ConnectWebSocketOptions,
  signal: AbortSignal,
): Promise<WebSocketConnection> {
  const transport = await dial(parsed, options, signal);
  if (signal.aborted) transport.close();
  signal.throwIfAborted();
  return await askOn(url, transport, options, signal);
}

/** Asks in HTTP/1.1 on a connection that has been made. */
function askOn(
  url: string,
  transport: Transport,
  options: ConnectWebSocketOptions,
  signal: AbortSignal,
): Promise<WebSocketConnection> {
  const { protocols = [], headers = [], extensions = [] } = options;
  return openAnswered(transport, options, signal, async () => {
    const key = createKey(crypto.getRandomValues(new Uint8Array(16)));
    const request = createRequest(url, {
      key,
      protocols,
      headers,
      extensions: offerExtensions(extensions),
    });
    await transport.write(serializeRequestHead(request));
    const { head, rest } = await readHeadFrom(
      transport,
      (bytes) => parseResponseHead(bytes, options),
    );
    const checked = await checkResponse(head, { key, protocols, extensions });
    return { checked, leftover: rest };
  });
}

/** Asks on a stream of its own, in the way that its session brings. */
async function askOnStream(
  url: string,
  session: ConnectSession,
  options: ConnectWebSocketOptions,
  signal: AbortSignal,
): Promise<WebSocketConnection> {
  const { transport, judge } = await session.ask(url, options, signal);
  return await openAnswered(transport, options, signal, () => ({
    checked: judge(),
    leftover: new Uint8Array(0),
  }));
}

/** An answer that has been judged, and what was read after it. */
interface Answered {
  readonly checked: CheckResponseResult;
  readonly leftover: Uint8Array;
}

/** Opens a connection if the answer says so, and closes the transport if not. */
async function openAnswered(
  transport: Transport,
  options: ConnectWebSocketOptions,
  signal: AbortSignal,
  ask: () => Answered | Promise<Answered>,
): Promise<WebSocketConnection> {
  signal.addEventListener("abort", transport.close);
  try {
    const { checked, leftover } = await ask();
    signal.throwIfAborted();
    if (checked.status === "invalid") throw checked.error;
    const { protocol, extensions, headers } = checked;
    const opened: OpenedHandshake = {
      role: "client",
      protocol,
      extensions,
      headers,
      leftover,
    };
    return openConnection(
      transport,
      opened,
      requireConnectionOptions(options, "client"),
    );
  } catch (error) {
    transport.close();
    throw error;
  } finally {
    signal.removeEventListener("abort", transport.close);
  }
}
