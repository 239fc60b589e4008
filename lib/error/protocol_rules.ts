import { connectRules } from "./connect_rules.ts";
import { frameRules } from "./frame_rules.ts";
import { headRules } from "./head_rules.ts";
import { messageRules } from "./message_rules.ts";
import { ProtocolError, type ProtocolErrorInit } from "./protocol_error.ts";
import type { ProtocolErrorCode, ProtocolRule } from "./protocol_rule.ts";
import { requestRules } from "./request_rules.ts";
import { responseRules } from "./response_rules.ts";

/**
 * Every rule that a peer can break, by the `code` of its
 * {@linkcode ProtocolError}.
 *
 * @example Look a code up
 * ```ts
 * import { protocolRules } from "@sluice/websocket/error";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(protocolRules["invalid-utf8"].closeCode, 1007);
 * assertEquals(protocolRules["invalid-utf8"].section, "RFC 6455 §8.1");
 * ```
 */
export const protocolRules: Readonly<Record<ProtocolErrorCode, ProtocolRule>> =
  {
    ...frameRules,
    ...messageRules,
    ...headRules,
    ...requestRules,
    ...connectRules,
    ...responseRules,
  };

/**
 * The error for a broken rule, which is looked up by its `code`.
 *
 * @example
 * ```ts
 * import { protocolError } from "@sluice/websocket/error";
 * import { assertEquals } from "@std/assert";
 *
 * const error = protocolError("invalid-utf8", { found: "0xff", offset: 6 });
 *
 * assertEquals(error.closeCode, 1007);
 * ```
 *
 * @param code The rule that was broken.
 * @param init What was found, and where.
 */
export function protocolError(
  code: ProtocolErrorCode,
  init: ProtocolErrorInit,
): ProtocolError {
  return new ProtocolError(code, protocolRules[code], init);
}
