import { errorsOf, type RuleErrors, type Rules, rulesOf } from "./rules_of.ts";
import type { MessageRuleCode } from "./protocol_rule.ts";

/** What is to be said of messages, and of a connection that carries them. */
export const messageRules: Rules<MessageRuleCode> = /* @__PURE__ */ rulesOf({
  action: "Cannot read message",
  closeCode: 1002,
}, {
  "unexpected-continuation": {
    wanted: "a text or binary frame to begin a message",
    section: "RFC 6455 §5.4",
  },
  "interleaved-message": {
    wanted: "a continuation frame to go on with the unfinished message",
    section: "RFC 6455 §5.4",
  },
  "unacceptable-type": {
    wanted: "a type of message that we can take",
    section: "RFC 6455 §7.4.1",
    closeCode: 1003,
  },
  "message-too-large": {
    wanted: "a message within our limit",
    section: "RFC 6455 §10.4",
    closeCode: 1009,
  },
  "too-many-fragments": {
    wanted: "a number of fragments within our limit",
    section: "RFC 6455 §10.4",
    closeCode: 1009,
  },
  "invalid-extension-data": {
    wanted: "what the extension that was agreed on understands",
    section: "RFC 6455 §9.2",
  },
  "corrupt-compression": {
    wanted: "DEFLATE blocks, to the end of the message",
    section: "RFC 7692 §7.2.2",
    closeCode: 1007,
  },
  "inflated-too-much": {
    wanted: "a message compressed within our limit",
    section: "RFC 7692 §8",
    closeCode: 1009,
  },
  "invalid-utf8": {
    wanted: "valid UTF-8 in a text message",
    section: "RFC 6455 §8.1",
    closeCode: 1007,
  },
  "truncated-message": {
    wanted: "the last fragment of the message",
    section: "RFC 6455 §7.1.5",
    closeCode: 1006,
  },
  "close-body-too-short": {
    action: "Cannot read Close frame",
    wanted: "no body, or one that begins with a 2-byte close code",
    section: "RFC 6455 §5.5.1",
  },
  "invalid-close-code": {
    action: "Cannot read Close frame",
    wanted: "a close code that may be sent",
    section: "RFC 6455 §7.4",
  },
  "invalid-close-reason": {
    action: "Cannot read Close frame",
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
});

/** The error for a broken rule of messages, or of their connection. */
export const messageError: RuleErrors<MessageRuleCode> =
  /* @__PURE__ */ errorsOf(messageRules);
