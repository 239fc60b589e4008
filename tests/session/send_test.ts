import { assert, assertEquals, assertThrows } from "@std/assert";
import type { Role } from "../../lib/frame/frame.ts";
import { mask } from "../../lib/frame/mask.ts";
import {
  openSession,
  type Session,
  type SessionInput,
} from "../../lib/session/session.ts";
import { step } from "../../lib/session/step.ts";
import { decodeFrames } from "../../lib/frame/decode_frames.ts";
import { prefixing } from "../extension/codecs.ts";
import { hex, utf8 } from "../support/hex.ts";
import { concatenated } from "../support/splits.ts";
import { openCoded } from "./coded_session.ts";
import { at, closeFrame, drive, roles } from "./sessions.ts";

interface SendCase {
  readonly name: string;
  readonly inputs: readonly SessionInput[];
  readonly lines: readonly string[];
}

const fragmentOf = (data: string, last = false): SessionInput => ({
  type: "send-fragment",
  message: { type: "text", data },
  last,
});
const send = (...texts: string[]): SessionInput => ({
  type: "send",
  messages: texts.map((data) => ({ type: "text", data })),
});

const sendCases: readonly SendCase[] = [
  { name: "a text", inputs: [send("Hello")], lines: ["text Hello"] },
  { name: "an empty text", inputs: [send("")], lines: ["text"] },
  { name: "no message at all", inputs: [send()], lines: [] },
  {
    name: "several messages at once, in order",
    inputs: [send("a", "b", "c")],
    lines: ["text a", "text b", "text c"],
  },
  {
    name: "a message in fragments (R47, R63)",
    inputs: [fragmentOf("a"), fragmentOf("b"), fragmentOf("c", true)],
    lines: ["text… a", "continuation… b", "continuation c"],
  },
  {
    name: "a message in one fragment",
    inputs: [fragmentOf("a", true), fragmentOf("b", true)],
    lines: ["text a", "text b"],
  },
  {
    name: "empty fragments (R47)",
    inputs: [fragmentOf(""), fragmentOf(""), fragmentOf("", true)],
    lines: ["text…", "continuation…", "continuation"],
  },
  {
    name: "control frames between fragments (R48)",
    inputs: [
      fragmentOf("a"),
      { type: "ping", data: utf8("1") },
      { type: "pong", data: utf8("2") },
      fragmentOf("b", true),
    ],
    lines: ["text… a", "ping 1", "pong 2", "continuation b"],
  },
  {
    name: "a Close inside a message (R66)",
    inputs: [
      fragmentOf("a"),
      { type: "close", closeCode: 1001, reason: "away" },
    ],
    lines: ["text… a", "close 1001 away"],
  },
  {
    name: "a Close without a code",
    inputs: [{ type: "close", closeCode: 1005, reason: "" }],
    lines: ["close 1005"],
  },
  {
    name: "one Close however often it is closed (R66)",
    inputs: [
      { type: "close", closeCode: 1000, reason: "first" },
      { type: "close", closeCode: 1001, reason: "second" },
    ],
    lines: ["close 1000 first"],
  },
];

for (const role of roles) {
  for (const { name, inputs, lines } of sendCases) {
    Deno.test(`a ${role} sends ${name}`, () => {
      const driven = drive(role);
      for (const input of inputs) driven.take(input);
      assertEquals(driven.lines, lines);
      assertEquals(driven.events, []);
    });
  }

  Deno.test(`a ${role} sends bytes as they are`, () => {
    const driven = drive(role);
    const data = hex("00 ff 80");
    driven.take({ type: "send", messages: [{ type: "binary", data }] });
    driven.take({ type: "ping", data: hex("") });
    driven.take({
      type: "send-fragment",
      message: { type: "binary", data },
      last: true,
    });
    const [first] = driven.lines;
    assertEquals(driven.lines, [first, "ping", first]);
  });

  Deno.test(`a ${role} copies what it sends (R45)`, () => {
    const data = hex("010203");
    const session = openSession({ role, heartbeat: false }, 0);
    const inputs: SessionInput[] = [
      { type: "send", messages: [{ type: "binary", data }] },
      { type: "send-fragment", message: { type: "binary", data }, last: true },
      { type: "ping", data },
      { type: "pong", data },
    ];
    const results = inputs.map((input) => step(session, input, at(0)));
    const before = results.map(({ bytes }) => concatenated(bytes));
    data.fill(0xee);
    const after = results.map(({ bytes }) => concatenated(bytes));
    assertEquals(after, before);
    assertEquals(results[2]!.session.pings[0]!.data, hex("010203"));
  });
}

