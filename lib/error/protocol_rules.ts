import { frameRules } from "./frame_rules.ts";
import { ProtocolError, type ProtocolErrorInit } from "./protocol_error.ts";
import type { ProtocolErrorCode, ProtocolRule } from "./protocol_rule.ts";

const message = { action: "Cannot read message", closeCode: 1002 };
const close = { action: "Cannot read Close frame", closeCode: 1002 };
const request = {
  action: "Cannot accept WebSocket request",
  closeCode: 1006,
  httpStatus: 400,
};
const response = {
  action: "Cannot accept WebSocket response",
  closeCode: 1006,
};

const connectRequest = { ...request, action: "Cannot accept extended CONNECT" };

/**
 * Every rule that a peer can break, by the `code` of its
 * {@linkcode ProtocolError}.
 *
 * @example Look a code up
 * ```ts
 * import { protocolRules } from "@sluice/websocket/error";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(protocolRules["invalid-utf8"].closeCode, 1007);
 * assertEquals(protocolRules["invalid-utf8"].section, "RFC 6455 §8.1");
 * ```
 */
export const protocolRules: Readonly<Record<ProtocolErrorCode, ProtocolRule>> =
  {
    ...frameRules,
    "unexpected-continuation": {
      ...message,
      wanted: "a text or binary frame to begin a message",
      section: "RFC 6455 §5.4",
    },
    "interleaved-message": {
      ...message,
      wanted: "a continuation frame to go on with the unfinished message",
      section: "RFC 6455 §5.4",
    },
    "unacceptable-type": {
      ...message,
      wanted: "a type of message that we can take",
      section: "RFC 6455 §7.4.1",
      closeCode: 1003,
    },
    "message-too-large": {
      ...message,
      wanted: "a message within our limit",
      section: "RFC 6455 §10.4",
      closeCode: 1009,
    },
    "too-many-fragments": {
      ...message,
      wanted: "a number of fragments within our limit",
      section: "RFC 6455 §10.4",
      closeCode: 1009,
    },
    "invalid-extension-data": {
      ...message,
      wanted: "what the extension that was agreed on understands",
      section: "RFC 6455 §9.2",
    },
    "corrupt-compression": {
      ...message,
      wanted: "DEFLATE blocks, to the end of the message",
      section: "RFC 7692 §7.2.2",
      closeCode: 1007,
    },
    "inflated-too-much": {
      ...message,
      wanted: "a message compressed within our limit",
      section: "RFC 7692 §8",
      closeCode: 1009,
    },
    "invalid-utf8": {
      ...message,
      wanted: "valid UTF-8 in a text message",
      section: "RFC 6455 §8.1",
      closeCode: 1007,
    },
    "truncated-message": {
      ...message,
      wanted: "the last fragment of the message",
      section: "RFC 6455 §7.1.5",
      closeCode: 1006,
    },
    "close-body-too-short": {
      ...close,
      wanted: "no body, or one that begins with a 2-byte close code",
      section: "RFC 6455 §5.5.1",
    },
    "invalid-close-code": {
      ...close,
      wanted: "a close code that may be sent",
      section: "RFC 6455 §7.4",
    },
    "invalid-close-reason": {
      ...close,
      wanted: "valid UTF-8 in the reason",
      section: "RFC 6455 §5.5.1",
      closeCode: 1007,
    },
    "missing-close": {
      action: "Cannot go on with connection",
      wanted: "a Close frame before it",
      section: "RFC 6455 §7.1.5",
      closeCode: 1006,
    },
    "idle-timeout": {
      action: "Cannot go on with connection",
      wanted: "a byte within our limit",
      section: "RFC 6455 §7.2.2",
      closeCode: 1008,
    },
    "heartbeat-timeout": {
      action: "Cannot go on with connection",
      wanted: "an answer to a Ping within our limit",
      section: "RFC 6455 §5.5.2",
      closeCode: 1008,
    },
    "malformed-head": {
      action: "Cannot read HTTP head",
      wanted: "a message head of HTTP/1.1",
      section: "RFC 9112 §2",
      closeCode: 1006,
      httpStatus: 400,
    },
    "head-too-large": {
      action: "Cannot read HTTP head",
      wanted: "a head within our limit",
      section: "RFC 6585 §5",
      closeCode: 1006,
      httpStatus: 431,
    },
    "truncated-head": {
      action: "Cannot read HTTP head",
      wanted: "the rest of the head",
      section: "RFC 9112 §8",
      closeCode: 1006,
      httpStatus: 400,
    },
    "malformed-fields": {
      action: "Cannot read HTTP fields",
      wanted:
        "names in lower case, values without controls, and before all others the pseudo-headers, once each",
      section: "RFC 9113 §8.3",
      closeCode: 1006,
      httpStatus: 400,
    },
    "not-an-upgrade": {
      ...request,
      wanted: '"websocket" in the Upgrade header',
      section: "RFC 6455 §4.2.1",
      httpStatus: 426,
    },
    "wrong-method": {
      ...request,
      wanted: "method GET",
      section: "RFC 6455 §4.2.1",
    },
    "wrong-http-version": {
      ...request,
      wanted: "HTTP/1.1",
      section: "RFC 6455 §4.2.1",
    },
    "wrong-target": {
      ...request,
      wanted: "a path or an absolute http or https URI, without a fragment",
      section: "RFC 6455 §4.2.1",
    },
    "wrong-host": {
      ...request,
      wanted: "one Host header with a host",
      section: "RFC 9112 §3.2",
    },
    "unexpected-body": {
      ...request,
      wanted: "a request without a body",
      section: "RFC 6455 §4.1",
    },
    "missing-connection-upgrade": {
      ...request,
      wanted: '"Upgrade" among the tokens of the Connection header',
      section: "RFC 6455 §4.2.1",
    },
    "unsupported-version": {
      ...request,
      wanted: "version 13",
      section: "RFC 6455 §4.4",
      httpStatus: 426,
    },
    "duplicate-header": {
      ...request,
      wanted: "the header once",
      section: "RFC 6455 §11.3",
    },
    "wrong-key": {
      ...request,
      wanted: "one Sec-WebSocket-Key with 16 bytes in base64",
      section: "RFC 6455 §4.2.1",
    },
    "malformed-protocols": {
      ...request,
      wanted: "a list of different tokens in Sec-WebSocket-Protocol",
      section: "RFC 6455 §11.3.4",
    },
    "malformed-extensions": {
      ...request,
      wanted: "a list of extensions in Sec-WebSocket-Extensions",
      section: "RFC 6455 §9.1",
    },
    "not-extended-connect": {
      ...connectRequest,
      wanted: "method CONNECT with a :protocol",
      section: "RFC 8441 §4",
    },
    "unknown-connect-protocol": {
      ...connectRequest,
      wanted: ':protocol "websocket"',
      section: "RFC 9220 §3",
      httpStatus: 501,
    },
    "wrong-scheme": {
      ...connectRequest,
      wanted: ':scheme "https", or "http" without TLS',
      section: "RFC 8441 §5",
    },
    "wrong-authority": {
      ...connectRequest,
      wanted:
        ":authority with a host, and a Host header only if it is the same",
      section: "RFC 9113 §8.3.1",
    },
    "forbidden-header": {
      ...connectRequest,
      wanted: "no header that is for one connection of HTTP/1.1",
      section: "RFC 9113 §8.2.2",
    },
    "refused-origin": {
      ...request,
      wanted: "an origin that may open a WebSocket here",
      section: "RFC 6455 §10.2",
      httpStatus: 403,
    },
    "refused-request": {
      ...request,
      wanted: "a request that the application accepts",
      section: "RFC 6455 §4.2.2",
      httpStatus: 403,
    },
    "handshake-timeout": {
      ...request,
      action: "Cannot finish handshake",
      wanted: "its end within our limit",
      section: "RFC 9110 §15.5.9",
      httpStatus: 408,
    },
    "refused-by-proxy": {
      ...response,
      action: "Cannot connect through proxy",
      wanted: "status 2xx",
      section: "RFC 9110 §9.3.6",
    },
    "connect-not-offered": {
      ...response,
      action: "Cannot ask for WebSocket",
      wanted: "SETTINGS_ENABLE_CONNECT_PROTOCOL = 1",
      section: "RFC 8441 §3",
    },
    "unexpected-status": {
      ...response,
      wanted: "status 101",
      section: "RFC 6455 §4.1",
    },
    "wrong-upgrade": {
      ...response,
      wanted: 'an Upgrade header of "websocket"',
      section: "RFC 6455 §4.1",
    },
    "wrong-connection": {
      ...response,
      wanted: '"Upgrade" among the tokens of the Connection header',
      section: "RFC 6455 §4.1",
    },
    "wrong-accept": {
      ...response,
      wanted: "one Sec-WebSocket-Accept made from the key that was sent",
      section: "RFC 6455 §4.1",
    },
    "unrequested-extension": {
      ...response,
      wanted: "only extensions that were asked for",
      section: "RFC 6455 §4.1",
    },
    "wrong-extension": {
      ...response,
      wanted: "an answer to what was offered, once for each extension",
      section: "RFC 6455 §9.1",
    },
    "unrequested-protocol": {
      ...response,
      wanted: "no subprotocol, or one that was asked for",
      section: "RFC 6455 §4.1",
    },
    "forbidden-response-header": {
      ...response,
      action: "Cannot accept answer to extended CONNECT",
      wanted: "no header that is for one connection of HTTP/1.1",
      section: "RFC 9113 §8.2.2",
    },
  };

/**
 * The error for a broken rule, which is looked up by its `code`.
 *
 * @example
 * ```ts
 * import { protocolError } from "@sluice/websocket/error";
 * import { assertEquals } from "@std/assert";
 *
 * const error = protocolError("invalid-utf8", { found: "0xff", offset: 6 });
 *
 * assertEquals(error.closeCode, 1007);
 * ```
 *
 * @param code The rule that was broken.
 * @param init What was found, and where.
 */
export function protocolError(
  code: ProtocolErrorCode,
  init: ProtocolErrorInit,
): ProtocolError {
  return new ProtocolError(code, protocolRules[code], init);
}
