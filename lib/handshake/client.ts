import { timingSafeEqual } from "@std/crypto/timing-safe-equal";
import type { Invalid } from "../error/protocol_error.ts";
import type { ResponseRuleCode } from "../error/protocol_rule.ts";
import { show } from "../error/quote.ts";
import { responseError } from "../error/response_rules.ts";
import type { Extension } from "../extension/extension.ts";
import {
  confirmExtensions,
  type NegotiatedExtensions,
} from "../extension/negotiate.ts";
import { acceptKey, isKey } from "./accept_key.ts";
import type { RequestHead, ResponseHead } from "./head.ts";
import {
  type BrokenHead,
  hasElement,
  headerFault,
  type HeaderList,
  type HeaderListInit,
  headerValues,
  type HeadFault,
  invalidHead,
  isToken,
  toHeaderList,
} from "./headers.ts";

/** Where a `ws:` or `wss:` URL leads. */
export interface WebSocketUrl {
  /** Whether TLS comes first: the scheme is `wss`. */
  readonly secure: boolean;
  /** The host to connect to; an IPv6 address without its brackets. */
  readonly hostname: string;
  /** The port to connect to; 80 or 443 by default. */
  readonly port: number;
  /** The `Host` header: with the port if it is not the default. */
  readonly host: string;
  /** What to ask for: path and query. */
  readonly resourceName: string;
}

/**
 * Reads a WebSocket URL.
 *
 * International host names become punycode, other characters outside ASCII are
 * percent-encoded, as RFC 6455 §11.1 has it.
 *
 * Source: {@link https://www.rfc-editor.org/rfc/rfc6455#section-3 | RFC 6455 §3}.
 *
 * @param url An absolute URL.
 * @throws {TypeError} If it is no URL, its scheme is neither `ws` nor `wss`, or
 * it has a fragment, a user name or a password, which such a URL may not have.
 *
 * @example
 * ```ts
 * import { parseWebSocketUrl } from "@sluice/websocket/handshake";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parseWebSocketUrl("ws://example.com:8080/chat?room=1"), {
 *   secure: false,
 *   hostname: "example.com",
 *   port: 8080,
 *   host: "example.com:8080",
 *   resourceName: "/chat?room=1",
 * });
 * ```
 */
export function parseWebSocketUrl(url: string | URL): WebSocketUrl {
  const given = String(url);
  const refuse = (wanted: string) =>
    new TypeError(
      `Cannot read WebSocket URL: found ${JSON.stringify(given)}, ` +
        `wanted ${wanted} (RFC 6455 §3)`,
    );
  if (!URL.canParse(given)) throw refuse("an absolute URL");
  const parsed = new URL(given);
  const secure = parsed.protocol === "wss:";
  if (!secure && parsed.protocol !== "ws:") {
    throw refuse("the scheme ws or wss");
  }
  if (given.includes("#")) throw refuse("no fragment; write # as %23");
  if (parsed.username !== "" || parsed.password !== "") {
    throw refuse("no user name; send an Authorization header");
  }
  return {
    secure,
    hostname: parsed.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: parsed.port === "" ? (secure ? 443 : 80) : Number(parsed.port),
    host: parsed.host,
    resourceName: parsed.pathname + parsed.search,
  };
}

/** What {@linkcode createRequest} asks for. */
export interface CreateRequestOptions {
  /** A fresh key; see `createKey`. */
  readonly key: string;
  /** Subprotocols to offer, the most wanted first. */
  readonly protocols?: readonly string[];
  /** What `offerExtensions` made of the extensions to offer; none by default. */
  readonly extensions?: string | undefined;
  /**
   * More headers for the request, such as `Authorization`, `Cookie` or
   * `Origin`. A `Host` here takes the place of the URL's.
   */
  readonly headers?: HeaderListInit;
}

