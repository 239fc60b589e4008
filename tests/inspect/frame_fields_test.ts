import { assert, assertEquals } from "@std/assert";
import {
  bitsOf,
  type FrameField,
  frameFields,
  opcodeName,
} from "../../lib/inspect/frame_fields.ts";
import { frameCases } from "../support/frame_cases.ts";
import { hex } from "../support/hex.ts";
import { assertPure } from "../support/purity.ts";

Deno.test("opcodeName() gives the name of RFC 6455 §5.2, or says that there is none (R39)", () => {
  const names = [
    "continuation",
    "text",
    "binary",
    ...new Array(5).fill("reserved"),
    "close",
    "ping",
    "pong",
    ...new Array(5).fill("reserved"),
  ];
  names.forEach((name, opcode) => assertEquals(opcodeName(opcode), name));
});

/** `kind`, `name`, `bitLength` and `meaning` of each field. */
type FieldRow = readonly [FrameField["kind"], string, number, string];

const flags: readonly FieldRow[] = [
  ["fin", "FIN", 1, "last fragment"],
  ["rsv", "RSV1", 1, ""],
  ["rsv", "RSV2", 1, ""],
  ["rsv", "RSV3", 1, ""],
];

const cases: readonly {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly fields: readonly FieldRow[];
}[] = [
  { name: "nothing", bytes: hex(""), fields: [] },
  { name: "one byte", bytes: hex("81"), fields: [] },
  {
    name: "an empty Ping, RFC 6455 §5.5.2",
    bytes: hex("89 00"),
    fields: [
      ...flags,
      ["opcode", "opcode", 4, "ping"],
      ["mask", "MASK", 1, "not masked"],
      ["length", "Payload len", 7, "0"],
    ],
  },
  {
    name: "a masked text, RFC 6455 §5.7",
    bytes: hex("81 85 37fa213d 7f9f4d5158"),
    fields: [
      ...flags,
      ["opcode", "opcode", 4, "text"],
      ["mask", "MASK", 1, "masked"],
      ["length", "Payload len", 7, "5"],
      ["masking-key", "Masking-key", 32, ""],
      ["payload", "Payload Data", 40, ""],
    ],
  },
  {
    name: "a length of 16 bits",
    bytes: hex("82 7e 0100"),
    fields: [
      ...flags,
      ["opcode", "opcode", 4, "binary"],
      ["mask", "MASK", 1, "not masked"],
      ["length", "Payload len", 7, "126: 16 bits"],
      ["extended-length", "Extended payload length", 16, "256"],
      ["payload", "Payload Data", 2048, ""],
    ],
  },
  {
    name: "a length of 64 bits, without FIN",
    bytes: hex("00 ff 0000000000010000"),
    fields: [
      ["fin", "FIN", 1, "more fragments follow"],
      ...flags.slice(1),
      ["opcode", "opcode", 4, "continuation"],
      ["mask", "MASK", 1, "masked"],
      ["length", "Payload len", 7, "127: 64 bits"],
      ["extended-length", "Extended payload length", 64, "65536"],
      ["masking-key", "Masking-key", 32, ""],
      ["payload", "Payload Data", 524288, ""],
    ],
  },
  {
    name: "a length that has not arrived",
    bytes: hex("88 fe 00"),
    fields: [
      ...flags,
      ["opcode", "opcode", 4, "close"],
      ["mask", "MASK", 1, "masked"],
      ["length", "Payload len", 7, "126: 16 bits"],
      ["extended-length", "Extended payload length", 16, ""],
      ["masking-key", "Masking-key", 32, ""],
    ],
  },
  {
    name: "what is not legal: RSV bits, a reserved opcode, a length too long",
    bytes: hex("fb 7e 0001 ff"),
    fields: [
      ...flags,
      ["opcode", "opcode", 4, "reserved"],
      ["mask", "MASK", 1, "not masked"],
      ["length", "Payload len", 7, "126: 16 bits"],
      ["extended-length", "Extended payload length", 16, "1"],
      ["payload", "Payload Data", 8, ""],
    ],
  },
];

Deno.test("frameFields() gives the fields of RFC 6455 §5.2 in order (R40)", () => {
  for (const { name, bytes, fields } of cases) {
    const found = assertPure(name, frameFields, bytes);
    assertEquals(
      found.map(({ kind, name, bitLength, meaning }): FieldRow => [
        kind,
        name,
        bitLength,
        meaning,
      ]),
      [...fields],
      name,
    );
  }
});

Deno.test("bitsOf() gives the bits of each field, in all the bits of the frame (R40)", () => {
  for (const { name, wire } of frameCases) {
    const bits = Array.from(wire, (byte) => byte.toString(2).padStart(8, "0"));
    const found = frameFields(wire).map((field) => bitsOf(field, wire));
    assertEquals(found.join(""), bits.join(""), name);
    const cut = wire.subarray(0, -1);
    assertEquals(bitsOf(frameFields(wire).at(-1)!, cut), "", name);
  }
});

Deno.test("frameFields() covers a frame without a gap (R40)", () => {
  for (const { name, wire } of frameCases) {
    let bits = 0;
    for (const { bitOffset, bitLength } of frameFields(wire)) {
      assertEquals(bitOffset, bits, name);
      assert(bitLength > 0, name);
      bits += bitLength;
    }
    assertEquals(bits, wire.length * 8, name);
  }
});

Deno.test("frameFields() says the same of a frame with others behind it", () => {
  for (const { name, bytes } of cases) {
    const { length } = frameFields(bytes);
    if (length === 0 || name.includes("not arrived")) continue;
    const more = new Uint8Array(bytes.length + 8).fill(0xff);
    more.set(bytes);
    assertEquals(frameFields(more), frameFields(bytes), name);
  }
});
