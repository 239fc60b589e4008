import { assertEquals } from "@std/assert";
import { pcapFormat } from "../../lib/capture/pcap.ts";
import {
  isFault,
  isFormat,
  type PacketRecord,
  wrongLength,
} from "../../lib/capture/record.ts";

const packet: PacketRecord = {
  bytes: new Uint8Array(0),
  at: 0,
  end: 0,
  wireBytes: 0,
  linkType: 1,
  timeMs: 0,
};
const format = pcapFormat({ littleEndian: true, ticksPerSecond: 1e6 }, 100);
const fault = wrongLength(3, "at least 4", 8);

Deno.test("isFault() and isFormat() tell the answers of a format apart", () => {
  assertEquals(isFault(fault), true);
  assertEquals([packet, format].map(isFault), [false, false]);
  assertEquals(isFault({ byteLength: 3, skipped: true }), false);
  assertEquals(isFormat(format), true);
  assertEquals(isFormat(packet), false);
});

Deno.test("wrongLength() says what was found, what was wanted, and where", () => {
  assertEquals(fault, {
    found: "a record of 3 bytes",
    wanted: "at least 4",
    at: 8,
  });
});
