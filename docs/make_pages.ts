/**
 * Writes the pages of `docs/` that say what the code says.
 *
 *     deno task docs
 */
import { protocolRules } from "@sluice/websocket/error";
import { phaseTable, sendingTable } from "@sluice/websocket/session";

/** The pages by name, as they have to stand in the repository. */
export const pages: Readonly<Record<string, () => string>> = {
  "errors.md": errorsPage,
  "phases.md": phasesPage,
};

function errorsPage(): string {
  const rows = Object.entries(protocolRules).map(([code, rule]) => {
    const answer = rule.httpStatus === undefined
      ? String(rule.closeCode)
      : `HTTP ${rule.httpStatus}`;
    const { action, wanted, section } = rule;
    return `| \`${code}\` | ${action} | ${wanted} | ${section} | ${answer} |`;
  });
  return [
    "# Every rule that a peer can break",
    "",
    "The `code` of a `ProtocolError`, what could not be done, what was wanted,",
    "the section that says so, and the close code or HTTP status that the peer",
    "is told. 1006 is never sent: there it is too early or too late for a Close",
    "frame.",
    "",
    "This page is made by `deno task docs` from the tables in `lib/error/`.",
    "",
    "| code | action | wanted | section | answer |",
    "| --- | --- | --- | --- | --- |",
    ...rows,
    "",
  ].join("\n");
}

function phasesPage(): string {
  return [
    "# The phases of a connection",
    "",
    "What moves a connection from one phase to the next. An event that has no",
    "arrow in a phase changes nothing there.",
    "",
    ...diagram(phaseTable, "open"),
    "",
    "The order of the fragments that are sent. A fragment that has no arrow may",
    "not be sent there.",
    "",
    ...diagram(sendingTable, "nothing"),
    "",
    "This page is made by `deno task docs` from `lib/session/phases.ts`, which says",
    "what each phase is.",
    "",
  ].join("\n");
}

/** A table of states as a Mermaid drawing. */
function diagram(
  table: Readonly<Record<string, Readonly<Partial<Record<string, string>>>>>,
  start: string,
): string[] {
  const arrows = Object.entries(table).flatMap(([from, events]) =>
    Object.entries(events).map(([event, to]) => `  ${from} --> ${to}: ${event}`)
  );
  return [
    "```mermaid",
    "stateDiagram-v2",
    `  [*] --> ${start}`,
    ...arrows,
    "```",
  ];
}

if (import.meta.main) {
  for (const [name, page] of Object.entries(pages)) {
    Deno.writeTextFileSync(new URL(name, import.meta.url), page());
  }
}
