import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { type Input, openInput } from "../../lib/cli/input.ts";
import { concatAll } from "../../lib/bytes/chunks.ts";
import { UnreachableError, UsageError } from "../../lib/cli/terminal.ts";
import { hex, utf8 } from "../support/hex.ts";
import { fixture, testTerminal } from "./terminals.ts";

async function bytesOf({ parts }: Input): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const { bytes } of parts) all.push(bytes);
  return concatAll(all);
}

Deno.test("an input may be the bytes themselves", async () => {
  const terminal = testTerminal();
  for (
    const [text, format] of [["89 00", "hex"], ["iQA=", "base64"]] as const
  ) {
    const input = await openInput(text, undefined, terminal);
    assertEquals(input.format, format);
    assertEquals(await bytesOf(input), hex("89 00"));
  }
});

Deno.test("an input may come from the standard input, in parts of any size", async () => {
  const text = utf8("89 00 8a 00");
  const stream = ReadableStream.from(
    Array.from(text, (byte) => Uint8Array.of(byte)),
  );
  for (const name of [undefined, "-"]) {
    const input = await openInput(name, undefined, testTerminal("89 00 8a 00"));
    assertEquals(await bytesOf(input), hex("89 00 8a 00"));
  }
  const input = await openInput("-", undefined, testTerminal(stream));
  assertEquals(await bytesOf(input), hex("89 00 8a 00"));
});

Deno.test("who is to type the input is told so", async () => {
  const terminal = testTerminal("89 00", { isInputTyped: true });
  await bytesOf(await openInput(undefined, undefined, terminal));
  assertStringIncludes(terminal.notes(), "end with Ctrl-D");
});

Deno.test("an input may be a file, whose size and format are seen", async () => {
  const path = fixture("loopback.pcapng");
  const input = await openInput(path, undefined, testTerminal());
  const { size } = await Deno.stat(path);
  assertEquals([input.format, input.byteLength], ["capture", size]);
  assertEquals((await bytesOf(input)).length, size);
});

Deno.test("a format that is named is not guessed", async () => {
  const input = await openInput("-", "raw", testTerminal("89 00"));
  assertEquals(await bytesOf(input), utf8("89 00"));
});

Deno.test("a text that breaks off gives what came before, and why it stops", async () => {
  const input = await openInput("-", "hex", testTerminal("89 00 ?"));
  const parts = await Array.fromAsync(input.parts);
  assertEquals(parts.map(({ broken }) => broken !== undefined), [false, true]);
});

Deno.test("what is no input is told apart from a file that cannot be read", async () => {
  const open = (name: string) => openInput(name, undefined, testTerminal());
  await assertRejects(
    () => open("no such file.pcap"),
    UsageError,
    "there is no such file, and it is neither hexadecimal digits nor base64",
  );
  await assertRejects(() => open("."), UnreachableError, "it is not a file");
});
