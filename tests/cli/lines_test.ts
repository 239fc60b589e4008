import { assertEquals } from "@std/assert";
import { readLines } from "../../lib/cli/lines.ts";
import { utf8 } from "../support/hex.ts";

const cases = [
  ["", []],
  ["a", ["a"]],
  ["a\n", ["a"]],
  ["a\n\nb", ["a", "", "b"]],
  ["one\r\ntwo\r\n", ["one", "two"]],
  ["wörld €\nx", ["wörld €", "x"]],
] as const;

Deno.test("readLines() gives the lines, however the bytes are cut", async () => {
  for (const [text, lines] of cases) {
    const bytes = utf8(text);
    for (const size of [1, 2, 3, 100]) {
      const chunks: Uint8Array[] = [];
      for (let at = 0; at < bytes.length; at += size) {
        chunks.push(bytes.subarray(at, at + size));
      }
      const found = await Array.fromAsync(
        readLines(ReadableStream.from(chunks)),
      );
      assertEquals(found, [...lines], `${JSON.stringify(text)} by ${size}`);
    }
  }
});
