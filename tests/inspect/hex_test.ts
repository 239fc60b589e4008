import { assertEquals } from "@std/assert";
import { encodeHex } from "@std/encoding/hex";
import { countBytes, spacedHex } from "../../lib/inspect/hex.ts";
import { assertPure } from "../support/purity.ts";

Deno.test("spacedHex() writes two digits for each byte, with spaces between", () => {
  const table = [
    [[], ""],
    [[0x0a], "0a"],
    [[0x00, 0x0f, 0x10, 0xff], "00 0f 10 ff"],
  ] as const;
  for (const [bytes, expected] of table) {
    assertEquals(
      assertPure("spacedHex()", spacedHex, Uint8Array.from(bytes)),
      expected,
    );
  }
});

Deno.test("spacedHex() without its spaces is the hex of the standard library", () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  assertEquals(spacedHex(bytes).replaceAll(" ", ""), encodeHex(bytes));
});

Deno.test("countBytes() says how many bytes, one or more", () => {
  const counts = [0, 1, 2, 1000].map(countBytes);
  assertEquals(counts, ["0 bytes", "1 byte", "2 bytes", "1000 bytes"]);
});
