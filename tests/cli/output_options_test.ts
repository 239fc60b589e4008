import { assert, assertEquals, assertThrows } from "@std/assert";
import { parseCommandLine } from "../../lib/cli/command.ts";
import { inspectCommand } from "../../lib/cli/inspect_command.ts";
import { isColored, itemWriter } from "../../lib/cli/output_options.ts";
import { UsageError } from "../../lib/cli/terminal.ts";
import { dissect } from "../../lib/inspect/dissector.ts";
import { hex } from "../support/hex.ts";
import { testTerminal } from "./terminals.ts";

const given = (...args: string[]) => parseCommandLine(inspectCommand, args);

Deno.test("colours are for terminals, unless somebody says otherwise", () => {
  const on = testTerminal("", { color: true });
  const off = testTerminal("", { color: false });
  assertEquals(isColored(given(), on), true);
  assertEquals(isColored(given(), off), false);
  assertEquals(isColored(given("--color", "always"), off), true);
  assertEquals(isColored(given("--color", "never"), on), false);
  assertThrows(() => isColored(given("--color", "red"), on), UsageError);
});

Deno.test("items are written in full, in brief, or as JSON", async () => {
  const [frame] = await dissect(hex("89 00"));
  const write = (...args: string[]) =>
    itemWriter(given(...args), testTerminal(), "brief").toText(frame!);
  assertEquals(write(), "← frame 1  ping  FIN  0 bytes\n");
  assert(write("--full").includes("|1|0|0|0|1 0 0 1|0|"));
  assert(write("--color", "always").includes("\x1b["));
  const json = write("--json");
  assertEquals(json.indexOf("\n"), json.length - 1);
  assertEquals(JSON.parse(json).opcodeName, "ping");
});

Deno.test("items of one connection among several say which, and when", async () => {
  const [frame] = await dissect(hex("89 00"));
  const about = { connection: 2, sinceStartMs: 1234.5 };
  const write = (...args: string[]) =>
    itemWriter(given(...args), testTerminal(), "brief").toText(frame!, about);
  assertEquals(write(), "#2 1.234s ← frame 1  ping  FIN  0 bytes\n");
  assertEquals(JSON.parse(write("--json")).connection, 2);
});

Deno.test("--full and --brief are not both to be had", () => {
  assertThrows(
    () => itemWriter(given("--full", "--brief"), testTerminal(), "brief"),
    UsageError,
    "choose one",
  );
});
