import { assertEquals } from "@std/assert";
import { connectError, connectRules } from "../../lib/error/connect_rules.ts";
import { protocolError } from "../../lib/error/protocol_rules.ts";
import { testRules } from "./rule_tables.ts";

testRules("extended CONNECT", connectRules, connectError);

Deno.test("connectError() knows the rules of requests and of responses too", () => {
  const init = { found: "something", offset: 0 };
  for (const code of ["wrong-method", "unexpected-status"] as const) {
    assertEquals(
      connectError(code, init).message,
      protocolError(code, init).message,
    );
  }
});
