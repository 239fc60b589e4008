import { assert, assertEquals } from "@std/assert";
import type { Role } from "../../lib/frame/frame.ts";
import { codingsOf } from "../../lib/inspect/coding.ts";
import {
  createFrameDissector,
  type FrameDissectorOptions,
  type FramesFound,
} from "../../lib/inspect/frame_dissector.ts";
import { frameFields } from "../../lib/inspect/frame_fields.ts";
import type { DissectedFrame, DissectedItem } from "../../lib/inspect/item.ts";
import {
  createMessageDissector,
  noCoding,
} from "../../lib/inspect/message_dissector.ts";
import {
  brokenHeaderCases,
  goodFramesBefore,
} from "../support/broken_header_cases.ts";
import { frameCases } from "../support/frame_cases.ts";
import { hex } from "../support/hex.ts";
import { byteByByte, concatenated, everyCutInTwo } from "../support/splits.ts";
import { assertCovers, lineOf } from "./conversations.ts";

function createCounter(): () => number {
  let count = 0;
  return () => count += 1;
}

/** What is marked is somebody else's; without an RSV bit that is nothing. */
const marked = codingsOf(["x-unknown"], undefined, []);

/** A dissector of frames without extensions that it would understand. */
function create(options: Partial<FrameDissectorOptions> = {}) {
  const nextNumber = createCounter();
  const messagesOf = (from: Role) =>
    createMessageDissector({
      from,
      coding: options.allowedRsv === undefined ? noCoding : marked[from],
      limits: {},
      maxShownBytes: 100_000,
      nextNumber,
    });
  return createFrameDissector({
    from: undefined,
    offset: 0,
    messages: { client: messagesOf("client"), server: messagesOf("server") },
    allowedRsv: 0,
    maxPayloadBytes: Infinity,
    maxShownBytes: 100_000,
    nextNumber: createCounter(),
    ...options,
  });
}

/** Everything that is found, up to the end or the first rule that is broken. */
function readAll(
  chunks: readonly Uint8Array[],
  options?: Partial<FrameDissectorOptions>,
): FramesFound {
  const dissector = create(options);
  const items: DissectedItem[] = [];
  for (const chunk of chunks) {
    const { items: found, broken } = dissector.read(chunk);
    items.push(...found);
    if (broken !== undefined) return { items, broken };
  }
  return { items: [...items, ...dissector.end()] };
}

Deno.test("every frame is taken apart as it stands on the wire (R40, R44, R47)", () => {
  for (const { name, wire, frame, allowedRsv = 0 } of frameCases) {
    const isLong = wire.length > 1_000;
    for (const chunks of [[wire], ...isLong ? [] : [byteByByte(wire)]]) {
      const isContinuation = frame.opcode === 0;
      const before = isContinuation ? hex("01 00") : hex("");
      const { items } = readAll([before, ...chunks], { allowedRsv });
      const found = items.filter((item) => item.type === "frame").at(-1)!;
      const { payload, maskingKey, fin, opcode } = frame;
      const header = wire.slice(0, wire.length - payload.length);
      const { header: _, fields, raw, ...rest } = found;
      assertEquals(found.header, header, name);
      assertEquals(raw, wire.slice(header.length), name);
      assertEquals(fields, frameFields(header), name);
      assertEquals({
        from: rest.from,
        status: rest.status,
        offset: rest.offset,
        fin: rest.fin,
        rsv: rest.rsv,
        opcode: rest.opcode,
        maskingKey: rest.maskingKey,
        payloadLength: rest.payloadLength,
        payloadRead: rest.payloadRead,
        payload: rest.payload,
      }, {
        from: maskingKey === undefined ? "server" : "client",
        status: "whole",
        offset: before.length,
        fin,
        rsv: header[0]! & 0x70,
        opcode,
        maskingKey,
        payloadLength: payload.length,
        payloadRead: payload.length,
        payload,
      }, name);
    }
  }
});

