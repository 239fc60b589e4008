import {
  assert,
  assertEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { type Frame, Opcode, type Role } from "../../lib/frame/frame.ts";
import type { Message } from "../../lib/message/message.ts";
import { MessageDecoderStream } from "../../lib/stream/message_decoder_stream.ts";
import {
  MessageEncoderStream,
  type MessageEncoderStreamOptions,
} from "../../lib/stream/message_encoder_stream.ts";
import { frameOf } from "../support/frames.ts";
import { hex, utf8 } from "../support/hex.ts";
import {
  collect,
  type Collected,
  countingSource,
  standing,
  takenAfterReading,
} from "./streams.ts";

function encode(
  messages: readonly Message[],
  options?: MessageEncoderStreamOptions,
): Promise<Collected<Frame>> {
  return collect(
    ReadableStream.from(messages)
      .pipeThrough(new MessageEncoderStream(options)),
  );
}

const cases: readonly (readonly [message: Message, frame: Frame])[] = [
  [
    { type: "text", data: "Hello" },
    frameOf({ opcode: Opcode.text, payload: utf8("Hello") }),
  ],
  [
    { type: "text", data: "" },
    frameOf({ opcode: Opcode.text, payload: hex("") }),
  ],
  [
    { type: "text", data: "é€\u{1f600}" },
    frameOf({ opcode: Opcode.text, payload: utf8("é€\u{1f600}") }),
  ],
  [
    { type: "binary", data: hex("00ff") },
    frameOf({ opcode: Opcode.binary, payload: hex("00ff") }),
  ],
  [
    { type: "ping", data: hex("01") },
    frameOf({ opcode: Opcode.ping, payload: hex("01") }),
  ],
  [
    { type: "pong", data: new Uint8Array(125) },
    frameOf({ opcode: Opcode.pong, payload: new Uint8Array(125) }),
  ],
  [
    { type: "close", code: 1001, reason: "é" },
    frameOf({ opcode: Opcode.close, payload: hex("03e9 c3a9") }),
  ],
  [
    { type: "close", code: 1005, reason: "" },
    frameOf({ opcode: Opcode.close, payload: hex("") }),
  ],
];

Deno.test("MessageEncoderStream makes one frame of each message (R50, R55, R63)", async () => {
  for (const [message, frame] of cases) {
    for (
      const options of [{}, { role: "client" }, { role: "server" }] as const
    ) {
      assertEquals(
        await encode([message], options),
        { items: [frame], error: undefined },
        message.type,
      );
    }
  }
});

Deno.test("MessageEncoderStream makes what MessageDecoderStream reads (R47, R60)", async () => {
  const messages = cases.slice(0, -1).map(([message]) => message);
  for (const maxFragmentBytes of [1, 2, 3, 1000, Infinity]) {
    const readable = ReadableStream.from(messages)
      .pipeThrough(new MessageEncoderStream({ maxFragmentBytes }))
      .pipeThrough(new MessageDecoderStream());
    assertEquals(
      await collect(readable),
      { items: messages, error: undefined },
      `${maxFragmentBytes} bytes`,
    );
  }
});

Deno.test("MessageEncoderStream cuts data by maxFragmentBytes, and controls never (R47, R48, R54)", async () => {
  const { items, error } = await encode([
    { type: "text", data: "abcde" },
    { type: "ping", data: hex("010203") },
    { type: "binary", data: hex("01020304") },
    { type: "text", data: "ab" },
  ], { maxFragmentBytes: 2 });
  assertEquals(error, undefined);
  assertEquals(items, [
    frameOf({ opcode: Opcode.text, payload: utf8("ab"), fin: false }),
    frameOf({ opcode: Opcode.continuation, payload: utf8("cd"), fin: false }),
    frameOf({ opcode: Opcode.continuation, payload: utf8("e") }),
    frameOf({ opcode: Opcode.ping, payload: hex("010203") }),
    frameOf({ opcode: Opcode.binary, payload: hex("0102"), fin: false }),
    frameOf({ opcode: Opcode.continuation, payload: hex("0304") }),
    frameOf({ opcode: Opcode.text, payload: utf8("ab") }),
  ]);
});

Deno.test("MessageEncoderStream does not write to the data of a message (R45)", async () => {
  const data = hex("01020304");
  await encode([Object.freeze({ type: "binary", data })], {
    maxFragmentBytes: 3,
  });
  assertEquals(data, hex("01020304"));
});

Deno.test("MessageEncoderStream errors with TypeError for any message after a Close (R41, R56)", async () => {
  const close = { type: "close", code: 1000, reason: "" } as const;
  for (const [message] of cases) {
    const encoder = new MessageEncoderStream();
    const writer = encoder.writable.getWriter();
    const reader = encoder.readable.getReader();
    const [closed, late] = [writer.write(close), writer.write(message)];
    const results = Promise.all([standing(closed), standing(late)]);
    const first = await reader.read();
    assertEquals(first.value?.opcode, Opcode.close);
    const next = standing(reader.read());
    const [before, after] = await results;
    assertEquals(before.status, "fulfilled");
    assert(after.status === "rejected", message.type);
    assert(after.reason instanceof TypeError);
    assertStringIncludes(after.reason.message, `a ${message.type} message`);
    assertEquals((await next).status, "rejected", message.type);
  }
});

Deno.test("MessageEncoderStream ends well after a Close (R56)", async () => {
  const { items, error } = await encode([
    { type: "text", data: "a" },
    { type: "close", code: 1000, reason: "" },
  ]);
  assertEquals(error, undefined);
  assertEquals(items.map(({ opcode }) => opcode), [Opcode.text, Opcode.close]);
});

const illegal: readonly (readonly [
  message: Message,
  errorClass: new (message: string) => Error,
])[] = [
  [{ type: "ping", data: new Uint8Array(126) }, RangeError],
  [{ type: "pong", data: new Uint8Array(126) }, RangeError],
  [{ type: "close", code: 1006, reason: "" }, RangeError],
  [{ type: "close", code: 1005, reason: "a" }, RangeError],
  [{ type: "close", code: 1000, reason: "a".repeat(124) }, RangeError],
  [{ type: "text", data: hex("61") as unknown as string }, TypeError],
  [{ type: "binary", data: "a" as unknown as Uint8Array }, TypeError],
];

Deno.test("MessageEncoderStream errors for a message that nobody may send (R54, R55, R72)", async () => {
  for (const [message, errorClass] of illegal) {
    const { items, error } = await encode([message]);
    assertEquals(items, []);
    assert(error instanceof errorClass, JSON.stringify(message));
  }
});

Deno.test("MessageEncoderStream stops its source when the reader stops (R76)", async () => {
  const message = { type: "binary", data: new Uint8Array(100) } as const;
  for (const maxFragmentBytes of [10, Infinity]) {
    const source = countingSource<Message>(() => message);
    const readable = source.readable
      .pipeThrough(new MessageEncoderStream({ maxFragmentBytes }));
    const taken = await takenAfterReading(source, readable, 10);
    const most = maxFragmentBytes === 10 ? 4 : 13;
    assert(taken <= most, `${taken} taken`);
  }
});

Deno.test("MessageEncoderStream throws TypeError for a role that is none", () => {
  for (const role of ["peer", "", null]) {
    assertThrows(
      () => new MessageEncoderStream({ role: role as unknown as Role }),
      TypeError,
      'wanted "client" or "server"',
    );
  }
});

Deno.test("MessageEncoderStream refuses a maxFragmentBytes that is none", async () => {
  for (const maxFragmentBytes of [0, -1, 0.5, NaN]) {
    // Whether the constructor throws or the reader is told.
    let error: unknown;
    try {
      const messages = [{ type: "text", data: "a" }] as const;
      ({ error } = await encode(messages, { maxFragmentBytes }));
    } catch (thrown) {
      error = thrown;
    }
    assert(error instanceof RangeError, `${maxFragmentBytes}`);
  }
});
