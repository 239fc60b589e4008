import { assert, assertEquals } from "@std/assert";
import { pcapFormat } from "../../lib/capture/pcap.ts";
import {
  type Fault,
  isFormat,
  type RecordFormat,
} from "../../lib/capture/record.ts";

/** Integers of 32 bits in either order; a string is written as it is. */
function words(littleEndian: boolean, ...values: number[]): Uint8Array {
  const bytes = new Uint8Array(4 * values.length);
  const view = new DataView(bytes.buffer);
  values.forEach((value, at) => view.setUint32(4 * at, value, littleEndian));
  return bytes;
}

/** The header of a file; the two halves of the version trade their places. */
function header(littleEndian: boolean, major = 2, network = 1): Uint8Array {
  const version = littleEndian ? 4 << 16 | major : major << 16 | 4;
  return words(littleEndian, 0, version, 0, 0, 65535, network);
}

function packets(
  littleEndian: boolean,
  ticksPerSecond: number,
  network = 1,
): RecordFormat {
  const format = pcapFormat({ littleEndian, ticksPerSecond }, 1000);
  const bytes = header(littleEndian, 2, network);
  assertEquals(format.measure(bytes, 0), { byteLength: 24, skipped: false });
  const after = format.read(bytes, 0, 24);
  assert(after !== undefined && "measure" in after && isFormat(after));
  return after;
}

for (const littleEndian of [true, false]) {
  for (const ticksPerSecond of [1e6, 1e9]) {
    const order = littleEndian ? "little" : "big";
    Deno.test(`pcapFormat() reads ${order}-endian, ${ticksPerSecond} ticks`, () => {
      const format = packets(littleEndian, ticksPerSecond);
      const ticks = ticksPerSecond / 4;
      const record = words(littleEndian, 1.7e9, ticks, 4, 60, 0xdeadbeef);
      const extent = { byteLength: 20, skipped: false };
      assertEquals(format.measure(record, 0), extent);
      assertEquals(format.read(record, 0, 20), {
        bytes: record,
        at: 16,
        end: 20,
        wireBytes: 60,
        linkType: 1,
        timeMs: 1.7e12 + 250,
      });
    });
  }
}

Deno.test("pcapFormat() takes the lower half of the link type", () => {
  const format = packets(true, 1e6, 0x14000071);
  const record = words(true, 0, 0, 0, 0);
  const packet = format.read(record, 0, 16);
  assert(packet !== undefined && "linkType" in packet);
  assertEquals(packet.linkType, 113);
});

Deno.test("pcapFormat() reads packets up to the limit", () => {
  const format = packets(true, 1e6);
  assertEquals(format.measure(words(true, 0, 0, 984, 984), 0), {
    byteLength: 1000,
    skipped: false,
  });
  assertEquals(format.measure(words(true, 0, 0, 985, 985), 0), {
    found: "a record of 1001 bytes",
    wanted: "at most 1000",
    at: 8,
  });
});

Deno.test("pcapFormat() wants version 2", () => {
  const format = pcapFormat({ littleEndian: true, ticksPerSecond: 1e6 }, 99);
  const fault: Fault = {
    found: "version 3.4 of pcap",
    wanted: "2.4",
    at: 4,
  };
  assertEquals(format.read(header(true, 3), 0, 24), fault);
});