/**
 * The request that asks a server to open a WebSocket. Nothing more may be sent
 * until its answer has been checked.
 *
 * Source: {@link https://www.rfc-editor.org/rfc/rfc6455#section-4.1 | RFC 6455 §4.1}.
 *
 * @param url The URL of the WebSocket.
 * @param options The key, and what to ask for.
 * @returns The head to write.
 * @throws {TypeError} If the URL, the key, a subprotocol or a header cannot be
 * sent.
 *
 * @example
 * ```ts
 * import { createRequest, serializeRequestHead } from "@sluice/websocket/handshake";
 * import { assertEquals } from "@std/assert";
 *
 * const head = createRequest("ws://example.com/chat", {
 *   key: "dGhlIHNhbXBsZSBub25jZQ==",
 * });
 *
 * assertEquals(
 *   new TextDecoder().decode(serializeRequestHead(head)),
 *   "GET /chat HTTP/1.1\r\n" +
 *     "Host: example.com\r\n" +
 *     "Upgrade: websocket\r\n" +
 *     "Connection: Upgrade\r\n" +
 *     "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
 *     "Sec-WebSocket-Version: 13\r\n" +
 *     "\r\n",
 * );
 * ```
 */
export function createRequest(
  url: string | URL,
  options: CreateRequestOptions,
): RequestHead {
  const action = "Cannot create WebSocket request";
  const { host, resourceName } = parseWebSocketUrl(url);
  const { key } = options;
  if (!isKey(key)) {
    throw new TypeError(
      `${action}: found key ${
        JSON.stringify(key)
      }, wanted 16 bytes in base64 (RFC 6455 §4.1)`,
    );
  }
  const { hosts, headers } = offerHeaders(options, action);
  return {
    method: "GET",
    target: resourceName,
    httpVersion: "1.1",
    headers: [
      ...hosts.length > 0 ? [] : [["Host", host] as const],
      ["Upgrade", "websocket"],
      ["Connection", "Upgrade"],
      ["Sec-WebSocket-Key", key],
      ...headers,
    ],
  };
}

/**
 * What a request says of the WebSocket that it asks for, in whichever HTTP; and
 * the host that the caller wants in place of the URL's, if there is one.
 */
export function offerHeaders(
  options: Omit<CreateRequestOptions, "key">,
  action: string,
): { readonly hosts: readonly string[]; readonly headers: HeaderList } {
  const { protocols = [], extensions } = options;
  requireProtocols(protocols, action);
  const more = toHeaderList(options.headers ?? [], action);
  const hosts = headerValues(more, "host");
  if (hosts.length > 1) {
    throw new TypeError(
      `${action}: found ${hosts.length} Host headers, wanted at most one ` +
        "(RFC 9112 §3.2)",
    );
  }
  const headers: HeaderList = [
    ["Sec-WebSocket-Version", "13"],
    ...protocols.length === 0
      ? []
      : [["Sec-WebSocket-Protocol", protocols.join(", ")] as const],
    ...extensions === undefined
      ? []
      : [["Sec-WebSocket-Extensions", extensions] as const],
    ...more,
  ];
  return { hosts, headers };
}

/** Throws unless the subprotocols are different tokens (RFC 6455 §4.1). */
function requireProtocols(protocols: readonly string[], action: string): void {
  const different = new Set(protocols).size === protocols.length;
  if (different && protocols.every(isToken)) return;
  throw new TypeError(
    `${action}: found protocols ${JSON.stringify(protocols)}, ` +
      "wanted different tokens (RFC 6455 §4.1)",
  );
}

/** What {@linkcode checkResponse} says of a response. */
export type CheckResponseResult =
  | {
    /** The WebSocket is open. */
    readonly status: "valid";
    /** The subprotocol that the server chose; empty for none. */
    readonly protocol: string;
    /** The extensions that the server accepted. */
    readonly extensions: NegotiatedExtensions;
    /** Every header line of the response. */
    readonly headers: HeaderList;
  }
  | Invalid;

/**
 * Judges a response by every rule that a client has to check.
 *
 * The response is not changed. An error's offset is 0, since it is the head as
 * a whole that is wrong, and its `cause` is the head: where a redirect leads, or
 * which authentication is wanted.
 *
 * Source: {@link https://www.rfc-editor.org/rfc/rfc6455#section-4.1 | RFC 6455 §4.1}
 * and §11.3 for the headers.
 *
 * @param head A response, as `parseResponseHead` gives it.
 * @param asked The key, the subprotocols and the extensions that the request
 * held.
 * @returns What the server chose, or the first rule that is broken.
 *
 * @example The handshake of RFC 6455 §1.3
 * ```ts
 * import { checkResponse } from "@sluice/websocket/handshake";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const result = await checkResponse({
 *   httpVersion: "1.1",
 *   status: 101,
 *   reason: "Switching Protocols",
 *   headers: [
 *     ["Upgrade", "websocket"],
 *     ["Connection", "Upgrade"],
 *     ["Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="],
 *     ["Sec-WebSocket-Protocol", "chat"],
 *   ],
 * }, { key: "dGhlIHNhbXBsZSBub25jZQ==", protocols: ["chat", "superchat"] });
 *
 * assert(result.status === "valid");
 * assertEquals(result.protocol, "chat");
 * ```
 */
