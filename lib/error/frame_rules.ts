import { errorsOf, type RuleErrors, type Rules, rulesOf } from "./rules_of.ts";
import type { FrameRuleCode } from "./protocol_rule.ts";

/** What is to be said of frames. */
export const frameRules: Rules<FrameRuleCode> = /* @__PURE__ */ rulesOf({
  action: "Cannot read frame",
  closeCode: 1002,
}, {
  "reserved-bits": {
    wanted: "0 in every RSV bit that no extension negotiated",
    section: "RFC 6455 §5.2",
  },
  "reserved-opcode": {
    wanted: "opcode 0x0, 0x1, 0x2, 0x8, 0x9 or 0xA",
    section: "RFC 6455 §5.2",
  },
  "fragmented-control-frame": {
    wanted: "FIN = 1 in a control frame",
    section: "RFC 6455 §5.5",
  },
  "control-frame-too-large": {
    wanted: "at most 125 bytes of payload in a control frame",
    section: "RFC 6455 §5.5",
  },
  "unmasked-client-frame": {
    wanted: "MASK = 1 in a frame from a client",
    section: "RFC 6455 §5.1",
  },
  "masked-server-frame": {
    wanted: "MASK = 0 in a frame from a server",
    section: "RFC 6455 §5.1",
  },
  "non-minimal-length": {
    wanted: "the shortest form that holds the length",
    section: "RFC 6455 §5.2",
  },
  "length-out-of-range": {
    wanted: "0 in the top bit of a 64-bit length",
    section: "RFC 6455 §5.2",
  },
  "frame-too-large": {
    wanted: "a payload within our limit",
    section: "RFC 6455 §10.4",
    closeCode: 1009,
  },
  "truncated-frame": {
    wanted: "the rest of the frame",
    section: "RFC 6455 §7.1.5",
    closeCode: 1006,
  },
});

/** The error for a broken rule of frames. */
export const frameError: RuleErrors<FrameRuleCode> = /* @__PURE__ */ errorsOf(
  frameRules,
);
