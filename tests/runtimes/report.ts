import { checks } from "./checks.ts";
import type { Outcome } from "./run_checks.ts";

/** What came of the checks on one runtime. */
export interface Tried {
  readonly name: string;
  readonly version: string;
  readonly outcomes: readonly Outcome[];
}

const signs = { ok: "✓", failed: "✗", lacks: "–" } as const;

/** The results as a page: a table, and why something is not in it. */
export function report(tried: readonly Tried[]): string {
  const notes = notesOf(tried);
  const cell = (outcome: Outcome | undefined): string => {
    if (outcome === undefined) return "";
    const sign = signs[outcome.status];
    const note = notes.indexOf(outcome.why);
    return outcome.status === "lacks" ? `${sign} (${note + 1})` : sign;
  };
  const rows = checks.map(({ name }) =>
    row([
      name,
      ...tried.map(({ outcomes }) =>
        cell(outcomes.find((outcome) => outcome.name === name))
      ),
    ])
  );
  return [
    "# The same on every runtime",
    "",
    "One bundle of the library, one list of checks (`checks.ts`); written by",
    "`deno task test:runtimes`.",
    "",
    row(["", ...tried.map(({ name, version }) => `${name} (${version})`)]),
    row(["---", ...tried.map(() => "---")]),
    ...rows,
    "",
    "✓ done; – what the runtime has not:",
    "",
    ...notes.map((why, index) => `${index + 1}. ${why}`),
    "",
  ].join("\n");
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

/** Every reason once, in the order in which they come. */
function notesOf(tried: readonly Tried[]): string[] {
  const reasons = tried.flatMap(({ outcomes }) =>
    outcomes.filter(({ status }) => status === "lacks").map(({ why }) => why)
  );
  return [...new Set(reasons)];
}
