import type { ProtocolErrorCode } from "../../lib/error/protocol_rule.ts";
import type { ParseFrameOptions } from "../../lib/frame/parse_frame.ts";
import { hex } from "./hex.ts";

/** The beginning of a frame that breaks a rule. */
export interface BrokenHeaderCase {
  /** What is wrong. */
  readonly name: string;
  /** The bytes up to the last one that it takes to see it. */
  readonly wire: Uint8Array;
  /** The role, limit and bits by which it is wrong. */
  readonly options: Pick<
    ParseFrameOptions,
    "role" | "maxPayloadBytes" | "allowedRsv"
  >;
  /** The rule. */
  readonly code: ProtocolErrorCode;
  /** The close code that goes with the rule. */
  readonly closeCode: number;
  /** The section that states the rule. */
  readonly section: string;
  /** Index in the frame of the byte that breaks the rule. */
  readonly at: number;
}

const reservedBits = {
  options: {},
  code: "reserved-bits",
  closeCode: 1002,
  section: "RFC 6455 §5.2",
  at: 0,
} as const;

const reservedOpcode = { ...reservedBits, code: "reserved-opcode" } as const;

const fragmentedControl = {
  options: {},
  code: "fragmented-control-frame",
  closeCode: 1002,
  section: "RFC 6455 §5.5",
  at: 0,
} as const;

const largeControl = {
  options: {},
  code: "control-frame-too-large",
  closeCode: 1002,
  section: "RFC 6455 §5.5",
  at: 1,
} as const;

const nonMinimal = {
  options: {},
  code: "non-minimal-length",
  closeCode: 1002,
  section: "RFC 6455 §5.2",
  at: 2,
} as const;

const outOfRange = { ...nonMinimal, code: "length-out-of-range" } as const;

const tooLarge = {
  code: "frame-too-large",
  closeCode: 1009,
  section: "RFC 6455 §10.4",
} as const;

/** At least one case for every rule that a header can break. */
export const brokenHeaderCases: readonly BrokenHeaderCase[] = [
  { name: "RSV1 (R38)", wire: hex("c1 00"), ...reservedBits },
  { name: "RSV2 (R38)", wire: hex("a1 00"), ...reservedBits },
  { name: "RSV3 (R38)", wire: hex("91 00"), ...reservedBits },
  {
    name: "RSV2 when RSV1 was negotiated (R38)",
    wire: hex("a1 00"),
    ...reservedBits,
    options: { allowedRsv: 0x40 },
  },
  { name: "opcode 0x3 (R39)", wire: hex("83 00"), ...reservedOpcode },
  { name: "opcode 0x7 (R39)", wire: hex("87 00"), ...reservedOpcode },
  { name: "opcode 0xB (R39)", wire: hex("8b 00"), ...reservedOpcode },
  { name: "opcode 0xF (R39)", wire: hex("8f 00"), ...reservedOpcode },
  {
    name: "a Close without FIN (R54)",
    wire: hex("08 00"),
    ...fragmentedControl,
  },
  {
    name: "a Ping without FIN (R54)",
    wire: hex("09 00"),
    ...fragmentedControl,
  },
  {
    name: "a Pong without FIN (R54)",
    wire: hex("0a 00"),
    ...fragmentedControl,
  },
  {
    name: "an unmasked frame from a client (R37)",
    wire: hex("81 00"),
    options: { role: "server" },
    code: "unmasked-client-frame",
    closeCode: 1002,
    section: "RFC 6455 §5.1",
    at: 1,
  },
  {
    name: "a masked frame from a server (R37)",
    wire: hex("81 80"),
    options: { role: "client" },
    code: "masked-server-frame",
    closeCode: 1002,
    section: "RFC 6455 §5.1",
    at: 1,
  },
  { name: "a Close of 16 bits (R54)", wire: hex("88 7e"), ...largeControl },
  { name: "a Ping of 64 bits (R54)", wire: hex("89 7f"), ...largeControl },
  {
    name: "a masked Pong of 16 bits (R54)",
    wire: hex("8a fe"),
    ...largeControl,
  },
  { name: "0 in 16 bits (R40)", wire: hex("82 7e 0000"), ...nonMinimal },
  { name: "125 in 16 bits (R40)", wire: hex("82 7e 007d"), ...nonMinimal },
  {
    name: "125 in 16 bits, masked (R40)",
    wire: hex("82 fe 007d"),
    ...nonMinimal,
  },
  {
    name: "0 in 64 bits (R40)",
    wire: hex("82 7f 0000000000000000"),
    ...nonMinimal,
  },
  {
    name: "65535 in 64 bits (R40)",
    wire: hex("82 7f 000000000000ffff"),
    ...nonMinimal,
  },
  {
    name: "65535 in 64 bits, masked (R40)",
    wire: hex("82 ff 000000000000ffff"),
    ...nonMinimal,
  },
  { name: "2^63 (R40)", wire: hex("82 7f 8000000000000000"), ...outOfRange },
  {
    name: "2^64 - 1, masked (R40)",
    wire: hex("82 ff ffffffffffffffff"),
    ...outOfRange,
  },
  {
    name: "2^63 without a limit (R40)",
    wire: hex("82 7f 8000000000000000"),
    ...outOfRange,
    options: { maxPayloadBytes: Infinity },
  },
  {
    name: "1 byte with a limit of 0 (R76)",
    wire: hex("82 01"),
    options: { maxPayloadBytes: 0 },
    ...tooLarge,
    at: 1,
  },
  {
    name: "126 bytes with a limit of 125 (R76)",
    wire: hex("82 7e 007e"),
    options: { maxPayloadBytes: 125 },
    ...tooLarge,
    at: 2,
  },
  {
    name: "126 bytes with a limit of 125, masked (R76)",
    wire: hex("82 fe 007e"),
    options: { maxPayloadBytes: 125 },
    ...tooLarge,
    at: 2,
  },
  {
    name: "a Ping over the limit (R76)",
    wire: hex("89 05"),
    options: { maxPayloadBytes: 4 },
    ...tooLarge,
    at: 1,
  },
  {
    name: "16 MiB + 1 with the default limit (R76)",
    wire: hex("82 7f 0000000001000001"),
    options: {},
    ...tooLarge,
    at: 2,
  },
  {
    name: "2^53 without a limit (R76)",
    wire: hex("82 7f 0020000000000000"),
    options: { maxPayloadBytes: Infinity },
    ...tooLarge,
    at: 2,
  },
  {
    name: "2^63 - 1 without a limit (R76)",
    wire: hex("82 7f 7fffffffffffffff"),
    options: { maxPayloadBytes: Infinity },
    ...tooLarge,
    at: 2,
  },
];

/** Two good frames in the role, and within the limit, that a case is bad in. */
export function goodFramesBefore(
  { options: { role, maxPayloadBytes } }: BrokenHeaderCase,
): Uint8Array {
  if (maxPayloadBytes === 0) return hex("82 00 89 00");
  return role === "server"
    ? hex("82 81 01010101 07 89 80 00000000")
    : hex("82 01 07 89 00");
}
