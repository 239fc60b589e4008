import type { Invalid, ProtocolError } from "../error/protocol_error.ts";
import type { RequestRuleCode } from "../error/protocol_rule.ts";
import { requestError } from "../error/request_rules.ts";
import { quote, show } from "../error/quote.ts";
import type { NegotiatedExtensions } from "../extension/negotiate.ts";
import { acceptKey, isKey } from "./accept_key.ts";
import type { RequestHead, ResponseHead } from "./head.ts";
import {
  hasElement,
  headerElements,
  headerFault,
  type HeaderList,
  type HeaderListInit,
  headerValues,
  type HeadFault,
  invalidHead,
  toHeaderList,
} from "./headers.ts";
import {
  type BrokenRequest,
  checkContentLength,
  checkExtensions,
  checkOrigin,
  checkProtocols,
  checkVersion,
  isHost,
  isPath,
} from "./request_checks.ts";

/** What a client asks for, once its request has been judged right. */
export interface WebSocketRequest {
  /** Path and query, such as `"/chat?room=1"`. */
  readonly resourceName: string;
  /**
   * The `Host` header, or the host of an absolute request target; over HTTP/2 and
   * HTTP/3 the `:authority`.
   */
  readonly host: string;
  /**
   * The `Origin` header: the page that asks, when the client is a browser.
   * Whether it may is for the server to decide (RFC 6455 §10.2).
   */
  readonly origin: string | undefined;
  /**
   * The `Sec-WebSocket-Key` header; `undefined` over HTTP/2 and HTTP/3, which have
   * no use for one (RFC 8441 §5).
   */
  readonly key: string | undefined;
  /** The subprotocols on offer, in the client's order of preference. */
  readonly protocols: readonly string[];
  /** Every header line of the request. */
  readonly headers: HeaderList;
}

/** What {@linkcode checkRequest} says of a request. */
export type CheckRequestResult =
  | {
    /** The request is a WebSocket handshake. */
    readonly status: "valid";
    /** What it asks for. */
    readonly request: WebSocketRequest;
  }
  | Invalid;

/**
 * Judges a request by every rule that a server has to check.
 *
 * Pure; the request is not changed. `Connection` and `Upgrade` are read as
 * lists, repeated headers refused where they may not be. An error's
 * `httpStatus` is what to answer: see {@linkcode refuseRequest}. Its offset is
 * 0, since it is the head as a whole that is wrong.
 *
 * Source: {@link https://www.rfc-editor.org/rfc/rfc6455#section-4.2.1 | RFC 6455 §4.2.1},
 * §4.4 for the version and §11.3 for the headers.
 *
 * @param head A request, as `parseRequestHead` gives it.
 * @returns What the client asks for, or the first rule that is broken.
 *
 * @example
 * ```ts
 * import { checkRequest } from "@sluice/websocket/handshake";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const head = {
 *   method: "GET",
 *   target: "/chat",
 *   httpVersion: "1.1",
 *   headers: [
 *     ["Host", "example.com"],
 *     ["Connection", "keep-alive, Upgrade"],
 *     ["Upgrade", "websocket"],
 *     ["Sec-WebSocket-Version", "13"],
 *     ["Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="],
 *   ],
 * } as const;
 *
 * const result = checkRequest(head);
 * assert(result.status === "valid");
 * assertEquals(result.request.resourceName, "/chat");
 *
 * const old = checkRequest({ ...head, headers: [["Upgrade", "websocket"]] });
 * assert(old.status === "invalid");
 * assertEquals(old.error.code, "wrong-host");
 * ```
 */
export function checkRequest(head: RequestHead): CheckRequestResult {
  for (const check of requestChecks) {
    const broken = check(head);
    if (broken !== undefined) return invalidHead(requestError, broken, head);
  }
  const { headers } = head;
  const { resourceName, host } = readTarget(head.target)!;
  const request = toWebSocketRequest(headers, {
    resourceName,
    host: host ?? headerValues(headers, "host")[0]!,
    key: headerValues(headers, "sec-websocket-key")[0],
  });
  return { status: "valid", request };
}

/** What a request asks for that has been judged, in whichever HTTP it came. */
export function toWebSocketRequest(
  headers: HeaderList,
  of: Pick<WebSocketRequest, "resourceName" | "host" | "key">,
): WebSocketRequest {
  return {
    ...of,
    origin: headerValues(headers, "origin")[0],
    protocols: headerElements(headers, "sec-websocket-protocol"),
    headers,
  };
}

