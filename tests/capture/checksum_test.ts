import { assertEquals } from "@std/assert";
import { internetChecksum } from "../../lib/capture/checksum.ts";
import { hex } from "../support/hex.ts";

Deno.test("internetChecksum() sums up the example of RFC 1071 §3", () => {
  assertEquals(internetChecksum([hex("0001 f203 f4f5 f6f7")]), 0xffff - 0xddf2);
});

/** Sums that carry, and the checksum. */
const cases: readonly [parts: string[], checksum: number][] = [
  [[""], 0xffff],
  [["ffff"], 0],
  [["ffff", "0001"], 0xfffe],
  [["12"], 0xffff - 0x1200],
  [["1234", "56"], 0xffff - 0x1234 - 0x5600],
  [["ffff".repeat(100_000)], 0],
  [["45000073000040004011b861c0a80001c0a800c7"], 0],
];

for (const [parts, checksum] of cases) {
  const name = parts.join(" + ").slice(0, 40);
  Deno.test(`internetChecksum() of ${name || "nothing"}`, () => {
    assertEquals(internetChecksum(parts.map(hex)), checksum);
  });
}
