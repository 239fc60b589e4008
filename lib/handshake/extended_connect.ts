import type { ProtocolError } from "../error/protocol_error.ts";
import { connectError } from "../error/connect_rules.ts";
import { responseError } from "../error/response_rules.ts";
import { quote } from "../error/quote.ts";
import type {
  ConnectRuleCode,
  RequestRuleCode,
} from "../error/protocol_rule.ts";
import type { Extension } from "../extension/extension.ts";
import {
  checkProtocol,
  type CheckResponseResult,
  type CreateRequestOptions,
  offerHeaders,
  parseWebSocketUrl,
  readAgreement,
} from "./client.ts";
import type { ConnectRequestHead, ConnectResponseHead } from "./fields.ts";
import type { ResponseHead } from "./head.ts";
import {
  type BrokenHead,
  headerFault,
  type HeaderList,
  headerValues,
  invalidHead,
} from "./headers.ts";
import {
  checkContentLength,
  checkExtensions,
  checkOrigin,
  checkProtocols,
  checkVersion,
  isHost,
  isPath,
} from "./request_checks.ts";
import {
  type AcceptRequestOptions,
  answerHeaders,
  type CheckRequestResult,
  type Refusal,
  refuseRequest,
  toWebSocketRequest,
  type WebSocketRequest,
} from "./server.ts";

/**
 * Judges an extended CONNECT of HTTP/2 or HTTP/3 by every rule that a server has
 * to check: the same as {@linkcode checkRequest}, and what takes the place of
 * `Upgrade`.
 *
 * Pure; the request is not changed. `Sec-WebSocket-Key` is not looked at, since
 * `:protocol` has taken its place, and the `key` of the result is `undefined`. An
 * error's `httpStatus` is what to answer: see {@linkcode refuseConnectRequest}.
 *
 * Source: {@link https://www.rfc-editor.org/rfc/rfc8441#section-5 | RFC 8441 §5} and
 * {@link https://www.rfc-editor.org/rfc/rfc9220#section-3 | RFC 9220 §3}.
 *
 * @param head A request, as `parseRequestFields` gives it.
 * @returns What the client asks for, or the first rule that is broken.
 *
 * @example
 * ```ts
 * import { checkConnectRequest } from "@sluice/websocket/handshake";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const head = {
 *   method: "CONNECT",
 *   protocol: "websocket",
 *   scheme: "https",
 *   authority: "server.example.com",
 *   path: "/chat",
 *   headers: [["sec-websocket-version", "13"]],
 * } as const;
 *
 * const result = checkConnectRequest(head);
 * assert(result.status === "valid");
 * assertEquals(result.request.resourceName, "/chat");
 * assertEquals(result.request.key, undefined);
 *
 * const other = checkConnectRequest({ ...head, protocol: "connect-udp" });
 * assert(other.status === "invalid");
 * assertEquals(other.error.httpStatus, 501);
 * ```
 */
export function checkConnectRequest(
  head: ConnectRequestHead,
): CheckRequestResult {
  for (const check of connectChecks) {
    const broken = check(head);
    if (broken !== undefined) return invalidHead(connectError, broken, head);
  }
  const request = toWebSocketRequest(head.headers, {
    resourceName: head.path!,
    host: hostsOf(head)[0]!,
    key: undefined,
  });
  return { status: "valid", request };
}

/**
 * The answer that opens the WebSocket over HTTP/2 or HTTP/3: status 200. After it
 * has been sent, frames may be sent at once.
 *
 * Source: {@link https://www.rfc-editor.org/rfc/rfc8441#section-5 | RFC 8441 §5}.
 *
 * @param request A request that was judged right by
 * {@linkcode checkConnectRequest}.
 * @param options Subprotocol, extensions and further headers, as for
 * {@linkcode acceptRequest}.
 * @returns The head to send.
 * @throws {TypeError} If the subprotocol was not on offer, or a header is malformed
 * or not the caller's to set.
 *
 * @example
 * ```ts
 * import { acceptConnectRequest } from "@sluice/websocket/handshake";
 * import { assertEquals } from "@std/assert";
 *
 * const head = acceptConnectRequest({
 *   resourceName: "/",
 *   host: "example.com",
 *   origin: undefined,
 *   key: undefined,
 *   protocols: ["chat", "superchat"],
 *   headers: [],
 * }, { protocol: "chat" });
 *
 * assertEquals(head, {
 *   status: 200,
 *   headers: [["sec-websocket-protocol", "chat"]],
 * });
 * ```
 */
export function acceptConnectRequest(
  request: WebSocketRequest,
  options: AcceptRequestOptions = {},
): ConnectResponseHead {
  const headers = inLowerCase(answerHeaders(request, options));
  requireAllowed(headers, "Cannot accept WebSocket request");
  return { status: 200, headers };
}

