import { assert, assertEquals } from "@std/assert";
import { makeMarkdown, makeSection, makeTable, type Row } from "./report.ts";

const row: Row = {
  target: "head",
  seed: 1,
  executions: 120_000,
  elapsedMs: 60_000,
  paths: 2000,
  corpus: 150,
  crashers: 0,
  reached: { reached: 9, branches: 10 },
  saved: undefined,
};

Deno.test("makeTable() puts columns under each other", () => {
  const [head, first, ...rest] = makeTable([row]).split("\n");
  assertEquals(head!.length, first!.length);
  assertEquals(first!.split(/ {2,}/), [
    "head",
    "120,000",
    "2,000",
    "2,000",
    "150",
    "9 of 10",
    "0",
    "1",
  ]);
  assertEquals(rest, []);
});

Deno.test("makeMarkdown() writes the same as a table of Markdown", () => {
  const [head, rule, first] = makeMarkdown([row]).split("\n");
  assertEquals(head!.split("|").length, rule!.split("|").length);
  assertEquals(
    first,
    "| head | 120,000 | 2,000 | 2,000 | 150 | 9 of 10 | 0 | 1 |",
  );
  const section = makeSection([row]);
  assert(section.includes(makeMarkdown([row])));
  assert(section.includes("1 minutes a target"));
});