/** How {@linkcode acceptRequest} answers. */
export interface AcceptRequestOptions {
  /** The subprotocol to use: one of those on offer; none by default. */
  readonly protocol?: string | undefined;
  /** What `acceptExtensions` made of those on offer; none by default. */
  readonly extensions?: NegotiatedExtensions;
  /** More headers for the answer, such as cookies. */
  readonly headers?: HeaderListInit;
}

/**
 * The answer that opens the WebSocket: status 101 and the accept key. After
 * it has been written, frames may be sent at once.
 *
 * Source: {@link https://www.rfc-editor.org/rfc/rfc6455#section-4.2.2 | RFC 6455 §4.2.2}.
 *
 * @param request A request that was judged right by {@linkcode checkRequest}.
 * @param options Subprotocol and further headers.
 * @returns The head to write.
 * @throws {TypeError} If the subprotocol was not on offer, or a header is
 * malformed or not the caller's to set, or the request has no key, because it
 * came by extended CONNECT.
 *
 * @example
 * ```ts
 * import { acceptRequest, headerValues } from "@sluice/websocket/handshake";
 * import { assertEquals } from "@std/assert";
 *
 * const head = await acceptRequest({
 *   resourceName: "/",
 *   host: "example.com",
 *   origin: undefined,
 *   key: "dGhlIHNhbXBsZSBub25jZQ==",
 *   protocols: ["chat", "superchat"],
 *   headers: [],
 * }, { protocol: "chat" });
 *
 * assertEquals(head.status, 101);
 * assertEquals(headerValues(head.headers, "Sec-WebSocket-Accept"), [
 *   "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
 * ]);
 * ```
 */
export async function acceptRequest(
  request: WebSocketRequest,
  options: AcceptRequestOptions = {},
): Promise<ResponseHead> {
  const { key } = request;
  if (key === undefined) {
    throw new TypeError(
      `${acceptAction}: found no key, wanted a request of HTTP/1.1; answer others ` +
        "with acceptConnectRequest (RFC 8441 §5)",
    );
  }
  const headers = answerHeaders(request, options);
  return {
    httpVersion: "1.1",
    status: 101,
    reason: "Switching Protocols",
    headers: [
      ["Upgrade", "websocket"],
      ["Connection", "Upgrade"],
      ["Sec-WebSocket-Accept", await acceptKey(key)],
      ...headers,
    ],
  };
}

const acceptAction = "Cannot accept WebSocket request";

/** What an answer says of the WebSocket that it opens, in whichever HTTP. */
export function answerHeaders(
  request: WebSocketRequest,
  options: AcceptRequestOptions,
): HeaderList {
  const { protocol } = options;
  if (protocol !== undefined && !request.protocols.includes(protocol)) {
    throw new TypeError(
      `${acceptAction}: found protocol ${
        JSON.stringify(protocol)
      }, wanted one of ` +
        `those on offer, ${
          JSON.stringify(request.protocols)
        } (RFC 6455 §4.2.2)`,
    );
  }
  const more = toHeaderList(options.headers ?? [], acceptAction);
  const extensions = options.extensions?.header ?? "";
  return [
    ...protocol === undefined
      ? []
      : [["Sec-WebSocket-Protocol", protocol] as const],
    ...extensions === ""
      ? []
      : [["Sec-WebSocket-Extensions", extensions] as const],
    ...more,
  ];
}

/** An answer that opens no WebSocket. */
export interface Refusal {
  /** The head to write. */
  readonly head: ResponseHead;
  /** The body to write after it: the reason in words, plain ASCII. */
  readonly body: string;
}

const reasons: Readonly<Record<number, string>> = {
  400: "Bad Request",
  403: "Forbidden",
  408: "Request Timeout",
  426: "Upgrade Required",
  431: "Request Header Fields Too Large",
  501: "Not Implemented",
};

/**
 * The answer to a request that breaks a rule: the status that belongs to it,
 * the version that we speak if it was the version, and the rule in words. The
 * connection is to be closed after it.
 *
 * Source: {@link https://www.rfc-editor.org/rfc/rfc6455#section-4.4 | RFC 6455 §4.4}
 * for the version, and
 * {@link https://www.rfc-editor.org/rfc/rfc9110#section-15.5.22 | RFC 9110 §15.5.22}
 * for `Upgrade` in a 426.
 *
 * @param error What `checkRequest` or `parseRequestHead` returned.
 *
 * @example
 * ```ts
 * import { protocolError } from "@sluice/websocket/error";
 * import { headerValues, refuseRequest } from "@sluice/websocket/handshake";
 * import { assertEquals } from "@std/assert";
 *
 * const error = protocolError("unsupported-version", {
 *   found: 'version "8"',
 *   offset: 0,
 * });
 * const { head } = refuseRequest(error);
 *
 * assertEquals(head.status, 426);
 * assertEquals(headerValues(head.headers, "Sec-WebSocket-Version"), ["13"]);
 * ```
 */
