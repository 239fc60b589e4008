import type { Extension } from "../extension/extension.ts";
import { offerExtensions } from "../extension/negotiate.ts";
import type { CheckResponseResult } from "../handshake/client.ts";
import {
  checkConnectResponse,
  createConnectRequest,
} from "../handshake/extended_connect.ts";
import {
  parseResponseFields,
  serializeRequestFields,
} from "../handshake/fields.ts";
import type { HeadLimits } from "../handshake/head.ts";
import type { HeaderList, HeaderListInit } from "../handshake/headers.ts";
import type { Transport } from "./transport.ts";

/** What a client asks for on a stream, and how long an answer it reads. */
export interface AskOnStreamOptions extends HeadLimits {
  /** Subprotocols to offer, the most wanted first. */
  readonly protocols?: readonly string[];
  /** Extensions to offer, the most wanted first. */
  readonly extensions?: readonly Extension[];
  /** More headers for the request. */
  readonly headers?: HeaderListInit;
}

/** A stream that has been answered, and what is to be said of the answer. */
export interface AnsweredStream {
  /** What is sent and received after it. */
  readonly transport: Transport;
  /** Judges the answer. */
  readonly judge: () => CheckResponseResult;
}

/**
 * A connection of HTTP/2 or HTTP/3 to a server, on which streams are opened:
 * it brings with it how a WebSocket is asked for. `connectSession` makes one.
 */
export interface ConnectSession {
  /**
   * Asks for a WebSocket on a stream of its own, and waits for the answer; rejects
   * if the server does not take extended CONNECT.
   */
  readonly ask: (
    url: string,
    options: AskOnStreamOptions,
    signal: AbortSignal,
  ) => Promise<AnsweredStream>;
}

/** A stream of HTTP/2 or HTTP/3 that has been answered. */
export interface ConnectedStream {
  /** The fields of the response, `:status` first. */
  readonly response: HeaderList;
  /** What is sent and received after it. */
  readonly transport: Transport;
}

/**
 * Opens a stream with these fields, pseudo-headers first, and waits for its
 * answer; rejects if the server does not take extended CONNECT. The signal aborts
 * when nobody waits any more: the stream is then to be reset, and the promise to
 * reject.
 */
export type OpenStream = (
  fields: HeaderList,
  signal: AbortSignal,
) => Promise<ConnectedStream>;

/**
 * A connection of HTTP/2 or HTTP/3 as the carrier of any number of WebSockets, for
 * `connectWebSocket`.
 *
 * Source: {@link https://www.rfc-editor.org/rfc/rfc8441#section-4 | RFC 8441 §4}
 * and RFC 9220 §3.
 *
 * @example
 * ```ts
 * import { connectWebSocket } from "@sluice/websocket/connection";
 * import { connectSession, memoryTransports } from "@sluice/websocket/transport";
 * import { assertEquals } from "@std/assert";
 *
 * const [transport] = memoryTransports();
 * const carrier = connectSession(async (fields) => {
 *   assertEquals(fields[0], [":method", "CONNECT"]);
 *   return { response: [[":status", "200"]], transport };
 * });
 *
 * const connection = await connectWebSocket("wss://example.com/", { carrier });
 * connection.close();
 * ```
 *
 * @param open How a stream is opened, by whoever speaks that HTTP.
 */
export function connectSession(open: OpenStream): ConnectSession {
  return {
    ask: async (url, options, signal) => {
      const { protocols = [], headers = [], extensions = [] } = options;
      const request = createConnectRequest(url, {
        protocols,
        headers,
        extensions: offerExtensions(extensions),
      });
      const fields = serializeRequestFields(request);
      const { response, transport } = await open(fields, signal);
      const judge = () => {
        const read = parseResponseFields(response, options);
        return read.status === "invalid"
          ? read
          : checkConnectResponse(read.head, { protocols, extensions });
      };
      return { transport, judge };
    },
  };
}
