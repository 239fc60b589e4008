import { ProtocolError, type ProtocolErrorInit } from "./protocol_error.ts";
import type { ProtocolErrorCode, ProtocolRule } from "./protocol_rule.ts";

// Each layer has a table of its own, so that who takes one layer does not carry what
// is to be said of the others. For that, what makes the tables is marked as pure:
// bundlers leave away what such a function makes when nobody uses it, and they do not
// leave away an object with a spread in it.

/** What is to be said of some rules, by their codes. */
export type Rules<Code extends ProtocolErrorCode> = Readonly<
  Record<Code, ProtocolRule>
>;

/** A rule, but for what most others of its table have in common. */
type OwnOfRule =
  & Pick<ProtocolRule, "wanted" | "section">
  & Partial<ProtocolRule>;

/** The rules of a table, each with what is common to most of them. */
export function rulesOf<Code extends ProtocolErrorCode>(
  common: Omit<ProtocolRule, "wanted" | "section">,
  own: Readonly<Record<Code, OwnOfRule>>,
): Rules<Code> {
  const rules = Object.entries<OwnOfRule>(own)
    .map(([code, rule]) => [code, { ...common, ...rule }]);
  return Object.fromEntries(rules);
}

/** Makes the error for a broken rule, which is looked up by its code. */
export type RuleErrors<Code extends ProtocolErrorCode> = (
  code: Code,
  init: ProtocolErrorInit,
) => ProtocolError;

/** The errors of some rules, in one table or two. */
export function errorsOf<
  Code extends ProtocolErrorCode,
  Other extends ProtocolErrorCode = never,
>(
  table: Rules<Code>,
  others?: Rules<Other>,
): RuleErrors<Code | Other> {
  const rules = { ...table, ...others } as Rules<Code | Other>;
  return (code, init) => new ProtocolError(code, rules[code], init);
}
