import type { ProtocolErrorCode, ProtocolRule } from "./protocol_rule.ts";

/** What {@linkcode ProtocolError} needs to know beside the rule. */
export interface ProtocolErrorInit {
  /** What stood on the wire, in words. */
  readonly found: string;
  /** Where it stood: bytes from the start of the stream. */
  readonly offset: number;
  /** What was wanted instead, where the rule's own words are too general. */
  readonly wanted?: string;
  /** What more there is to know, such as the response that was refused. */
  readonly cause?: unknown;
}

/**
 * A rule of the protocol that the peer broke.
 *
 * The parsers return it as a value; the streams error with it. A mistake of
 * the caller is never a `ProtocolError` but a `TypeError` or a `RangeError`.
 *
 * @example Tell the peer why, and log where
 * ```ts
 * import { parseFrame } from "@sluice/websocket/frame";
 * import { assertEquals } from "@std/assert";
 *
 * // A text frame that a client forgot to mask.
 * const bytes = Uint8Array.of(0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f);
 * const result = parseFrame(bytes, { role: "server" });
 *
 * if (result.status !== "invalid") throw new Error("Expected a violation");
 * assertEquals(result.error.code, "unmasked-client-frame");
 * assertEquals(result.error.closeCode, 1002);
 * assertEquals(result.error.section, "RFC 6455 §5.1");
 * assertEquals(result.error.offset, 1);
 * assertEquals(
 *   result.error.message,
 *   "Cannot read frame: found MASK = 0, wanted MASK = 1 in a frame from a client (RFC 6455 §5.1, byte 1)",
 * );
 * ```
 */
export class ProtocolError extends Error {
  /** Always `"ProtocolError"`. */
  override readonly name = "ProtocolError";
  /** The rule that was broken; stable, for programs to compare. */
  readonly code: ProtocolErrorCode;
  /**
   * The close code to fail the connection with, RFC 6455 §7.4. 1006 means that
   * no Close frame can be sent.
   */
  readonly closeCode: number;
  /** The section that states the rule, such as `"RFC 6455 §5.5"`. */
  readonly section: string;
  /** Where the rule was broken: bytes from the start of the stream. */
  readonly offset: number;
  /** The status to answer with, when a request was refused; else `undefined`. */
  readonly httpStatus: number | undefined;

  /**
   * Makes the error for a rule; `protocolError` looks one up by its code.
   *
   * @param code The rule that was broken.
   * @param rule What is the same whenever it is.
   * @param init What was found, and where.
   */
  constructor(
    code: ProtocolErrorCode,
    rule: ProtocolRule,
    init: ProtocolErrorInit,
  ) {
    const wanted = init.wanted ?? rule.wanted;
    super(
      `${rule.action}: found ${init.found}, wanted ${wanted} ` +
        `(${rule.section}, byte ${init.offset})`,
      "cause" in init ? { cause: init.cause } : undefined,
    );
    this.code = code;
    this.closeCode = rule.closeCode;
    this.section = rule.section;
    this.offset = init.offset;
    this.httpStatus = rule.httpStatus;
  }
}

/** The answer of a parser to bytes that break a rule. */
export interface Invalid {
  /** The peer broke a rule; nothing after it is to be read. */
  readonly status: "invalid";
  /** Which rule, and where. */
  readonly error: ProtocolError;
}
