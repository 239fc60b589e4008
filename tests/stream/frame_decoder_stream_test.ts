import { assert, assertEquals, assertThrows } from "@std/assert";
import { type Frame, Opcode, type Role } from "../../lib/frame/frame.ts";
import { serializeFrame } from "../../lib/frame/serialize_frame.ts";
import {
  FrameDecoderStream,
  type FrameDecoderStreamOptions,
} from "../../lib/stream/frame_decoder_stream.ts";
import {
  brokenHeaderCases,
  goodFramesBefore,
} from "../support/broken_header_cases.ts";
import { frameOf } from "../support/frames.ts";
import { hex, utf8 } from "../support/hex.ts";
import { seededRandom } from "../support/random.ts";
import {
  byteByByte,
  concatenated,
  everyCutInTwo,
  randomPieces,
} from "../support/splits.ts";
import { assertViolation } from "../support/violations.ts";
import {
  collect,
  type Collected,
  countingSource,
  standing,
  takenAfterReading,
} from "./streams.ts";

function decode(
  pieces: readonly Uint8Array[],
  options?: FrameDecoderStreamOptions,
): Promise<Collected<Frame>> {
  return collect(
    ReadableStream.from(pieces).pipeThrough(new FrameDecoderStream(options)),
  );
}

/** The ways to cut that are tried everywhere, each with its name. */
function cutsOf(bytes: Uint8Array): [name: string, pieces: Uint8Array[]][] {
  return [
    ["whole", [bytes]],
    ["byte by byte", byteByByte(bytes)],
    ...[1, 2, 3].map((seed): [string, Uint8Array[]] => [
      `seed ${seed}`,
      randomPieces(bytes, seededRandom(seed)),
    ]),
  ];
}

/** What a peer of `role` might say: fragments, controls, every length form. */
function conversation(role: Role): readonly Frame[] {
  const maskingKey = hex("37fa213d");
  const masked = role === "client" ? { maskingKey } : {};
  const frame = (fields: Pick<Frame, "opcode" | "payload"> & Partial<Frame>) =>
    frameOf({ ...masked, ...fields });
  const bytes = (length: number) =>
    Uint8Array.from({ length }, (_, at) => at % 251);
  return [
    frame({ opcode: Opcode.text, payload: utf8("Hello") }),
    frame({ opcode: Opcode.text, payload: utf8("a"), fin: false }),
    frame({ opcode: Opcode.ping, payload: utf8("p") }),
    frame({ opcode: Opcode.continuation, payload: hex(""), fin: false }),
    frame({ opcode: Opcode.pong, payload: hex("") }),
    frame({ opcode: Opcode.continuation, payload: utf8("é") }),
    frame({ opcode: Opcode.binary, payload: hex("") }),
    frame({ opcode: Opcode.binary, payload: bytes(125) }),
    frame({ opcode: Opcode.binary, payload: bytes(126) }),
    frame({ opcode: Opcode.binary, payload: bytes(700) }),
  ];
}

function wireOf(frames: readonly Frame[]): Uint8Array {
  return concatenated(frames.map(serializeFrame));
}

const roles = [["server", "client"], ["client", "server"]] as const;

Deno.test("FrameDecoderStream gives the same frames however the bytes are cut (R40, R44)", async () => {
  for (const [role, peer] of roles) {
    const frames = conversation(peer);
    for (const [name, pieces] of cutsOf(wireOf(frames))) {
      for (const options of [{ role }, {}]) {
        const { items, error } = await decode(pieces, options);
        assertEquals(error, undefined, name);
        assertEquals(items, [...frames], name);
      }
    }
  }
});

Deno.test("FrameDecoderStream gives the same frames wherever the bytes are cut in two (R40)", async () => {
  const frames = conversation("client").slice(0, 6);
  const wire = wireOf(frames);
  for (const pieces of everyCutInTwo(wire)) {
    const { items, error } = await decode(pieces, { role: "server" });
    assertEquals(error, undefined, `cut at ${pieces[0].length}`);
    assertEquals(items, frames, `cut at ${pieces[0].length}`);
  }
});

Deno.test("FrameDecoderStream reads a length of 64 bits in any pieces (R40)", async () => {
  const payload = Uint8Array.from({ length: 65536 }, (_, at) => at % 251);
  const frame = frameOf({
    opcode: Opcode.binary,
    payload,
    maskingKey: hex("01020304"),
  });
  const wire = serializeFrame(frame);
  for (const seed of [4, 5, 6]) {
    const random = seededRandom(seed);
    const at = random.integer(1, 13);
    const pieces = [
      ...byteByByte(wire.subarray(0, at)),
      ...[0, 1, 2, 3].map((part) =>
        wire.subarray(
          part === 0 ? at : part * 20_000,
          part === 3 ? wire.length : (part + 1) * 20_000,
        )
      ),
    ];
    const { items } = await decode(pieces, { role: "server" });
    assertEquals(items, [frame], `seed ${seed}`);
  }
});

Deno.test("FrameDecoderStream does not write to the chunks it is given (R45)", async () => {
  const wire = wireOf(conversation("client"));
  const copy = wire.slice();
  await decode([wire.subarray(0, 40), wire.subarray(40)], { role: "server" });
  assertEquals(wire, copy);
});

Deno.test("FrameDecoderStream gives the good frames before a bad one, then the rule, however cut (R37 to R40, R54, R76)", async () => {
  for (const broken of brokenHeaderCases) {
    const { name, wire, options, code, closeCode, at } = broken;
    const good = goodFramesBefore(broken);
    const trailing = hex("81 05 48 65 6c 6c 6f");
    const cuts = cutsOf(concatenated([good, wire, trailing]));
    for (const [cut, pieces] of cuts) {
      const label = `${name}, ${cut}`;
      const { items, error } = await decode(pieces, options);
      assertEquals(items.length, 2, label);
      const found = { code, offset: good.length + at };
      assertEquals(assertViolation(error, found, label).closeCode, closeCode);
    }
  }
});

