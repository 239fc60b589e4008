/** What every table of rules has to do, beside what the rules say. */
import { assert, assertEquals } from "@std/assert";
import { ProtocolError } from "../../lib/error/protocol_error.ts";
import type { ProtocolErrorCode } from "../../lib/error/protocol_rule.ts";
import {
  protocolError,
  protocolRules,
} from "../../lib/error/protocol_rules.ts";
import type { RuleErrors, Rules } from "../../lib/error/rules_of.ts";

/** Checks that a table's rules are among all rules, and its errors those of all. */
export function testRules<Code extends ProtocolErrorCode>(
  name: string,
  rules: Rules<Code>,
  errorOf: RuleErrors<Code>,
): void {
  const codes = Object.keys(rules) as Code[];

  Deno.test(`the rules of ${name} are among all rules, as they are`, () => {
    assert(codes.length > 0);
    for (const code of codes) assertEquals(rules[code], protocolRules[code]);
  });

  Deno.test(`the error for a rule of ${name} is the one that protocolError() makes`, () => {
    for (const code of codes) {
      const init = { found: "something", offset: 7, cause: { code } };
      const error = errorOf(code, init);
      const same = protocolError(code, init);
      assert(error instanceof ProtocolError);
      assertEquals({ ...error }, { ...same });
      assertEquals([error.message, error.cause], [same.message, init.cause]);
    }
  });
}