Deno.test("a client masks every frame with a fresh key (R37, R43)", () => {
  let session: Session = openSession({ role: "client", heartbeat: false }, 0);
  const keys: Uint8Array[] = [];
  const createMaskingKey = () => {
    const key = Uint8Array.of(keys.length + 1, 2, 3, 4);
    keys.push(key);
    return key;
  };
  const data = hex("0102030405");
  const inputs: SessionInput[] = [
    {
      type: "send",
      messages: [{ type: "binary", data }, { type: "binary", data }],
    },
    { type: "send-fragment", message: { type: "binary", data }, last: true },
    { type: "ping", data },
    { type: "bytes", bytes: hex("89 05 0102030405") },
  ];
  const written: Uint8Array[] = [];
  for (const input of inputs) {
    const result = step(session, input, { nowMs: 0, createMaskingKey });
    session = result.session;
    written.push(...result.bytes);
  }
  assertEquals(keys.length, 5);
  // Every frame is a header of 6 bytes and 5 of payload, however they are joined.
  const frames = concatenated(written);
  keys.forEach((key, index) => {
    const frame = frames.subarray(index * 11, (index + 1) * 11);
    assertEquals(frame[1], 0x85, "masked, 5 bytes");
    assertEquals(frame.subarray(2, 6), key);
    assertEquals(frame.subarray(6), mask(data, key));
  });
});

Deno.test("a server masks nothing, and asks for no key (R37)", () => {
  const createMaskingKey = () => {
    throw new Error("Asked for a key");
  };
  const session = openSession({ role: "server" }, 0);
  const { bytes } = step(session, send("a"), { nowMs: 0, createMaskingKey });
  assertEquals(bytes, [hex("81 01 61")]);
});

interface MistakeCase {
  readonly name: string;
  readonly input: SessionInput;
  readonly error: typeof TypeError | typeof RangeError;
}

const mistakes: readonly MistakeCase[] = [
  {
    name: "a Ping of 126 bytes (R54)",
    input: { type: "ping", data: new Uint8Array(126) },
    error: RangeError,
  },
  {
    name: "a Pong of 126 bytes (R54)",
    input: { type: "pong", data: new Uint8Array(126) },
    error: RangeError,
  },
  {
    name: "a Close with 1006 (R72)",
    input: { type: "close", closeCode: 1006, reason: "" },
    error: RangeError,
  },
  {
    name: "a Close with 999 (R72)",
    input: { type: "close", closeCode: 999, reason: "" },
    error: RangeError,
  },
  {
    name: "a Close with 1015 (R72)",
    input: { type: "close", closeCode: 1015, reason: "" },
    error: RangeError,
  },
  {
    name: "a reason without a code (R55)",
    input: { type: "close", closeCode: 1005, reason: "why" },
    error: RangeError,
  },
  {
    name: "a reason of 124 bytes (R55)",
    input: { type: "close", closeCode: 1000, reason: "x".repeat(124) },
    error: RangeError,
  },
  {
    name: "a text that is bytes",
    input: {
      type: "send",
      messages: [{ type: "text", data: hex("01") as unknown as string }],
    },
    error: TypeError,
  },
  {
    name: "bytes that are a text",
    input: {
      type: "send",
      messages: [{ type: "binary", data: "a" as unknown as Uint8Array }],
    },
    error: TypeError,
  },
];

for (const role of roles) {
  for (const { name, input, error } of mistakes) {
    Deno.test(`a ${role} refuses to send ${name}, and can be used after it`, () => {
      const driven = drive(role);
      assertThrows(() => driven.step(input), error);
      driven.take(send("still here"));
      assertEquals(driven.lines, ["text still here"]);
    });
  }
}

for (const type of ["text", "binary"] as const) {
  Deno.test(`step() sends no whole message inside one of type ${type}, of the same type or another`, () => {
    const empty = {
      text: { type: "text", data: "" },
      binary: { type: "binary", data: hex("") },
    } as const;
    const driven = drive("server");
    driven.step({ type: "send-fragment", message: empty[type], last: false });
    for (const message of [empty.text, empty.binary]) {
      assertThrows(
        () => driven.step({ type: "send", messages: [message] }),
        TypeError,
        `found a ${message.type} message inside a ${type} message`,
      );
    }
    driven.step({ type: "send-fragment", message: empty[type], last: true });
    driven.step({ type: "send", messages: [empty[type]] });
    assertEquals(driven.lines, [`${type}…`, "continuation", type]);
  });
}

Deno.test("step() sends none of several messages if one is wrong", () => {
  const driven = drive("client");
  assertThrows(() =>
    driven.step({
      type: "send",
      messages: [
        { type: "text", data: "right" },
        { type: "text", data: 1 as unknown as string },
      ],
    }), TypeError);
  assertEquals(driven.session().unwrittenBytes, 0);
  assertEquals(driven.lines, []);
});