/** An answer to an extended CONNECT that opens no WebSocket. */
export interface ConnectRefusal {
  /** The head to send. */
  readonly head: ConnectResponseHead;
  /** The body to send after it: the reason in words, plain ASCII. */
  readonly body: string;
}

/**
 * The answer to an extended CONNECT that breaks a rule: as
 * {@linkcode refuseRequest} has it, without what only HTTP/1.1 can say. A version
 * other than 13 is answered with 400: 426 asks for an upgrade, and there are none.
 *
 * Source: {@link https://www.rfc-editor.org/rfc/rfc9113#section-8.6 | RFC 9113 §8.6}.
 *
 * @param error What `checkConnectRequest` or `parseRequestFields` returned.
 *
 * @example
 * ```ts
 * import { protocolError } from "@sluice/websocket/error";
 * import { headerValues, refuseConnectRequest } from "@sluice/websocket/handshake";
 * import { assertEquals } from "@std/assert";
 *
 * const error = protocolError("unsupported-version", {
 *   found: 'version "8"',
 *   offset: 0,
 * });
 * const { head } = refuseConnectRequest(error);
 *
 * assertEquals(head.status, 400);
 * assertEquals(headerValues(head.headers, "Sec-WebSocket-Version"), ["13"]);
 * ```
 */
export function refuseConnectRequest(error: ProtocolError): ConnectRefusal {
  const { head, body }: Refusal = refuseRequest(error);
  return { head: toConnectResponse(head), body };
}

/** An answer of HTTP/1.1 as one of HTTP/2 or HTTP/3. */
export function toConnectResponse(
  { status, headers }: ResponseHead,
): ConnectResponseHead {
  return {
    // An Upgrade header belongs to 426 (RFC 9110 §15.5.22), and is forbidden here.
    status: status === 426 ? 400 : status,
    headers: inLowerCase(headers).filter((header) => !isForbidden(header)),
  };
}

/** What {@linkcode createConnectRequest} asks for. */
export type CreateConnectRequestOptions = Omit<CreateRequestOptions, "key">;

/**
 * The extended CONNECT that asks a server to open a WebSocket over HTTP/2 or
 * HTTP/3. It may be sent once the server has sent
 * `SETTINGS_ENABLE_CONNECT_PROTOCOL` with a value of 1.
 *
 * Source: {@link https://www.rfc-editor.org/rfc/rfc8441#section-5 | RFC 8441 §5} and
 * {@link https://www.rfc-editor.org/rfc/rfc9220#section-3 | RFC 9220 §3}.
 *
 * @param url The URL of the WebSocket.
 * @param options What to ask for. A `Host` among the headers takes the place of the
 * URL's, as `:authority`.
 * @returns The head to send.
 * @throws {TypeError} If the URL, a subprotocol or a header cannot be sent.
 *
 * @example The request of RFC 8441 §5.1
 * ```ts
 * import { createConnectRequest } from "@sluice/websocket/handshake";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(
 *   createConnectRequest("wss://server.example.com/chat", {
 *     protocols: ["chat", "superchat"],
 *     extensions: "permessage-deflate",
 *     headers: { Origin: "http://www.example.com" },
 *   }),
 *   {
 *     method: "CONNECT",
 *     protocol: "websocket",
 *     scheme: "https",
 *     authority: "server.example.com",
 *     path: "/chat",
 *     headers: [
 *       ["sec-websocket-version", "13"],
 *       ["sec-websocket-protocol", "chat, superchat"],
 *       ["sec-websocket-extensions", "permessage-deflate"],
 *       ["origin", "http://www.example.com"],
 *     ],
 *   },
 * );
 * ```
 */
export function createConnectRequest(
  url: string | URL,
  options: CreateConnectRequestOptions = {},
): ConnectRequestHead {
  const action = "Cannot create WebSocket request";
  const { secure, host, resourceName } = parseWebSocketUrl(url);
  const { hosts, headers: offered } = offerHeaders(options, action);
  const headers = inLowerCase(offered).filter(([name]) => name !== "host");
  requireAllowed(headers, action);
  return {
    method: "CONNECT",
    protocol: "websocket",
    scheme: secure ? "https" : "http",
    authority: hosts[0] ?? host,
    path: resourceName,
    headers,
  };
}

/**
 * Judges the response to an extended CONNECT by every rule that a client has to
 * check.
 *
 * The response is not changed. An error's offset is 0, and its `cause` is the head.
 *
 * Source: {@link https://www.rfc-editor.org/rfc/rfc8441#section-5 | RFC 8441 §5}, and
 * {@link https://www.rfc-editor.org/rfc/rfc9113#section-8.5 | RFC 9113 §8.5} for the
 * status.
 *
 * @param head A response, as `parseResponseFields` gives it.
 * @param asked The subprotocols and the extensions that the request held.
 * @returns What the server chose, or the first rule that is broken.
 *
 * @example
 * ```ts
 * import { checkConnectResponse } from "@sluice/websocket/handshake";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const result = checkConnectResponse({
 *   status: 200,
 *   headers: [["sec-websocket-protocol", "chat"]],
 * }, { protocols: ["chat", "superchat"] });
 *
 * assert(result.status === "valid");
 * assertEquals(result.protocol, "chat");
 * ```
 */
