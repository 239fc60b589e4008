import { assert, assertEquals, assertThrows } from "@std/assert";
import type { ProtocolErrorCode } from "../../lib/error/protocol_rule.ts";
import { type Frame, Opcode, type Role } from "../../lib/frame/frame.ts";
import { frameByteLength } from "../../lib/frame/serialize_frame.ts";
import type { Message } from "../../lib/message/message.ts";
import { FrameDecoderStream } from "../../lib/stream/frame_decoder_stream.ts";
import {
  MessageDecoderStream,
  type MessageDecoderStreamOptions,
} from "../../lib/stream/message_decoder_stream.ts";
import { frameOf } from "../support/frames.ts";
import { hex, utf8 } from "../support/hex.ts";
import { seededRandom } from "../support/random.ts";
import { byteByByte, concatenated, randomPieces } from "../support/splits.ts";
import { assertViolation } from "../support/violations.ts";
import {
  collect,
  type Collected,
  countingSource,
  standing,
  takenAfterReading,
} from "./streams.ts";

/** From frames alone. */
function decodeFrames(
  frames: readonly Frame[],
  options?: MessageDecoderStreamOptions,
): Promise<Collected<Message>> {
  return collect(
    ReadableStream.from(frames).pipeThrough(new MessageDecoderStream(options)),
  );
}

/** From bytes, with the frame decoder of a client in front. */
function decodeBytes(
  pieces: readonly Uint8Array[],
  options?: MessageDecoderStreamOptions,
): Promise<Collected<Message>> {
  return collect(
    ReadableStream.from(pieces)
      .pipeThrough(new FrameDecoderStream({ role: "client" }))
      .pipeThrough(new MessageDecoderStream(options)),
  );
}

function cutsOf(bytes: Uint8Array): [name: string, pieces: Uint8Array[]][] {
  return [
    ["whole", [bytes]],
    ["byte by byte", byteByByte(bytes)],
    ...[11, 12, 13].map((seed): [string, Uint8Array[]] => [
      `seed ${seed}`,
      randomPieces(bytes, seededRandom(seed)),
    ]),
  ];
}

/** RFC 6455 §5.4 to §5.6: fragments with controls between, text cut in two. */
const talk = {
  wire: hex(`
    81 05 48656c6c6f
    01 02 e282
    89 02 7031
    00 00
    8a 00
    80 01 ac
    82 03 010203
    02 01 04
    89 00
    80 02 0506
    81 00
  `),
  messages: [
    { type: "text", data: "Hello" },
    { type: "ping", data: utf8("p1") },
    { type: "pong", data: hex("") },
    { type: "text", data: "€" },
    { type: "binary", data: hex("010203") },
    { type: "ping", data: hex("") },
    { type: "binary", data: hex("040506") },
    { type: "text", data: "" },
  ] satisfies Message[],
};

Deno.test("MessageDecoderStream gives the same messages however the bytes are cut (R47, R48, R60)", async () => {
  for (const [name, pieces] of cutsOf(talk.wire)) {
    const { items, error } = await decodeBytes(pieces, { role: "client" });
    assertEquals(error, undefined, name);
    assertEquals(items, talk.messages, name);
  }
});

Deno.test("MessageDecoderStream gives the same messages in either role and in none (R50)", async () => {
  const frames = [
    frameOf({ opcode: Opcode.text, payload: utf8("a"), fin: false }),
    frameOf({ opcode: Opcode.continuation, payload: utf8("b") }),
  ];
  for (const options of [{}, { role: "client" }, { role: "server" }] as const) {
    assertEquals(await decodeFrames(frames, options), {
      items: [{ type: "text", data: "ab" }],
      error: undefined,
    });
  }
});

/** Good messages, then bytes that break a rule of messages. */
interface BrokenMessage {
  readonly name: string;
  readonly wire: Uint8Array;
  readonly code: ProtocolErrorCode;
  readonly closeCode: number;
  /** In bytes from the start of `wire`. */
  readonly at: number;
  readonly options?: MessageDecoderStreamOptions;
}