const sends: readonly SessionInput[] = [
  send("a"),
  fragmentOf("a"),
  fragmentOf("a", true),
  { type: "ping", data: hex("") },
  { type: "pong", data: hex("") },
];

function closedWays(role: Role): Record<string, ReturnType<typeof drive>> {
  const close: SessionInput = { type: "close", closeCode: 1000, reason: "" };
  const closing = drive(role);
  closing.take(close);
  const closed = drive(role);
  closed.receive(closeFrame(1000));
  const failed = drive(role);
  failed.take({ type: "bytes", bytes: hex("83 80 00000000") });
  const ended = drive(role);
  ended.take({ type: "end" });
  return { closing, closed, failed, ended };
}

for (const role of roles) {
  for (const [phase, driven] of Object.entries(closedWays(role))) {
    Deno.test(`a ${role} that is ${phase} sends nothing more (R41, R56, R62)`, () => {
      assertEquals(driven.session().phase, phase);
      const count = driven.lines.length;
      for (const input of sends) {
        assertThrows(
          () => driven.step(input),
          TypeError,
          `on a connection that is ${phase}, wanted nothing after the Close`,
        );
      }
      driven.step({ type: "close", closeCode: 1000, reason: "again" });
      assertEquals(driven.lines.length, count);
      assertEquals(driven.session().phase, phase);
    });
  }
}

Deno.test("step() counts what waits to be written until it is told", () => {
  const driven = drive("server");
  driven.take(send("abc"));
  assertEquals(driven.session().unwrittenBytes, 5);
  driven.take({ type: "written", byteLength: 3 });
  assertEquals(driven.session().unwrittenBytes, 2);
  driven.take({ type: "written", byteLength: 3 });
  assertEquals(driven.session().unwrittenBytes, 0, "never less");
});

Deno.test("step() may be told what was written in every phase", () => {
  for (const [phase, driven] of Object.entries(closedWays("client"))) {
    const { events, bytes } = driven.step({ type: "written", byteLength: 1 });
    assertEquals([events, bytes], [[], []], phase);
    assert(driven.session().phase === phase);
  }
});

for (const role of roles) {
  Deno.test(`a ${role} with an extension sends what it makes of messages, its bits on the first frame (R42, R63, R74)`, () => {
    const coded = openCoded(role, prefixing(0x2a, 0x30));
    coded.take(send("a", ""));
    coded.take(fragmentOf("b"));
    coded.take({ type: "ping", data: hex("01") });
    coded.take(fragmentOf("", true));
    const { frames } = decodeFrames(concatenated(coded.written()), undefined, {
      allowedRsv: 0x70,
    });
    const lines = frames.map(({ fin, rsv1, rsv2, rsv3, opcode, payload }) =>
      [opcode, fin, rsv1, rsv2, rsv3, `[${payload.join(" ")}]`].join(" ")
    );
    assertEquals(lines, [
      "1 true false true true [42 97]",
      "1 true false true true [42]",
      "1 false false true true [42 98]",
      "9 true false false false [1]",
      "0 true false false false []",
    ]);
  });
}

Deno.test("step() tells an extension what the application wants of compression (R100)", () => {
  const wanted: (boolean | undefined)[] = [];
  const codec = {
    ...prefixing(0x2a),
    encode: (piece: { payload: Uint8Array; compress: boolean | undefined }) => {
      wanted.push(piece.compress);
      return { payload: piece.payload, rsv: 0 };
    },
  };
  const coded = openCoded("server", codec);
  const message = { type: "text", data: "a" } as const;
  for (const compress of [true, false, undefined]) {
    coded.take({ type: "send", messages: [{ ...message, compress }] });
    const fragment = { message: { ...message, compress }, last: true };
    coded.take({ type: "send-fragment", ...fragment });
  }
  assertEquals(wanted, [true, true, false, false, undefined, undefined]);
});

Deno.test("step() shows an extension none of several messages if one is wrong", () => {
  let shown = 0;
  const codec = {
    ...prefixing(0x2a),
    encode: ({ payload }: { payload: Uint8Array }) => {
      shown += 1;
      return { payload, rsv: 0 };
    },
  };
  const coded = openCoded("server", codec);
  const wrong = { type: "text", data: 1 as unknown as string } as const;
  const right = { type: "text", data: "right" } as const;
  assertThrows(
    () => coded.take({ type: "send", messages: [right, wrong] }),
    TypeError,
  );
  assertEquals(shown, 0, "which would remember it");
});
