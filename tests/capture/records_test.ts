import { assertEquals } from "@std/assert";
import type { Fault } from "../../lib/capture/record.ts";
import { createRecordReader } from "../../lib/capture/records.ts";
import {
  captureHeader,
  captureRecord,
} from "../../lib/capture/capture_file.ts";
import { forEachSeed } from "../support/random.ts";
import { byteByByte, concatenated, randomPieces } from "../support/splits.ts";
import { blocksIn } from "./pcapng_support.ts";

interface Outcome {
  readonly packets: number[][];
  readonly fault: Fault | undefined;
  readonly offset: number;
}

function read(pieces: readonly Uint8Array[], maxPacketBytes = 1e6): Outcome {
  const reader = createRecordReader(maxPacketBytes);
  const packets: number[][] = [];
  let fault: Fault | undefined;
  for (const piece of pieces) {
    fault ??= reader.read(piece, ({ bytes, at, end }) => {
      packets.push(Array.from(bytes.subarray(at, end)));
    });
  }
  fault ??= reader.end();
  return { packets, fault, offset: reader.offset };
}

const { section, interface: describe, block } = blocksIn(false);

const captures: Record<string, Uint8Array> = {
  pcap: concatenated([
    captureHeader("pcap"),
    captureRecord("pcap", Uint8Array.of(1, 2, 3), 5),
    captureRecord("pcap", new Uint8Array(0), 5),
    captureRecord("pcap", Uint8Array.of(4), 5),
  ]),
  pcapng: concatenated([
    captureHeader("pcapng"),
    captureRecord("pcapng", Uint8Array.of(1, 2, 3), 5),
    blocksIn(true).block(99, new Array(100).fill(7)),
    section(),
    describe(1),
    block(77, []),
    block(6, new Array(20).fill(0)),
    captureHeader("pcapng"),
    captureRecord("pcapng", Uint8Array.of(4), 5),
  ]),
};

for (const [name, capture] of Object.entries(captures)) {
  const whole: Outcome = {
    packets: [[1, 2, 3], [], [4]],
    fault: undefined,
    offset: capture.length,
  };

  Deno.test(`createRecordReader() reads ${name}, cut anywhere`, () => {
    assertEquals(read([capture]), whole);
    assertEquals(read(byteByByte(capture)), whole);
    forEachSeed((random) => {
      assertEquals(read(randomPieces(capture, random)), whole);
    });
  });

  Deno.test(`createRecordReader() says where ${name} ends too early`, () => {
    for (let length = 0; length < capture.length; length++) {
      const cut = capture.subarray(0, length);
      assertEquals(read(byteByByte(cut)), read([cut]), `${length} bytes`);
    }
  });

  Deno.test(`createRecordReader() keeps nothing of a chunk of ${name}`, () => {
    const buffer = new Uint8Array(16);
    const reader = createRecordReader(1e6);
    const packets: number[][] = [];
    for (let at = 0; at < capture.length; at += 16) {
      const part = capture.subarray(at, at + 16);
      buffer.set(part);
      reader.read(buffer.subarray(0, part.length), ({ bytes, at, end }) => {
        packets.push(Array.from(bytes.subarray(at, end)));
      });
      buffer.fill(0xff);
    }
    assertEquals(packets, whole.packets);
  });
}

const pcap = captures["pcap"]!;
const pcapng = captures["pcapng"]!;

/** Where a capture ends or is broken, and what is said of that. */
const faults: readonly [name: string, Uint8Array, Fault, offset: number][] = [
  ["nothing", new Uint8Array(0), {
    found: "the end of the capture",
    wanted: "the magic of pcap or pcapng",
    at: 0,
  }, 0],
  ["two bytes", pcap.subarray(0, 2), {
    found: "the end of the capture",
    wanted: "the magic of pcap or pcapng",
    at: 2,
  }, 0],
  ["a magic", pcap.subarray(0, 4), {
    found: "the end of the capture 4 bytes into a record",
    wanted: "at least 24 bytes of it",
    at: 4,
  }, 0],
  ["something else", new TextEncoder().encode("GET /"), {
    found: "47 45 54 20",
    wanted: "the magic of pcap or pcapng",
    at: 0,
  }, 0],
  ["half a packet", pcap.subarray(0, 41), {
    found: "the end of the capture 17 bytes into a record",
    wanted: "at least 19 bytes of it",
    at: 17,
  }, 24],
  ["half a block that is skipped", pcapng.subarray(0, 112), {
    found: "the end of the capture",
    wanted: "84 more bytes of a record",
    at: 0,
  }, 112],
];

for (const [name, capture, fault, offset] of faults) {
  Deno.test(`createRecordReader() says what is wrong with ${name}`, () => {
    const { fault: found, offset: at } = read([capture]);
    assertEquals([found, at], [fault, offset]);
  });
}

Deno.test("createRecordReader() has read nothing after a header but no fault", () => {
  const outcome = { packets: [], fault: undefined, offset: 24 };
  assertEquals(read([captureHeader("pcap")]), outcome);
});

Deno.test("createRecordReader() reads a packet at the limit, and none beyond", () => {
  assertEquals(read([pcap], 19).fault, undefined);
  assertEquals(read([pcap], 18), {
    packets: [],
    fault: { found: "a record of 19 bytes", wanted: "at most 18", at: 8 },
    offset: 24,
  });
});