export function refuseRequest(error: ProtocolError): Refusal {
  const status = error.httpStatus ?? 400;
  // Headers and bodies of other peers may hold anything: ASCII is safe to show.
  const body = `${error.message}\n`.replace(/§/g, "section ")
    .replace(/[^\n -~]/g, "?");
  const upgrade: HeaderList = status === 426
    ? [
      ["Upgrade", "websocket"],
      ["Connection", "Upgrade, close"],
      ["Sec-WebSocket-Version", "13"],
    ]
    : [["Connection", "close"]];
  const headers: HeaderList = [
    ...upgrade,
    ["Content-Type", "text/plain; charset=utf-8"],
    ["Content-Length", String(body.length)],
  ];
  const reason = reasons[status] ?? "";
  return { head: { httpVersion: "1.1", status, reason, headers }, body };
}

/** What is judged of a request, in this order. */
const requestChecks: readonly ((head: RequestHead) => BrokenRequest)[] = [
  checkHost,
  checkTarget,
  checkUpgrade,
  checkMethod,
  checkHttpVersion,
  checkContentLength,
  checkTransferEncoding,
  checkOrigin,
  checkConnection,
  checkVersion,
  checkKey,
  checkProtocols,
  checkExtensions,
];

/** Every rule that a request breaks: {@linkcode checkRequest} tells the first. */
export function requestFaults(head: RequestHead): HeadFault<RequestRuleCode>[] {
  return requestChecks.flatMap((check) => {
    const fault = check(head);
    return fault === undefined ? [] : [fault];
  });
}

/** First of all, since it is asked of every request, for a page too (RFC 9112 §3.2). */
function checkHost({ headers, httpVersion }: RequestHead): BrokenRequest {
  const hosts = headerValues(headers, "host");
  if (hosts.length === 1 && isHost(hosts[0]!)) return undefined;
  if (hosts.length === 0 && Number(httpVersion) < 1.1) return undefined;
  return headerFault("wrong-host", headers, "Host");
}

/** The next that is asked of every request (RFC 9112 §3.2.1–3.2.4). */
function checkTarget({ method, target }: RequestHead): BrokenRequest {
  const isOfItsOwn = method === "CONNECT" ||
    (method === "OPTIONS" && target === "*");
  if (isOfItsOwn || readTarget(target) !== undefined) return undefined;
  return ["wrong-target", `target ${quote(target)}`];
}

/** Before what is asked of a WebSocket: whether it means to be one at all. */
function checkUpgrade({ headers }: RequestHead): BrokenRequest {
  if (hasElement(headers, "upgrade", "websocket")) return undefined;
  return headerFault("not-an-upgrade", headers, "Upgrade");
}

function checkMethod({ method }: RequestHead): BrokenRequest {
  return method === "GET"
    ? undefined
    : ["wrong-method", `method ${show(method)}`];
}

function checkHttpVersion({ httpVersion }: RequestHead): BrokenRequest {
  if (Number(httpVersion) >= 1.1) return undefined;
  return ["wrong-http-version", `HTTP/${httpVersion}`];
}

function checkTransferEncoding({ headers }: RequestHead): BrokenRequest {
  const name = "Transfer-Encoding";
  if (headerValues(headers, name).length === 0) return undefined;
  return headerFault("unexpected-body", headers, name);
}

function checkConnection({ headers }: RequestHead): BrokenRequest {
  if (hasElement(headers, "connection", "upgrade")) return undefined;
  return headerFault("missing-connection-upgrade", headers, "Connection");
}

function checkKey({ headers }: RequestHead): BrokenRequest {
  const name = "Sec-WebSocket-Key";
  const keys = headerValues(headers, name);
  if (keys.length > 1) return headerFault("duplicate-header", headers, name);
  if (keys[0] !== undefined && isKey(keys[0])) return undefined;
  return headerFault("wrong-key", headers, name);
}

/**
 * Path and query of a request target: of an absolute path as it is, and of an
 * absolute URI beside its host, which counts for more than the `Host` header
 * (RFC 6455 §4.2.1, RFC 9112 §3.2.2).
 */
function readTarget(
  target: string,
): { resourceName: string; host?: string } | undefined {
  if (isPath(target)) return { resourceName: target };
  if (target.includes("#")) return undefined;
  if (!/^https?:\/\//i.test(target) || !URL.canParse(target)) return undefined;
  const { pathname, search, host } = new URL(target);
  return { resourceName: pathname + search, host };
}