export function checkConnectResponse(
  head: ConnectResponseHead,
  asked: {
    readonly protocols?: readonly string[];
    readonly extensions?: readonly Extension[];
  } = {},
): CheckResponseResult {
  const { status, headers } = head;
  if (status < 200 || status > 299) {
    const error = responseError("unexpected-status", {
      found: `status ${status}`,
      wanted: "status 2xx",
      offset: 0,
      cause: head,
    });
    return { status: "invalid", error };
  }
  const broken = checkForbidden(headers, "forbidden-response-header") ??
    checkProtocol(headers, asked.protocols ?? []);
  if (broken !== undefined) return invalidHead(responseError, broken, head);
  return readAgreement(head, asked.extensions ?? []);
}

/** The first rule that an extended CONNECT breaks, if there is one. */
type BrokenConnect = BrokenHead<RequestRuleCode | ConnectRuleCode>;

/** What is judged of an extended CONNECT, in this order. */
const connectChecks: readonly ((head: ConnectRequestHead) => BrokenConnect)[] =
  [
    checkMethod,
    checkConnectProtocol,
    checkScheme,
    checkPath,
    checkAuthority,
    ({ headers }) => checkForbidden(headers, "forbidden-header"),
    checkContentLength,
    checkOrigin,
    checkVersion,
    checkProtocols,
    checkExtensions,
  ];

function checkMethod({ method, protocol }: ConnectRequestHead): BrokenConnect {
  if (method === "CONNECT" && protocol !== undefined) return undefined;
  const found = method === "CONNECT" ? "CONNECT without :protocol" : method;
  return ["not-extended-connect", found];
}

function checkConnectProtocol({ protocol }: ConnectRequestHead): BrokenConnect {
  if (protocol === "websocket") return undefined;
  return ["unknown-connect-protocol", `:protocol ${quote(protocol!)}`];
}

function checkScheme({ scheme }: ConnectRequestHead): BrokenConnect {
  if (scheme === "https" || scheme === "http") return undefined;
  return ["wrong-scheme", describePseudo(":scheme", scheme)];
}

function checkPath({ path }: ConnectRequestHead): BrokenConnect {
  if (path !== undefined && isPath(path)) return undefined;
  return ["wrong-target", describePseudo(":path", path)];
}

function checkAuthority(head: ConnectRequestHead): BrokenConnect {
  const hosts = hostsOf(head);
  const different = new Set(hosts.map((host) => host.toLowerCase()));
  if (different.size === 1 && isHost(hosts[0]!)) return undefined;
  const found = hosts.slice(0, 3).map(quote);
  return ["wrong-authority", found.join(" and ") || "no :authority"];
}

/** `:authority`, and what a `Host` header says beside it or in its place. */
function hostsOf({ authority, headers }: ConnectRequestHead): string[] {
  const hosts = headerValues(headers, "host");
  return authority === undefined ? hosts : [authority, ...hosts];
}

function describePseudo(name: string, value: string | undefined): string {
  return value === undefined ? `no ${name}` : `${name} ${quote(value)}`;
}

/** Headers about the connection to the next host (RFC 9113 §8.2.2). */
const forbiddenNames = [
  "connection",
  "proxy-connection",
  "keep-alive",
  "transfer-encoding",
  "upgrade",
];

function isForbidden([name, value]: readonly [string, string]): boolean {
  const lower = name.toLowerCase();
  return forbiddenNames.includes(lower) ||
    (lower === "te" && value.toLowerCase() !== "trailers");
}

function checkForbidden<
  Code extends "forbidden-header" | "forbidden-response-header",
>(headers: HeaderList, code: Code): BrokenHead<Code> {
  const forbidden = headers.find(isForbidden);
  return forbidden && headerFault(code, headers, forbidden[0]);
}

/** Throws if a header of the caller's may not be sent (RFC 9113 §8.2.2). */
function requireAllowed(headers: HeaderList, action: string): void {
  const forbidden = headers.find(isForbidden);
  if (forbidden === undefined) return;
  throw new TypeError(
    `${action}: found a header ${
      forbidden[0]
    }, wanted headers that are not for ` +
      "one connection of HTTP/1.1 (RFC 9113 §8.2.2)",
  );
}

function inLowerCase(headers: HeaderList): HeaderList {
  return headers.map(([name, value]) => [name.toLowerCase(), value]);
}
