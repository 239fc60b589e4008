import {
  assert,
  assertEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import {
  type Command,
  helpOf,
  isGiven,
  numberOf,
  parseCommandLine,
  stringOf,
  stringsOf,
  twoColumns,
  wordOf,
} from "../../lib/cli/command.ts";
import { UsageError } from "../../lib/cli/terminal.ts";

const command: Command = {
  name: "paint",
  summary: "put colour on things",
  usage: "[options] THING",
  takesArguments: true,
  details: "Slowly.",
  options: {
    coats: { type: "string", short: "c", value: "N", help: "how many" },
    color: { type: "string", value: "NAME", help: "which" },
    also: { type: "string", value: "THING", multiple: true, help: "more" },
    quick: { type: "boolean", help: "do not wait" },
  },
  examples: [["sluice paint wall", "a wall"]],
  run: () => Promise.resolve(0),
};

Deno.test("parseCommandLine() gives options of every kind, and what is none", () => {
  const given = parseCommandLine(command, [
    ...["-c", "3", "wall", "--also", "a", "--also=b", "--quick"],
  ]);
  assertEquals(given.positionals, ["wall"]);
  assertEquals(numberOf(given, "coats", 1), 3);
  assertEquals(stringsOf(given, "also"), ["a", "b"]);
  assertEquals(isGiven(given, "quick"), true);
  assertEquals(isGiven(given, "help"), false);
  assertEquals(stringOf(given, "color"), undefined);
});

Deno.test("what was not given has its default", () => {
  const given = parseCommandLine(command, []);
  assertEquals(numberOf(given, "coats", 2), 2);
  assertEquals(stringsOf(given, "also"), []);
  assertEquals(wordOf(given, "color", ["red", "blue"]), undefined);
});

Deno.test("values that are none are refused in words", () => {
  const given = (...args: string[]) => parseCommandLine(command, args);
  const cases: [() => unknown, string][] = [
    [
      () => given("--shiny"),
      "Unknown option '--shiny'; see sluice paint --help",
    ],
    [() => given("--coats"), "sluice paint --help"],
    [() => numberOf(given("--coats", "many"), "coats", 1), 'found "many"'],
    [() => numberOf(given("--coats", "1.5"), "coats", 1), "a whole number"],
    [() => numberOf(given("--coats", "0"), "coats", 1, 1), "at least 1"],
    [
      () => wordOf(given("--color", "mauve"), "color", ["red", "blue"]),
      'found "mauve", wanted red or blue',
    ],
  ];
  for (const [call, words] of cases) assertThrows(call, UsageError, words);
});

Deno.test("a command that takes options only refuses what is none", () => {
  const strict = { ...command, takesArguments: false };
  assertEquals(parseCommandLine(strict, ["-c", "3"]).positionals, []);
  assertThrows(
    () => parseCommandLine(strict, ["3431"]),
    UsageError,
    'Cannot paint: found "3431", wanted options only; see sluice paint --help',
  );
});

Deno.test("a mistake is told in a line, without the advice of whoever found it", () => {
  const error = assertThrows(
    () => parseCommandLine(command, ["--coats", "-1"]),
    UsageError,
  );
  assertEquals(error.message.split("\n").length, 1);
  assert(error.message.endsWith("; see sluice paint --help"), error.message);
});

Deno.test("helpOf() says everything about a command, under the program's name", () => {
  const help = helpOf(command, "deno task sluice");
  for (
    const line of [
      "deno task sluice paint: put colour on things",
      "Usage: deno task sluice paint [options] THING",
      "  -c, --coats N     how many",
      "      --quick       do not wait",
      "  -h, --help        show this help",
      "  # a wall",
      "  deno task sluice paint wall",
    ]
  ) assertStringIncludes(help, `${line}\n`);
});

Deno.test("twoColumns() puts the second column under itself", () => {
  assertEquals(twoColumns([["a", "one"], ["bcd", "two"]]), [
    "  a    one",
    "  bcd  two",
  ]);
});
