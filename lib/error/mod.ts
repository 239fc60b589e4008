/**
 * What a peer did wrong, as a value: which rule, which section of which RFC,
 * at which byte, and with which close code or HTTP status to answer.
 *
 * @example
 * ```ts
 * import { protocolError } from "@sluice/websocket/error";
 * import { assertEquals } from "@std/assert";
 *
 * const error = protocolError("reserved-opcode", {
 *   found: "opcode 0x3",
 *   offset: 0,
 * });
 *
 * assertEquals(error.closeCode, 1002);
 * assertEquals(error.section, "RFC 6455 §5.2");
 * ```
 *
 * @module
 */
export * from "./protocol_error.ts";
export * from "./protocol_rules.ts";
export * from "./protocol_rule.ts";
