import { errorsOf, type RuleErrors, type Rules, rulesOf } from "./rules_of.ts";
import type { RequestRuleCode } from "./protocol_rule.ts";

/** What is to be said of the request of a client: only servers carry this. */
export const requestRules: Rules<RequestRuleCode> = /* @__PURE__ */ rulesOf({
  action: "Cannot accept WebSocket request",
  closeCode: 1006,
  httpStatus: 400,
}, {
  "not-an-upgrade": {
    wanted: '"websocket" in the Upgrade header',
    section: "RFC 6455 §4.2.1",
    httpStatus: 426,
  },
  "wrong-method": {
    wanted: "method GET",
    section: "RFC 6455 §4.2.1",
  },
  "wrong-http-version": {
    wanted: "HTTP/1.1",
    section: "RFC 6455 §4.2.1",
  },
  "wrong-target": {
    wanted: "a path or an absolute http or https URI, without a fragment",
    section: "RFC 6455 §4.2.1",
  },
  "wrong-host": {
    wanted: "one Host header with a host",
    section: "RFC 9112 §3.2",
  },
  "unexpected-body": {
    wanted: "a request without a body",
    section: "RFC 6455 §4.1",
  },
  "missing-connection-upgrade": {
    wanted: '"Upgrade" among the tokens of the Connection header',
    section: "RFC 6455 §4.2.1",
  },
  "unsupported-version": {
    wanted: "version 13",
    section: "RFC 6455 §4.4",
    httpStatus: 426,
  },
  "duplicate-header": {
    wanted: "the header once",
    section: "RFC 6455 §11.3",
  },
  "wrong-key": {
    wanted: "one Sec-WebSocket-Key with 16 bytes in base64",
    section: "RFC 6455 §4.2.1",
  },
  "malformed-protocols": {
    wanted: "a list of different tokens in Sec-WebSocket-Protocol",
    section: "RFC 6455 §11.3.4",
  },
  "malformed-extensions": {
    wanted: "a list of extensions in Sec-WebSocket-Extensions",
    section: "RFC 6455 §9.1",
  },
  "refused-origin": {
    wanted: "an origin that may open a WebSocket here",
    section: "RFC 6455 §10.2",
    httpStatus: 403,
  },
  "refused-request": {
    wanted: "a request that the application accepts",
    section: "RFC 6455 §4.2.2",
    httpStatus: 403,
  },
});

/** The error for a request that breaks a rule. */
export const requestError: RuleErrors<RequestRuleCode> =
  /* @__PURE__ */ errorsOf(requestRules);
