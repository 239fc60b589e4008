import { assertEquals } from "@std/assert";
import {
  ExitCode,
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
