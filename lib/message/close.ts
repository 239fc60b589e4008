import { concat } from "../bytes/chunks.ts";
import { messageError } from "../error/message_rules.ts";
import { decodeUtf8 } from "../bytes/utf8.ts";
import type { Invalid } from "../error/protocol_error.ts";
import {
  requireBytes,
  requireInteger,
  requireString,
} from "../error/require.ts";

/**
 * The close codes of RFC 6455 §7.4.1 and those that IANA registered since.
 * `noStatus`, `abnormal` and `tlsHandshake` are never sent: they are what an
 * application is told when no code arrived.
 *
 * @example
 * ```ts
 * import { CloseCode } from "@sluice/websocket/message";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(CloseCode.goingAway, 1001);
 * ```
 */
export const CloseCode = {
  normal: 1000,
  goingAway: 1001,
  protocolError: 1002,
  unsupportedData: 1003,
  noStatus: 1005,
  abnormal: 1006,
  invalidPayload: 1007,
  policyViolation: 1008,
  messageTooBig: 1009,
  mandatoryExtension: 1010,
  internalError: 1011,
  serviceRestart: 1012,
  tryAgainLater: 1013,
  badGateway: 1014,
  tlsHandshake: 1015,
} as const;

const neverSent: readonly number[] = [
  CloseCode.noStatus,
  CloseCode.abnormal,
  CloseCode.tlsHandshake,
];
const defined: readonly number[] = Object.values(CloseCode)
  .filter((code) => !neverSent.includes(code));

/** Short names of the registered codes, after the IANA registry. */
const names: Readonly<Record<number, string>> = {
  1000: "Normal Closure",
  1001: "Going Away",
  1002: "Protocol error",
  1003: "Unsupported Data",
  1004: "Reserved",
  1005: "No Status Rcvd",
  1006: "Abnormal Closure",
  1007: "Invalid frame payload data",
  1008: "Policy Violation",
  1009: "Message Too Big",
  1010: "Mandatory Ext.",
  1011: "Internal Error",
  1012: "Service Restart",
  1013: "Try Again Later",
  1014: "Bad Gateway",
  1015: "TLS handshake",
};

/**
 * A short name for a close code below 3000, after the IANA registry; for others
 * whose range they are in (RFC 6455 §7.4.2).
 *
 * @example
 * ```ts
 * import { closeCodeName } from "@sluice/websocket/message";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(closeCodeName(1001), "Going Away");
 * assertEquals(closeCodeName(4000), "private use");
 * ```
 *
 * @param code Any number.
 */
export function closeCodeName(code: number): string {
  const name = names[code];
  if (name !== undefined) return name;
  if (code >= 3000 && code <= 3999) return "for libraries";
  return code >= 4000 && code <= 4999 ? "private use" : "undefined";
}

/** The longest reason, in bytes: a control frame holds 125, the code takes 2. */
export const maxReasonBytes = 123;

/**
 * Whether a Close frame may carry `code`: the codes that RFC 6455 and IANA
 * define, 3000–3999 for libraries and 4000–4999 for private use.
 *
 * Source: {@link https://www.rfc-editor.org/rfc/rfc6455#section-7.4 | RFC 6455 §7.4}.
 *
 * @example
 * ```ts
 * import { isValidCloseCode } from "@sluice/websocket/message";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(isValidCloseCode(1000), true);
 * assertEquals(isValidCloseCode(1005), false);
 * assertEquals(isValidCloseCode(4999), true);
 * ```
 *
 * @param code A number that stands, or is to stand, in a Close frame.
 */
export function isValidCloseCode(code: number): boolean {
  return defined.includes(code) ||
    (Number.isInteger(code) && code >= 3000 && code <= 4999);
}

/** What {@linkcode parseCloseBody} makes of the payload of a Close frame. */
export type CloseBodyResult =
  | {
    /** The body is one that may be sent. */
    readonly status: "complete";
    /** The close code; 1005 when the body is empty. */
    readonly code: number;
    /** The reason; empty when there is none. */
    readonly reason: string;
  }
  | Invalid;

/**
 * Reads the payload of a Close frame: nothing, or a 2-byte code and a reason.
 *
 * Source: {@link https://www.rfc-editor.org/rfc/rfc6455#section-5.5.1 | RFC 6455 §5.5.1}
 * for the form and §7.4 for the codes.
 *
 * @example
 * ```ts
 * import { parseCloseBody } from "@sluice/websocket/message";
 * import { assertEquals } from "@std/assert";
 *
 * const payload = Uint8Array.of(0x03, 0xe8, 0x62, 0x79, 0x65);
 *
 * assertEquals(
 *   parseCloseBody(payload),
 *   { status: "complete", code: 1000, reason: "bye" },
 * );
 * ```
 *
 * @param payload The unmasked payload; not changed.
 * @param streamOffset Where the payload begins in the stream, in bytes; an
 * error's offset counts from there. 0 by default.
 */