Deno.test("a header that breaks a rule is given with its fields, after the frames before it (R37 to R40, R54, R76)", () => {
  for (const broken of brokenHeaderCases) {
    const { name, wire, options, code, section, closeCode, at } = broken;
    const { role, maxPayloadBytes, allowedRsv = 0 } = options;
    const from = role && (role === "client" ? "server" : "client");
    const before = goodFramesBefore(broken);
    const dissecting = {
      from,
      allowedRsv,
      // The table has the default of parseFrame().
      maxPayloadBytes: maxPayloadBytes ?? 16 * 1024 * 1024,
    } as const;
    const all = concatenated([before, wire]);
    for (const chunks of [[all], byteByByte(all), ...everyCutInTwo(all)]) {
      const { items, broken } = readAll(chunks, dissecting);
      const label = `${name}, cut ${chunks.length}`;
      assert(broken !== undefined, label);
      const { error } = broken;
      assertEquals(
        [error.code, error.section, error.closeCode, error.offset],
        [code, section, closeCode, before.length + at],
        label,
      );
      const masked = (wire[1]! & 0x80) !== 0;
      const sender = from ?? (masked ? "client" : "server");
      assertEquals(broken.from, sender, label);
      const frames = items.filter((item) => item.type === "frame");
      assertEquals(frames.map(({ status }) => status), [
        "whole",
        "whole",
        "broken",
      ], label);
      const { header, fields, payloadRead } = frames[2]!;
      assertEquals(header, wire.slice(0, header.length), label);
      assert(header.length > at, label);
      assertEquals(fields, frameFields(header), label);
      assertEquals(payloadRead, 0, label);
    }
  }
});

interface BrokenFrames {
  readonly name: string;
  readonly wire: Uint8Array;
  readonly code: string;
  readonly closeCode: number;
  readonly offset: number;
  readonly lines: readonly string[];
}

const brokenFrames: readonly BrokenFrames[] = [
  {
    name: "a continuation between messages (R51)",
    wire: hex("81 00 80 01 61"),
    code: "unexpected-continuation",
    closeCode: 1002,
    offset: 2,
    lines: [
      "frame 1 server text whole 0+2+0",
      "message 1 server whole plain 1: ",
      "frame 2 server continuation whole 2+2+1",
    ],
  },
  {
    name: "a message inside another (R49, R51)",
    wire: hex("01 01 61 82 00"),
    code: "interleaved-message",
    closeCode: 1002,
    offset: 3,
    lines: [
      "frame 1 server text whole 0+2+1",
      "frame 2 server binary whole 3+2+0",
    ],
  },
  {
    name: "a text that is not UTF-8 (R60)",
    wire: hex("81 83 01010101 60 fe 63"),
    code: "invalid-utf8",
    closeCode: 1007,
    offset: 7,
    lines: ["frame 1 client text whole 0+6+3"],
  },
  {
    name: "a text that ends inside a character (R60)",
    wire: hex("81 01 e2"),
    code: "invalid-utf8",
    closeCode: 1007,
    offset: 3,
    lines: ["frame 1 server text whole 0+2+1"],
  },
  {
    name: "a Close of one byte (R55)",
    wire: hex("88 01 03"),
    code: "close-body-too-short",
    closeCode: 1002,
    offset: 2,
    lines: ["frame 1 server close whole 0+2+1"],
  },
  {
    name: "a Close with a code that is never sent (R72)",
    wire: hex("88 82 00000000 03ed"),
    code: "invalid-close-code",
    closeCode: 1002,
    offset: 6,
    lines: ["frame 1 client close whole 0+6+2"],
  },
  {
    name: "a Close whose reason is not UTF-8 (R60)",
    wire: hex("88 04 03e8 61ff"),
    code: "invalid-close-reason",
    closeCode: 1007,
    offset: 5,
    lines: ["frame 1 server close whole 0+2+4"],
  },
];

Deno.test("a frame in which a rule is broken is given with what was read of it (R49, R51, R55, R60, R72)", () => {
  for (const { name, wire, code, closeCode, offset, lines } of brokenFrames) {
    const { items, broken } = readAll([wire]);
    assertEquals(items.map(lineOf), lines, name);
    assertEquals(
      [broken?.error.code, broken?.error.closeCode, broken?.error.offset],
      [code, closeCode, offset],
      name,
    );
    for (const chunks of [byteByByte(wire), ...everyCutInTwo(wire)]) {
      const { error } = readAll(chunks).broken!;
      assertEquals([error.code, error.offset], [code, offset], name);
    }
  }
});

Deno.test("a frame is cut where a rule is broken in it, if the rest has not come (R61)", () => {
  const { items } = readAll(byteByByte(hex("81 03 61ff62")));
  assertEquals(items.map(lineOf), ["frame 1 server text cut 0+2+2"]);
});

