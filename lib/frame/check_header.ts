import type { FrameRuleCode } from "../error/protocol_rule.ts";
import {
  isControlOpcode,
  isDefinedOpcode,
  opcodeToString,
  type Role,
} from "./frame.ts";
import {
  type FrameHeader,
  maxControlPayloadBytes,
  minimalLengthForm,
} from "./header.ts";

/** What a header is judged by, beside the RFC. */
export interface HeaderRules {
  /** Our role; `undefined` reads masked and unmasked frames alike. */
  readonly role: Role | undefined;
  /** The largest payload we accept, in bytes. */
  readonly maxPayloadBytes: number;
  /** RSV bits of negotiated extensions: RSV1 0x40, RSV2 0x20, RSV3 0x10. */
  readonly allowedRsv: number;
}

/** Which rule a header breaks, and at which byte of the frame. */
export interface HeaderViolation {
  /** The rule. */
  readonly code: FrameRuleCode;
  /** What the header says, in words. */
  readonly found: string;
  /** What our own limit wants, where it is a limit that is broken. */
  readonly wanted?: string;
  /** Index in the frame of the byte that breaks the rule: 0, 1 or 2. */
  readonly at: number;
}

/**
 * Judges a header, as far as it has been read.
 *
 * Pure and in constant time. A header whose length has not arrived yet is
 * judged by its first two bytes, so that a bad frame fails at once; the rules
 * come in the order of the bytes, so that the answer is the same then and
 * later.
 *
 * Source: {@link https://www.rfc-editor.org/rfc/rfc6455#section-5.2 | RFC 6455 §5.2},
 * §5.1 for the masks and §5.5 for control frames.
 *
 * @param header A decoded header.
 * @param rules Our role, limit and negotiated bits.
 * @returns The first rule that is broken, or `undefined`.
 */
export function checkHeader(
  header: FrameHeader,
  rules: HeaderRules,
): HeaderViolation | undefined {
  return checkFirstByte(header, rules.allowedRsv) ??
    checkSecondByte(header, rules.role) ??
    checkLength(header, rules.maxPayloadBytes);
}

/** FIN, RSV1–3 and opcode. */
function checkFirstByte(
  header: FrameHeader,
  allowedRsv: number,
): HeaderViolation | undefined {
  const { opcode } = header;
  const reserved = header.rsv & ~allowedRsv;
  if (reserved !== 0) {
    return { code: "reserved-bits", found: rsvToString(reserved), at: 0 };
  }
  if (!isDefinedOpcode(opcode)) {
    const found = `opcode ${opcodeToString(opcode)}`;
    return { code: "reserved-opcode", found, at: 0 };
  }
  if (isControlOpcode(opcode) && !header.fin) {
    const found = `FIN = 0 with opcode ${opcodeToString(opcode)}`;
    return { code: "fragmented-control-frame", found, at: 0 };
  }
}

/** MASK, and the 7 bits of length that a control frame has to do with. */
function checkSecondByte(
  header: FrameHeader,
  role: Role | undefined,
): HeaderViolation | undefined {
  if (role === "server" && !header.masked) {
    return { code: "unmasked-client-frame", found: "MASK = 0", at: 1 };
  }
  if (role === "client" && header.masked) {
    return { code: "masked-server-frame", found: "MASK = 1", at: 1 };
  }
  if (isControlOpcode(header.opcode) && header.lengthForm !== 7) {
    const found = `more than ${maxControlPayloadBytes} bytes`;
    return { code: "control-frame-too-large", found, at: 1 };
  }
}

/** The length, once all of it has arrived. */
function checkLength(
  header: FrameHeader,
  maxPayloadBytes: number,
): HeaderViolation | undefined {
  const { lengthForm, payloadLength } = header;
  if (payloadLength === undefined) return undefined;
  const at = lengthForm === 7 ? 1 : 2;
  if (payloadLength === Infinity) {
    const found = "1 in the top bit of a 64-bit length";
    return { code: "length-out-of-range", found, at };
  }
  if (minimalLengthForm(payloadLength) !== lengthForm) {
    const found = `${payloadLength} in ${lengthForm} bits`;
    return { code: "non-minimal-length", found, at };
  }
  // Lengths over 2^53 - 1 are not exact as numbers, so no limit lets them in.
  const limit = Math.min(maxPayloadBytes, Number.MAX_SAFE_INTEGER);
  if (payloadLength > limit) {
    const found = `a payload of ${payloadLength} bytes`;
    const wanted = `at most ${limit} bytes`;
    return { code: "frame-too-large", found, wanted, at };
  }
}

/** Which bits are set, by their names in RFC 6455 §5.2. */
export function rsvToString(rsv: number): string {
  const names = [[0x40, "RSV1"], [0x20, "RSV2"], [0x10, "RSV3"]] as const;
  return names.filter(([bit]) => (rsv & bit) !== 0)
    .map(([, name]) => `${name} = 1`).join(", ");
}
