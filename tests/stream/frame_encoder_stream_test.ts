import { assert, assertEquals, assertThrows } from "@std/assert";
import { type FrameInit, Opcode, type Role } from "../../lib/frame/frame.ts";
import { parseFrame } from "../../lib/frame/parse_frame.ts";
import {
  FrameEncoderStream,
  type FrameEncoderStreamOptions,
} from "../../lib/stream/frame_encoder_stream.ts";
import { frameCases } from "../support/frame_cases.ts";
import { hex, utf8 } from "../support/hex.ts";
import {
  collect,
  type Collected,
  countingSource,
  takenAfterReading,
} from "./streams.ts";

function encode(
  frames: readonly FrameInit[],
  options?: FrameEncoderStreamOptions,
): Promise<Collected<Uint8Array>> {
  return collect(
    ReadableStream.from(frames).pipeThrough(new FrameEncoderStream(options)),
  );
}

/** 4 bytes that are others with each call. */
function countingKeys(): () => Uint8Array {
  let calls = 0;
  return () => new Uint8Array(4).fill(++calls);
}

/** The masking key of a frame on the wire, if it has one. */
function keyOf(wire: Uint8Array): Uint8Array | undefined {
  const result = parseFrame(wire, { allowedRsv: 0x70 });
  assert(result.status === "complete");
  assertEquals(result.bytesRead, wire.length);
  return result.frame.maskingKey;
}

const hello = { opcode: Opcode.text, payload: utf8("Hello") };
const maskedHello = { ...hello, maskingKey: hex("37fa213d") };

Deno.test("FrameEncoderStream writes each frame as it is when it has no role (R40)", async () => {
  const { items, error } = await encode(frameCases.map(({ frame }) => frame));
  assertEquals(error, undefined);
  assertEquals(items.length, frameCases.length);
  frameCases.forEach(({ name, wire }, at) =>
    assertEquals(items[at], wire, name)
  );
});

Deno.test("FrameEncoderStream masks every frame of a client with the next key (R37, R43)", async () => {
  const frames = [
    hello,
    maskedHello,
    { opcode: Opcode.ping, payload: hex("") },
    { ...hello, fin: false },
    { opcode: Opcode.close, payload: hex("03e8") },
  ];
  const { items, error } = await encode(frames, {
    role: "client",
    createMaskingKey: countingKeys(),
  });
  assertEquals(error, undefined);
  assertEquals(items, [
    hex("81 85 01010101 49646d6d6e"),
    hex("81 85 02020202 4a676e6e6d"),
    hex("89 80 03030303"),
    hex("01 85 04040404 4c6168686b"),
    hex("88 82 05050505 06ed"),
  ]);
});

Deno.test("FrameEncoderStream makes up keys for a client that gives none (R43)", async () => {
  const { items } = await encode(new Array(20).fill(hello), { role: "client" });
  const keys = items.map(keyOf);
  for (const key of keys) assertEquals(key?.length, 4);
  // Twenty keys of 32 bits are all but certainly different.
  assert(new Set(keys.map(String)).size >= 19);
});

Deno.test("FrameEncoderStream does not mask with the key that a client's frame has (R43)", async () => {
  const { items } = await encode(new Array(20).fill(maskedHello), {
    role: "client",
  });
  const own = items.map(keyOf)
    .filter((key) => String(key) === String(maskedHello.maskingKey));
  assert(own.length <= 1);
});

Deno.test("FrameEncoderStream masks no frame of a server, also with a key (R37)", async () => {
  const createMaskingKey = () => {
    throw new Error("A server needs no key");
  };
  const { items, error } = await encode([hello, maskedHello], {
    role: "server",
    createMaskingKey,
  });
  assertEquals(error, undefined);
  assertEquals(items, [
    hex("81 05 48656c6c6f"),
    hex("81 05 48656c6c6f"),
  ]);
});

Deno.test("FrameEncoderStream writes to no frame, and gives arrays of its own (R45)", async () => {
  const payload = utf8("Hello");
  const frame = Object.freeze({ ...hello, payload });
  for (const role of ["client", "server", undefined] as const) {
    const options = role === undefined ? {} : { role };
    const { items } = await encode([frame, frame], options);
    assertEquals(payload, utf8("Hello"));
    assert(items[0]!.buffer !== payload.buffer);
    assert(items[0]!.buffer !== items[1]!.buffer);
  }
});

const illegal: readonly (readonly [name: string, frame: FrameInit])[] = [
  ["a reserved opcode", { ...hello, opcode: 0x3 as Opcode }],
  ["a fragmented Ping", { ...hello, opcode: Opcode.ping, fin: false }],
  ["a long Pong", { opcode: Opcode.pong, payload: new Uint8Array(126) }],
];

Deno.test("FrameEncoderStream errors with RangeError for a frame that nobody may send (R39, R54)", async () => {
  for (const [name, frame] of illegal) {
    for (const role of ["client", "server"] as const) {
      const { error } = await encode([frame], { role });
      assert(error instanceof RangeError, name);
    }
  }
});

Deno.test("FrameEncoderStream errors for a key that is not 4 bytes (R43)", async () => {
  for (const size of [0, 3, 5]) {
    const { error } = await encode([hello], {
      role: "client",
      createMaskingKey: () => new Uint8Array(size),
    });
    assert(error instanceof RangeError, `${size} bytes`);
  }
});

Deno.test("FrameEncoderStream stops its source when the reader stops (R76)", async () => {
  for (const role of ["client", "server"] as const) {
    const source = countingSource(() => hello);
    const readable = source.readable
      .pipeThrough(new FrameEncoderStream({ role }));
    const before = await takenAfterReading(source, readable, 0);
    assert(before <= 66, `${before} taken`);
  }
});

Deno.test("FrameEncoderStream throws TypeError for a role that is none", () => {
  for (const role of ["peer", "", null, 1]) {
    assertThrows(
      () => new FrameEncoderStream({ role: role as unknown as Role }),
      TypeError,
      'wanted "client" or "server"',
    );
  }
});
