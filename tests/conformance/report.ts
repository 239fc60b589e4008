import type { Group } from "./conformance_case.ts";
import { wayNames } from "./ways.ts";

/** How a group fared in one way. */
export interface GroupResult {
  readonly group: Group;
  readonly way: string;
  /** How many cases were run. */
  readonly ran: number;
  readonly failures: readonly CaseFailure[];
}

/** A case that was not passed. */
export interface CaseFailure {
  readonly number: string;
  readonly title: string;
  readonly way: string;
  /** What was expected and what was seen. */
  readonly problem: string;
}

/** Groups by ways, each cell the strict passes of so many cases, in Markdown. */
export function tableOf(results: readonly GroupResult[]): string {
  const groups = [...new Set(results.map(({ group }) => group))];
  const rows = groups.map((group) => {
    const own = results.filter((result) => result.group === group);
    return [`${group.number} ${group.title}`, ...cellsOf(own)];
  });
  return align([
    ["Group", "Cases", ...wayNames, "Failures"],
    ...rows,
    ["All", ...cellsOf(results)],
  ]);
}

/** The page that says how the last whole run went; the same for the same run. */
export function resultsPage(results: readonly GroupResult[]): string {
  const failures = failuresOf(results);
  const named = failures.length === 0
    ? ["Nothing failed."]
    : failures.map(({ number, title, way }) => `- ${number} ${title}: ${way}`);
  return `${
    [
      "# Conformance",
      "",
      "Every case of groups 1 to 7, 9, 10, 12 and 13 of the public Autobahn test plan,",
      "rebuilt by its number, with the strict result required: strict passes of cases",
      "run, by group and by way. `deno task conformance` writes this page.",
      "",
      tableOf(results),
      "",
      `Deno ${Deno.version.deno}.`,
      "",
      "## Failures",
      "",
      ...named,
    ].join("\n")
  }\n`;
}

/** All that failed, in the order of the plan. */
export function failuresOf(results: readonly GroupResult[]): CaseFailure[] {
  return results.flatMap(({ failures }) => failures);
}

/** Number of cases, passes for each way, number of failures. */
function cellsOf(results: readonly GroupResult[]): string[] {
  const passes = wayNames.map((name) => {
    const own = results.filter(({ way }) => way === name);
    const ran = sum(own.map((result) => result.ran));
    const failed = sum(own.map(({ failures }) => failures.length));
    return { ran, cell: `${ran - failed}/${ran}` };
  });
  return [
    String(passes[0]!.ran),
    ...passes.map(({ cell }) => cell),
    String(failuresOf(results).length),
  ];
}

function align(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, at) =>
    Math.max(...rows.map((row) => row[at]!.length))
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, at) => cell.padEnd(widths[at]!)).join(" | ")} |`;
  const [head, ...rest] = rows;
  const rule = widths.map((width) => "-".repeat(width));
  return [head!, rule, ...rest].map(line).join("\n");
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
