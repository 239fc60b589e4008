import { concat } from "../bytes/chunks.ts";
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
import {
  type HeadLimits,
  parseRequestHead,
  type ResponseHead,
} from "../handshake/head.ts";
import { type HeaderList, headerValues } from "../handshake/headers.ts";
import { serializeResponseHead } from "../handshake/serialize_head.ts";
import {
  acceptRequest,
  type AcceptRequestOptions,
  checkRequest,
  type CheckRequestResult,
  type WebSocketRequest,
} from "../handshake/server.ts";
import type { ConnectTransport, Transport } from "../transport/transport.ts";
import { readHeadFrom } from "./handshake_io.ts";

/** A request, in whichever HTTP it came. */
export interface ReceivedRequest {
  /** What is to be said of it. */
  readonly checked: CheckRequestResult;
  /** Makes the request of who does not mean to open a WebSocket, without its body. */
  readonly toPage: () => Request | undefined;
  /** What was read after it. */
  readonly leftover: Uint8Array;
}

/** Sends an answer that has been made. */
export type SendAnswer = () => Promise<void>;

/**
 * How a request comes and an answer goes: all that HTTP/1.1 and the others do each
 * in their own way. What is asked and what is answered is the same.
 */
export interface ServerExchange {
  /**
   * Gives the request, judged; where it has to be read first, a promise of it.
   *
   * @throws {ProtocolError} (or rejects) If it is none of this HTTP.
   */
  readonly receive: (
    limits: HeadLimits,
  ) => ReceivedRequest | Promise<ReceivedRequest>;
  /**
   * Makes the answer that opens the WebSocket, and a function that sends it.
   *
   * @throws {TypeError} (or rejects) If the application cannot answer so.
   */
  readonly accept: (
    request: WebSocketRequest,
    options: AcceptRequestOptions,
  ) => SendAnswer | Promise<SendAnswer>;
  /** Sends an answer that opens none. */
  readonly refuse: (head: ResponseHead, body: Uint8Array) => Promise<void>;
}

/** The exchange that a transport brings with it, or else that of HTTP/1.1. */
export function exchangeOn(
  transport: Transport | ConnectTransport,
): ServerExchange {
  return "respond" in transport
    ? connectExchange(transport)
    : upgradeExchange(transport);
}

/** HTTP/1.1: the request is read from the transport, the answer written to it. */
function upgradeExchange(transport: Transport): ServerExchange {
  return {
    receive: async (limits) => {
      const { head, rest } = await readHeadFrom(
        transport,
        (bytes) => parseRequestHead(bytes, limits),
      );
      const { method, target, headers } = head;
      const checked = checkRequest(head);
      const toPage = () => {
        if (!isFault(checked, "not-an-upgrade")) return undefined;
        const [host] = headerValues(headers, "host");
        return toRequest({ method, target, host, headers });
      };
      return { checked, toPage, leftover: rest };
    },
    accept: async (request, options) => {
      const bytes = serializeResponseHead(
        await acceptRequest(request, options),
      );
      return () => transport.write(bytes);
    },
    refuse: (head, body) =>
      transport.write(concat(serializeResponseHead(head), body)),
  };
}

/** HTTP/2 and HTTP/3: whoever speaks it has read the request, and sends the head. */
function connectExchange(transport: ConnectTransport): ServerExchange {
  const respond = (head: ConnectResponseHead) =>
    transport.respond(serializeResponseFields(head));
  return {
    receive: (limits) => {
      const read = parseRequestFields(transport.request, limits);
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

function isFault(
  checked: CheckRequestResult,
  code: "not-an-upgrade" | "not-extended-connect",
): boolean {
  return checked.status === "invalid" && checked.error.code === code;
}

/**
 * A request as a `Request`, whose body is not read; `undefined` for methods that a
 * `Request` cannot have, such as CONNECT.
 */
function toRequest(
  { method, scheme = "http", target, host = "localhost", headers }: {
    readonly method: string;
    readonly scheme?: string | undefined;
    readonly target: string;
    readonly host: string | undefined;
    readonly headers: HeaderList;
  },
): Request | undefined {
  if (/^(?:connect|trace|track)$/i.test(method)) return undefined;
  const url = URL.canParse(target) ? target : `${scheme}://${host}${target}`;
  return new Request(URL.canParse(url) ? url : "http://localhost/", {
    method,
    headers: headers.map(([name, value]): [string, string] => [name, value]),
  });
}
