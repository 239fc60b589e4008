import { assertEquals } from "@std/assert";
import type {
  ProtocolErrorCode,
  ProtocolRule,
} from "../../lib/error/protocol_rule.ts";
import { protocolRules } from "../../lib/error/protocol_rules.ts";

Deno.test("every code has a rule, and a rule what it takes to say it", () => {
  const all: Readonly<Record<ProtocolErrorCode, ProtocolRule>> = protocolRules;
  for (const rule of Object.values(all)) {
    const { action, wanted, section } = rule;
    const isSaid = [action, wanted, section].every((text) => text.length > 0);
    assertEquals(isSaid, true, action);
  }
});
