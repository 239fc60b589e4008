import { assertEquals } from "@std/assert";
import {
  type FrameHeader,
  headerByteLength,
  maskingKeyBytes,
  maxControlPayloadBytes,
  minimalLengthForm,
  readHeader,
  writeHeader,
} from "../../lib/frame/header.ts";
import { edgeLengths } from "../support/frames.ts";
import { hex } from "../support/hex.ts";
import { assertPure } from "../support/purity.ts";
import { concatenated } from "../support/splits.ts";

interface HeaderCase {
  readonly name: string;
  /** The whole header, without a masking key. */
  readonly wire: Uint8Array;
  readonly header: FrameHeader;
}

const plain = {
  fin: true,
  rsv: 0,
  opcode: 2,
  masked: false,
  lengthForm: 7,
  payloadLength: 0,
  byteLength: 2,
} as const;
const in16Bits = { ...plain, lengthForm: 16, byteLength: 4 } as const;
const in64Bits = { ...plain, lengthForm: 64, byteLength: 10 } as const;

/** Headers that `writeHeader` writes: the shortest form of the length. */
const minimalCases: readonly HeaderCase[] = [
  { name: "0", wire: hex("82 00"), header: plain },
  // 1000 0010  0000 0000
  // FRRR oooo  Mlll llll
  { name: "125", wire: hex("82 7d"), header: { ...plain, payloadLength: 125 } },
  {
    name: "126",
    wire: hex("82 7e 007e"),
    header: { ...in16Bits, payloadLength: 126 },
  },
  {
    name: "127",
    wire: hex("82 7e 007f"),
    header: { ...in16Bits, payloadLength: 127 },
  },
  {
    name: "0x1234, in network order",
    wire: hex("82 7e 1234"),
    header: { ...in16Bits, payloadLength: 0x1234 },
  },
  {
    name: "65535",
    wire: hex("82 7e ffff"),
    header: { ...in16Bits, payloadLength: 65535 },
  },
  {
    name: "65536",
    wire: hex("82 7f 0000000000010000"),
    header: { ...in64Bits, payloadLength: 65536 },
  },
  {
    name: "2^31",
    wire: hex("82 7f 0000000080000000"),
    header: { ...in64Bits, payloadLength: 2 ** 31 },
  },
  {
    name: "2^32",
    wire: hex("82 7f 0000000100000000"),
    header: { ...in64Bits, payloadLength: 2 ** 32 },
  },
  {
    name: "0x1020304050607, in network order",
    wire: hex("82 7f 0001020304050607"),
    header: { ...in64Bits, payloadLength: 0x1020304050607 },
  },
  {
    name: "2^53 - 1",
    wire: hex("82 7f 001fffffffffffff"),
    header: { ...in64Bits, payloadLength: 2 ** 53 - 1 },
  },
  {
    name: "FIN = 0",
    wire: hex("02 00"),
    header: { ...plain, fin: false },
  },
  {
    name: "RSV1",
    wire: hex("c1 00"),
    header: { ...plain, rsv: 0x40, opcode: 1 },
  },
  {
    name: "RSV2",
    wire: hex("a1 00"),
    header: { ...plain, rsv: 0x20, opcode: 1 },
  },
  {
    name: "RSV3",
    wire: hex("91 00"),
    header: { ...plain, rsv: 0x10, opcode: 1 },
  },
  {
    name: "nothing but zeros",
    wire: hex("00 00"),
    header: { ...plain, fin: false, opcode: 0 },
  },
];

/** Headers that are malformed, and read all the same: judging comes after. */
const malformedCases: readonly HeaderCase[] = [
  { name: "0 in 16 bits", wire: hex("82 7e 0000"), header: in16Bits },
  {
    name: "125 in 16 bits",
    wire: hex("82 7e 007d"),
    header: { ...in16Bits, payloadLength: 125 },
  },
  {
    name: "0 in 64 bits",
    wire: hex("82 7f 0000000000000000"),
    header: in64Bits,
  },
  {
    name: "65535 in 64 bits",
    wire: hex("82 7f 000000000000ffff"),
    header: { ...in64Bits, payloadLength: 65535 },
  },
  {
    name: "2^63 - 1, rounded",
    wire: hex("82 7f 7fffffffffffffff"),
    header: { ...in64Bits, payloadLength: 2 ** 63 },
  },
  {
    name: "2^63",
    wire: hex("82 7f 8000000000000000"),
    header: { ...in64Bits, payloadLength: Infinity },
  },
  {
    name: "2^64 - 1",
    wire: hex("82 7f ffffffffffffffff"),
    header: { ...in64Bits, payloadLength: Infinity },
  },
  {
    name: "all bits of the first byte",
    wire: hex("ff 00"),
    header: { ...plain, rsv: 0x70, opcode: 0xf },
  },
];

