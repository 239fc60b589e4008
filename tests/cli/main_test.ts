import { assertEquals, assertStringIncludes } from "@std/assert";
import { run } from "./terminals.ts";

const commands = ["inspect", "tap", "connect", "serve", "bench"];

Deno.test("sluice --help names every command and the exit codes", async () => {
  const { code, output } = await run(["--help"]);
  assertEquals(code, 0);
  for (const name of commands) assertStringIncludes(output, `  ${name} `);
  assertStringIncludes(output, "Exit code: 0 if all went well");
});

Deno.test("sluice alone shows its help, and says that something is missing", async () => {
  const { code, output } = await run([]);
  assertEquals(code, 2);
  assertStringIncludes(output, "Usage: sluice COMMAND");
});

Deno.test("every command has a help with its options and examples", async () => {
  for (const name of commands) {
    const { code, output } = await run([name, "--help"]);
    assertEquals(code, 0, name);
    assertStringIncludes(output, `Usage: sluice ${name} `);
    assertStringIncludes(output, "Options:\n");
    assertStringIncludes(output, "--help");
    assertStringIncludes(output, "Examples:\n  # ");
    assertStringIncludes(output, "Exit code: 0");
    const long = output.split("\n").filter((line) => line.length > 90);
    assertEquals(long, [], name);
  }
});

Deno.test("a command line that is wrong is told what to write instead", async () => {
  const cases = [
    [["dance"], "found no such command, wanted one of inspect, tap"],
    [["inspect", "--dance"], "see sluice inspect --help"],
    [["tap"], "found no --listen"],
    [["connect"], "found no URL, wanted one URL"],
    [["bench", "a", "b"], "found 2 arguments, wanted one URL"],
    [["serve", "--listen", "here"], "wanted a port, or host:port"],
  ] as const;
  for (const [args, wanted] of cases) {
    const { code, output, notes } = await run(args);
    assertEquals([code, output], [2, ""], args.join(" "));
    assertStringIncludes(notes, wanted);
    assertEquals(notes.endsWith("\n"), true);
  }
});
