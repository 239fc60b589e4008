import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import type { ProtocolErrorCode } from "../../lib/error/protocol_rule.ts";
import {
  decodePieces,
  type PieceDecoding,
} from "../../lib/frame/decode_pieces.ts";
import {
  beginFragment,
  checkBytes,
  checkFragments,
  defaultMaxFragments,
  defaultMaxMessageBytes,
  grow,
  type MessageLimits,
  type MessageProgress,
  mostBytes,
  readPayload,
  readPiece,
  requireMessageLimits,
} from "../../lib/message/read_piece.ts";
import { Opcode } from "../../lib/frame/frame.ts";
import { hex, utf8 } from "../support/hex.ts";
import { assertPure } from "../support/purity.ts";
import { forEachSeed } from "../support/random.ts";
import {
  byteByByte,
  concatenated,
  everyCutInTwo,
  randomPieces,
} from "../support/splits.ts";
import { assertViolation } from "../support/violations.ts";

interface Read {
  readonly messages: readonly (string | Uint8Array)[];
  readonly error: unknown;
  readonly progress: MessageProgress | undefined;
}

/** Reads a stream of data frames, each piece checked for purity. */
function readAll(chunks: readonly Uint8Array[], limits?: MessageLimits): Read {
  const messages: (string | Uint8Array)[] = [];
  let state: PieceDecoding | undefined;
  let progress: MessageProgress | undefined;
  let parts: (string | Uint8Array)[] = [];
  for (const chunk of chunks) {
    const decoded = decodePieces(chunk, state, { maxPayloadBytes: Infinity });
    state = decoded.state;
    for (const piece of decoded.pieces) {
      const result = assertPure(
        "readPiece",
        readPiece,
        piece,
        progress,
        limits,
      );
      if (result.status === "invalid") {
        return { messages, error: result.error, progress };
      }
      parts.push(result.data);
      progress = result.last ? undefined : result.progress;
      if (!result.last) continue;
      messages.push(
        result.progress.type === "text"
          ? parts.join("")
          : concatenated(parts as Uint8Array[]),
      );
      parts = [];
    }
  }
  return { messages, error: undefined, progress };
}

interface GoodCase {
  readonly name: string;
  readonly wire: Uint8Array;
  readonly messages: readonly (string | Uint8Array)[];
}

const goodCases: readonly GoodCase[] = [
  { name: "a text", wire: hex("81 02 48 69"), messages: ["Hi"] },
  { name: "an empty text", wire: hex("81 00"), messages: [""] },
  { name: "bytes", wire: hex("82 02 01 02"), messages: [hex("0102")] },
  { name: "no bytes", wire: hex("82 00"), messages: [hex("")] },
  {
    name: "a text in fragments (R47)",
    wire: hex("01 01 61 00 00 00 01 62 80 01 63"),
    messages: ["abc"],
  },
  {
    name: "bytes in fragments, the last of them empty (R47)",
    wire: hex("02 01 01 00 01 02 80 00"),
    messages: [hex("0102")],
  },
  {
    name: "a character cut by fragments (R60)",
    wire: hex("01 01 f0 00 01 9f 00 00 80 02 98 80"),
    messages: ["😀"],
  },
  {
    name: "several messages (R64)",
    wire: hex("81 01 61 82 01 62 01 01 63 80 00 81 00"),
    messages: ["a", hex("62"), "c", ""],
  },
];

for (const { name, wire, messages } of goodCases) {
  Deno.test(`readPiece() reads ${name}, cut anywhere`, () => {
    for (const chunks of [[wire], byteByByte(wire), ...everyCutInTwo(wire)]) {
      const read = readAll(chunks);
      const label = `cut ${chunks.map((chunk) => chunk.length)}`;
      assertEquals(read.error, undefined, label);
      assertEquals(read.messages, messages, label);
      assertEquals(read.progress, undefined, label);
    }
  });
}

interface BadCase {
  readonly name: string;
  readonly wire: Uint8Array;
  readonly limits?: MessageLimits;
  readonly code: ProtocolErrorCode;
  readonly offset: number;
}