Deno.test("an RSV bit that is agreed on may not be on a control frame (R88)", () => {
  const { items, broken } = readAll([hex("c9 00")], { allowedRsv: 0x40 });
  assertEquals(broken?.error.code, "reserved-bits");
  assertEquals(items.map(lineOf), ["frame 1 server ping whole 0+2+0"]);
});

Deno.test("frames that end anywhere are given as far as they came", () => {
  const streams = [
    hex("81 85 37fa213d 7f9f4d5158 89 83 01010101 606163 82 fe 0080 01020304"),
    hex("01 01 61 89 03 616263 80 7e 0080 6162 "),
    hex("82 7f 0000000000010000 0102030405"),
  ];
  for (const stream of streams) {
    for (let end = 0; end <= stream.length; end++) {
      const bytes = stream.subarray(0, end);
      for (const chunks of [[bytes], byteByByte(bytes)]) {
        const { items, broken } = readAll(chunks);
        assertEquals(broken, undefined);
        assertCovers(items, end, `${end}`);
        const frames = items.filter((item) => item.type === "frame");
        for (const [index, frame] of frames.entries()) {
          const isLast = index === frames.length - 1;
          const isWhole = frame.payloadRead === frame.payloadLength &&
            frame.status === "whole";
          assert(isWhole || (isLast && frame.status === "cut"), `${end}`);
          assertEquals(frame.payload, unmasked(frame), `${end}`);
          const from = frame.offset;
          const { header, raw } = frame;
          assertEquals(
            concatenated([header, raw]),
            stream.slice(from, from + header.length + raw.length),
          );
        }
      }
    }
  }
});

/** What its payload is by the rule of RFC 6455 §5.3. */
function unmasked({ raw, maskingKey }: DissectedFrame): Uint8Array {
  if (maskingKey === undefined) return raw;
  return raw.map((byte, index) => byte ^ maskingKey[index % 4]!);
}

Deno.test("one byte of a frame is nobody's, and not read", () => {
  const { items } = readAll([hex("81")], { offset: 50 });
  assertEquals(items, [{
    type: "unread",
    from: undefined,
    offset: 50,
    byteLength: 1,
    why: "one byte of a frame, which has at least two",
  }]);
});

Deno.test("of a payload so much is shown as is wanted, also of one that is cut", () => {
  const wires = [
    hex("82 86 01010101 010203040506"),
    hex("89 86 01010101 010203040506"),
    hex("82 87 01010101 010203040506"),
    hex("89 87 01010101 010203040506"),
  ];
  for (const wire of wires) {
    for (const chunks of [[wire], byteByByte(wire)]) {
      for (const maxShownBytes of [0, 3, 6, 10]) {
        const { items } = readAll(chunks, { maxShownBytes });
        const [frame] = items;
        assert(frame?.type === "frame");
        assertEquals(frame.payloadRead, 6);
        assertEquals(frame.raw, wire.slice(6, 6 + maxShownBytes));
        assertEquals(frame.payload, unmasked(frame));
      }
    }
  }
});

Deno.test("frames are counted from where the stream of them begins", () => {
  const { items, broken } = readAll([hex("89 00 83 00")], { offset: 100 });
  const [ping, bad] = items;
  assert(ping?.type === "frame" && bad?.type === "frame");
  assertEquals([ping.offset, bad.offset, broken?.error.offset], [
    100,
    102,
    102,
  ]);
});

Deno.test("the end of one side's stream says nothing of the other's messages", () => {
  const nextNumber = createCounter();
  const messagesOf = (from: Role) =>
    createMessageDissector({
      from,
      coding: noCoding,
      limits: {},
      maxShownBytes: 10,
      nextNumber,
    });
  const messages = {
    client: messagesOf("client"),
    server: messagesOf("server"),
  };
  const client = create({ from: "client", messages });
  const server = create({ from: "server", messages });
  client.read(hex("01 81 00000000 61"));
  server.read(hex("01 01 62"));
  assertEquals(server.end().map(lineOf), ["message 2 server cut plain 1: b"]);
  assertEquals(client.end().map(lineOf), ["message 1 client cut plain 1: a"]);
});

Deno.test("a chunk is not changed, and nothing that is given out is part of it", () => {
  const chunk = hex("82 84 01020304 05060708 01 01 61");
  const copy = chunk.slice();
  const dissector = create();
  const { items } = dissector.read(chunk);
  assertEquals(chunk, copy);
  const before = JSON.stringify([...items, ...dissector.end()]);
  chunk.fill(0xff);
  assertEquals(JSON.stringify([...items, ...dissector.end()]), before);
});
