import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import type { ProtocolError } from "../../lib/error/protocol_error.ts";
import {
  decodeFrames,
  endOfFrames,
  type FrameDecoding,
} from "../../lib/frame/decode_frames.ts";
import type { Frame, Role } from "../../lib/frame/frame.ts";
import type { ParseFrameOptions } from "../../lib/frame/parse_frame.ts";
import { serializeFrame } from "../../lib/frame/serialize_frame.ts";
import {
  brokenHeaderCases,
  goodFramesBefore,
} from "../support/broken_header_cases.ts";
import { frameCases } from "../support/frame_cases.ts";
import { randomFrame } from "../support/frames.ts";
import { hex } from "../support/hex.ts";
import { assertPure } from "../support/purity.ts";
import { forEachSeed, type Random, seededRandom } from "../support/random.ts";
import {
  byteByByte,
  concatenated,
  everyCutInTwo,
  randomPieces,
} from "../support/splits.ts";
import { assertViolation } from "../support/violations.ts";

type Options = Omit<ParseFrameOptions, "streamOffset">;

interface Decoded {
  readonly frames: readonly Frame[];
  readonly state: FrameDecoding | undefined;
  readonly error?: ProtocolError;
}

/** Decodes a stream, as far as it goes well. */
function decodeAll(
  chunks: readonly Uint8Array[],
  options: Options = {},
  from?: FrameDecoding,
): Decoded {
  const frames: Frame[] = [];
  let state = from;
  for (const chunk of chunks) {
    const result = decodeFrames(chunk, state, options);
    frames.push(...result.frames);
    state = result.state;
    if (result.error !== undefined) return { ...result, frames };
  }
  return { frames, state };
}

function randomStream(random: Random): { frames: Frame[]; wire: Uint8Array } {
  const length = random.integer(1, 10);
  const frames = Array.from({ length }, () => randomFrame(random));
  return { frames, wire: concatenated(frames.map(serializeFrame)) };
}

for (const { name, source, wire, frame, allowedRsv = 0 } of frameCases) {
  Deno.test(`decodeFrames() reads ${name}, cut anywhere (${source})`, () => {
    const random = seededRandom(11);
    const cuts = [[wire], byteByByte(wire)];
    for (let count = 0; count < 5; count++) {
      cuts.push(randomPieces(wire, random));
    }
    for (const chunks of cuts) {
      const { frames, state } = decodeAll(chunks, { allowedRsv });
      const label = `in ${chunks.length} chunks`;
      assertEquals(frames, [frame], label);
      assertEquals(state?.offset, wire.length, label);
      assertEquals(endOfFrames(state), undefined, label);
    }
  });

  Deno.test(`decodeFrames() keeps the bytes after ${name} (${source})`, () => {
    const chunk = concatenated([wire, hex("89 01")]);
    const first = decodeFrames(chunk, undefined, { allowedRsv });
    assertEquals(first.frames, [frame]);
    const second = decodeFrames(hex("21"), first.state, { allowedRsv });
    assertEquals(second.frames.map(({ payload }) => payload), [hex("21")]);
    assertEquals(second.state.offset, wire.length + 3);
  });
}

Deno.test("decodeFrames() gives the same frames however a stream is cut", () => {
  forEachSeed((random) => {
    const { frames, wire } = randomStream(random);
    for (let count = 0; count < 4; count++) {
      const decoded = decodeAll(randomPieces(wire, random));
      assertEquals(decoded.frames, frames);
      assertEquals(decoded.state?.offset, wire.length);
      assertEquals(endOfFrames(decoded.state), undefined);
    }
  });
});

Deno.test("decodeFrames() gives each frame with the chunk that completes it", () => {
  const wire = hex("89 00 82 01 07 82 81 01010101 06");
  const ends = new Set([2, 5, 12]);
  let state: FrameDecoding | undefined;
  byteByByte(wire).forEach((chunk, at) => {
    const result = decodeFrames(chunk, state);
    assertEquals(result.frames.length, ends.has(at + 1) ? 1 : 0, `byte ${at}`);
    state = result.state;
  });
});

Deno.test("decodeFrames() takes a chunk of no bytes, at the start and inside a frame", () => {
  const nothing = hex("");
  assertEquals(decodeFrames(nothing).frames, []);
  assertEquals(endOfFrames(decodeFrames(nothing).state), undefined);
  const chunks = [nothing, hex("81"), nothing, hex("0148"), nothing];
  assertEquals(decodeAll(chunks).frames.length, 1);
});

for (const broken of brokenHeaderCases) {
  const { name, wire, options, code, at } = broken;
  const before = goodFramesBefore(broken);
  const violation = { code, offset: before.length + at };

  Deno.test(`decodeFrames() gives the frames before ${name}, cut anywhere`, () => {
    // More bytes than a header has, so that none is left waiting for a key.
    const stream = concatenated([before, wire, new Uint8Array(12)]);
    for (const chunks of [byteByByte(stream), ...everyCutInTwo(stream)]) {
      const label = `cut ${chunks.map((chunk) => chunk.length)}`;
      const { frames, error } = decodeAll(chunks, options);
      assertEquals(frames.length, 2, label);
      assertViolation(error, violation, label);
    }
  });

  Deno.test(`decodeFrames() refuses ${name} when its last byte has come, cut anywhere`, () => {
    const stream = concatenated([before, wire]);
    for (const chunks of [byteByByte(stream), ...everyCutInTwo(stream)]) {
      const label = `cut ${chunks.map((chunk) => chunk.length)}`;
      const { frames, error } = decodeAll(chunks, options);
      assertEquals(frames.length, 2, label);
      assertViolation(error, violation, label);
    }
  });
}

