import { assertEquals } from "@std/assert";
import {
  decodePieces,
  type PieceDecoding,
} from "../../lib/frame/decode_pieces.ts";
import { codingsOf } from "../../lib/inspect/coding.ts";
import type { DissectedItem } from "../../lib/inspect/item.ts";
import {
  type Coding,
  createMessageDissector,
  type MessageDissectorOptions,
  noCoding,
} from "../../lib/inspect/message_dissector.ts";
import { permessageDeflate } from "../../lib/deflate/permessage_deflate.ts";
import { hex, utf8 } from "../support/hex.ts";
import { byteByByte, concatenated } from "../support/splits.ts";
import { lineOf } from "./conversations.ts";

const inflating: Coding =
  codingsOf(["permessage-deflate"], undefined, [permessageDeflate()]).client;

/** What is found in a stream of data frames, with the place of each. */
function read(
  chunks: readonly Uint8Array[],
  options: Partial<MessageDissectorOptions> = {},
) {
  let number = 0;
  const messages = createMessageDissector({
    from: "client",
    coding: noCoding,
    limits: {},
    maxShownBytes: 100,
    nextNumber: () => number += 1,
    ...options,
  });
  const found: DissectedItem[] = [];
  const places: string[] = [];
  let code: string | undefined;
  let state: PieceDecoding | undefined;
  for (const chunk of chunks) {
    const decoded = decodePieces(chunk, state, { allowedRsv: 0x70 });
    state = decoded.state;
    for (const piece of decoded.pieces) {
      code ??= messages.read(piece)?.code;
      if (code !== undefined) continue;
      if (piece.end) {
        const { position, message, content } = messages.place(piece.fin);
        places.push(`${position} of ${message}, ${content}`);
      }
      found.push(...[messages.take()].filter((item) => item !== undefined));
    }
  }
  const cut = messages.end();
  return { found, places, code, cut };
}

interface MessageCase {
  readonly name: string;
  readonly wire: Uint8Array;
  readonly coding?: Coding;
  readonly lines: readonly string[];
  readonly places: readonly string[];
}

const cases: readonly MessageCase[] = [
  {
    name: "messages in one frame each (R64)",
    wire: hex("81 02 4869 82 01 07"),
    lines: [
      "message 1 client whole plain 1: Hi",
      "message 2 client whole plain 1: [7]",
    ],
    places: ["alone of 1, text", "alone of 2, binary"],
  },
  {
    name: "one in three (R47)",
    wire: hex("02 01 48 00 01 65 80 01 79"),
    lines: ["message 1 client whole plain 3: [72 101 121]"],
    places: ["first of 1, binary", "middle of 1, binary", "last of 1, binary"],
  },
  {
    name: "empty ones (R47)",
    wire: hex("01 00 80 00 81 00"),
    lines: [
      "message 1 client whole plain 2: ",
      "message 2 client whole plain 1: ",
    ],
    places: ["first of 1, text", "last of 1, text", "alone of 2, text"],
  },
  {
    name: "compressed ones (R88, R99)",
    wire: hex("41 03 f248cd 80 04 c9c90700 c1 05 f200110000 81 01 61"),
    coding: inflating,
    lines: [
      "message 1 client whole compressed 2: Hello",
      "message 2 client whole compressed 1: Hello",
      "message 3 client whole plain 1: a",
    ],
    places: [
      "first of 1, coded",
      "last of 1, coded",
      "alone of 2, coded",
      "alone of 3, text",
    ],
  },
];

Deno.test("messages are put together, and each frame has its place, cut anywhere", () => {
  for (const { name, wire, coding = noCoding, lines, places } of cases) {
    for (const chunks of [[wire], byteByByte(wire)]) {
      // A codec remembers: each run wants its own.
      const own = coding === noCoding ? noCoding : {
        ...coding,
        codec: codingsOf(["permessage-deflate"], undefined, [
          permessageDeflate(),
        ]).client.codec,
      };
      const result = read(chunks, { coding: own });
      assertEquals(result.found.map(lineOf), lines, name);
      assertEquals(result.places, places, name);
      assertEquals([result.code, result.cut], [undefined, undefined], name);
    }
  }
});

Deno.test("a message under an extension that nobody knows is counted, and nothing of it shown (R42)", () => {
  const coding = codingsOf(["x-zip"], undefined, []).client;
  const { found, places } = read(
    [hex("21 02 ffff 80 01 ff 82 01 07")],
    { coding },
  );
  const [unknown, plain] = found;
  assertEquals(unknown, {
    type: "message",
    number: 1,
    from: "client",
    offset: 0,
    status: "whole",
    messageType: "text",
    frames: 2,
    wireBytes: 3,
    byteLength: 0,
    coding: "unknown",
    text: undefined,
    data: undefined,
  });
  assertEquals(lineOf(plain!), "message 2 client whole plain 1: [7]");
  assertEquals(places, [
    "first of 1, coded",
    "last of 1, coded",
    "alone of 2, binary",
  ]);
});

Deno.test("of a message so much is shown as is wanted, and all of it counted", () => {
  const text = concatenated([hex("01 04"), utf8("abcd"), hex("80 02 6566")]);
  const binary = hex("02 04 01020304 80 02 0506");
  for (const maxShownBytes of [0, 1, 4, 5, 6, 7]) {
    for (const wire of [text, binary]) {
      for (const chunks of [[wire], byteByByte(wire)]) {
        const { found } = read(chunks, { maxShownBytes });
        const [message] = found;
        if (message?.type !== "message") throw new Error("Found no message");
        const { byteLength, wireBytes, text, data } = message;
        assertEquals([byteLength, wireBytes], [6, 6]);
        if (text === undefined) {
          assertEquals(data, hex("010203040506").slice(0, maxShownBytes));
        } else assertEquals(text, "abcdef".slice(0, maxShownBytes));
      }
    }
  }
});

Deno.test("a message without its end is given as far as it came, and counted so", () => {
  const wire = hex("01 02 6162 80 7e 0100 63c3");
  for (const chunks of [[wire], byteByByte(wire)]) {
    const { found, cut } = read(chunks);
    assertEquals(found, []);
    assertEquals(cut, {
      type: "message",
      number: 1,
      from: "client",
      offset: 0,
      status: "cut",
      messageType: "text",
      frames: 2,
      wireBytes: 4,
      byteLength: 4,
      coding: "plain",
      text: "abc",
      data: undefined,
    });
  }
});

Deno.test("a rule that is broken is told, with or without extensions (R51, R60, R76, R88, R98)", () => {
  const table = [
    ["80 00", noCoding, {}, "unexpected-continuation"],
    ["01 00 81 00", noCoding, {}, "interleaved-message"],
    ["81 01 ff", noCoding, {}, "invalid-utf8"],
    ["82 02 0000", noCoding, { maxMessageBytes: 1 }, "message-too-large"],
    ["02 00 00 00", noCoding, { maxFragments: 1 }, "too-many-fragments"],
    ["80 00", inflating, {}, "unexpected-continuation"],
    ["c2 02 ffff", inflating, {}, "corrupt-compression"],
    ["42 00 c0 00", inflating, {}, "reserved-bits"],
  ] as const;
  for (const [wire, { rsv, codec }, limits, code] of table) {
    const own = codec && codingsOf(["permessage-deflate"], undefined, [
      permessageDeflate(),
    ]).client.codec;
    const coding = { rsv, codec: own, unknownRsv: 0 };
    assertEquals(read([hex(wire)], { coding, limits }).code, code, wire);
  }
});
