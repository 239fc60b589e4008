import { errorsOf, type RuleErrors, type Rules, rulesOf } from "./rules_of.ts";
import type { HeadRuleCode } from "./protocol_rule.ts";

/**
 * What is to be said of a head that cannot be read, whoever sent it, and of a
 * handshake that does not end.
 */
export const headRules: Rules<HeadRuleCode> = /* @__PURE__ */ rulesOf({
  action: "Cannot read HTTP head",
  closeCode: 1006,
  httpStatus: 400,
}, {
  "malformed-head": {
    wanted: "a message head of HTTP/1.1",
    section: "RFC 9112 §2",
  },
  "head-too-large": {
    wanted: "a head within our limit",
    section: "RFC 6585 §5",
    httpStatus: 431,
  },
  "truncated-head": {
    wanted: "the rest of the head",
    section: "RFC 9112 §8",
  },
  "malformed-fields": {
    action: "Cannot read HTTP fields",
    wanted:
      "names in lower case, values without controls, and before all others the pseudo-headers, once each",
    section: "RFC 9113 §8.3",
  },
  "handshake-timeout": {
    action: "Cannot finish handshake",
    wanted: "its end within our limit",
    section: "RFC 9110 §15.5.9",
    httpStatus: 408,
  },
});

/** The error for a head that cannot be read. */
export const headError: RuleErrors<HeadRuleCode> = /* @__PURE__ */ errorsOf(
  headRules,
);
