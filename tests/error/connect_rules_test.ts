import { assertEquals } from "@std/assert";
import { connectError, connectRules } from "../../lib/error/connect_rules.ts";
import type { RequestRuleCode } from "../../lib/error/protocol_rule.ts";
import { protocolError } from "../../lib/error/protocol_rules.ts";
import { requestRules } from "../../lib/error/request_rules.ts";
import { testRules } from "./rule_tables.ts";

testRules("extended CONNECT", connectRules, connectError);

Deno.test("connectError() knows the rules of requests too", () => {
  const init = { found: "something", offset: 0 };
  for (const code of Object.keys(requestRules) as RequestRuleCode[]) {
    assertEquals(
      connectError(code, init).message,
      protocolError(code, init).message,
    );
  }
});