export async function checkResponse(
  head: ResponseHead,
  asked: {
    readonly key: string;
    readonly protocols?: readonly string[];
    readonly extensions?: readonly Extension[];
  },
): Promise<CheckResponseResult> {
  const [broken] = responseFaults(head, {
    accept: await acceptKey(asked.key),
    protocols: asked.protocols ?? [],
  });
  if (broken !== undefined) return invalidHead(responseError, broken, head);
  return readAgreement(head, asked.extensions ?? []);
}

/** What a response agrees to, in whichever HTTP, if it may. */
export function readAgreement(
  head: { readonly headers: HeaderList },
  asked: readonly Extension[],
): CheckResponseResult {
  const { headers } = head;
  const extensions = confirmExtensions(
    headerValues(headers, "sec-websocket-extensions"),
    asked,
  );
  if ("found" in extensions) {
    const { code, found } = extensions;
    return invalidHead(responseError, [code, found], head);
  }
  const [protocol = ""] = headerValues(headers, "sec-websocket-protocol");
  return { status: "valid", protocol, extensions, headers };
}

/**
 * Every rule that a response breaks, but for those of extensions, which are
 * judged by `confirmExtensions`: {@linkcode checkResponse} tells the first.
 *
 * @param wanted What the response has to say; what is `undefined` is not judged.
 */
export function responseFaults(
  head: ResponseHead,
  wanted: {
    readonly accept: string | undefined;
    readonly protocols: readonly string[] | undefined;
  },
): HeadFault<ResponseRuleCode>[] {
  const { headers } = head;
  const { accept, protocols } = wanted;
  const faults = [
    checkStatus(head),
    checkUpgrade(headers),
    checkConnection(headers),
    accept === undefined ? undefined : checkAccept(headers, accept),
    protocols === undefined ? undefined : checkProtocol(headers, protocols),
  ];
  return faults.filter((fault) => fault !== undefined);
}

/** The first rule that a response breaks, if there is one. */
type BrokenResponse = BrokenHead<ResponseRuleCode>;

function checkStatus(head: ResponseHead): BrokenResponse {
  const { status, reason, httpVersion } = head;
  if (status === 101 && Number(httpVersion) >= 1.1) return undefined;
  return [
    "unexpected-status",
    `HTTP/${httpVersion} ${status} ${show(reason)}`.trimEnd(),
  ];
}

function checkUpgrade(headers: HeaderList): BrokenResponse {
  const upgrade = headerValues(headers, "upgrade");
  if (upgrade.length === 1 && upgrade[0]!.toLowerCase() === "websocket") {
    return undefined;
  }
  return headerFault("wrong-upgrade", headers, "Upgrade");
}

function checkConnection(headers: HeaderList): BrokenResponse {
  if (hasElement(headers, "connection", "upgrade")) return undefined;
  return headerFault("wrong-connection", headers, "Connection");
}

function checkAccept(headers: HeaderList, wanted: string): BrokenResponse {
  const name = "Sec-WebSocket-Accept";
  const accepts = headerValues(headers, name);
  const bytes = (text: string) => new TextEncoder().encode(text);
  const found = bytes(accepts[0] ?? "");
  const isRight = accepts.length === 1 && found.length === wanted.length &&
    timingSafeEqual(found, bytes(wanted));
  return isRight ? undefined : headerFault("wrong-accept", headers, name);
}

/** Nothing that was not asked for (RFC 6455 §4.1, point 6). */
export function checkProtocol(
  headers: HeaderList,
  asked: readonly string[],
): BrokenResponse {
  const name = "Sec-WebSocket-Protocol";
  const chosen = headerValues(headers, name);
  if (chosen.length === 0) return undefined;
  if (chosen.length === 1 && asked.includes(chosen[0]!)) return undefined;
  return headerFault("unrequested-protocol", headers, name);
}
