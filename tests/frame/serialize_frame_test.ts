import { Buffer } from "node:buffer";
import { assertEquals, assertNotStrictEquals, assertThrows } from "@std/assert";
import { type FrameInit, Opcode } from "../../lib/frame/frame.ts";
import { parseFrame } from "../../lib/frame/parse_frame.ts";
import {
  frameByteLength,
  requireLegalFrame,
  serializeFrame,
} from "../../lib/frame/serialize_frame.ts";
import { frameCases } from "../support/frame_cases.ts";
import { randomFrame } from "../support/frames.ts";
import { hex, utf8 } from "../support/hex.ts";
import { assertPure } from "../support/purity.ts";
import { forEachSeed } from "../support/random.ts";

for (const { name, source, wire, frame } of frameCases) {
  Deno.test(`serializeFrame() writes ${name} (${source})`, () => {
    const bytes = assertPure("serializeFrame", serializeFrame, frame);
    assertEquals(bytes, wire);
  });

  Deno.test(`frameByteLength() is the size of ${name} (${source})`, () => {
    const byteLength = assertPure("frameByteLength", frameByteLength, frame);
    assertEquals(byteLength, wire.length);
  });
}

Deno.test("serializeFrame() sets FIN and no RSV bit, unless it is told to", () => {
  const payload = hex("07");
  const cases: readonly (readonly [Partial<FrameInit>, string])[] = [
    [{}, "82 01 07"],
    [{ fin: true }, "82 01 07"],
    [{ fin: false }, "02 01 07"],
    [{ rsv1: true }, "c2 01 07"],
    [{ rsv2: true }, "a2 01 07"],
    [{ rsv3: true }, "92 01 07"],
    [{ rsv1: false, rsv2: false, rsv3: false }, "82 01 07"],
    [{ maskingKey: hex("01010101") }, "82 81 01010101 06"],
  ];
  for (const [fields, digits] of cases) {
    const frame = { opcode: Opcode.binary, payload, ...fields };
    assertEquals(serializeFrame(frame), hex(digits), digits);
  }
});

Deno.test("serializeFrame() and parseFrame() are inverse on random frames", () => {
  forEachSeed((random) => {
    for (let count = 0; count < 10; count++) {
      const frame = randomFrame(random);
      const bytes = serializeFrame(frame);
      assertEquals<unknown>(
        parseFrame(bytes),
        { status: "complete", frame, bytesRead: bytes.length },
      );
    }
  });
});

Deno.test("serializeFrame() gives an array of its own (R45)", () => {
  for (const maskingKey of [undefined, hex("37fa213d")]) {
    const payload = utf8("Hello");
    const frame = maskingKey === undefined
      ? { opcode: Opcode.text, payload }
      : { opcode: Opcode.text, payload, maskingKey };
    const bytes = serializeFrame(frame);
    const wire = bytes.slice();
    assertNotStrictEquals(bytes.buffer, payload.buffer);
    assertEquals(bytes.byteLength, bytes.buffer.byteLength);
    payload.fill(0);
    maskingKey?.fill(0);
    assertEquals(bytes, wire);
  }
});

Deno.test("serializeFrame() leaves a Buffer alone (R45)", () => {
  const payload = Buffer.from("something");
  const maskingKey = Buffer.from(hex("32fd435f"));
  const bytes = serializeFrame({ opcode: Opcode.text, payload, maskingKey });
  assertEquals(bytes, hex("81 89 32fd435f 41922e3a46952a3155"));
  assertEquals(payload.toString(), "something");
});

interface Mistake {
  readonly name: string;
  readonly frame: FrameInit;
  readonly error: typeof TypeError | typeof RangeError;
  readonly words: string;
}

const payload = hex("07");
const noBytes = "text" as unknown as Uint8Array;

const mistakes: readonly Mistake[] = [
  ...[0x3, 0x7, 0xb, 0xf, 16, -1, 1.5, NaN].map((opcode) => ({
    name: `opcode ${opcode} (R39)`,
    frame: { opcode: opcode as Opcode, payload },
    error: RangeError,
    words: `found opcode ${opcode}, wanted one of Opcode (RFC 6455 §5.2)`,
  })),
  {
    name: "an opcode in words (R39)",
    frame: { opcode: "text" as unknown as Opcode, payload },
    error: RangeError,
    words: "found opcode text, wanted one of Opcode (RFC 6455 §5.2)",
  },
  {
    name: "a payload that is a string",
    frame: { opcode: Opcode.text, payload: noBytes },
    error: TypeError,
    words: 'found "text", wanted a Uint8Array',
  },
  {
    name: "a masking key that is a string",
    frame: { opcode: Opcode.text, payload, maskingKey: noBytes },
    error: TypeError,
    words: 'found "text", wanted a Uint8Array',
  },
  {
    name: "a masking key of 3 bytes (R44)",
    frame: { opcode: Opcode.text, payload, maskingKey: hex("010203") },
    error: RangeError,
    words: "found a masking key of 3 bytes, wanted 4 bytes",
  },
  {
    name: "a Ping without FIN (R54)",
    frame: { opcode: Opcode.ping, payload, fin: false },
    error: RangeError,
    words: "found fin = false with control opcode 0x9, wanted true",
  },
  {
    name: "a Close of 126 bytes (R54)",
    frame: { opcode: Opcode.close, payload: new Uint8Array(126) },
    error: RangeError,
    words: "found 126 bytes of payload with control opcode 0x8, " +
      "wanted at most 125 (RFC 6455 §5.5)",
  },
];

for (const { name, frame, error, words } of mistakes) {
  Deno.test(`serializeFrame() and requireLegalFrame() throw for ${name}`, () => {
    assertThrows<Error>(
      () => serializeFrame(frame),
      error,
      `Cannot serialize frame: ${words}`,
    );
    assertThrows<Error>(
      () => requireLegalFrame(frame, "Cannot test"),
      error,
      `Cannot test: ${words}`,
    );
  });
}

Deno.test("requireLegalFrame() lets every legal frame pass", () => {
  for (const { name, frame } of frameCases) {
    assertPure(name, requireLegalFrame, frame, "Cannot test");
  }
});

Deno.test("serializeFrame() writes control frames of up to 125 bytes (R54)", () => {
  for (const opcode of [Opcode.close, Opcode.ping, Opcode.pong]) {
    const bytes = serializeFrame({ opcode, payload: new Uint8Array(125) });
    assertEquals(bytes.subarray(0, 2), Uint8Array.of(0x80 | opcode, 125));
    assertEquals(bytes.length, 127);
  }
});
