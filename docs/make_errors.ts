/**
 * Writes `docs/errors.md` from the table of rules.
 *
 *     deno task errors
 */
import { protocolRules } from "@sluice/websocket/error";

/** The page, as it has to stand in the repository. */
export function errorsPage(): string {
  const rows = Object.entries(protocolRules).map(([code, rule]) => {
    const answer = rule.httpStatus === undefined
      ? String(rule.closeCode)
      : `HTTP ${rule.httpStatus}`;
    return `| \`${code}\` | ${rule.action} | ${rule.wanted} | ${rule.section} | ${answer} |`;
  });
  return [
    "# Every rule that a peer can break",
    "",
    "The `code` of a `ProtocolError`, what could not be done, what was wanted,",
    "the section that says so, and the close code or HTTP status that the peer",
    "is told. 1006 is never sent: there it is too early or too late for a Close",
    "frame.",
    "",
    "This page is made by `deno task errors` from `lib/error/protocol_rules.ts`.",
    "",
    "| code | action | wanted | section | answer |",
    "| --- | --- | --- | --- | --- |",
    ...rows,
    "",
  ].join("\n");
}

if (import.meta.main) {
  Deno.writeTextFileSync(new URL("errors.md", import.meta.url), errorsPage());
}
