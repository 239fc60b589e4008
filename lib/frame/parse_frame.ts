import type { Invalid } from "../error/protocol_error.ts";
import { frameError } from "../error/frame_rules.ts";
import {
  requireBytes,
  requireInteger,
  requireLimit,
  requireRole,
} from "../error/require.ts";
import {
  checkHeader,
  type HeaderRules,
  type HeaderViolation,
} from "./check_header.ts";
import type { Frame, Opcode, Role } from "./frame.ts";
import {
  type FrameHeader,
  lengthEnd,
  maskingKeyBytes,
  readHeader,
} from "./header.ts";
import { maskInPlace } from "./mask.ts";

/**
 * The largest payload accepted when no limit is given: 16 MiB.
 *
 * Precedents: gws 16 MiB, tungstenite 16 MiB a frame, `ws` 100 MiB, python
 * `websockets` 1 MiB.
 */
export const defaultMaxPayloadBytes: number = 16 * 1024 * 1024;

/** How {@linkcode parseFrame} reads and judges. */
export interface ParseFrameOptions {
  /**
   * Our own role: a server requires masked frames, a client unmasked ones.
   * Without a role either is read.
   */
  readonly role?: Role;
  /**
   * The largest payload accepted, in bytes; `Infinity` for no limit.
   *
   * @default {16777216}
   */
  readonly maxPayloadBytes?: number;
  /**
   * The RSV bits that negotiated extensions define, in their places in the
   * first byte: RSV1 0x40, RSV2 0x20, RSV3 0x10.
   *
   * @default {0}
   */
  readonly allowedRsv?: number;
  /**
   * How many bytes of the stream came before `bytes`; an error's `offset`
   * counts from the start of the stream.
   *
   * @default {0}
   */
  readonly streamOffset?: number;
}

/** What {@linkcode parseFrame} says of the bytes it was given. */
export type ParseFrameResult =
  | {
    /** A whole frame was read. */
    readonly status: "complete";
    /** The frame. */
    readonly frame: Frame;
    /** How many bytes the frame took on the wire. */
    readonly bytesRead: number;
  }
  | PartialFrame
  | Invalid;

/** The answer of a parser to bytes that are right as far as they go. */
export interface PartialFrame {
  /** The frame is not whole yet. */
  readonly status: "partial";
  /** How many bytes to hold, in total, before asking again. */
  readonly bytesNeeded: number;
}

/**
 * Reads one WebSocket frame from the front of `bytes`.
 *
 * The answer is `complete` with the frame and the number of bytes it took,
 * `partial` with the number of bytes to hold before asking again, or `invalid`
 * with a {@linkcode ProtocolError}. A peer's mistakes are returned, not thrown:
 * those of the first two bytes when both are there, those of the length when
 * it is.
 *
 * `bytes` is never changed. An unmasked payload is a view into `bytes`; a
 * masked payload is already unmasked, and it and its masking key are views on a
 * new buffer. Time is linear in the payload, and constant while the answer is
 * `partial`.
 *
 * Source: {@link https://www.rfc-editor.org/rfc/rfc6455#section-5.2 | RFC 6455 §5.2};
 * the rules on masking by role are those of §5.1.
 *
 * @param bytes Received bytes, starting at a frame boundary. May hold more than
 * one frame.
 * @param options Our role, and the largest payload we accept, in bytes.
 * @returns What could be read. Bytes after the frame are left to the caller.
 * @throws {TypeError} If `bytes` is not a `Uint8Array`, or `options.role` is
 * neither `"client"` nor `"server"`.
 * @throws {RangeError} If another option is out of its range.
 *
 * @example The unmasked "Hello" of RFC 6455 §5.7, whole and cut short
 * ```ts
 * import { parseFrame } from "@sluice/websocket/frame";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = Uint8Array.of(0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f);
 *
 * assertEquals(parseFrame(bytes, { role: "client" }).status, "complete");
 * assertEquals(
 *   parseFrame(bytes.subarray(0, 3), { role: "client" }),
 *   { status: "partial", bytesNeeded: 7 },
 * );
 * ```
 */
export function parseFrame(
  bytes: Uint8Array,
  options: ParseFrameOptions = {},
): ParseFrameResult {
  requireBytes(bytes, action);
  const rules = headerRules(options);
  const found = findFrame(bytes, 0, rules, options.streamOffset ?? 0);
  if (found.status !== "complete") return found;
  const { header, payloadLength } = found;
  const bytesRead = header.byteLength + payloadLength;
  const keyAt = header.byteLength - maskingKeyBytes;
  const frame = header.masked
    ? readFrame(header, new Uint8Array(bytes.subarray(keyAt, bytesRead)), 4)
    : readFrame(header, bytes.subarray(0, bytesRead), header.byteLength);
  return { status: "complete", frame, bytesRead };
}

/** What {@linkcode parseFrames} could read. */
export interface ParseFramesResult {
  /** The frames that are whole, in order; perhaps none. */
  readonly frames: readonly Frame[];
  /** How many bytes those frames took on the wire. */
  readonly bytesRead: number;
  /** Why it stopped there. `bytesNeeded` counts from `bytesRead` on. */
  readonly rest: PartialFrame | Invalid;
}

