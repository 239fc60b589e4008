import { assert, assertEquals, assertThrows } from "@std/assert";
import { noBytes } from "../../lib/bytes/chunks.ts";
import type { ProtocolError } from "../../lib/error/protocol_error.ts";
import { decodeFrames } from "../../lib/frame/decode_frames.ts";
import {
  appendPayload,
  decodePieces,
  type FramePiece,
  type PieceDecoding,
} from "../../lib/frame/decode_pieces.ts";
import {
  type Frame,
  isControlOpcode,
  Opcode,
  type Role,
} from "../../lib/frame/frame.ts";
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
  readonly pieces: readonly FramePiece[];
  readonly state: PieceDecoding | undefined;
  readonly error?: ProtocolError;
}

/** Decodes a stream, as far as it goes well; every chunk is overwritten. */
function decodeAll(
  chunks: readonly Uint8Array[],
  options: Options = {},
  from?: PieceDecoding,
): Decoded {
  const pieces: FramePiece[] = [];
  let state = from;
  for (const chunk of chunks) {
    const copy = chunk.slice();
    const result = decodePieces(copy, state, options);
    copy.fill(0xaa);
    pieces.push(...result.pieces);
    state = result.state;
    if (result.error !== undefined) return { ...result, pieces };
    assert(state.waiting.length <= 138, `${state.waiting.length} bytes wait`);
  }
  return { pieces, state };
}

/** What the pieces say of each frame, joined. */
interface Joined {
  readonly fin: boolean;
  readonly rsv: number;
  readonly opcode: number;
  readonly payload: Uint8Array;
}

/** Joins pieces into frames; fails where they do not fit each other. */
function join(pieces: readonly FramePiece[]): Joined[] {
  const frames: Joined[] = [];
  let parts: FramePiece[] = [];
  for (const piece of pieces) {
    const before = parts.at(-1);
    assertEquals(piece.start, before === undefined, "start");
    if (before !== undefined) {
      const { payload: _, offset, start: _start, end: _end, ...same } = before;
      const { payload: _2, offset: at, start: _s, end: _e, ...now } = piece;
      assertEquals(now, same, "the same frame");
      assertEquals(at, offset + before.payload.length, "offset");
    }
    parts.push(piece);
    if (isControlOpcode(piece.opcode)) assert(piece.start && piece.end);
    if (!piece.end) continue;
    const payload = concatenated(parts.map(({ payload }) => payload));
    assertEquals(payload.length, piece.payloadLength, "payloadLength");
    const { fin, rsv, opcode } = piece;
    frames.push({ fin, rsv, opcode, payload });
    parts = [];
  }
  return frames;
}

function joinedOf(frames: readonly Frame[]): Joined[] {
  return frames.map(({ fin, rsv1, rsv2, rsv3, opcode, payload }) => ({
    fin,
    rsv: (rsv1 ? 0x40 : 0) | (rsv2 ? 0x20 : 0) | (rsv3 ? 0x10 : 0),
    opcode,
    payload,
  }));
}

function randomStream(random: Random): { frames: Frame[]; wire: Uint8Array } {
  const length = random.integer(1, 10);
  const frames = Array.from({ length }, () => randomFrame(random));
  return { frames, wire: concatenated(frames.map(serializeFrame)) };
}

for (const { name, source, wire, frame, allowedRsv = 0 } of frameCases) {
  Deno.test(`decodePieces() reads ${name}, cut anywhere (${source})`, () => {
    const random = seededRandom(11);
    const cuts = [
      [wire],
      ...everyCutInTwo(wire.subarray(0, 30))
        .map(([first]) => [first, wire.subarray(first.length)]),
    ];
    if (wire.length < 1000) cuts.push(byteByByte(wire));
    for (let count = 0; count < 5; count++) {
      cuts.push(randomPieces(wire, random));
    }
    for (const chunks of cuts) {
      const { pieces, state } = decodeAll(chunks, { allowedRsv });
      assertEquals(join(pieces), joinedOf([frame]), `${chunks.length} chunks`);
      assertEquals(state?.offset, wire.length);
      assertEquals(state?.current, undefined);
    }
  });
}

Deno.test("decodePieces() gives the frames of decodeFrames(), cut anywhere", () => {
  forEachSeed((random) => {
    const { frames, wire } = randomStream(random);
    assertEquals(decodeFrames(wire).frames, frames);
    for (let count = 0; count < 4; count++) {
      const { pieces, state } = decodeAll(randomPieces(wire, random));
      assertEquals(join(pieces), joinedOf(frames));
      assertEquals(state?.offset, wire.length);
    }
    if (wire.length > 3000) return;
    assertEquals(join(decodeAll(byteByByte(wire)).pieces), joinedOf(frames));
  });
});

