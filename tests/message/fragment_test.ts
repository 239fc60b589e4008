import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { type Frame, Opcode } from "../../lib/frame/frame.ts";
import { fragment } from "../../lib/message/fragment.ts";
import type { Message } from "../../lib/message/message.ts";
import { frameOf } from "../support/frames.ts";
import { hex, utf8 } from "../support/hex.ts";
import { assertPure } from "../support/purity.ts";
import { forEachSeed } from "../support/random.ts";
import { concatenated } from "../support/splits.ts";

const { binary, close, continuation, ping, pong, text } = Opcode;

interface FragmentCase {
  readonly name: string;
  readonly message: Message;
  readonly maxFragmentBytes?: number;
  readonly frames: readonly Frame[];
}

const cases: readonly FragmentCase[] = [
  {
    name: "a text whole, when no size is given (R50)",
    message: { type: "text", data: "Hello" },
    frames: [frameOf({ opcode: text, payload: utf8("Hello") })],
  },
  {
    name: "a text of RFC 6455 §5.7 in two (R47)",
    message: { type: "text", data: "Hello" },
    maxFragmentBytes: 3,
    frames: [
      frameOf({ fin: false, opcode: text, payload: utf8("Hel") }),
      frameOf({ opcode: continuation, payload: utf8("lo") }),
    ],
  },
  {
    name: "a text in characters cut in two (R60)",
    message: { type: "text", data: "é€" },
    maxFragmentBytes: 3,
    frames: [
      frameOf({ fin: false, opcode: text, payload: hex("c3a9 e2") }),
      frameOf({ opcode: continuation, payload: hex("82ac") }),
    ],
  },
  {
    name: "a binary message byte by byte (R47)",
    message: { type: "binary", data: hex("010203") },
    maxFragmentBytes: 1,
    frames: [
      frameOf({ fin: false, opcode: binary, payload: hex("01") }),
      frameOf({ fin: false, opcode: continuation, payload: hex("02") }),
      frameOf({ opcode: continuation, payload: hex("03") }),
    ],
  },
  {
    name: "a message of exactly the size whole (R50)",
    message: { type: "binary", data: hex("010203") },
    maxFragmentBytes: 3,
    frames: [frameOf({ opcode: binary, payload: hex("010203") })],
  },
  {
    name: "a message of twice the size in two (R50)",
    message: { type: "binary", data: hex("01020304") },
    maxFragmentBytes: 2,
    frames: [
      frameOf({ fin: false, opcode: binary, payload: hex("0102") }),
      frameOf({ opcode: continuation, payload: hex("0304") }),
    ],
  },
  {
    name: "an empty text in one empty frame (R47)",
    message: { type: "text", data: "" },
    maxFragmentBytes: 1,
    frames: [frameOf({ opcode: text, payload: hex("") })],
  },
  {
    name: "an empty binary message in one empty frame (R47)",
    message: { type: "binary", data: hex("") },
    maxFragmentBytes: 1,
    frames: [frameOf({ opcode: binary, payload: hex("") })],
  },
  {
    name: "a Ping whole, however small the frames (R48, R54)",
    message: { type: "ping", data: hex("010203") },
    maxFragmentBytes: 1,
    frames: [frameOf({ opcode: ping, payload: hex("010203") })],
  },
  {
    name: "a Pong of 125 bytes (R54)",
    message: { type: "pong", data: new Uint8Array(125) },
    frames: [frameOf({ opcode: pong, payload: new Uint8Array(125) })],
  },
  {
    name: "a Close whole, however small the frames (R48, R55)",
    message: { type: "close", code: 1000, reason: "bye" },
    maxFragmentBytes: 1,
    frames: [frameOf({ opcode: close, payload: hex("03e8 627965") })],
  },
  {
    name: "a Close without a code in an empty frame (R55)",
    message: { type: "close", code: 1005, reason: "" },
    frames: [frameOf({ opcode: close, payload: hex("") })],
  },
];

for (const { name, message, maxFragmentBytes, frames } of cases) {
  Deno.test(`fragment() puts ${name}`, () => {
    const options = maxFragmentBytes === undefined ? {} : { maxFragmentBytes };
    const cut = assertPure("fragment", fragment, message, options);
    assertEquals<unknown>(cut, frames);
  });
}

Deno.test("fragment() gives fragments in order, as large as they may be (R47, R49)", () => {
  forEachSeed((random) => {
    const data = random.bytes(random.integer(0, 400));
    const maxFragmentBytes = random.integer(1, 100);
    const frames = fragment({ type: "binary", data }, { maxFragmentBytes });
    const payloads = frames.map(({ payload }) => payload);
    assertEquals(concatenated(payloads), data);
    frames.forEach(({ fin, opcode, payload }, at) => {
      const isLast = at === frames.length - 1;
      assertEquals(fin, isLast);
      assertEquals(opcode, at === 0 ? binary : continuation);
      if (!isLast) assertEquals(payload.length, maxFragmentBytes);
    });
    assert(frames.length === 1 || payloads.at(-1)!.length > 0);
  });
});

Deno.test("fragment() gives views on the data of a binary, Ping or Pong message", () => {
  const data = hex("01020304");
  for (const type of ["binary", "ping", "pong"] as const) {
    for (const frame of fragment({ type, data }, { maxFragmentBytes: 3 })) {
      assertStrictEquals(frame.payload.buffer, data.buffer, type);
    }
  }
});

interface Mistake {
  readonly name: string;
  readonly message: Message;
  readonly error: typeof TypeError | typeof RangeError;
  readonly words: string;
}

const mistakes: readonly Mistake[] = [
  {
    name: "a text of bytes",
    message: { type: "text", data: hex("41") as unknown as string },
    error: TypeError,
    words: "found Uint8Array, wanted a string",
  },
  ...(["binary", "ping", "pong"] as const).map((type) => ({
    name: `a ${type} message of a string`,
    message: { type, data: "A" as unknown as Uint8Array },
    error: TypeError,
    words: 'found "A", wanted a Uint8Array',
  })),
  ...(["ping", "pong"] as const).map((type) => ({
    name: `a ${type} of 126 bytes (R54)`,
    message: { type, data: new Uint8Array(126) },
    error: RangeError,
    words: "found 126 bytes of payload with control opcode",
  })),
];

for (const { name, message, error, words } of mistakes) {
  Deno.test(`fragment() throws for ${name}`, () => {
    assertThrows<Error>(
      () => fragment(message),
      error,
      `Cannot fragment message: ${words}`,
    );
  });
}

Deno.test("fragment() throws for a Close that may not be sent (R72)", () => {
  const throwing = (code: number, reason: string) =>
    assertThrows(() => fragment({ type: "close", code, reason }), RangeError);
  assert(throwing(1006, "").message.includes("found code 1006"));
  assert(throwing(1005, "bye").message.includes("found code 1005"));
  assert(throwing(1000, "a".repeat(124)).message.includes("124 bytes"));
});

Deno.test("fragment() throws a RangeError unless frames may hold a byte", () => {
  for (const maxFragmentBytes of [0, -1, 1.5, NaN]) {
    assertThrows(
      () => fragment({ type: "text", data: "" }, { maxFragmentBytes }),
      RangeError,
      `Cannot fragment message: found maxFragmentBytes = ${maxFragmentBytes}, wanted an integer >= 1`,
    );
  }
});
