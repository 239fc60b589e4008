import { errorsOf, type RuleErrors, type Rules, rulesOf } from "./rules_of.ts";
import type { ResponseRuleCode } from "./protocol_rule.ts";

/** What is to be said of the response of a server: only clients carry this. */
export const responseRules: Rules<ResponseRuleCode> = /* @__PURE__ */ rulesOf({
  action: "Cannot accept WebSocket response",
  closeCode: 1006,
}, {
  "unexpected-status": {
    wanted: "status 101",
    section: "RFC 6455 §4.1",
  },
  "wrong-upgrade": {
    wanted: 'an Upgrade header of "websocket"',
    section: "RFC 6455 §4.1",
  },
  "wrong-connection": {
    wanted: '"Upgrade" among the tokens of the Connection header',
    section: "RFC 6455 §4.1",
  },
  "wrong-accept": {
    wanted: "one Sec-WebSocket-Accept made from the key that was sent",
    section: "RFC 6455 §4.1",
  },
  "unrequested-extension": {
    wanted: "only extensions that were asked for",
    section: "RFC 6455 §4.1",
  },
  "wrong-extension": {
    wanted: "an answer to what was offered, once for each extension",
    section: "RFC 6455 §9.1",
  },
  "unrequested-protocol": {
    wanted: "no subprotocol, or one that was asked for",
    section: "RFC 6455 §4.1",
  },
  "refused-by-proxy": {
    action: "Cannot connect through proxy",
    wanted: "status 2xx",
    section: "RFC 9110 §9.3.6",
  },
  "connect-not-offered": {
    action: "Cannot ask for WebSocket",
    wanted: "SETTINGS_ENABLE_CONNECT_PROTOCOL = 1",
    section: "RFC 8441 §3",
  },
  "forbidden-response-header": {
    action: "Cannot accept answer to extended CONNECT",
    wanted: "no header that is for one connection of HTTP/1.1",
    section: "RFC 9113 §8.2.2",
  },
});

/** The error for a response that breaks a rule. */
export const responseError: RuleErrors<ResponseRuleCode> =
  /* @__PURE__ */ errorsOf(
    responseRules,
  );