export function parseCloseBody(
  payload: Uint8Array,
  streamOffset = 0,
): CloseBodyResult {
  requireBytes(payload, "Cannot parse close body");
  const [high, low] = payload;
  if (high === undefined) {
    return { status: "complete", code: CloseCode.noStatus, reason: "" };
  }
  if (low === undefined) {
    return invalid("close-body-too-short", "a body of 1 byte", streamOffset);
  }
  const code = high * 256 + low;
  if (!isValidCloseCode(code)) {
    return invalid("invalid-close-code", `close code ${code}`, streamOffset);
  }
  const reason = decodeReason(payload.subarray(2));
  return typeof reason === "string"
    ? { status: "complete", code, reason }
    : invalid(
      "invalid-close-reason",
      "a byte that cannot be UTF-8",
      streamOffset + 2 + reason.invalidAt,
    );
}

/** The reason, or where it stops being UTF-8. */
function decodeReason(bytes: Uint8Array): string | { invalidAt: number } {
  const result = decodeUtf8(bytes);
  if (result.status === "invalid") return { invalidAt: result.offset };
  if (result.pending.length > 0) return { invalidAt: bytes.length };
  return result.text;
}

function invalid(
  code: "close-body-too-short" | "invalid-close-code" | "invalid-close-reason",
  found: string,
  offset: number,
): Invalid {
  return {
    status: "invalid",
    error: messageError(code, { found, offset }),
  };
}

/**
 * Writes the payload of a Close frame, the inverse of
 * {@linkcode parseCloseBody}.
 *
 * Source: {@link https://www.rfc-editor.org/rfc/rfc6455#section-5.5.1 | RFC 6455 §5.5.1}.
 *
 * @example
 * ```ts
 * import { serializeCloseBody } from "@sluice/websocket/message";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(serializeCloseBody(1000), Uint8Array.of(0x03, 0xe8));
 * // 1005 stands for "no code", which is an empty body.
 * assertEquals(serializeCloseBody(1005), new Uint8Array(0));
 * ```
 *
 * @param code A code that may be sent, or 1005 for none.
 * @param reason At most 123 bytes of UTF-8; see {@linkcode truncateReason}.
 * @returns A new array of 0 or 2 to 125 bytes.
 * @throws {RangeError} If the code may not be sent, the reason is too long, or
 * there is a reason without a code.
 * @throws {TypeError} If the reason is not a string.
 */
export function serializeCloseBody(code: number, reason = ""): Uint8Array {
  const action = "Cannot serialize close body";
  requireString(reason, action);
  const reasonBytes = new TextEncoder().encode(reason);
  if (code === CloseCode.noStatus && reasonBytes.length === 0) {
    return new Uint8Array(0);
  }
  if (!isValidCloseCode(code)) {
    throw new RangeError(
      `${action}: found code ${code}, wanted 1000–1003, 1007–1014 or 3000–4999 (RFC 6455 §7.4)`,
    );
  }
  if (reasonBytes.length > maxReasonBytes) {
    throw new RangeError(
      `${action}: found a reason of ${reasonBytes.length} bytes, ` +
        `wanted at most ${maxReasonBytes} (RFC 6455 §5.5)`,
    );
  }
  return concat(Uint8Array.of(code >> 8, code & 0xff), reasonBytes);
}

/**
 * The beginning of `reason` that fits a Close frame, cut between characters.
 *
 * Source: {@link https://www.rfc-editor.org/rfc/rfc6455#section-5.5 | RFC 6455 §5.5}.
 *
 * @example
 * ```ts
 * import { truncateReason } from "@sluice/websocket/message";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(truncateReason("é".repeat(100)), "é".repeat(61));
 * ```
 *
 * @param reason Any text.
 * @param maxBytes How many bytes of UTF-8 to keep; 123 by default.
 * @throws {RangeError} If `maxBytes` is not an integer from 0 to 123.
 */
export function truncateReason(
  reason: string,
  maxBytes: number = maxReasonBytes,
): string {
  const action = "Cannot truncate reason";
  requireString(reason, action);
  requireInteger(maxBytes, action, "maxBytes", 0, maxReasonBytes);
  // encodeInto never writes a part of a character.
  const { read } = new TextEncoder()
    .encodeInto(reason, new Uint8Array(maxBytes));
  return reason.slice(0, read);
}
