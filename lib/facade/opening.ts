import type { Carrier } from "../connection/carrier.ts";
import {
  connectWebSocket,
  type ConnectWebSocketOptions,
} from "../connection/connect.ts";
import {
  requireConnectionOptions,
  type WebSocketConnection,
} from "../connection/connection.ts";
import { requireHandshakeLimits } from "../connection/handshake_io.ts";
import {
  type HeaderList,
  type HeaderListInit,
  headerValues,
  toHeaderList,
} from "../handshake/headers.ts";
import { lateTransport } from "./late_transport.ts";
import type { SocketUrl } from "./socket_url.ts";

/** What every object of a class made for it asks for, and how it behaves. */
export interface WebSocketClassOptions
  extends Omit<ConnectWebSocketOptions, "protocols" | "carrier" | "delivery"> {
  /**
   * Makes the connection that a WebSocket goes over, in place of one that is
   * made from its URL. It counts as a part of the handshake, and `signal` aborts
   * when that is given up. Redirects are not followed over it.
   */
  readonly carrier?: (
    url: URL,
    signal: AbortSignal,
  ) => Carrier | Promise<Carrier>;
}

/** What one object asks for beside the options of its class. */
export interface Opening {
  readonly url: SocketUrl;
  readonly protocols: readonly string[];
  /** Headers that take the place of those of the class. */
  readonly headers?: HeaderListInit | undefined;
  /** Gives up, until the connection is open. */
  readonly signal: AbortSignal;
}

/**
 * Options with which connections can be opened, for as many as there will be.
 *
 * @throws {TypeError} If a header cannot be sent.
 * @throws {RangeError} If a limit is out of its range.
 */
function readClassOptions(
  options: WebSocketClassOptions,
): WebSocketClassOptions {
  requireHandshakeLimits(options);
  requireConnectionOptions(options, "client");
  const { headers = [] } = options;
  const list = toHeaderList(headers, "Cannot make WebSocket class");
  return { ...options, headers: list };
}

/** The options that classes were made with. */
const optionsOfClasses = new WeakMap<object, WebSocketClassOptions>();

/** Binds options to a class; throws as {@linkcode readClassOptions} does. */
export function setClassOptions(
  target: object,
  options: WebSocketClassOptions,
): void {
  optionsOfClasses.set(target, readClassOptions(options));
}

/** The options of a class, or of the one that it extends. */
function optionsOf(target: object): WebSocketClassOptions {
  const options = optionsOfClasses.get(target);
  if (options !== undefined) return options;
  const parent: object | null = Object.getPrototypeOf(target);
  return parent === null ? {} : optionsOf(parent);
}

/**
 * Opens a connection for one object of a class, by the options of that.
 *
 * @throws {TypeError} If a header of the object's own cannot be sent.
 */
export function openFor(
  target: object,
  { url, protocols, headers, signal }: Opening,
): Promise<WebSocketConnection> {
  const options = optionsOf(target);
  const { carrier, signal: signalOfAll, ...rest } = options;
  const signals = signalOfAll === undefined ? [signal] : [signal, signalOfAll];
  const either = AbortSignal.any(signals);
  const init: ConnectWebSocketOptions = {
    ...rest,
    protocols,
    headers: withAuthorization(headers ?? options.headers ?? [], url),
    signal: either,
  };
  if (carrier === undefined) return connectWebSocket(url.target, init);
  const make = async () => await carrier(new URL(url.target), either);
  return connectWebSocket(url.target, {
    ...init,
    carrier: lateTransport(make()),
    maxRedirects: 0,
  });
}

/** The credentials of the URL, unless there are others. */
function withAuthorization(
  init: HeaderListInit,
  { authorization }: SocketUrl,
): HeaderList {
  const headers = toHeaderList(init, "Cannot open WebSocket");
  const isGiven = headerValues(headers, "authorization").length > 0;
  if (authorization === undefined || isGiven) return headers;
  return [...headers, ["Authorization", authorization]];
}
