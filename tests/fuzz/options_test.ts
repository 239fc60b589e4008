import { assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../lib/cli/terminal.ts";
import { help, type Options, readOptions } from "./options.ts";
import { targetNames } from "./target_names.ts";
import { targets } from "./targets/mod.ts";

const cases: readonly (readonly [line: string, wanted: Partial<Options>])[] = [
  ["", { targets: targetNames, seed: 1, jobs: 1, maxMs: 60_000 }],
  ["--minutes 0.5", { maxMs: 30_000, maxExecutions: undefined }],
  ["--executions 10", { maxMs: Infinity, maxExecutions: 10 }],
  ["--executions 10 --minutes 2", { maxMs: 120_000, maxExecutions: 10 }],
  ["--targets head,frames --jobs 9", { targets: ["head", "frames"], jobs: 2 }],
  ["--targets head --reproduce x", { target: "head", reproduce: "x" }],
  ["--seed 7 --save-corpus --results", {
    seed: 7,
    saveCorpus: true,
    results: true,
  }],
];

for (const [line, wanted] of cases) {
  Deno.test(`deno task fuzz ${line} is understood`, () => {
    const options: Partial<Options> = readOptions(wordsOf(line))!;
    for (const name of Object.keys(wanted) as (keyof Options)[]) {
      assertEquals(options[name], wanted[name], name);
    }
  });
}

const mistakes: readonly (readonly [line: string, found: string])[] = [
  ["--minutes 0", 'found "0", wanted a number above 0'],
  ["--minutes x", 'found "x"'],
  ["--executions 1.5", "wanted a number of at least 1"],
  ["--jobs 0", "wanted a number of at least 1"],
  ["--targets nothing", "wanted one of head"],
  ["--unknown", "see deno task fuzz --help"],
];

for (const [line, found] of mistakes) {
  Deno.test(`deno task fuzz ${line} is refused`, () => {
    assertThrows(() => readOptions(wordsOf(line)), UsageError, found);
  });
}

function wordsOf(line: string): string[] {
  return line.split(" ").filter((word) => word !== "");
}

Deno.test("deno task fuzz --help names every target", () => {
  assertEquals(readOptions(["--help"]), undefined);
  assertEquals(targets.map(({ name }) => name), [...targetNames]);
  for (const name of targetNames) assertEquals(help.includes(name), true);
});
