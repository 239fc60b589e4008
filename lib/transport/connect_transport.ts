import {
  acceptConnectRequest,
  checkConnectRequest,
  toConnectResponse,
} from "../handshake/extended_connect.ts";
import {
  type ConnectResponseHead,
  parseRequestFields,
  serializeResponseFields,
} from "../handshake/fields.ts";
import { type HeaderList, headerValues } from "../handshake/headers.ts";
import { isFault, type ServerExchange, toRequest } from "./server_exchange.ts";
import type { Transport } from "./transport.ts";

/**
 * A stream of HTTP/2 or HTTP/3 on which a client asks for a WebSocket, as a
 * transport: it brings with it how that is answered. `connectTransport` makes one.
 */
export interface ConnectTransport extends Transport {
  /** How the request is read, judged and answered. */
  readonly exchange: ServerExchange;
}

/** What has been read of a request, and a way to answer it. */
export interface ConnectRequest {
  /** The fields of the request, pseudo-headers first. */
  readonly request: HeaderList;
  /** Answers with these fields, `:status` first; the stream stays open. */
  readonly respond: (fields: HeaderList) => Promise<void>;
}

/**
 * A stream of HTTP/2 or HTTP/3 as something that `acceptWebSocket` takes. Whoever
 * speaks that HTTP has read the request, and sends the head of the answer.
 *
 * Source: {@link https://www.rfc-editor.org/rfc/rfc8441#section-4 | RFC 8441 §4}
 * and RFC 9220 §3.
 *
 * @example
 * ```ts
 * import { acceptWebSocket } from "@sluice/websocket/connection";
 * import { connectTransport, memoryTransports } from "@sluice/websocket/transport";
 * import { assertEquals } from "@std/assert";
 *
 * const [stream] = memoryTransports();
 * const answers: unknown[] = [];
 * const connection = await acceptWebSocket(connectTransport(stream, {
 *   request: [
 *     [":method", "CONNECT"],
 *     [":protocol", "websocket"],
 *     [":scheme", "https"],
 *     [":authority", "server.example.com"],
 *     [":path", "/chat"],
 *     ["sec-websocket-version", "13"],
 *   ],
 *   respond: async (fields) => void answers.push(fields),
 * }));
 *
 * assertEquals(answers, [[[":status", "200"]]]);
 * connection.close();
 * ```
 *
 * @param transport What is sent and received in DATA frames.
 * @param asked The request, and how it is answered.
 */
export function connectTransport(
  transport: Transport,
  asked: ConnectRequest,
): ConnectTransport {
  return {
    // One by one: a transport may be of a class, whose methods no spread takes.
    read: (room) => transport.read(room),
    write: (bytes) => transport.write(bytes),
    closeWrite: () => transport.closeWrite(),
    close: () => transport.close(),
    exchange: connectExchange(transport, asked),
  };
}

function connectExchange(
  transport: Transport,
  asked: ConnectRequest,
): ServerExchange {
  const respond = (head: ConnectResponseHead) =>
    asked.respond(serializeResponseFields(head));
  return {
    receive: (limits) => {
      const read = parseRequestFields(asked.request, limits);
      if (read.status === "invalid") throw read.error;
      const { method, scheme, path: target = "/", headers } = read.head;
      const checked = checkConnectRequest(read.head);
      const toPage = () => {
        if (!isFault(checked, "not-extended-connect")) return undefined;
        const [host = read.head.authority] = headerValues(headers, "host");
        return toRequest({ method, scheme, target, host, headers });
      };
      return { checked, toPage, leftover: new Uint8Array(0) };
    },
    accept: (request, options) => {
      const head = acceptConnectRequest(request, options);
      return () => respond(head);
    },
    refuse: async (head, body) => {
      await respond(toConnectResponse(head));
      if (body.length > 0) await transport.write(new Uint8Array(body));
    },
  };
}