const brokenMessages: readonly BrokenMessage[] = [
  {
    name: "a continuation of nothing (R51)",
    wire: hex("80 01 61"),
    code: "unexpected-continuation",
    closeCode: 1002,
    at: 0,
  },
  {
    name: "a message inside another (R51)",
    wire: hex("01 01 61  81 01 62"),
    code: "interleaved-message",
    closeCode: 1002,
    at: 3,
  },
  {
    name: "bytes that are not UTF-8 (R60)",
    wire: hex("81 03 6180 62"),
    code: "invalid-utf8",
    closeCode: 1007,
    at: 3,
  },
  {
    name: "a surrogate in an unfinished message (R61)",
    wire: hex("01 01 ed  00 01 a0"),
    code: "invalid-utf8",
    closeCode: 1007,
    at: 5,
  },
  {
    name: "a text that ends inside a character (R60)",
    wire: hex("01 01 e2  80 01 82"),
    code: "invalid-utf8",
    closeCode: 1007,
    at: 6,
  },
  {
    name: "a Close body of one byte (R55)",
    wire: hex("88 01 03"),
    code: "close-body-too-short",
    closeCode: 1002,
    at: 2,
  },
  {
    name: "a close code that may not be sent (R72)",
    wire: hex("88 02 03ed"),
    code: "invalid-close-code",
    closeCode: 1002,
    at: 2,
  },
  {
    name: "a reason that is not UTF-8 (R60)",
    wire: hex("88 04 03e8 61ff"),
    code: "invalid-close-reason",
    closeCode: 1007,
    at: 5,
  },
  {
    name: "a message over the limit (R76)",
    wire: hex("02 03 010203  80 02 0405"),
    code: "message-too-large",
    closeCode: 1009,
    at: 7,
    options: { maxMessageBytes: 4 },
  },
  {
    name: "too many fragments, empty ones too (R76)",
    wire: hex("02 01 01  00 00  00 00  00 00"),
    code: "too-many-fragments",
    closeCode: 1009,
    at: 9,
    options: { maxFragments: 3 },
  },
];

const goodBefore = hex("82 01 07  89 00");

Deno.test("MessageDecoderStream gives the good messages before a bad one, then the rule, however cut (R51, R55, R60, R68, R72, R76)", async () => {
  for (const { name, wire, code, closeCode, at, options } of brokenMessages) {
    const trailing = hex("81 05 48656c6c6f");
    const cuts = cutsOf(concatenated([goodBefore, wire, trailing]));
    for (const [cut, pieces] of cuts) {
      const label = `${name}, ${cut}`;
      const { items, error } = await decodeBytes(pieces, options);
      assertEquals(items, [
        { type: "binary", data: hex("07") },
        { type: "ping", data: hex("") },
      ], label);
      const found = { code, offset: goodBefore.length + at };
      assertEquals(assertViolation(error, found, label).closeCode, closeCode);
    }
  }
});

Deno.test("MessageDecoderStream gives the messages before a bad frame, however cut (R38, R68)", async () => {
  const wire = concatenated([talk.wire, hex("83 00")]);
  for (const [cut, pieces] of cutsOf(wire)) {
    const { items, error } = await decodeBytes(pieces);
    assertEquals(items, talk.messages, cut);
    const found = {
      code: "reserved-opcode",
      offset: talk.wire.length,
    } as const;
    assertViolation(error, found, cut);
  }
});

Deno.test("MessageDecoderStream counts the masking keys of frames in an offset", async () => {
  const good = frameOf({
    opcode: Opcode.binary,
    payload: hex("01"),
    maskingKey: hex("01020304"),
  });
  const bad = frameOf({ ...good, opcode: Opcode.text, payload: hex("61ff") });
  const { items, error } = await decodeFrames([good, bad]);
  assertEquals(items.length, 1);
  const offset = frameByteLength(good) + 6 + 1;
  assertViolation(error, { code: "invalid-utf8", offset }, "masked");
});

Deno.test("MessageDecoderStream errors when the frames end inside a message (R69)", async () => {
  const endings = [hex("01 01 61"), hex("02 00"), hex("01 01 61  89 00")];
  for (const ending of endings) {
    const wire = concatenated([talk.wire, ending]);
    for (const [cut, pieces] of cutsOf(wire)) {
      const { items, error } = await decodeBytes(pieces);
      assertEquals(items.slice(0, talk.messages.length), talk.messages, cut);
      const found = { code: "truncated-message", offset: wire.length } as const;
      assertEquals(assertViolation(error, found, cut).closeCode, 1006);
    }
  }
});

