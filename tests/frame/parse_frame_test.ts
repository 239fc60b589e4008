import { Buffer } from "node:buffer";
import {
  assert,
  assertEquals,
  assertNotStrictEquals,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { type Frame, Opcode, type Role } from "../../lib/frame/frame.ts";
import {
  defaultMaxPayloadBytes,
  parseFrame,
  type ParseFrameOptions,
  type ParseFrameResult,
  parseFrames,
  type ParseFramesResult,
} from "../../lib/frame/parse_frame.ts";
import { serializeFrame } from "../../lib/frame/serialize_frame.ts";
import {
  brokenHeaderCases,
  goodFramesBefore,
} from "../support/broken_header_cases.ts";
import { type FrameCase, frameCases } from "../support/frame_cases.ts";
import { randomFrame } from "../support/frames.ts";
import { hex } from "../support/hex.ts";
import { assertPure } from "../support/purity.ts";
import { forEachSeed } from "../support/random.ts";
import { concatenated } from "../support/splits.ts";
import { assertInvalid } from "../support/violations.ts";

const trailing = hex("ff 00 81 7e");

function optionsOf({ allowedRsv = 0 }: FrameCase): ParseFrameOptions {
  return { allowedRsv };
}

/** The frame that `bytes` begin with, if it is whole. */
function parseWhole(
  bytes: Uint8Array,
  name: string,
  options?: ParseFrameOptions,
): { readonly frame: Frame; readonly bytesRead: number } {
  const result = parseFrame(bytes, options);
  assert(result.status === "complete", `${name}: ${result.status}`);
  return result;
}

/** The bytes needed by a frame of which only the beginning is there. */
function bytesNeeded(result: ParseFrameResult, name: string): number {
  assert(result.status === "partial", `${name}: ${result.status}`);
  return result.bytesNeeded;
}

/** 2, and then those of the length: before that nobody can know the rest. */
function lengthKnownAt(wire: Uint8Array): number {
  const length = wire[1]! & 0x7f;
  return length === 127 ? 10 : length === 126 ? 4 : 2;
}

/**
 * Every prefix is partial, asks for no more than there is, and for so much
 * that the answer is another one then.
 */
function assertPartialUntilWhole(
  wire: Uint8Array,
  name: string,
  options: ParseFrameOptions,
): void {
  const lengthKnown = lengthKnownAt(wire);
  for (let held = 0; held < wire.length; held++) {
    const result = parseFrame(wire.subarray(0, held), options);
    // Labelled only on failure: the longest frame has 65,550 prefixes.
    if (result.status !== "partial") {
      throw new Error(`${name}: the first ${held} bytes are ${result.status}`);
    }
    const needed = result.bytesNeeded;
    const isExact = held < 2
      ? needed === 2
      : held < lengthKnown
      ? needed >= lengthKnown && needed <= wire.length
      : needed === wire.length;
    if (!isExact) throw new Error(`${name}: ${held} bytes, needs ${needed}`);
  }
}

for (const frameCase of frameCases) {
  const { name, source, wire, frame } = frameCase;
  const options = optionsOf(frameCase);

  Deno.test(`parseFrame() reads ${name} (${source})`, () => {
    const wanted = { status: "complete", frame, bytesRead: wire.length };
    assertEquals<unknown>(parseFrame(wire, options), wanted);
  });

  Deno.test(`parseFrame() reads ${name}, and leaves the bytes after it (${source})`, () => {
    for (let extra = 1; extra <= trailing.length; extra++) {
      const bytes = concatenated([wire, trailing.subarray(0, extra)]);
      const { bytesRead, ...result } = parseWhole(bytes, name, options);
      assertEquals(result.frame, frame, `${extra} bytes after it`);
      assertEquals(bytesRead, wire.length, `${extra} bytes after it`);
    }
  });

  Deno.test(`parseFrame() asks for the rest of ${name} at every byte (R40)`, () => {
    assertPartialUntilWhole(wire, name, options);
  });

  Deno.test(`parseFrame() gets on with ${name} when it is given what it asks for`, () => {
    let held = 0;
    for (let calls = 0; calls < 4; calls++) {
      const result = parseFrame(wire.subarray(0, held), options);
      if (result.status === "complete") break;
      const needed = bytesNeeded(result, name);
      assert(needed > held, `${needed} bytes needed when ${held} are there`);
      held = needed;
    }
    assertEquals(held, wire.length);
    parseWhole(wire.subarray(0, held), name, options);
  });

  Deno.test(`parseFrame() and serializeFrame() are inverse on ${name} (${source})`, () => {
    const parsed = parseWhole(wire, name, options);
    assertEquals(serializeFrame(parsed.frame), wire);
  });

  Deno.test(`parseFrame() and parseFrames() change nothing they are given: ${name}`, () => {
    const bytes = concatenated([trailing, wire, trailing]);
    const view = bytes.subarray(4, 4 + wire.length);
    assertPure("parseFrame", parseFrame, view, options);
    assertPure("parseFrame on half", parseFrame, view.subarray(0, 5), options);
    assertPure("parseFrames", parseFrames, view, options);
  });
}

for (const broken of brokenHeaderCases) {
  const { name, wire, options, code, closeCode, section, at } = broken;

  Deno.test(`parseFrame() refuses ${name}`, () => {
    const error = assertInvalid(
      parseFrame(wire, options),
      { code, offset: at },
      name,
    );
    assertEquals(error.closeCode, closeCode);
    assertEquals(error.section, section);
    assertStringIncludes(error.message, "Cannot read frame: found ");
  });

  Deno.test(`parseFrame() refuses ${name}, whatever comes after it`, () => {
    for (const after of [hex("00"), hex("ff"), new Uint8Array(300)]) {
      const bytes = concatenated([wire, after]);
      assertInvalid(parseFrame(bytes, options), { code, offset: at }, name);
    }
  });

  Deno.test(`parseFrame() counts the offset of ${name} from the start of the stream`, () => {
    const result = parseFrame(wire, { ...options, streamOffset: 1000 });
    const error = assertInvalid(result, { code, offset: 1000 + at }, name);
    assertStringIncludes(error.message, `byte ${1000 + at})`);
  });

  Deno.test(`parseFrame() never asks for more bytes than it takes to refuse ${name}`, () => {
    for (let held = 0; held < wire.length; held++) {
      const result = parseFrame(wire.subarray(0, held), options);
      const needed = bytesNeeded(result, `the first ${held} bytes`);
      assert(
        needed <= wire.length,
        `${held} bytes are there, ${needed} asked for, ${wire.length} tell`,
      );
    }
  });
}

Deno.test("parseFrame() asks for more bytes while the header is cut (R40)", () => {
  const partial = (bytesNeeded: number) => ({ status: "partial", bytesNeeded });
  const cases: readonly (readonly [string, number])[] = [
    ["", 2],
    ["81", 2],
    ["81 05", 7],
    ["81 05 48", 7],
    ["81 85", 11],
    ["81 85 37fa213d", 11],
    ["82 7e", 4],
    ["82 7e 01", 4],
    ["82 7e 0100", 260],
    ["82 fe 0100", 264],
    ["82 7f", 10],
    ["82 7f 00000000000100", 10],
    ["82 7f 0000000000010000", 65546],
    ["82 ff 0000000000010000", 65550],
  ];
  for (const [digits, needed] of cases) {
    assertEquals<unknown>(parseFrame(hex(digits)), partial(needed), digits);
  }
});

Deno.test("parseFrame() tells masks by our role, and reads both without one (R37)", () => {
  for (const frameCase of frameCases) {
    const { name, wire, frame } = frameCase;
    const options = optionsOf(frameCase);
    const isMasked = frame.maskingKey !== undefined;
    const fitting: Role = isMasked ? "server" : "client";
    const other: Role = isMasked ? "client" : "server";
    parseWhole(wire, name, options);
    parseWhole(wire, name, { ...options, role: fitting });
    const code = isMasked ? "masked-server-frame" : "unmasked-client-frame";
    const result = parseFrame(wire, { ...options, role: other });
    assertInvalid(result, { code, offset: 1 }, name);
  }
});

Deno.test("parseFrame() refuses RSV bits that were not negotiated (R38)", () => {
  for (const { name, wire, allowedRsv } of frameCases) {
    if (allowedRsv === undefined) continue;
    const violation = { code: "reserved-bits", offset: 0 } as const;
    assertInvalid(parseFrame(wire), violation, name);
    const others = parseFrame(wire, { allowedRsv: ~allowedRsv & 0x70 });
    assertInvalid(others, violation, name);
    parseWhole(wire, name, { allowedRsv: 0x70 });
  }
});

Deno.test("parseFrame() accepts the largest payload and not a byte more (R76)", () => {
  for (const frameCase of frameCases) {
    const { name, wire, frame } = frameCase;
    const { length } = frame.payload;
    const options = optionsOf(frameCase);
    parseWhole(wire, name, { ...options, maxPayloadBytes: length });
    parseWhole(wire, name, { ...options, maxPayloadBytes: Infinity });
    if (length === 0) continue;
    const maxPayloadBytes = length - 1;
    const offset = length > 125 ? 2 : 1;
    const error = assertInvalid(
      parseFrame(wire, { ...options, maxPayloadBytes }),
      { code: "frame-too-large", offset },
      name,
    );
    assertEquals(error.closeCode, 1009);
    assertStringIncludes(error.message, `found a payload of ${length} bytes`);
    assertStringIncludes(error.message, `at most ${maxPayloadBytes} bytes`);
  }
});

Deno.test("parseFrame() limits payloads to 16 MiB by default (R76)", () => {
  assertEquals(defaultMaxPayloadBytes, 16 * 1024 * 1024);
  const exact = parseFrame(hex("82 7f 0000000001000000"));
  assertEquals(bytesNeeded(exact, "16 MiB"), defaultMaxPayloadBytes + 10);
  const violation = { code: "frame-too-large", offset: 2 } as const;
  assertInvalid(
    parseFrame(hex("82 7f 0000000001000001")),
    violation,
    "16 MiB + 1",
  );
});

Deno.test("parseFrame() without a limit waits for as much as a number can count (R76)", () => {
  const header = hex("82 7f 001ffffffffffff5");
  const result = parseFrame(header, { maxPayloadBytes: Infinity });
  assertEquals(bytesNeeded(result, "2^53 - 11"), Number.MAX_SAFE_INTEGER);
});

Deno.test("parseFrame() gives an unmasked payload as a view on the input", () => {
  const bytes = hex("81 05 48 65 6c 6c 6f");
  const { frame } = parseWhole(bytes, "Hello");
  assertStrictEquals(frame.payload.buffer, bytes.buffer);
  assertEquals(frame.payload.byteOffset, 2);
  assertEquals("maskingKey" in frame, false);
});

Deno.test("parseFrame() gives a masked payload and its key on a new buffer (R45)", () => {
  const bytes = hex("81 85 37 fa 21 3d 7f 9f 4d 51 58");
  const { frame } = parseWhole(bytes, "Hello");
  assertNotStrictEquals(frame.payload.buffer, bytes.buffer);
  assertNotStrictEquals(frame.maskingKey?.buffer, bytes.buffer);
  bytes.fill(0);
  assertEquals(frame.maskingKey, hex("37fa213d"));
  assertEquals(frame.payload, hex("48 65 6c 6c 6f"));
});

Deno.test("parseFrame() leaves a masked Buffer alone, whose slice() would be a view (R45)", () => {
  for (const { name, wire, frame } of frameCases) {
    if (frame.maskingKey === undefined) continue;
    const buffer = Buffer.from(wire);
    assertEquals(parseWhole(buffer, name).frame, frame, name);
    assertEquals(new Uint8Array(buffer), wire, name);
  }
});

interface Mistake {
  readonly name: string;
  readonly options: ParseFrameOptions;
  readonly error: typeof TypeError | typeof RangeError;
  readonly words: string;
}

/** Values that no type checker would let through stand here as if it had. */
const mistakes: readonly Mistake[] = [
  {
    name: "an unknown role",
    options: { role: "peer" as Role },
    error: TypeError,
    words: 'found role "peer", wanted "client" or "server"',
  },
  {
    name: "a negative limit",
    options: { maxPayloadBytes: -1 },
    error: RangeError,
    words: "found maxPayloadBytes = -1, wanted an integer >= 0",
  },
  {
    name: "a limit that is not a number",
    options: { maxPayloadBytes: NaN },
    error: RangeError,
    words: "found maxPayloadBytes = NaN, wanted an integer >= 0",
  },
  {
    name: "half a byte of limit",
    options: { maxPayloadBytes: 1.5 },
    error: RangeError,
    words: "found maxPayloadBytes = 1.5, wanted an integer >= 0",
  },
  {
    name: "a negative place in the stream",
    options: { streamOffset: -1 },
    error: RangeError,
    words: "found streamOffset = -1, wanted an integer >= 0",
  },
  {
    name: "an infinite place in the stream",
    options: { streamOffset: Infinity },
    error: RangeError,
    words: "found streamOffset = Infinity, wanted an integer >= 0",
  },
  {
    name: "RSV bits out of their places",
    options: { allowedRsv: 4 },
    error: RangeError,
    words: "found allowedRsv = 4, wanted a sum of 0x40, 0x20 and 0x10",
  },
  {
    name: "RSV bits that are not a number",
    options: { allowedRsv: NaN },
    error: RangeError,
    words: "found allowedRsv = NaN, wanted a sum of 0x40, 0x20 and 0x10",
  },
];

Deno.test("parseFrame() and parseFrames() throw for a mistake of the caller, however few the bytes", () => {
  for (const parse of [parseFrame, parseFrames]) {
    for (const { name, options, error, words } of mistakes) {
      for (const bytes of [hex(""), hex("81"), hex("81 00"), hex("83 00")]) {
        const label = `${parse.name} with ${name}`;
        const call = () => parse(bytes, options);
        assertThrows<Error>(call, error, `Cannot parse frame: ${words}`, label);
      }
    }
  }
});

Deno.test("parseFrame() and parseFrames() throw a TypeError for what is no Uint8Array", () => {
  for (const parse of [parseFrame, parseFrames]) {
    for (const wrong of ["text", [0x81, 0], new ArrayBuffer(2), undefined]) {
      assertThrows(
        () => parse(wrong as unknown as Uint8Array),
        TypeError,
        "wanted a Uint8Array",
      );
    }
  }
});

/** `parseFrame` again and again, which is what `parseFrames` has to equal. */
function parseOneByOne(
  bytes: Uint8Array,
  options: ParseFrameOptions,
): ParseFramesResult {
  const frames: Frame[] = [];
  let bytesRead = 0;
  while (true) {
    const streamOffset = (options.streamOffset ?? 0) + bytesRead;
    const rest = parseFrame(bytes.subarray(bytesRead), {
      ...options,
      streamOffset,
    });
    if (rest.status !== "complete") return { frames, bytesRead, rest };
    frames.push(rest.frame);
    bytesRead += rest.bytesRead;
  }
}

/** The same with an error in words: the stacks of two errors differ. */
function inWords({ rest, ...result }: ParseFramesResult) {
  return rest.status === "invalid"
    ? { ...result, rest: rest.error.message }
    : { ...result, rest };
}

Deno.test("parseFrames() gives what parseFrame() gives again and again", () => {
  const ends = [
    hex(""),
    hex("81"),
    hex("81 05 48"),
    hex("82 fe 01"),
    hex("83 00"),
  ];
  forEachSeed((random) => {
    const length = random.integer(0, 8);
    const frames = Array.from({ length }, () => randomFrame(random));
    const bytes = concatenated([
      ...frames.map(serializeFrame),
      random.pick(ends),
    ]);
    for (const streamOffset of [0, 77]) {
      const all = parseFrames(bytes, { streamOffset });
      const one = parseOneByOne(bytes, { streamOffset });
      assertEquals<unknown>(inWords(all), inWords(one));
      assertEquals(all.frames, frames);
    }
  });
});

Deno.test("parseFrames() gives the frames before one that breaks a rule, and where", () => {
  for (const broken of brokenHeaderCases) {
    const { name, wire, options, code, at } = broken;
    const before = goodFramesBefore(broken);
    const bytes = concatenated([before, wire]);
    const result = parseFrames(bytes, { ...options, streamOffset: 10 });
    assertEquals(result.bytesRead, before.length, name);
    assertEquals(result.frames.length, 2, name);
    const offset = 10 + before.length + at;
    assertInvalid(result.rest, { code, offset }, name);
  }
});

Deno.test("parseFrames() counts the bytes needed from the frame that is cut", () => {
  const bytes = hex("89 00 89 01 21 82 7e");
  const { frames, bytesRead, rest } = parseFrames(bytes);
  assertEquals(frames.map((frame) => frame.opcode), [Opcode.ping, Opcode.ping]);
  assertEquals(bytesRead, 5);
  assertEquals(rest, { status: "partial", bytesNeeded: 4 });
});

Deno.test("parseFrames() gives unmasked payloads as views on the input", () => {
  const bytes = hex("82 01 07 82 02 0809");
  for (const { payload } of parseFrames(bytes).frames) {
    assertStrictEquals(payload.buffer, bytes.buffer);
  }
});

Deno.test("parseFrames() puts all payloads on one new buffer if any is masked (R45)", () => {
  const bytes = hex("82 01 07 82 82 01010101 0809 82 01 07 82");
  const { frames } = parseFrames(bytes);
  const buffers = new Set(frames.map((frame) => frame.payload.buffer));
  assertEquals(frames.length, 3);
  assertEquals(buffers.size, 1);
  assertEquals(buffers.has(bytes.buffer), false);
  assertEquals(frames.map((frame) => frame.payload), [
    hex("07"),
    hex("0908"),
    hex("07"),
  ]);
});

Deno.test("parseFrames() leaves a Buffer of masked frames alone (R45)", () => {
  const bytes = hex("82 82 01010101 0809 82 81 02020202 08");
  const buffer = Buffer.from(bytes);
  assertEquals(parseFrames(buffer).frames, parseFrames(bytes).frames);
  assertEquals(new Uint8Array(buffer), bytes);
});
