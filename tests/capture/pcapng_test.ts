import { assert, assertEquals } from "@std/assert";
import { pcapngFormat } from "../../lib/capture/pcapng.ts";
import type {
  Fault,
  PacketRecord,
  RecordFormat,
} from "../../lib/capture/record.ts";
import { blocksIn } from "./pcapng_support.ts";

type Answer = ReturnType<RecordFormat["read"]>;

/** What the format makes of the last of these blocks. */
function readLast(blocks: readonly Uint8Array[]): Answer {
  const format = pcapngFormat(1000);
  return blocks.map((block) => {
    const extent = format.measure(block, 0);
    if ("found" in extent) return extent;
    assertEquals(extent.byteLength, block.length);
    return extent.skipped ? undefined : format.read(block, 0, block.length);
  }).at(-1);
}

function packetIn(answer: Answer): Omit<PacketRecord, "bytes"> {
  assert(answer !== undefined && "wireBytes" in answer, JSON.stringify(answer));
  const { bytes: _, ...fields } = answer;
  return fields;
}

function faultIn(answer: Answer): Fault {
  assert(answer !== undefined && "found" in answer);
  return answer;
}

const { section, interface: describe, block, words, halves, option } = blocksIn(
  true,
);

for (const littleEndian of [true, false]) {
  const blocks = blocksIn(littleEndian);
  const start = [blocks.section(), blocks.interface(1), blocks.interface(113)];
  const order = littleEndian ? "little" : "big";
  const time = [0x60000, 0x80000000];
  const timeMs = (0x60000 * 2 ** 32 + 0x80000000) / 1000;

  Deno.test(`pcapngFormat() reads enhanced packets, ${order}-endian`, () => {
    const body = blocks.words(1, ...time, 5, 60);
    const packet = blocks.block(6, [...body, 1, 2, 3, 4, 5]);
    assertEquals(packetIn(readLast([...start, packet])), {
      at: 28,
      end: 33,
      wireBytes: 60,
      linkType: 113,
      timeMs,
    });
  });

  Deno.test(`pcapngFormat() reads obsolete packets, ${order}-endian`, () => {
    const body = [...blocks.halves(1, 7), ...blocks.words(...time, 1, 60), 9];
    assertEquals(packetIn(readLast([...start, blocks.block(2, body)])), {
      at: 28,
      end: 29,
      wireBytes: 60,
      linkType: 113,
      timeMs,
    });
  });

  Deno.test(`pcapngFormat() reads simple packets, ${order}-endian`, () => {
    const packet = blocks.block(3, [...blocks.words(3), 1, 2, 3]);
    assertEquals(packetIn(readLast([...start, packet])), {
      at: 12,
      end: 15,
      wireBytes: 3,
      linkType: 1,
      timeMs: undefined,
    });
  });
}

Deno.test("pcapngFormat() reads as much of a simple packet as was captured", () => {
  const packet = block(3, [...words(9), 1, 2, 3, 4]);
  const { end, wireBytes } = packetIn(
    readLast([section(), describe(1, 4), packet]),
  );
  assertEquals([end, wireBytes], [16, 9]);
});

/** The draft on pcapng, §4.2: if_tsresol and if_tsoffset. */
const times: readonly [name: string, options: number[], timeMs: number][] = [
  ["microseconds without an option", [], 5],
  ["microseconds", option(9, [6]), 5],
  ["nanoseconds", option(9, [9]), 0.005],
  ["milliseconds", option(9, [3]), 5000],
  ["seconds", option(9, [0]), 5_000_000],
  ["parts of 2^10", option(9, [0x8a]), 5000 * 1000 / 1024],
  [
    "the option that comes last",
    [...option(2, [1, 2, 3]), ...option(9, [3])],
    5000,
  ],
  ["an offset", option(14, [...words(2, 0)]), 2005],
  ["an offset back", option(14, [...words(-2, -1)]), -1995],
  ["no option after the end of them", [...option(0, []), ...option(9, [3])], 5],
  ["an option of a wrong length", option(9, [3, 3]), 5],
  ["an option that is not whole", halves(9, 40), 5],
];

