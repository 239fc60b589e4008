import type { WebSocketRequest } from "./server.ts";

/**
 * Which subprotocol a server uses: the first of its own, in its order of
 * preference, that the client offers, or what a function chooses.
 */
export type ProtocolPolicy =
  | readonly string[]
  | ((
    offered: readonly string[],
    request: WebSocketRequest,
  ) => string | undefined);

/**
 * Chooses a subprotocol among those that a client offers.
 *
 * Source: {@link https://www.rfc-editor.org/rfc/rfc6455#section-4.2.2 | RFC 6455 §4.2.2}.
 *
 * @param request A request that is right in itself.
 * @param policy What the server can speak.
 * @returns One of those on offer, or `undefined` for none.
 *
 * @example
 * ```ts
 * import { chooseProtocol } from "@sluice/websocket/handshake";
 * import { assertEquals } from "@std/assert";
 *
 * const request = {
 *   resourceName: "/",
 *   host: "example.com",
 *   origin: undefined,
 *   key: "dGhlIHNhbXBsZSBub25jZQ==",
 *   protocols: ["chat", "superchat"],
 *   headers: [],
 * };
 *
 * assertEquals(chooseProtocol(request, ["superchat", "chat"]), "superchat");
 * assertEquals(chooseProtocol(request, ["mail"]), undefined);
 * ```
 */
export function chooseProtocol(
  request: WebSocketRequest,
  policy: ProtocolPolicy,
): string | undefined {
  const { protocols } = request;
  if (typeof policy === "function") return policy(protocols, request);
  return policy.find((protocol) => protocols.includes(protocol));
}
