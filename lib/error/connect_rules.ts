import { errorsOf, type RuleErrors, type Rules, rulesOf } from "./rules_of.ts";
import type { ConnectRuleCode, RequestRuleCode } from "./protocol_rule.ts";
import { requestRules } from "./request_rules.ts";

/** What is to be said of extended CONNECT alone, in HTTP/2 and HTTP/3. */
export const connectRules: Rules<ConnectRuleCode> = /* @__PURE__ */ rulesOf({
  action: "Cannot accept extended CONNECT",
  closeCode: 1006,
  httpStatus: 400,
}, {
  "not-extended-connect": {
    wanted: "method CONNECT with a :protocol",
    section: "RFC 8441 §4",
  },
  "unknown-connect-protocol": {
    wanted: ':protocol "websocket"',
    section: "RFC 9220 §3",
    httpStatus: 501,
  },
  "wrong-scheme": {
    wanted: ':scheme "https", or "http" without TLS',
    section: "RFC 8441 §5",
  },
  "wrong-authority": {
    wanted: ":authority with a host, and a Host header only if it is the same",
    section: "RFC 9113 §8.3.1",
  },
  "forbidden-header": {
    wanted: "no header that is for one connection of HTTP/1.1",
    section: "RFC 9113 §8.2.2",
  },
});

/**
 * The error for a rule that an extended CONNECT breaks, which may be one of all
 * requests.
 */
export const connectError: RuleErrors<RequestRuleCode | ConnectRuleCode> =
  /* @__PURE__ */ errorsOf(requestRules, connectRules);
