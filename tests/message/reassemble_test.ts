import {
  assert,
  assertEquals,
  assertNotStrictEquals,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import type { ProtocolError } from "../../lib/error/protocol_error.ts";
import type { ProtocolErrorCode } from "../../lib/error/protocol_rule.ts";
import {
  decodeFrames,
  type FrameDecoding,
} from "../../lib/frame/decode_frames.ts";
import { type Frame, Opcode } from "../../lib/frame/frame.ts";
import {
  frameByteLength,
  serializeFrame,
} from "../../lib/frame/serialize_frame.ts";
import { fragment } from "../../lib/message/fragment.ts";
import type { Message } from "../../lib/message/message.ts";
import {
  endOfMessages,
  reassemble,
  type ReassembleOptions,
  type Reassembly,
} from "../../lib/message/reassemble.ts";
import {
  defaultMaxFragments,
  defaultMaxMessageBytes,
} from "../../lib/message/read_piece.ts";
import { frameOf } from "../support/frames.ts";
import { hex, utf8 } from "../support/hex.ts";
import { assertPure } from "../support/purity.ts";
import { forEachSeed, type Random } from "../support/random.ts";
import { concatenated, randomPieces } from "../support/splits.ts";
import { assertViolation } from "../support/violations.ts";

type DataOpcode = 0x0 | 0x1 | 0x2;

/** A frame that ends its message. */
function last(opcode: DataOpcode, payload: Uint8Array): Frame {
  return frameOf({ opcode, payload });
}

/** A frame with more to come. */
function more(opcode: DataOpcode, payload: Uint8Array): Frame {
  return frameOf({ fin: false, opcode, payload });
}

const { binary, close, continuation, ping, pong, text } = Opcode;
const pingFrame = frameOf({ opcode: ping, payload: hex("01") });
const pongFrame = frameOf({ opcode: pong, payload: hex("0203") });
const closeFrame = frameOf({ opcode: close, payload: hex("03e8 627965") });

interface Reassembled {
  readonly messages: readonly Message[];
  readonly state: Reassembly | undefined;
  readonly error?: ProtocolError;
}

/** Takes frames as far as it goes well. */
function reassembleAll(
  frames: readonly Frame[],
  options: ReassembleOptions = {},
  from?: Reassembly,
): Reassembled {
  const messages: Message[] = [];
  let state = from;
  for (const frame of frames) {
    const result = reassemble(frame, state, options);
    if (result.status === "invalid") {
      return { messages, state, error: result.error };
    }
    if (result.status === "complete") messages.push(result.message);
    state = result.state;
  }
  return { messages, state };
}

function wireBytes(frames: readonly Frame[]): number {
  return frames.reduce((sum, frame) => sum + frameByteLength(frame), 0);
}

interface GoodCase {
  readonly name: string;
  readonly frames: readonly Frame[];
  readonly messages: readonly Message[];
}

const goodCases: readonly GoodCase[] = [
  {
    name: "a text in one frame (R50)",
    frames: [last(text, utf8("Hello"))],
    messages: [{ type: "text", data: "Hello" }],
  },
  {
    name: "the fragmented text of RFC 6455 §5.7 (R47)",
    frames: [more(text, utf8("Hel")), last(continuation, utf8("lo"))],
    messages: [{ type: "text", data: "Hello" }],
  },
  {
    name: "a binary message in three fragments, in order (R49)",
    frames: [
      more(binary, hex("0102")),
      more(continuation, hex("03")),
      last(continuation, hex("040506")),
    ],
    messages: [{ type: "binary", data: hex("010203040506") }],
  },
  {
    name: "binary data that would be no UTF-8, intact (R60)",
    frames: [more(binary, hex("ff c3")), last(continuation, hex("ed a0 80"))],
    messages: [{ type: "binary", data: hex("ff c3 ed a0 80") }],
  },
  {
    name: "an empty text and an empty binary message (R47)",
    frames: [last(text, hex("")), last(binary, hex(""))],
    messages: [{ type: "text", data: "" }, { type: "binary", data: hex("") }],
  },
  {
    name: "a text of empty fragments (R47)",
    frames: [
      more(text, hex("")),
      more(continuation, hex("")),
      last(continuation, hex("")),
    ],
    messages: [{ type: "text", data: "" }],
  },
  {
    name: "a text with empty fragments around (R47)",
    frames: [
      more(text, hex("")),
      more(continuation, utf8("é")),
      more(continuation, hex("")),
      last(continuation, hex("")),
    ],
    messages: [{ type: "text", data: "é" }],
  },
  {
    name: "a character with every byte in its own fragment (R60)",
    frames: [
      more(text, hex("f0")),
      more(continuation, hex("9f")),
      more(continuation, hex("")),
      more(continuation, hex("98")),
      last(continuation, hex("80")),
    ],
    messages: [{ type: "text", data: "😀" }],
  },
  {
    name: "a byte order mark, kept (R60)",
    frames: [last(text, hex("efbbbf 41"))],
    messages: [{ type: "text", data: "\ufeffA" }],
  },
  {
    name: "control frames between fragments, at once (R48)",
    frames: [
      more(text, hex("41 c3")),
      pingFrame,
      pongFrame,
      last(continuation, hex("a9 42")),
      closeFrame,
    ],
    messages: [
      { type: "ping", data: hex("01") },
      { type: "pong", data: hex("0203") },
      { type: "text", data: "AéB" },
      { type: "close", code: 1000, reason: "bye" },
    ],
  },
  {
    name: "a Close inside a message (R56)",
    frames: [more(binary, hex("01")), closeFrame],
    messages: [{ type: "close", code: 1000, reason: "bye" }],
  },
  {
    name: "a Close without a code as 1005 (R67)",
    frames: [frameOf({ opcode: close, payload: hex("") })],
    messages: [{ type: "close", code: 1005, reason: "" }],
  },
  {
    name: "one message after another (R64)",
    frames: [
      more(text, utf8("a")),
      last(continuation, utf8("b")),
      more(binary, hex("01")),
      last(continuation, hex("02")),
      last(text, utf8("c")),
    ],
    messages: [
      { type: "text", data: "ab" },
      { type: "binary", data: hex("0102") },
      { type: "text", data: "c" },
    ],
  },
];

for (const { name, frames, messages } of goodCases) {
  Deno.test(`reassemble() gives ${name}`, () => {
    const result = reassembleAll(frames);
    assertEquals(result.error, undefined);
    assertEquals(result.messages, messages);
  });

  Deno.test(`reassemble() counts the bytes of the stream: ${name}`, () => {
    const maskingKey = hex("01020304");
    const masked = frames.map((frame) => ({ ...frame, maskingKey }));
    assertEquals(reassembleAll(frames).state?.offset, wireBytes(frames));
    const { state, messages: same } = reassembleAll(masked);
    assertEquals(state?.offset, wireBytes(frames) + 4 * frames.length);
    assertEquals(same, messages);
  });
}

interface BadCase {
  readonly name: string;
  /** The last of them breaks the rule. */
  readonly frames: readonly Frame[];
  readonly options?: ReassembleOptions;
  readonly code: ProtocolErrorCode;
  readonly closeCode: number;
  /** From the start of the stream, headers included. */
  readonly offset: number;
}

const wrongOrder = {
  code: "unexpected-continuation",
  closeCode: 1002,
} as const;
const interleaved = { code: "interleaved-message", closeCode: 1002 } as const;
const badText = { code: "invalid-utf8", closeCode: 1007 } as const;
const tooLarge = { code: "message-too-large", closeCode: 1009 } as const;
const tooMany = { code: "too-many-fragments", closeCode: 1009 } as const;

const badCases: readonly BadCase[] = [
  {
    name: "a continuation at the start (R51)",
    frames: [last(continuation, hex("01"))],
    ...wrongOrder,
    offset: 0,
  },
  {
    name: "a continuation without FIN at the start (R51)",
    frames: [more(continuation, hex(""))],
    ...wrongOrder,
    offset: 0,
  },
  {
    name: "a continuation after a whole message (R51)",
    frames: [last(text, utf8("Hello")), last(continuation, hex("01"))],
    ...wrongOrder,
    offset: 7,
  },
  {
    name: "a continuation after the last fragment (R51)",
    frames: [
      more(binary, hex("01")),
      last(continuation, hex("02")),
      pingFrame,
      more(continuation, hex("03")),
    ],
    ...wrongOrder,
    offset: 9,
  },
  {
    name: "a text inside a text (R49, R51)",
    frames: [more(text, utf8("a")), last(text, utf8("b"))],
    ...interleaved,
    offset: 3,
  },
  {
    name: "a binary message inside a text, after a Ping (R49, R51)",
    frames: [more(text, utf8("a")), pingFrame, more(binary, hex(""))],
    ...interleaved,
    offset: 6,
  },
  {
    name: "a text inside a binary message (R49, R51)",
    frames: [
      more(binary, hex("")),
      more(continuation, hex("")),
      last(text, hex("")),
    ],
    ...interleaved,
    offset: 4,
  },
  {
    name: "a byte that cannot be UTF-8 (R60)",
    frames: [last(text, hex("41 42 ff"))],
    ...badText,
    offset: 4,
  },
  {
    name: "a surrogate in a later fragment, before the message ends (R61)",
    frames: [
      more(text, hex("41 42")), // bytes 0 to 3
      pingFrame, // bytes 4 to 6
      more(continuation, hex("43 ed a0 80")), // the header is 7 and 8
    ],
    ...badText,
    offset: 11,
  },
  {
    name: "a character cut in two that does not go on (R61)",
    frames: [more(text, hex("e2 82")), more(continuation, hex("41"))],
    ...badText,
    offset: 6,
  },
  {
    name: "a surrogate whose second byte is in another fragment (R61)",
    frames: [more(text, hex("ed")), more(continuation, hex("a0"))],
    ...badText,
    offset: 5,
  },
  {
    name: "a bad byte after the rest of a character (R61)",
    frames: [
      more(text, hex("f0 9f")),
      more(continuation, hex("98")),
      more(continuation, hex("80 41 80")),
    ],
    ...badText,
    offset: 11,
  },
  {
    name: "a bad byte in a masked frame (R60)",
    frames: [
      { ...more(text, hex("41")), maskingKey: hex("01020304") }, // 7 bytes
      { ...last(continuation, hex("42 c0")), maskingKey: hex("01020304") },
    ],
    ...badText,
    offset: 14,
  },
  {
    name: "a bad byte behind a header of 4 bytes (R60)",
    frames: [last(text, concatenated([new Uint8Array(130), hex("80")]))],
    ...badText,
    offset: 134,
  },
  {
    name: "a text that ends inside a character (R60)",
    frames: [last(text, hex("41 e2 82"))],
    ...badText,
    offset: 5,
  },
  {
    name: "a text that ends inside a character of a fragment before (R60)",
    frames: [more(text, hex("c3")), last(continuation, hex(""))],
    ...badText,
    offset: 5,
  },
  {
    name: "a text in a new message after a good one (R60)",
    frames: [last(text, hex("c3a9")), last(text, hex("a9"))],
    ...badText,
    offset: 6,
  },
  {
    name: "a message over the limit (R76)",
    frames: [last(binary, hex("010203"))],
    options: { maxMessageBytes: 2 },
    ...tooLarge,
    offset: 2,
  },
  {
    name: "a message over the limit by its third fragment (R76)",
    frames: [
      more(binary, hex("0102")),
      pingFrame,
      more(continuation, hex("03")),
      more(continuation, hex("04")),
    ],
    options: { maxMessageBytes: 3 },
    ...tooLarge,
    offset: 12,
  },
  {
    name: "a text over the limit, counted in bytes (R76)",
    frames: [more(text, utf8("é")), last(continuation, utf8("é"))],
    options: { maxMessageBytes: 3 },
    ...tooLarge,
    offset: 6,
  },
  {
    name: "a byte when the limit is 0 (R76)",
    frames: [last(text, hex("")), last(text, utf8("a"))],
    options: { maxMessageBytes: 0 },
    ...tooLarge,
    offset: 4,
  },
  {
    name: "a fragment too many (R76)",
    frames: [
      more(binary, hex("01")),
      more(continuation, hex("02")),
      last(continuation, hex("03")),
    ],
    options: { maxFragments: 2 },
    ...tooMany,
    offset: 8,
  },
  {
    name: "an empty fragment too many (R76)",
    frames: [
      more(text, hex("")),
      more(continuation, hex("")),
      more(continuation, hex("")),
    ],
    options: { maxFragments: 2 },
    ...tooMany,
    offset: 6,
  },
  {
    name: "any message when no fragment is allowed (R76)",
    frames: [pingFrame, last(binary, hex(""))],
    options: { maxFragments: 0 },
    ...tooMany,
    offset: 5,
  },
  {
    name: "a Close with 1 byte (R55)",
    frames: [frameOf({ opcode: close, payload: hex("03") })],
    code: "close-body-too-short",
    closeCode: 1002,
    offset: 2,
  },
  {
    name: "a Close with a code that is never sent, inside a message (R72)",
    frames: [
      more(text, utf8("a")),
      frameOf({ opcode: close, payload: hex("03ed") }),
    ],
    code: "invalid-close-code",
    closeCode: 1002,
    offset: 5,
  },
  {
    name: "a masked Close with a bad reason (R60)",
    frames: [
      frameOf({
        opcode: close,
        maskingKey: hex("01020304"),
        payload: hex("03e8 41 ff"),
      }),
    ],
    code: "invalid-close-reason",
    closeCode: 1007,
    offset: 9,
  },
];

for (const { name, frames, options, code, closeCode, offset } of badCases) {
  Deno.test(`reassemble() refuses ${name}`, () => {
    const good = reassembleAll(frames.slice(0, -1), options);
    assertEquals(good.error, undefined, "the frames before are good");
    const bad = reassembleAll(frames, options);
    const error = assertViolation(bad.error, { code, offset }, name);
    assertEquals(error.closeCode, closeCode);
    assertEquals(bad.messages, good.messages);
  });

  Deno.test(`reassemble() counts from the start of the stream: ${name}`, () => {
    const before = last(binary, new Uint8Array(998));
    const bad = reassembleAll(
      [before, ...frames].slice(1),
      options,
      { offset: frameByteLength(before), unfinished: undefined },
    );
    assertViolation(bad.error, { code, offset: 1002 + offset }, name);
  });
}

Deno.test("reassemble() accepts a message of exactly the limits (R76)", () => {
  const frames = [
    more(text, utf8("é")),
    pingFrame,
    more(continuation, hex("")),
    last(continuation, utf8("a")),
  ];
  const options = { maxMessageBytes: 3, maxFragments: 3 };
  // Twice, because the count has to begin again with every message.
  const { messages, error } = reassembleAll([...frames, ...frames], options);
  assertEquals(error, undefined);
  assertEquals(messages.map(({ type }) => type), [
    "ping",
    "text",
    "ping",
    "text",
  ]);
});

Deno.test("reassemble() does not count control frames (R48, R76)", () => {
  const options = { maxMessageBytes: 1, maxFragments: 1 };
  const frames = [pongFrame, pingFrame, last(binary, hex("01")), closeFrame];
  assertEquals(reassembleAll(frames, options).error, undefined);
});

Deno.test("reassemble() names the limit that was broken, and what broke it (R76)", () => {
  const frames = [more(binary, hex("0102")), more(continuation, hex("03"))];
  const large = reassembleAll(frames, { maxMessageBytes: 2 }).error;
  assertStringIncludes(
    large?.message ?? "",
    "found a message of at least 3 bytes, wanted at most 2 bytes",
  );
  const many = reassembleAll(frames, { maxFragments: 1 }).error;
  assertStringIncludes(
    many?.message ?? "",
    "found a message of at least 2 fragments, wanted at most 1 fragments",
  );
});

Deno.test("reassemble() limits messages to 16 MiB and 131,072 fragments by default (R76)", () => {
  assertEquals(defaultMaxMessageBytes, 16 * 1024 * 1024);
  assertEquals(defaultMaxFragments, 131_072);
  const mebibyte = new Uint8Array(1024 * 1024);
  const frames = Array.from(
    { length: 16 },
    (_, at) => more(at === 0 ? binary : continuation, mebibyte),
  );
  const exact = reassembleAll(frames);
  assertEquals(exact.error, undefined);
  assertEquals(
    exact.state?.unfinished?.progress.byteLength,
    defaultMaxMessageBytes,
  );
  const { error } = reassembleAll(
    [last(continuation, hex("01"))],
    {},
    exact.state,
  );
  assertEquals(error?.code, "message-too-large");
});

Deno.test("reassemble() stops a stream of empty fragments (R76)", () => {
  let state: Reassembly | undefined;
  for (let count = 0; count < defaultMaxFragments; count++) {
    const opcode = count === 0 ? text : continuation;
    const result = reassemble(more(opcode, hex("")), state);
    if (result.status !== "partial") throw new Error(`Fragment ${count}`);
    state = result.state;
  }
  const { error } = reassembleAll([more(continuation, hex(""))], {}, state);
  const offset = 2 * defaultMaxFragments + 2;
  assertViolation(error, { code: "too-many-fragments", offset }, "empty");
});

Deno.test("reassemble() takes Infinity for no limit (R76)", () => {
  const options = { maxMessageBytes: Infinity, maxFragments: Infinity };
  const frames = [more(binary, hex("01")), last(continuation, hex("02"))];
  assertEquals(reassembleAll(frames, options).messages.length, 1);
});

Deno.test("reassemble() answers partial until the last fragment, and says how far it is (R47)", () => {
  const first = reassemble(more(text, hex("41 c3")));
  assert(first.status === "partial");
  assertEquals(first.state.offset, 4);
  assertEquals(first.state.unfinished?.progress.type, "text");
  assertEquals(first.state.unfinished?.progress.fragments, 1);
  assertEquals(first.state.unfinished?.progress.byteLength, 2);
  assertEquals(first.state.unfinished?.gathered.text, "A");

  const second = reassemble(pingFrame, first.state);
  assert(second.status === "complete");
  assertEquals(second.state.offset, 7);
  assertEquals(second.state.unfinished, first.state.unfinished);

  const third = reassemble(last(continuation, hex("a9")), second.state);
  assert(third.status === "complete");
  assertEquals(third.state, { offset: 10, unfinished: undefined });
});

Deno.test("reassemble() leaves the state as it was, so that it can be taken up twice", () => {
  for (const opcode of [text, binary]) {
    const begun = reassembleAll([
      more(opcode, utf8("ab")),
      more(continuation, utf8("c")),
    ]);
    const end = (letters: string) =>
      reassembleAll([last(continuation, utf8(letters))], {}, begun.state);
    const one = end("1");
    const other = end("222");
    const wanted = (letters: string) =>
      opcode === text
        ? [{ type: "text", data: letters }]
        : [{ type: "binary", data: utf8(letters) }];
    assertEquals<unknown>(one.messages, wanted("abc1"));
    assertEquals<unknown>(other.messages, wanted("abc222"));
    assertEquals<unknown>(end("1").messages, wanted("abc1"));
  }
});

Deno.test("reassemble() gives the payload itself of a message in one frame", () => {
  for (const payload of [hex("0102"), hex("")]) {
    for (const opcode of [binary, ping, pong]) {
      const { messages } = reassembleAll([frameOf({ opcode, payload })]);
      const [message] = messages;
      assert(message !== undefined && "data" in message);
      const name = `opcode ${opcode}, ${payload.length} bytes`;
      assertStrictEquals(message.data, payload, name);
    }
  }
});

/** The ways to spread 2 bytes over fragments. */
const spreads: readonly (readonly string[])[] = [
  ["01", "02"],
  ["01", "", "02"],
  ["0102", ""],
  ["", "0102"],
  ["", "0102", ""],
];

for (const spread of spreads) {
  const name = spread.map((digits) => digits.length / 2).join(" + ");

  Deno.test(`reassemble() gives a new array for a message in fragments of ${name} bytes`, () => {
    const payloads = spread.map(hex);
    const { messages } = reassembleAll(payloads.map((payload, at) =>
      frameOf({
        fin: at === payloads.length - 1,
        opcode: at === 0 ? binary : continuation,
        payload,
      })
    ));
    const [message] = messages;
    assert(message?.type === "binary");
    assertEquals(message.data, hex("0102"));
    for (const payload of payloads) {
      assertNotStrictEquals(message.data.buffer, payload.buffer);
    }
  });
}

Deno.test("reassemble() gives two empty messages a buffer each", () => {
  const empty = () => {
    const [message] = reassembleAll([
      more(binary, hex("")),
      last(continuation, hex("")),
    ]).messages;
    assert(message?.type === "binary");
    return message.data.buffer;
  };
  // Who transfers the one to a worker would detach the other.
  assertNotStrictEquals(empty(), empty());
});

Deno.test("reassemble() throws for a mistake of the caller", () => {
  const frame = last(text, utf8("a"));
  for (const limit of ["maxMessageBytes", "maxFragments"] as const) {
    for (const value of [-1, 0.5, NaN]) {
      assertThrows(
        () => reassemble(frame, undefined, { [limit]: value }),
        RangeError,
        `Cannot reassemble message: found ${limit} = ${value}, wanted an integer >= 0`,
      );
    }
  }
  assertThrows(
    () => reassemble({ ...frame, payload: "a" as unknown as Uint8Array }),
    TypeError,
    'Cannot reassemble message: found "a", wanted a Uint8Array',
  );
});

Deno.test("endOfMessages() finds nothing wrong between messages", () => {
  assertEquals(endOfMessages(), undefined);
  for (const { name, frames } of goodCases) {
    const { state } = reassembleAll(frames);
    if (state?.unfinished !== undefined) continue;
    assertEquals(endOfMessages(state), undefined, name);
  }
});

Deno.test("endOfMessages() finds a message that is cut short, and where (R67, R69)", () => {
  const cases: readonly (readonly [readonly Frame[], string, number])[] = [
    [[more(text, utf8("a"))], "1 fragment of a text message", 3],
    [
      [more(binary, hex("")), pingFrame, more(continuation, hex("01"))],
      "2 fragments of a binary message",
      8,
    ],
  ];
  for (const [frames, words, offset] of cases) {
    const { state } = reassembleAll(frames);
    const violation = { code: "truncated-message", offset } as const;
    const error = assertViolation(endOfMessages(state), violation, words);
    assertEquals(error.closeCode, 1006);
    assertStringIncludes(error.message, words);
  }
});

function randomText(random: Random): string {
  const length = random.integer(0, 60);
  const letters = ["a", "é", "€", "😀", "\ufeff", "\u{10ffff}", "\0"];
  return Array.from({ length }, () => random.pick(letters)).join("");
}

function randomData(random: Random): Message {
  return random.chance(0.5)
    ? { type: "text", data: randomText(random) }
    : { type: "binary", data: random.bytes(random.integer(0, 300)) };
}

function randomControl(random: Random): Message {
  const type = random.pick(["ping", "pong", "close"] as const);
  return type === "close"
    ? { type, code: random.pick([1000, 1014, 3000, 4999]), reason: "é" }
    : { type, data: random.bytes(random.integer(0, 125)) };
}

/** Frames of several messages, and the messages in the order they complete. */
function randomConversation(random: Random): {
  frames: Frame[];
  messages: Message[];
} {
  const frames: Frame[] = [];
  const messages: Message[] = [];
  for (let count = 0; count < 5; count++) {
    const message = randomData(random);
    const maxFragmentBytes = random.pick([1, 3, 50, Infinity]);
    for (const frame of fragment(message, { maxFragmentBytes })) {
      if (random.chance(0.2)) {
        const control = randomControl(random);
        frames.push(...fragment(control));
        messages.push(control);
      }
      frames.push(frame);
    }
    messages.push(message);
  }
  return { frames, messages };
}

Deno.test("reassemble() gives back what fragment() cut, with control frames between (R47, R48, R49)", () => {
  forEachSeed((random) => {
    const { frames, messages } = randomConversation(random);
    const result = reassembleAll(frames);
    assertEquals(result.messages, messages);
    assertEquals(result.state, {
      offset: wireBytes(frames),
      unfinished: undefined,
    });
  });
});

Deno.test("reassemble() gives back what went over the wire, masked and cut anywhere (R46, R50)", () => {
  forEachSeed((random) => {
    const { frames, messages } = randomConversation(random);
    const isMasked = random.chance(0.5);
    const wire = concatenated(frames.map((frame) =>
      serializeFrame(
        isMasked ? { ...frame, maskingKey: random.bytes(4) } : frame,
      )
    ));
    const role = isMasked ? "server" : "client";
    const received: Frame[] = [];
    let decoding: FrameDecoding | undefined;
    for (const piece of randomPieces(wire, random)) {
      const result = decodeFrames(piece, decoding, { role });
      received.push(...result.frames);
      decoding = result.state;
    }
    const result = reassembleAll(received);
    assertEquals(result.messages, messages);
    assertEquals(result.state?.offset, wire.length);
    assertEquals(decoding?.offset, wire.length);
  });
});

Deno.test("reassemble() and endOfMessages() change nothing they are given", () => {
  for (const { frames } of [...goodCases, ...badCases]) {
    let state: Reassembly | undefined;
    for (const frame of frames) {
      const result: ReturnType<typeof reassemble> = assertPure(
        "reassemble",
        reassemble,
        frame,
        state,
        {},
      );
      if (result.status === "invalid") break;
      state = result.state;
      assertPure("endOfMessages", endOfMessages, state);
    }
  }
});
