import { ProtocolError, type ProtocolErrorInit } from "./protocol_error.ts";
import type { FrameRuleCode, ProtocolRule } from "./protocol_rule.ts";

const frame = { action: "Cannot read frame", closeCode: 1002 };

/**
 * What is to be said of frames, apart from all other rules: who takes the codec
 * alone is not to carry the words about messages and handshakes.
 */
export const frameRules: Readonly<Record<FrameRuleCode, ProtocolRule>> = {
  "reserved-bits": {
    ...frame,
    wanted: "0 in every RSV bit that no extension negotiated",
    section: "RFC 6455 §5.2",
  },
  "reserved-opcode": {
    ...frame,
    wanted: "opcode 0x0, 0x1, 0x2, 0x8, 0x9 or 0xA",
    section: "RFC 6455 §5.2",
  },
  "fragmented-control-frame": {
    ...frame,
    wanted: "FIN = 1 in a control frame",
    section: "RFC 6455 §5.5",
  },
  "control-frame-too-large": {
    ...frame,
    wanted: "at most 125 bytes of payload in a control frame",
    section: "RFC 6455 §5.5",
  },
  "unmasked-client-frame": {
    ...frame,
    wanted: "MASK = 1 in a frame from a client",
    section: "RFC 6455 §5.1",
  },
  "masked-server-frame": {
    ...frame,
    wanted: "MASK = 0 in a frame from a server",
    section: "RFC 6455 §5.1",
  },
  "non-minimal-length": {
    ...frame,
    wanted: "the shortest form that holds the length",
    section: "RFC 6455 §5.2",
  },
  "length-out-of-range": {
    ...frame,
    wanted: "0 in the top bit of a 64-bit length",
    section: "RFC 6455 §5.2",
  },
  "frame-too-large": {
    ...frame,
    wanted: "a payload within our limit",
    section: "RFC 6455 §10.4",
    closeCode: 1009,
  },
  "truncated-frame": {
    ...frame,
    wanted: "the rest of the frame",
    section: "RFC 6455 §7.1.5",
    closeCode: 1006,
  },
};

/** The error for a broken rule of frames. */
export function frameError(
  code: FrameRuleCode,
  init: ProtocolErrorInit,
): ProtocolError {
  return new ProtocolError(code, frameRules[code], init);
}