Deno.test("decodePieces() tells where a frame begins once, also when its header ends a chunk", () => {
  const { pieces } = decodeAll([hex("82 02"), hex(""), hex("07"), hex("08")]);
  assertEquals(pieces.filter(({ start }) => start).length, 1);
  assertEquals(pieces.filter(({ end }) => end).length, 1);
  assertEquals(concatenated(pieces.map(({ payload }) => payload)), hex("0708"));
});

Deno.test("decodePieces() tells where frames and payloads stand in the stream", () => {
  const chunks = [hex("89 00 82 03"), hex("01"), hex("02 03 82 01"), hex("04")];
  const { pieces } = decodeAll(chunks);
  const places = pieces.filter(({ payload }) => payload.length > 0)
    .map(({ frameOffset, offset }) => [frameOffset, offset]);
  assertEquals(places, [[2, 4], [2, 5], [7, 9]]);
});

Deno.test("decodePieces() gives a control frame whole, when its last byte has come", () => {
  for (const digits of ["89 03 010203", "89 83 01010101 000302"]) {
    const wire = hex(digits);
    let state: PieceDecoding | undefined;
    byteByByte(wire).forEach((chunk, at) => {
      const result = decodePieces(chunk, state);
      assertEquals(result.pieces.length, at === wire.length - 1 ? 1 : 0);
      state = result.state;
    });
  }
});

Deno.test("decodePieces() gives each byte of a payload with the chunk that it comes in", () => {
  // A key of 01 02 03 04, and a payload that it leaves as 11 22 33 44.
  let { state } = decodePieces(hex("82 84 01020304"));
  for (const [masked, byte] of [["10", "11"], ["20", "22"], ["30", "33"]]) {
    const { pieces, state: next } = decodePieces(hex(masked!), state);
    assertEquals(pieces.map(({ payload }) => payload), [hex(byte!)]);
    assertEquals(pieces.map(({ end }) => end), [false]);
    state = next;
  }
  const last = decodePieces(hex("40"), state);
  assertEquals(last.pieces.map(({ payload }) => payload), [hex("44")]);
  assertEquals(last.pieces.map(({ end }) => end), [true]);
  assertEquals(last.state.current, undefined);
});

for (const broken of brokenHeaderCases) {
  const { name, wire, options } = broken;

  Deno.test(`decodePieces() refuses ${name} as decodeFrames() does, cut anywhere`, () => {
    const before = goodFramesBefore(broken);
    for (const tail of [new Uint8Array(0), new Uint8Array(12)]) {
      const stream = concatenated([before, wire, tail]);
      const expected = decodeFrames(stream, undefined, options);
      const { code, offset } = expected.error!;
      assertEquals(code, broken.code);
      for (const chunks of [byteByByte(stream), ...everyCutInTwo(stream)]) {
        const label = `cut ${chunks.map((chunk) => chunk.length)}`;
        const { pieces, error } = decodeAll(chunks, options);
        assertEquals(join(pieces), joinedOf(expected.frames), label);
        const found = assertViolation(error, { code, offset }, label);
        assertEquals(found.message, expected.error!.message, label);
      }
    }
  });
}

Deno.test("decodePieces() decodes nothing after an error (R68)", () => {
  const first = decodePieces(hex("89 00 83 00"));
  assertEquals(first.pieces.length, 1);
  for (const chunk of [hex("88 00"), hex(""), hex("89 00 89 00")]) {
    const second = decodePieces(chunk, first.state);
    assertEquals(second.pieces, []);
    const violation = { code: "reserved-opcode", offset: 2 } as const;
    assertViolation(second.error, violation, `after ${chunk}`);
  }
});

Deno.test("decodePieces() lets few bytes wait, also after an error", () => {
  const { state, error } = decodePieces(
    concatenated([hex("83 00"), new Uint8Array(10_000)]),
  );
  assertEquals(error?.code, "reserved-opcode");
  assert(state.waiting.length <= 138, `${state.waiting.length} bytes wait`);
});

Deno.test("decodePieces() keeps no chunk alive for the few bytes that wait", () => {
  const chunk = concatenated([
    hex("82 7e 2710"),
    new Uint8Array(10_000),
    hex("89 05 01"),
  ]);
  const { state } = decodePieces(chunk);
  assertEquals(state.waiting.buffer.byteLength, 3);
  const masked = decodePieces(
    concatenated([hex("82 fe 2710 01020304"), new Uint8Array(5_000)]),
  );
  assertEquals(masked.state.current?.maskingKey?.buffer.byteLength, 4);
});

