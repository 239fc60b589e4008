import { assertEquals, assertThrows } from "@std/assert";
import { isCapture, readMagic } from "../../lib/capture/magic.ts";
import { hex } from "../support/hex.ts";

/** The drafts on pcap and pcapng, §4. */
const magics: readonly [bytes: string, says: ReturnType<typeof readMagic>][] = [
  ["a1b2c3d4", { format: "pcap", littleEndian: false, ticksPerSecond: 1e6 }],
  ["d4c3b2a1", { format: "pcap", littleEndian: true, ticksPerSecond: 1e6 }],
  ["a1b23c4d", { format: "pcap", littleEndian: false, ticksPerSecond: 1e9 }],
  ["4d3cb2a1", { format: "pcap", littleEndian: true, ticksPerSecond: 1e9 }],
  ["0a0d0d0a", { format: "pcapng" }],
];

for (const [bytes, says] of magics) {
  Deno.test(`readMagic() knows ${bytes}, and isCapture() too`, () => {
    assertEquals(readMagic(hex(`00${bytes}`), 1), says);
    assertEquals(isCapture(hex(`${bytes}00`)), true);
    assertEquals(isCapture(hex(bytes)), true);
    assertEquals(isCapture(hex(bytes).subarray(0, 3)), false);
  });
}

Deno.test("isCapture() says no to anything else", () => {
  for (const bytes of ["", "00000000", "1f8b0800", "a1b2cd34", "474554 20"]) {
    assertEquals(isCapture(hex(bytes)), false, bytes);
  }
});

Deno.test("isCapture() wants a Uint8Array", () => {
  assertThrows(
    () => isCapture("d4c3b2a1" as unknown as Uint8Array),
    TypeError,
    'found "d4c3b2a1", wanted a Uint8Array',
  );
});