for (const [name, options, timeMs] of times) {
  Deno.test(`pcapngFormat() counts time by ${name}`, () => {
    const packet = block(6, words(0, 0, 5000, 0, 0));
    const start = [section(), describe(1, 0, options)];
    assertEquals(packetIn(readLast([...start, packet])).timeMs, timeMs);
  });
}

Deno.test("pcapngFormat() skips blocks of other kinds, however long", () => {
  const format = pcapngFormat(1000);
  const head = Uint8Array.from(words(4, 0xfffffffc, 0));
  assertEquals(format.measure(head, 0), {
    byteLength: 0xfffffffc,
    skipped: true,
  });
});

Deno.test("pcapngFormat() begins a section anew, in its own byte order", () => {
  const big = blocksIn(false);
  const packet = big.block(6, big.words(0, 0, 0, 0, 0));
  const blocks = [section(), describe(1), big.section(), big.interface(276)];
  assertEquals(packetIn(readLast([...blocks, packet])).linkType, 276);
  assertEquals(faultIn(readLast([...blocks.slice(0, 3), packet])), {
    found: "a packet of interface 0",
    wanted: "one of the 0 that are described",
    at: 8,
  });
});

/** What breaks a capture: the last block, and what is said of it. */
const faults: readonly [name: string, block: Uint8Array, Fault][] = [
  ["another major version", section(2), {
    found: "version 2.0 of pcapng",
    wanted: "1.0",
    at: 12,
  }],
  [
    "no byte order",
    Uint8Array.from([...words(0x0a0d0d0a, 28), ...new Uint8Array(20)]),
    {
      found: "0x00000000 as byte-order magic",
      wanted: "0x1a2b3c4d in either order",
      at: 8,
    },
  ],
  ["a length that is no multiple of 4", Uint8Array.from(words(6, 33, 0)), {
    found: "a record of 33 bytes",
    wanted: "a multiple of 4, at least 32",
    at: 4,
  }],
  ["a length that is too small", Uint8Array.from(words(77, 8, 0)), {
    found: "a record of 8 bytes",
    wanted: "a multiple of 4, at least 12",
    at: 4,
  }],
  ["a packet that is too long", Uint8Array.from(words(6, 1004, 0)), {
    found: "a record of 1004 bytes",
    wanted: "at most 1000",
    at: 4,
  }],
  [
    "a description that is too long",
    Uint8Array.from(words(1, 1024 * 1024 + 4, 0)),
    {
      found: "a record of 1048580 bytes",
      wanted: "at most 1048576",
      at: 4,
    },
  ],
  ["two lengths", Uint8Array.from([...words(1, 20, 1, 0, 24)]), {
    found: "a record of 24 bytes",
    wanted: "20, as at its beginning",
    at: 16,
  }],
  ["a packet beyond its block", block(6, words(0, 0, 0, 1, 1)), {
    found: "a packet of 1 bytes",
    wanted: "at most the 0 of its block",
    at: 20,
  }],
  ["a simple packet beyond its block", block(3, words(1)), {
    found: "a packet of 1 bytes",
    wanted: "at most the 0 of its block",
    at: 8,
  }],
  ["an interface that is not described", block(6, words(1, 0, 0, 0, 0)), {
    found: "a packet of interface 1",
    wanted: "one of the 1 that are described",
    at: 8,
  }],
];

for (const [name, last, fault] of faults) {
  Deno.test(`pcapngFormat() does not read ${name}`, () => {
    assertEquals(faultIn(readLast([section(), describe(1), last])), fault);
  });
}

Deno.test("pcapngFormat() reads a packet as long as the limit", () => {
  const head = Uint8Array.from(words(6, 1000, 0));
  assertEquals(pcapngFormat(1000).measure(head, 0), {
    byteLength: 1000,
    skipped: false,
  });
});

Deno.test("pcapngFormat() knows 65,536 interfaces, and not one more", () => {
  const format = pcapngFormat(1000);
  const first = section();
  format.read(first, 0, first.length);
  const next = describe(1);
  for (let count = 0; count < 65536; count++) {
    assertEquals(format.read(next, 0, next.length), undefined);
  }
  assertEquals(format.read(next, 0, next.length), {
    found: "another interface",
    wanted: "at most 65536",
    at: 0,
  });
});