/** The same headers with the MASK bit, and 4 bytes more. */
function asMasked({ name, wire, header }: HeaderCase): HeaderCase {
  const masked = wire.slice();
  masked[1]! |= 0x80;
  const byteLength = header.byteLength + 4;
  return {
    name: `${name}, masked`,
    wire: masked,
    header: { ...header, masked: true, byteLength },
  };
}

const readCases: readonly HeaderCase[] = [
  ...minimalCases,
  ...malformedCases,
  ...[...minimalCases, ...malformedCases].map(asMasked),
];

Deno.test("readHeader() decodes all forms of the length (R40)", () => {
  for (const { name, wire, header } of readCases) {
    assertEquals(readHeader(wire), header, name);
  }
});

Deno.test("readHeader() wants 2 bytes to begin with", () => {
  assertEquals(readHeader(hex("")), undefined);
  assertEquals(readHeader(hex("81")), undefined);
  assertEquals(readHeader(hex("81 00"), 1), undefined);
  assertEquals(readHeader(hex("81 00"), 2), undefined);
});

Deno.test("readHeader() leaves the length open while it is cut (R40)", () => {
  for (const { name, wire, header } of readCases) {
    for (let length = 2; length < wire.length; length++) {
      assertEquals(
        readHeader(wire.subarray(0, length)),
        { ...header, payloadLength: undefined },
        `${name}: the first ${length} bytes`,
      );
    }
  }
});

Deno.test("readHeader() reads from the index it is told, and no further than the header", () => {
  for (const { name, wire, header } of readCases) {
    const bytes = concatenated([hex("ffffff"), wire, hex("ffff")]);
    assertEquals(readHeader(bytes, 3), header, name);
  }
});

Deno.test("writeHeader() writes what readHeader() reads (R40)", () => {
  for (const { name, wire, header } of minimalCases) {
    const target = new Uint8Array(wire.length);
    const payloadLength = header.payloadLength!;
    writeHeader(target, { ...header, payloadLength });
    assertEquals(target, wire, name);
  }
});

Deno.test("writeHeader() puts the masking key last and touches nothing after it (R44)", () => {
  const key = hex("37fa213d");
  for (const { name, wire, header } of minimalCases.map(asMasked)) {
    const target = new Uint8Array(wire.length + 4 + 2).fill(0xee);
    const payloadLength = header.payloadLength!;
    writeHeader(target, { ...header, payloadLength }, key);
    assertEquals(target, concatenated([wire, key, hex("eeee")]), name);
  }
});

Deno.test("minimalLengthForm() is the shortest form that holds the length (R40)", () => {
  const forms = edgeLengths.map((length) => [
    length,
    minimalLengthForm(length),
  ]);
  assertEquals(forms, [
    [0, 7],
    [125, 7],
    [126, 16],
    [127, 16],
    [65535, 16],
    [65536, 64],
  ]);
  assertEquals(minimalLengthForm(Number.MAX_SAFE_INTEGER), 64);
});

Deno.test("headerByteLength() is from 2 to 14 bytes (R40)", () => {
  assertEquals(headerByteLength(7, false), 2);
  assertEquals(headerByteLength(16, false), 4);
  assertEquals(headerByteLength(64, false), 10);
  assertEquals(headerByteLength(7, true), 6);
  assertEquals(headerByteLength(16, true), 8);
  assertEquals(headerByteLength(64, true), 14);
});

Deno.test("maskingKeyBytes and maxControlPayloadBytes are those of the RFC (R44, R54)", () => {
  assertEquals(maskingKeyBytes, 4);
  assertEquals(maxControlPayloadBytes, 125);
});

Deno.test("readHeader() changes nothing it is given", () => {
  for (const { name, wire } of readCases) {
    assertPure(`readHeader on ${name}`, readHeader, wire);
    assertPure(`readHeader on ${name}`, readHeader, wire, 1);
  }
});