const badCases: readonly BadCase[] = [
  {
    name: "a continuation between messages (R51)",
    wire: hex("81 00 80 00"),
    code: "unexpected-continuation",
    offset: 2,
  },
  {
    name: "a message inside another (R49, R51)",
    wire: hex("01 01 61 82 00"),
    code: "interleaved-message",
    offset: 3,
  },
  {
    name: "a byte that no UTF-8 has (R60)",
    wire: hex("81 03 61 ff 62"),
    code: "invalid-utf8",
    offset: 3,
  },
  {
    name: "a surrogate (R60)",
    wire: hex("81 04 61 ed a0 80"),
    code: "invalid-utf8",
    offset: 4,
  },
  {
    name: "a text that ends inside a character (R60)",
    wire: hex("81 02 e2 98"),
    code: "invalid-utf8",
    offset: 4,
  },
  {
    name: "a text whose last fragment ends inside a character (R60)",
    wire: hex("01 01 e2 80 00"),
    code: "invalid-utf8",
    offset: 5,
  },
  {
    name: "a character that its second fragment spoils (R60, R61)",
    wire: hex("01 01 e2 00 01 28"),
    code: "invalid-utf8",
    offset: 5,
  },
  {
    name: "a message over the limit (R76)",
    wire: hex("82 03 01 02 03"),
    limits: { maxMessageBytes: 2 },
    code: "message-too-large",
    offset: 2,
  },
  {
    name: "fragments over the limit together (R76)",
    wire: hex("02 01 01 80 02 02 03"),
    limits: { maxMessageBytes: 2 },
    code: "message-too-large",
    offset: 5,
  },
  {
    name: "too many fragments, though they are empty (R76)",
    wire: hex("02 00 00 00 00 00"),
    limits: { maxFragments: 2 },
    code: "too-many-fragments",
    offset: 6,
  },
];

for (const { name, wire, limits, code, offset } of badCases) {
  Deno.test(`readPiece() refuses ${name}, cut anywhere`, () => {
    for (const chunks of [[wire], byteByByte(wire), ...everyCutInTwo(wire)]) {
      const label = `cut ${chunks.map((chunk) => chunk.length)}`;
      assertViolation(readAll(chunks, limits).error, { code, offset }, label);
    }
  });
}

Deno.test("readPiece() refuses text inside a frame as soon as it cannot be UTF-8 (R61)", () => {
  // A frame of 65536 bytes, of which four come.
  const wire = concatenated([hex("81 7f 0000000000010000"), hex("61 f4 90")]);
  const { error } = readAll([wire]);
  assertViolation(error, { code: "invalid-utf8", offset: 12 }, "in one chunk");
  assertViolation(
    readAll(byteByByte(wire)).error,
    { code: "invalid-utf8", offset: 12 },
    "byte by byte",
  );
});

Deno.test("readPiece() judges a frame's size when it begins, before its bytes come (R76)", () => {
  const header = hex("82 7f 0000000001000001");
  const violation = { code: "message-too-large", offset: 10 } as const;
  assertViolation(readAll([header]).error, violation, "16 MiB + 1");
  const within = readAll([hex("82 7f 0000000001000000")]);
  assertEquals(within.error, undefined);
  const unlimited = readAll([header], { maxMessageBytes: Infinity });
  assertEquals(unlimited.error, undefined);
});

Deno.test("readPiece() takes as much as the limits say (R76)", () => {
  const wire = hex("02 01 01 00 00 80 01 02");
  const { messages } = readAll([wire], { maxMessageBytes: 2, maxFragments: 3 });
  assertEquals(messages, [hex("0102")]);
});

Deno.test("readPiece() gives bytes as the piece has them, uncopied", () => {
  const [piece] = decodePieces(hex("82 02 01 02")).pieces;
  const result = readPiece(piece!);
  assert(result.status === "valid");
  assertStrictEquals(result.data, piece!.payload);
});