Deno.test("MessageDecoderStream says of bytes that end inside a frame that the frame is cut (R69)", async () => {
  const wire = concatenated([talk.wire, hex("01 02 61")]);
  for (const [cut, pieces] of cutsOf(wire)) {
    const { items, error } = await decodeBytes(pieces);
    assertEquals(items, talk.messages, cut);
    const found = { code: "truncated-frame", offset: wire.length } as const;
    assertViolation(error, found, cut);
  }
});

Deno.test("MessageDecoderStream ends between messages without an error", async () => {
  assertEquals(await decodeFrames([]), { items: [], error: undefined });
});

const closes: readonly (readonly [wire: Uint8Array, message: Message])[] = [
  [hex("88 00"), { type: "close", code: 1005, reason: "" }],
  [hex("88 02 03e8"), { type: "close", code: 1000, reason: "" }],
  [hex("88 05 0fa0 627965"), { type: "close", code: 4000, reason: "bye" }],
];

Deno.test("MessageDecoderStream gives nothing after a Close, also inside a message (R56, R67)", async () => {
  const afters = [
    hex(""),
    hex("81 01 61"),
    hex("88 00"),
    hex("ff ff"),
    hex("81"),
  ];
  for (const [close, message] of closes) {
    for (const before of [hex(""), hex("01 01 61")]) {
      for (const after of afters) {
        const wire = concatenated([before, close, after]);
        for (const [cut, pieces] of cutsOf(wire)) {
          const { items, error } = await decodeBytes(pieces);
          assertEquals(error, undefined, cut);
          assertEquals(items, [message], cut);
        }
      }
    }
  }
});

Deno.test("MessageDecoderStream alone discards frames after a Close and after an error (R56, R68)", async () => {
  const close = frameOf({ opcode: Opcode.close, payload: hex("") });
  const bad = frameOf({ opcode: Opcode.continuation, payload: hex("") });
  for (const end of [close, bad]) {
    let taken = 0;
    const ping = frameOf({ opcode: Opcode.ping, payload: hex("") });
    const source = new ReadableStream<Frame>({
      pull: (controller) => {
        if (taken === 30) return controller.close();
        controller.enqueue(taken === 0 ? end : ping);
        taken += 1;
      },
    }, { highWaterMark: 0 });
    const decoder = new MessageDecoderStream();
    const piped = source.pipeTo(decoder.writable);
    const { items } = await collect(decoder.readable);
    assertEquals(items.length, end === close ? 1 : 0);
    await piped;
    assertEquals(taken, 30);
  }
});

Deno.test("MessageDecoderStream stops its source when the reader stops (R76)", async () => {
  const ping = frameOf({ opcode: Opcode.ping, payload: hex("") });
  for (const reads of [1, 10, 50]) {
    const source = countingSource(() => ping);
    const readable = source.readable.pipeThrough(new MessageDecoderStream());
    const taken = await takenAfterReading(source, readable, reads);
    assert(taken <= reads + 2, `${taken} taken, ${reads} read`);
  }
});

Deno.test("MessageDecoderStream takes a message of exactly the limits (R76)", async () => {
  const frames = [
    frameOf({ opcode: Opcode.binary, payload: hex("0102"), fin: false }),
    frameOf({ opcode: Opcode.continuation, payload: hex("0304") }),
  ];
  const { items } = await decodeFrames(frames, {
    maxMessageBytes: 4,
    maxFragments: 2,
  });
  assertEquals(items, [{ type: "binary", data: hex("01020304") }]);
});

Deno.test("MessageDecoderStream throws TypeError for a role that is none", () => {
  for (const role of ["peer", "", null]) {
    assertThrows(
      () => new MessageDecoderStream({ role: role as unknown as Role }),
      TypeError,
      'wanted "client" or "server"',
    );
  }
});

Deno.test("MessageDecoderStream does not leave its reader waiting when a limit is none", async () => {
  const ping = frameOf({ opcode: Opcode.ping, payload: hex("") });
  for (const options of [{ maxMessageBytes: -1 }, { maxFragments: 0.5 }]) {
    // Whether the constructor throws or the reader is told, somebody has to be.
    let decoder: MessageDecoderStream;
    try {
      decoder = new MessageDecoderStream(options);
    } catch (error) {
      assert(error instanceof RangeError);
      continue;
    }
    const read = decoder.readable.getReader().read();
    await standing(ReadableStream.from([ping]).pipeTo(decoder.writable));
    const end = await standing(read);
    assertEquals(end.status, "rejected", JSON.stringify(options));
  }
});
