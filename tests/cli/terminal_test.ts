import { assertEquals } from "@std/assert";
import {
  ExitCode,
  noteError,
  UnreachableError,
  UsageError,
} from "../../lib/cli/terminal.ts";

Deno.test("every outcome has an exit code of its own", () => {
  const codes = Object.values(ExitCode);
  assertEquals(new Set(codes).size, codes.length);
  assertEquals(ExitCode.ok, 0);
});

Deno.test("errors that are told to people bear their names", () => {
  assertEquals(new UsageError("a").name, "UsageError");
  assertEquals(new UnreachableError("a").name, "UnreachableError");
});

Deno.test("noteError() tells in a line, without what a terminal would obey", () => {
  let told = "";
  noteError(
    { note: (text) => told += text },
    new Error("a\nb \x1b[31m\x9b31m"),
  );
  assertEquals(told, "a\\u000ab \\u001b[31m\\u009b31m\n");
});