/**
 * Reads every whole frame from the front of `bytes`, in one go: the same
 * answers as {@linkcode parseFrame} again and again, with one buffer for all
 * the masked payloads instead of one for each.
 *
 * `bytes` is never changed. If any of the frames is masked, all payloads are
 * views on one new buffer; if none is, they are views into `bytes`. Time is
 * linear in the bytes that were read.
 *
 * Source: {@link https://www.rfc-editor.org/rfc/rfc6455#section-5.2 | RFC 6455 §5.2}.
 *
 * @param bytes Received bytes, starting at a frame boundary.
 * @param options As for {@linkcode parseFrame}.
 * @returns The frames before the first that is partial or invalid.
 * @throws {TypeError} As {@linkcode parseFrame} does.
 * @throws {RangeError} As {@linkcode parseFrame} does.
 *
 * @example Two Pings and the beginning of a third
 * ```ts
 * import { parseFrames } from "@sluice/websocket/frame";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = Uint8Array.of(0x89, 0x00, 0x89, 0x01, 0x21, 0x89);
 * const { frames, bytesRead, rest } = parseFrames(bytes, { role: "client" });
 *
 * assertEquals(frames.length, 2);
 * assertEquals(bytesRead, 5);
 * assertEquals(rest, { status: "partial", bytesNeeded: 2 });
 * ```
 */
export function parseFrames(
  bytes: Uint8Array,
  options: ParseFrameOptions = {},
): ParseFramesResult {
  requireBytes(bytes, action);
  const rules = headerRules(options);
  const headers: FrameHeader[] = [];
  let anyMasked = false;
  let bytesRead = 0;
  while (true) {
    const offset = (options.streamOffset ?? 0) + bytesRead;
    const found = findFrame(bytes, bytesRead, rules, offset);
    if (found.status !== "complete") {
      const source = anyMasked
        ? new Uint8Array(bytes.subarray(0, bytesRead))
        : bytes;
      return { frames: readFrames(headers, source), bytesRead, rest: found };
    }
    headers.push(found.header);
    anyMasked ||= found.header.masked;
    bytesRead += found.header.byteLength + found.payloadLength;
  }
}

const action = "Cannot parse frame";

/** The options of the caller, judged and filled up. */
export function headerRules(options: ParseFrameOptions): HeaderRules {
  const { role, maxPayloadBytes = defaultMaxPayloadBytes, allowedRsv = 0 } =
    options;
  requireRole(role, action);
  requireLimit(maxPayloadBytes, action, "maxPayloadBytes");
  requireInteger(options.streamOffset ?? 0, action, "streamOffset");
  if ((allowedRsv & 0x70) !== allowedRsv) {
    throw new RangeError(
      `${action}: found allowedRsv = ${allowedRsv}, wanted a sum of 0x40, 0x20 and 0x10`,
    );
  }
  return { role, maxPayloadBytes, allowedRsv };
}

/** Decodes and judges the header at `bytes[at]`, and looks for its payload. */
function findFrame(
  bytes: Uint8Array,
  at: number,
  rules: HeaderRules,
  offset: number,
):
  | PartialFrame
  | Invalid
  | {
    readonly status: "complete";
    readonly header: FrameHeader;
    readonly payloadLength: number;
  } {
  const header = readHeader(bytes, at);
  if (header === undefined) return { status: "partial", bytesNeeded: 2 };
  const violation = checkHeader(header, rules);
  if (violation !== undefined) return invalidHeader(violation, offset);
  const { payloadLength, byteLength } = header;
  if (payloadLength === undefined) {
    return { status: "partial", bytesNeeded: lengthEnd(header.lengthForm) };
  }
  const bytesNeeded = byteLength + payloadLength;
  return bytes.length - at < bytesNeeded
    ? { status: "partial", bytesNeeded }
    : { status: "complete", header, payloadLength };
}

/** The answer to a header that breaks a rule. */
export function invalidHeader(
  violation: HeaderViolation,
  frameOffset: number,
): Invalid {
  const { code, at, ...words } = violation;
  const error = frameError(code, { ...words, offset: frameOffset + at });
  return { status: "invalid", error };
}

/** The frames of a burst, unmasked where they stand if they are masked. */
function readFrames(headers: FrameHeader[], source: Uint8Array): Frame[] {
  let at = 0;
  return headers.map((header) => {
    const payloadAt = at + header.byteLength;
    at = payloadAt + header.payloadLength!;
    return readFrame(header, source, payloadAt);
  });
}

/**
 * Makes the frame whose payload begins at `source[payloadAt]`. A masked
 * payload is unmasked in place, so `source` is then an array of our own, with
 * the masking key right before the payload.
 */
function readFrame(
  header: FrameHeader,
  source: Uint8Array,
  payloadAt: number,
): Frame {
  const payloadEnd = payloadAt + header.payloadLength!;
  const fields = {
    fin: header.fin,
    rsv1: (header.rsv & 0x40) !== 0,
    rsv2: (header.rsv & 0x20) !== 0,
    rsv3: (header.rsv & 0x10) !== 0,
    opcode: header.opcode as Opcode,
    payload: source.subarray(payloadAt, payloadEnd),
  };
  if (!header.masked) return fields;
  const keyAt = payloadAt - maskingKeyBytes;
  maskInPlace(source, payloadAt, payloadEnd, source, keyAt);
  return { ...fields, maskingKey: source.subarray(keyAt, payloadAt) };
}