Deno.test("FrameDecoderStream finds a bad frame before its payload has come (R38)", async () => {
  const { readable, writable } = new FrameDecoderStream();
  const writer = writable.getWriter();
  const read = readable.getReader().read();
  writer.write(hex("83 7d"));
  const end = await standing(read);
  assert(end.status === "rejected");
  assertViolation(end.reason, { code: "reserved-opcode", offset: 0 }, "0x83");
  await writer.close();
});

Deno.test("FrameDecoderStream errors when the bytes end inside a frame (R69)", async () => {
  const frames = conversation("client").slice(0, 2);
  const [first, second] = frames.map(serializeFrame);
  for (let held = 1; held < second!.length; held++) {
    const bytes = concatenated([first!, second!.subarray(0, held)]);
    for (const [cut, pieces] of cutsOf(bytes)) {
      const label = `${held} bytes held, ${cut}`;
      const { items, error } = await decode(pieces, { role: "server" });
      assertEquals(items, frames.slice(0, 1), label);
      const found = { code: "truncated-frame", offset: bytes.length } as const;
      assertEquals(assertViolation(error, found, label).closeCode, 1006);
    }
  }
});

Deno.test("FrameDecoderStream ends without an error between frames, also without any", async () => {
  assertEquals(await decode([]), { items: [], error: undefined });
  assertEquals(await decode([hex(""), hex("")]), {
    items: [],
    error: undefined,
  });
});

Deno.test("FrameDecoderStream gives nothing after a Close, whatever comes (R56)", async () => {
  const close = frameOf({ opcode: Opcode.close, payload: hex("03e8") });
  const before = conversation("server").slice(0, 1);
  const afters = [
    hex(""),
    hex("81 02 48 69"),
    hex("88 00"),
    // Not frames: an error after the Close would say the wrong thing.
    hex("ff ff ff"),
    hex("81"),
  ];
  for (const after of afters) {
    const wire = concatenated([wireOf([...before, close]), after]);
    for (const [cut, pieces] of cutsOf(wire)) {
      const { items, error } = await decode(pieces, { role: "client" });
      assertEquals(error, undefined, cut);
      assertEquals(items, [...before, close], cut);
    }
  }
});

Deno.test("FrameDecoderStream drains its source after an error and after a Close (R65)", async () => {
  for (const wire of [hex("83 00"), hex("88 00")]) {
    let taken = 0;
    const cancelled: unknown[] = [];
    const source = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        if (taken === 30) return controller.close();
        controller.enqueue(taken === 0 ? wire : hex("81 02 48 69"));
        taken += 1;
      },
      cancel: (reason) => void cancelled.push(reason),
    }, { highWaterMark: 0 });
    const decoder = new FrameDecoderStream();
    const piped = source.pipeTo(decoder.writable);
    await collect(decoder.readable);
    await piped;
    assertEquals(taken, 30);
    assertEquals(cancelled, []);
  }
});

Deno.test("FrameDecoderStream stops its source when the reader stops (R76)", async () => {
  const frame = hex("81 02 48 69");
  const bursts = [frame, concatenated(new Array(100).fill(frame))];
  for (const chunk of bursts) {
    const perChunk = chunk.length / frame.length;
    for (const reads of [1, 100, 250]) {
      const source = countingSource(() => chunk);
      const readable = source.readable.pipeThrough(new FrameDecoderStream());
      const taken = await takenAfterReading(source, readable, reads);
      const most = Math.ceil(reads / perChunk) + 2;
      assert(taken <= most, `${taken} taken, wanted ${most}`);
    }
  }
});

Deno.test("FrameDecoderStream passes its limit and RSV bits on (R38, R76)", async () => {
  const wire = hex("c2 03 01 02 03");
  const open = { allowedRsv: 0x40, maxPayloadBytes: 3 };
  const { items } = await decode([wire], open);
  assertEquals(items[0]?.rsv1, true);
  const small = await decode([wire], { ...open, maxPayloadBytes: 2 });
  const tooLarge = { code: "frame-too-large", offset: 1 } as const;
  assertViolation(small.error, tooLarge, "maxPayloadBytes");
  const closed = await decode([wire], { maxPayloadBytes: 3 });
  const reserved = { code: "reserved-bits", offset: 0 } as const;
  assertViolation(closed.error, reserved, "allowedRsv");
});

Deno.test("FrameDecoderStream throws for options that are wrong, before anything is read", () => {
  assertThrows(
    () => new FrameDecoderStream({ role: "peer" as unknown as Role }),
    TypeError,
    'wanted "client" or "server"',
  );
  for (const maxPayloadBytes of [-1, 0.5, NaN]) {
    assertThrows(
      () => new FrameDecoderStream({ maxPayloadBytes }),
      RangeError,
      "maxPayloadBytes",
    );
  }
  for (const allowedRsv of [1, 0x80, -1]) {
    assertThrows(
      () => new FrameDecoderStream({ allowedRsv }),
      RangeError,
      "allowedRsv",
    );
  }
});

Deno.test("FrameDecoderStream errors its readable for a chunk that is not bytes", async () => {
  const decoder = new FrameDecoderStream();
  const read = decoder.readable.getReader().read();
  const chunks = ["Hello"] as unknown as Uint8Array[];
  const piped = ReadableStream.from(chunks).pipeTo(decoder.writable);
  const [, end] = await Promise.all([standing(piped), standing(read)]);
  assertEquals(end.status, "rejected");
  assert(end.status === "rejected" && end.reason instanceof TypeError);
});
