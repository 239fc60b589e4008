import type { JobReport, Reached } from "./order.ts";

/** What came of one target. */
export interface Row extends Mutable<JobReport> {
  readonly target: string;
  readonly seed: number;
  /** How much of what it aims at was reached. */
  reached: Reached;
  /** How many inputs were kept, if any were to be. */
  saved: number | undefined;
}

type Mutable<Type> = { -readonly [Field in keyof Type]: Type[Field] };

const columns: readonly (readonly [string, (row: Row) => string])[] = [
  ["target", ({ target }) => target],
  ["executions", ({ executions }) => grouped(executions)],
  [
    "a second",
    ({ executions, elapsedMs }) =>
      grouped(Math.round(executions / Math.max(elapsedMs / 1000, 0.001))),
  ],
  ["paths", ({ paths }) => grouped(paths)],
  ["inputs kept", ({ corpus }) => grouped(corpus)],
  [
    "branches reached",
    ({ reached: { reached, branches } }) => `${reached} of ${branches}`,
  ],
  ["crashers", ({ crashers }) => grouped(crashers)],
  ["seed", ({ seed }) => String(seed)],
];

/** The table for a terminal. */
export function makeTable(rows: readonly Row[]): string {
  const cells = cellsOf(rows);
  const widths = columns.map((_, at) =>
    Math.max(...cells.map((row) => row[at]!.length))
  );
  return cells.map((row) =>
    row.map((cell, at) =>
      at === 0 ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!)
    ).join("  ")
  ).join("\n");
}

/** The same in Markdown. */
export function makeMarkdown(rows: readonly Row[]): string {
  const [head, ...body] = cellsOf(rows);
  const rule = columns.map((_, at) => at === 0 ? "---" : "---:");
  return [head!, rule, ...body].map((row) => `| ${row.join(" | ")} |`)
    .join("\n");
}

/** The section of the results. */
export function makeSection(rows: readonly Row[]): string {
  const minutes = Math.max(...rows.map(({ elapsedMs }) => elapsedMs)) / 60_000;
  return `## Fuzzing

\`deno task fuzz\` wrote this, ${
    minutes.toFixed(0)
  } minutes a target: inputs mutated by
bytes and by grammar, and kept when they took a new path. A path is a branch or a
statement of the library with how often an input went through it (1, 2, 3, 4–7, and
so on). An input is wrong if something is thrown that is not documented, if the
result depends on how the bytes were cut, if a limit is passed, or if an array of
the caller's is written to.

${makeMarkdown(rows)}
`;
}

function cellsOf(rows: readonly Row[]): string[][] {
  return [
    columns.map(([title]) => title),
    ...rows.map((row) => columns.map(([, cell]) => cell(row))),
  ];
}

function grouped(number: number): string {
  return number.toLocaleString("en-US");
}