Deno.test("readPiece() reads any text, cut into any fragments and chunks", () => {
  forEachSeed((random) => {
    const text = Array.from(
      { length: random.integer(1, 60) },
      () => random.pick(["a", "é", "☺", "😀", "\u0000", "\uffff"]),
    ).join("");
    const parts = randomPieces(utf8(text), random);
    const wire = concatenated(parts.flatMap((part, index) => {
      const fin = index === parts.length - 1 ? 0x80 : 0;
      const length = part.length < 126
        ? Uint8Array.of(part.length)
        : Uint8Array.of(126, part.length >> 8, part.length & 0xff);
      return [Uint8Array.of(fin | (index === 0 ? 1 : 0)), length, part];
    }));
    const { messages, error } = readAll(randomPieces(wire, random));
    assertEquals([messages, error], [[text], undefined]);
  });
});

Deno.test("requireMessageLimits() fills the limits up, and refuses what is none", () => {
  assertEquals(requireMessageLimits({}, "Cannot test"), {
    maxMessageBytes: defaultMaxMessageBytes,
    maxFragments: defaultMaxFragments,
  });
  assertEquals([defaultMaxMessageBytes, defaultMaxFragments], [
    16 * 1024 * 1024,
    128 * 1024,
  ]);
  const all = { maxMessageBytes: 0, maxFragments: Infinity };
  assertEquals(requireMessageLimits(all, "Cannot test"), all);
  for (const name of ["maxMessageBytes", "maxFragments"]) {
    for (const wrong of [-1, 0.5, NaN]) {
      assertThrows(
        () => requireMessageLimits({ [name]: wrong }, "Cannot test"),
        RangeError,
        `Cannot test: found ${name} = `,
      );
    }
  }
});

Deno.test("mostBytes() is what a message of a type may have (R76)", () => {
  const both = { maxMessageBytes: 10, maxTextBytes: 5 };
  assertEquals([mostBytes("text", both), mostBytes("binary", both)], [5, 10]);
  const more = { maxMessageBytes: 10, maxTextBytes: 50 };
  assertEquals([mostBytes("text", more), mostBytes("binary", more)], [10, 10]);
  assertEquals(mostBytes("text", {}), defaultMaxMessageBytes);
});

Deno.test("a message that grows by what an extension makes is judged at the limit and one past it (R76)", () => {
  const limits = { maxMessageBytes: 10, maxTextBytes: 5, maxFragments: 2 };
  const text = beginFragment({ opcode: Opcode.text }, undefined, 0);
  const grown = assertPure("grow", grow, text, 5);
  assertEquals([text.byteLength, grown.byteLength], [0, 5]);
  assertEquals(checkBytes("text", 5, limits, 7), undefined);
  const tooLong = { code: "message-too-large", offset: 7 } as const;
  assertViolation(checkBytes("text", 6, limits, 7), tooLong, "a text");
  assertEquals(checkBytes("binary", 10, limits, 7), undefined);
  assertViolation(checkBytes("binary", 11, limits, 7), tooLong, "bytes");
  assertEquals(checkFragments(text, limits, 7), undefined);
  const second = beginFragment({ opcode: Opcode.continuation }, grown, 3);
  assertEquals([second.type, second.byteLength, second.fragments], [
    "text",
    8,
    2,
  ]);
  const tooMany = { code: "too-many-fragments", offset: 7 } as const;
  assertViolation(checkFragments(second, limits, 7), tooMany, "a third");
});

Deno.test("readPayload() decodes what an extension has made, and knows no frame (R60)", () => {
  const message = beginFragment({ opcode: Opcode.text }, undefined, 0);
  const place = { fin: true, offset: 100 };
  const first = { ...place, payload: hex("61 e2"), end: false };
  const begun = assertPure("readPayload", readPayload, first, message);
  assert(begun.status === "valid");
  assertEquals([begun.data, begun.last], ["a", false]);
  const rest = { ...place, payload: hex("98 ba"), end: true };
  const ended = readPayload(rest, begun.progress);
  assert(ended.status === "valid");
  assertEquals([ended.data, ended.last], ["☺", true]);
  const cut = readPayload({ ...rest, payload: hex("98") }, begun.progress);
  assert(cut.status === "invalid");
  assertViolation(cut.error, { code: "invalid-utf8", offset: 101 }, "cut");
});
