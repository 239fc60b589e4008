import { isToken } from "../handshake/headers.ts";

/**
 * The subprotocols of a constructor, one or a list of them.
 *
 * Source: {@link https://websockets.spec.whatwg.org/#dom-websocket-websocket | WebSockets Standard, new WebSocket(url, protocols)}.
 *
 * @throws {DOMException} `SyntaxError`, if one is no token, or there twice, in
 * whatever case.
 */
export function readProtocols(given: string | Iterable<unknown>): string[] {
  const protocols = typeof given === "string"
    ? [given]
    : [...given].map(String);
  const different = new Set(protocols.map((name) => name.toLowerCase()));
  if (protocols.every(isToken) && different.size === protocols.length) {
    return protocols;
  }
  throw new DOMException(
    `Cannot open WebSocket: found protocols ${JSON.stringify(protocols)}, ` +
      "wanted different tokens (RFC 6455 §4.1)",
    "SyntaxError",
  );
}