Deno.test("decodeFrames() decodes nothing after an error (R68)", () => {
  const first = decodeFrames(hex("89 00 83 00"));
  assertEquals(first.frames.length, 1);
  const violation = { code: "reserved-opcode", offset: 2 } as const;
  assertViolation(first.error, violation, "first");
  for (const chunk of [hex("88 00"), hex(""), hex("89 00 89 00")]) {
    const second = decodeFrames(chunk, first.state);
    assertEquals(second.frames, []);
    assertViolation(second.error, violation, `after ${chunk}`);
  }
});

Deno.test("decodeFrames() gives the same error after random frames, cut anywhere", () => {
  forEachSeed((random) => {
    const { frames, wire } = randomStream(random);
    const stream = concatenated([wire, hex("83 00"), random.bytes(20)]);
    const decoded = decodeAll(randomPieces(stream, random));
    assertEquals(decoded.frames, frames);
    const violation = { code: "reserved-opcode", offset: wire.length } as const;
    assertViolation(decoded.error, violation, "reserved opcode");
  });
});

Deno.test("decodeFrames() goes by the role, limit and RSV bits it is given (R37, R38, R76)", () => {
  const codes = (digits: string, options: Options) =>
    decodeFrames(hex(digits), undefined, options).error?.code;
  assertEquals(codes("81 00", { role: "server" }), "unmasked-client-frame");
  assertEquals(codes("81 80", { role: "client" }), "masked-server-frame");
  assertEquals(codes("82 02", { maxPayloadBytes: 1 }), "frame-too-large");
  assertEquals(codes("c1 00", {}), "reserved-bits");
  assertEquals(codes("c1 00", { allowedRsv: 0x40 }), undefined);
});

Deno.test("decodeFrames() leaves the state as it was, so that it can be taken up twice", () => {
  forEachSeed((random) => {
    const { frames, wire } = randomStream(random);
    const at = random.integer(0, wire.length);
    const { state, frames: begun } = decodeAll([wire.subarray(0, at)]);
    const rest = wire.subarray(at);
    const other = random.bytes(rest.length).fill(0);
    const first = decodeAll(randomPieces(rest, random), {}, state);
    decodeAll(randomPieces(other, random), {}, state);
    const again = decodeAll(randomPieces(rest, random), {}, state);
    assertEquals([...begun, ...first.frames], frames);
    assertEquals([...begun, ...again.frames], frames);
  });
});

Deno.test("decodeFrames() gives payloads as views on an unmasked chunk", () => {
  const chunk = hex("82 01 07");
  const [frame] = decodeFrames(chunk).frames;
  assertStrictEquals(frame?.payload.buffer, chunk.buffer);
});

Deno.test("decodeFrames() keeps chunks as they are until the frame is whole", () => {
  // To join them at every chunk would take quadratic time.
  let { state } = decodeFrames(hex("82 7f 0000000000010000"));
  for (let count = 0; count < 12; count++) {
    const chunk = new Uint8Array(5000);
    const result = decodeFrames(chunk, state);
    assertEquals(result.frames, []);
    assertStrictEquals(result.state.waiting.last, chunk, `chunk ${count}`);
    state = result.state;
  }
  const { frames } = decodeFrames(new Uint8Array(5536), state);
  assertEquals(frames.map(({ payload }) => payload.length), [65536]);
});

Deno.test("decodeFrames() throws a TypeError for what is no Uint8Array", () => {
  for (const wrong of ["text", [0x81, 0], new ArrayBuffer(2), undefined]) {
    assertThrows(
      () => decodeFrames(wrong as unknown as Uint8Array),
      TypeError,
      "Cannot decode frames: found ",
    );
  }
});

for (const digits of ["", "81", "81 00"]) {
  const chunk = hex(digits);

  Deno.test(`decodeFrames() throws for a wrong option, with ${chunk.length} bytes`, () => {
    const decode = (options: Options) => () =>
      decodeFrames(chunk, undefined, options);
    assertThrows(decode({ role: "peer" as Role }), TypeError, 'role "peer"');
    assertThrows(decode({ maxPayloadBytes: -1 }), RangeError);
    assertThrows(decode({ allowedRsv: 1 }), RangeError);
  });
}

Deno.test("endOfFrames() finds nothing wrong between frames", () => {
  assertEquals(endOfFrames(), undefined);
  assertEquals(endOfFrames(decodeFrames(hex("89 00")).state), undefined);
});

Deno.test("endOfFrames() finds a frame that is cut short, and where (R67, R69)", () => {
  for (const { name, wire, allowedRsv = 0 } of frameCases) {
    if (wire.length > 300) continue;
    for (let held = 1; held < wire.length; held++) {
      const chunk = concatenated([hex("89 00"), wire.subarray(0, held)]);
      const { state } = decodeFrames(chunk, undefined, { allowedRsv });
      const violation = { code: "truncated-frame", offset: 2 + held } as const;
      const error = assertViolation(endOfFrames(state), violation, name);
      assertEquals(error.closeCode, 1006);
    }
  }
});

Deno.test("decodeFrames() and endOfFrames() change nothing they are given", () => {
  forEachSeed((random) => {
    const { wire } = randomStream(random);
    let state: FrameDecoding | undefined;
    for (const chunk of randomPieces(wire, random).slice(0, 30)) {
      const result: ReturnType<typeof decodeFrames> = assertPure(
        "decodeFrames",
        decodeFrames,
        chunk,
        state,
        {},
      );
      state = result.state;
      assertPure("endOfFrames", endOfFrames, state);
    }
    assert(state !== undefined);
  });
});