Deno.test("decodePieces() passes a payload of any declared size in constant memory (R76)", () => {
  const options = { maxPayloadBytes: Infinity };
  // 2^53 - 1 bytes, the most that can be counted.
  let { state } = decodePieces(
    hex("82 ff 001fffffffffffff 01020304"),
    undefined,
    options,
  );
  const chunk = new Uint8Array(1000);
  for (let count = 0; count < 200; count++) {
    const result = decodePieces(chunk, state, options);
    assertEquals(result.pieces.map(({ payload }) => payload.length), [1000]);
    assertEquals(result.state.waiting.length, 0);
    state = result.state;
  }
  assertEquals(state.current?.payloadRead, 200_000);
});

Deno.test("decodePieces() leaves the state as it was, so that it can be taken up twice", () => {
  forEachSeed((random) => {
    const { frames, wire } = randomStream(random);
    const at = random.integer(0, wire.length);
    const { state, pieces } = decodeAll([wire.subarray(0, at)]);
    const rest = wire.subarray(at);
    for (let count = 0; count < 2; count++) {
      const more = decodeAll(randomPieces(rest, random), {}, state);
      assertEquals(join([...pieces, ...more.pieces]), joinedOf(frames));
    }
  });
});

Deno.test("decodePieces() throws for what is no Uint8Array, and for a wrong option", () => {
  for (const wrong of ["text", [0x81, 0], new ArrayBuffer(2), undefined]) {
    assertThrows(
      () => decodePieces(wrong as unknown as Uint8Array),
      TypeError,
      "Cannot decode pieces: found ",
    );
  }
  for (const digits of ["", "81", "81 00"]) {
    const decode = (options: Options) => () =>
      decodePieces(hex(digits), undefined, options);
    assertThrows(decode({ role: "peer" as Role }), TypeError, 'role "peer"');
    assertThrows(decode({ maxPayloadBytes: -1 }), RangeError);
    assertThrows(decode({ allowedRsv: 1 }), RangeError);
  }
});

Deno.test("decodePieces() changes nothing it is given", () => {
  forEachSeed((random) => {
    const { wire } = randomStream(random);
    let state: PieceDecoding | undefined;
    for (const chunk of randomPieces(wire, random).slice(0, 30)) {
      const result: ReturnType<typeof decodePieces> = assertPure(
        "decodePieces",
        decodePieces,
        chunk,
        state,
        {},
      );
      state = result.state;
    }
  });
});

/**
 * The payload of the frame that `first` begins, filled by appendPayload() from
 * the chunks after it, and where the stream stands then.
 */
function fill(first: Uint8Array, chunks: readonly Uint8Array[]) {
  const begun = decodePieces(first);
  let { state } = begun;
  let bytes: Uint8Array = concatenated(
    begun.pieces.map(({ payload }) => payload),
  );
  const rest: Uint8Array[] = [];
  for (const chunk of chunks) {
    if (state.current === undefined) {
      rest.push(chunk);
      continue;
    }
    const copy = chunk.slice();
    const filled = appendPayload(bytes, copy, state.current, state);
    assertEquals(copy, chunk, "the chunk");
    ({ bytes, state } = filled);
    rest.push(chunk.subarray(filled.bytesRead));
  }
  return { bytes, state, rest };
}

Deno.test("appendPayload() fills what decodePieces() gives in pieces, whatever the offset, length and cuts", () => {
  const tail = hex("89 00");
  for (const masked of [false, true]) {
    for (const length of [1, 3, 4, 5, 31, 32, 33, 64, 65, 130, 1000]) {
      for (const fin of [true, false]) {
        const wire = serializeFrame({
          fin,
          opcode: Opcode.binary,
          payload: new Uint8Array(length).map((_, index) => index * 7),
          ...(masked ? { maskingKey: hex("37fa213d") } : {}),
        });
        const header = wire.length - length;
        for (let read = 0; read <= Math.min(9, length - 1); read++) {
          const first = wire.subarray(0, header + read);
          const after = concatenated([wire.subarray(header + read), tail]);
          const cuts = [
            [after],
            byteByByte(after),
            ...everyCutInTwo(after).slice(0, 9),
          ];
          for (const chunks of cuts) {
            const { bytes, state, rest } = fill(first, chunks);
            const plain = decodeAll([first, ...chunks]);
            const frame = join(plain.pieces)[0]!;
            assertEquals(bytes, frame.payload);
            assertEquals(concatenated(rest), tail);
            assertEquals(state, {
              offset: wire.length,
              waiting: noBytes,
              current: undefined,
            });
          }
        }
      }
    }
  }
});

Deno.test("appendPayload() goes on with the state that decodePieces() would go on with", () => {
  const wire = serializeFrame({
    opcode: Opcode.binary,
    payload: new Uint8Array(100),
    maskingKey: hex("01020304"),
  });
  for (let at = 7; at < wire.length; at++) {
    const { state } = decodePieces(wire.subarray(0, 7));
    const chunk = wire.subarray(7, at);
    const filled = appendPayload(noBytes, chunk, state.current!, state);
    assertEquals(filled.state, decodePieces(chunk, state).state);
  }
});
