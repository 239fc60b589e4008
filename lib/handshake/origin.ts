import type { WebSocketRequest } from "./server.ts";
import { requestError } from "../error/request_rules.ts";
import { quote } from "../error/quote.ts";
import type { Invalid } from "../error/protocol_error.ts";

/**
 * Which web pages may open a WebSocket: those of the server's own host, any, a
 * list of origins such as `"https://example.com"`, or what a function says.
 */
export type OriginPolicy =
  | "same-host"
  | "any"
  | readonly string[]
  | ((origin: string, request: WebSocketRequest) => boolean);

/**
 * Judges the `Origin` of a request, by which a browser says whose page it is
 * that asks. A request without one is not from a browser, and passes.
 *
 * Without such a check any page that a user visits can talk to the server with
 * that user's cookies.
 *
 * Source: {@link https://www.rfc-editor.org/rfc/rfc6455#section-10.2 | RFC 6455 §10.2}.
 *
 * @param request A request that is right in itself.
 * @param policy Who may ask.
 * @returns What is wrong, to be answered with 403; or `undefined`.
 *
 * @example
 * ```ts
 * import { checkOrigin } from "@sluice/websocket/handshake";
 * import { assertEquals } from "@std/assert";
 *
 * const request = {
 *   resourceName: "/",
 *   host: "example.com",
 *   origin: "https://elsewhere.example",
 *   key: "dGhlIHNhbXBsZSBub25jZQ==",
 *   protocols: [],
 *   headers: [],
 * };
 *
 * assertEquals(checkOrigin(request, "same-host")?.error.httpStatus, 403);
 * assertEquals(checkOrigin(request, "any"), undefined);
 * ```
 */
export function checkOrigin(
  request: WebSocketRequest,
  policy: OriginPolicy,
): Invalid | undefined {
  const { origin } = request;
  if (origin === undefined || isAllowed(origin, request, policy)) {
    return undefined;
  }
  const error = requestError("refused-origin", {
    found: `Origin ${quote(origin)}`,
    offset: 0,
  });
  return { status: "invalid", error };
}

function isAllowed(
  origin: string,
  request: WebSocketRequest,
  policy: OriginPolicy,
): boolean {
  if (policy === "any") return true;
  if (typeof policy === "function") return policy(origin, request);
  if (policy === "same-host") return isSameHost(origin, request.host);
  const wanted = origin.toLowerCase();
  return policy.some((allowed) => allowed.toLowerCase() === wanted);
}

/** Host and port alone: behind a proxy a server does not know its own scheme. */
function isSameHost(origin: string, host: string): boolean {
  if (!URL.canParse(origin)) return false;
  const { protocol, host: originHost } = new URL(origin);
  // Parsed with the scheme of the origin, so that its default port is left out.
  const own = `${protocol}//${host}`;
  return URL.canParse(own) && originHost !== "" &&
    new URL(own).host === originHost;
}
