import { assertEquals, assertStringIncludes } from "@std/assert";

/** Runs the program as its user does: a process, with its output piped. */
async function runProcess(
  args: readonly string[],
  input = "",
): Promise<{ code: number; stdout: string; stderr: string }> {
  const path = new URL("../../lib/cli/mod.ts", import.meta.url).pathname;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-read", "--allow-sys", path, ...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    env: { NO_COLOR: "" },
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

Deno.test("the program reads its standard input, and writes no colours to a pipe", async () => {
  const { code, stdout, stderr } = await runProcess(
    ["inspect", "--brief"],
    "89 00",
  );
  assertEquals([code, stderr], [0, ""]);
  assertEquals(stdout, "← frame 1  ping  FIN  0 bytes\n");
});

Deno.test("what goes wrong is told on the standard error, with its exit code", async () => {
  const { code, stdout, stderr } = await runProcess(["inspect", "--dance"]);
  assertEquals([code, stdout], [2, ""]);
  assertStringIncludes(stderr, "--help");
});
