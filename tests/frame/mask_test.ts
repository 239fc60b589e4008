import { Buffer } from "node:buffer";
import {
  assert,
  assertEquals,
  assertNotStrictEquals,
  assertThrows,
} from "@std/assert";
import { mask, maskInPlace, requireMaskingKey } from "../../lib/frame/mask.ts";
import { hex, utf8 } from "../support/hex.ts";
import { assertPure } from "../support/purity.ts";
import { forEachSeed, seededRandom } from "../support/random.ts";
import { concatenated, randomPieces } from "../support/splits.ts";

const key = hex("32fd435f");

/** RFC 6455 §5.3 to the letter: octet i XOR key[i MOD 4]. */
function maskNaively(
  payload: Uint8Array,
  maskingKey: Uint8Array,
  offset = 0,
): Uint8Array {
  return payload.map((byte, at) => byte ^ maskingKey[(at + offset) % 4]!);
}

/** A copy of `bytes` that begins at any index of its buffer. */
function alignedAt(byteOffset: number, bytes: Uint8Array): Uint8Array {
  const view = new Uint8Array(new ArrayBuffer(bytes.length + byteOffset + 5))
    .subarray(byteOffset, byteOffset + bytes.length);
  view.set(bytes);
  return view;
}

/** Cheaper than `assertEquals` where there are thousands of cases. */
function assertSameBytes(
  actual: Uint8Array,
  wanted: Uint8Array,
  name: () => string,
): void {
  const same = actual.length === wanted.length &&
    actual.every((byte, at) => byte === wanted[at]);
  if (!same) assertEquals(actual, wanted, name());
}

const lengths = [
  ...Array.from({ length: 201 }, (_, length) => length),
  1000,
  4096,
  4099,
];

Deno.test("mask() masks and unmasks by the key (R44)", () => {
  const cases: readonly (readonly [Uint8Array, string, string])[] = [
    // RFC 6455 §5.7
    [utf8("Hello"), "37fa213d", "7f9f4d5158"],
    [utf8("something"), "32fd435f", "41922e3a46952a3155"],
    [hex(""), "32fd435f", ""],
    [hex("00000000 00"), "32fd435f", "32fd435f 32"],
    [hex("010203"), "00000000", "010203"],
    [hex("0f"), "ffffffff", "f0"],
  ];
  for (const [payload, digits, masked] of cases) {
    assertEquals(mask(payload, hex(digits)), hex(masked), digits);
    assertEquals(mask(hex(masked), hex(digits)), payload, digits);
  }
});

Deno.test("mask() is the same as byte by byte, at every offset, length and alignment (R44)", () => {
  const bytes = seededRandom(5).bytes(4099);
  for (const length of lengths) {
    const payload = bytes.subarray(0, length);
    for (let offset = 0; offset <= 8; offset++) {
      const wanted = maskNaively(payload, key, offset);
      for (let byteOffset = 0; byteOffset < 8; byteOffset++) {
        const masked = mask(alignedAt(byteOffset, payload), key, offset);
        assertSameBytes(
          masked,
          wanted,
          () => `length ${length}, offset ${offset}, aligned at ${byteOffset}`,
        );
      }
    }
  }
});

Deno.test("mask() counts on through offsets over 32 bits (R44)", () => {
  const payload = seededRandom(6).bytes(100);
  for (const offset of [2 ** 31 + 1, 2 ** 32 + 2, 2 ** 40 + 3]) {
    assertEquals(
      mask(payload, key, offset),
      maskNaively(payload, key, offset % 4),
      `offset ${offset}`,
    );
  }
});

Deno.test("mask() masks by its definition at the largest offset it accepts", () => {
  const offset = Number.MAX_SAFE_INTEGER;
  for (const length of [8, 100]) {
    assertEquals(
      mask(new Uint8Array(length), key, offset),
      maskNaively(new Uint8Array(length), key, offset % 4),
      `length ${length}`,
    );
  }
});

Deno.test("mask() piece by piece is the same as in one go (R44)", () => {
  forEachSeed((random) => {
    const payload = random.bytes(random.integer(0, 2000));
    const maskingKey = random.bytes(4);
    let offset = 0;
    const pieces = randomPieces(payload, random).map((piece) => {
      const masked = mask(piece, maskingKey, offset);
      offset += piece.length;
      return masked;
    });
    assertEquals(concatenated(pieces), mask(payload, maskingKey));
  });
});

Deno.test("mask() twice gives the payload back (R44)", () => {
  forEachSeed((random) => {
    const payload = random.bytes(random.integer(0, 500));
    const maskingKey = random.bytes(4);
    const offset = random.integer(0, 9);
    const masked = mask(payload, maskingKey, offset);
    assertEquals(mask(masked, maskingKey, offset), payload);
  });
});

Deno.test("mask() gives a new array and changes neither argument (R45)", () => {
  const { bytes } = seededRandom(7);
  for (const length of [0, 1, 63, 64, 65, 1000]) {
    const payload = bytes(length + 6).subarray(3, length + 3);
    const masked = assertPure("mask", mask, payload, key);
    assertEquals(masked.length, length);
    assertNotStrictEquals(masked.buffer, payload.buffer);
    assertPure("mask with offset", mask, payload, key, 3);
  }
});

Deno.test("mask() leaves a Buffer alone, whose slice() would be a view (R45)", () => {
  for (const length of [9, 200]) {
    const bytes = seededRandom(8).bytes(length);
    const buffer = Buffer.from(bytes);
    const masked = mask(buffer, Buffer.from(key));
    assertEquals(masked, maskNaively(bytes, key));
    assertNotStrictEquals(masked.buffer, buffer.buffer);
    assertEquals(new Uint8Array(buffer), bytes);
  }
});

Deno.test("mask() throws a TypeError for what is no Uint8Array", () => {
  const payload = new Uint8Array(1);
  for (const wrong of ["text", [1, 2, 3, 4], new ArrayBuffer(4), undefined]) {
    const bytes = wrong as unknown as Uint8Array;
    for (const call of [() => mask(bytes, key), () => mask(payload, bytes)]) {
      const { message } = assertThrows(call, TypeError);
      assert(message.startsWith("Cannot mask payload: found "), message);
      assert(message.endsWith(", wanted a Uint8Array"), message);
    }
  }
});

Deno.test("mask() throws a RangeError unless the key has 4 bytes (R44)", () => {
  for (const length of [0, 3, 5, 8]) {
    assertThrows(
      () => mask(new Uint8Array(1), new Uint8Array(length)),
      RangeError,
      `Cannot mask payload: found a masking key of ${length} bytes, wanted 4 bytes`,
    );
  }
});

Deno.test("mask() throws a RangeError unless the offset is an integer >= 0", () => {
  for (const offset of [-1, 0.5, NaN, Infinity, 2 ** 53]) {
    assertThrows(
      () => mask(new Uint8Array(1), key, offset),
      RangeError,
      `Cannot mask payload: found offset = ${offset}, wanted an integer >= 0`,
    );
  }
});

Deno.test("requireMaskingKey() lets 4 bytes pass", () => {
  requireMaskingKey(key, "Cannot test");
  assertThrows(
    () => requireMaskingKey(new Uint8Array(3), "Cannot test"),
    RangeError,
    "Cannot test: found a masking key of 3 bytes",
  );
});

Deno.test("maskInPlace() masks the part it is told and nothing beside it, at every alignment (R44)", () => {
  const source = seededRandom(9).bytes(700);
  for (const start of [0, 1, 2, 3, 5, 64]) {
    for (const length of [0, 1, 63, 64, 65, 66, 67, 500]) {
      const end = start + length;
      const wanted = concatenated([
        source.subarray(0, start),
        maskNaively(source.subarray(start, end), key, 2),
        source.subarray(end),
      ]);
      for (let byteOffset = 0; byteOffset < 8; byteOffset++) {
        const bytes = alignedAt(byteOffset, source);
        maskInPlace(bytes, start, end, key, 0, 2);
        assertSameBytes(
          bytes,
          wanted,
          () => `from ${start} to ${end}, aligned at ${byteOffset}`,
        );
      }
    }
  }
});

Deno.test("maskInPlace() takes the key from the array that it masks (R44)", () => {
  for (const length of [10, 300]) {
    const payload = seededRandom(10).bytes(length);
    for (let keyAt = 0; keyAt < 5; keyAt++) {
      const bytes = concatenated([new Uint8Array(keyAt), key, payload]);
      maskInPlace(bytes, keyAt + 4, bytes.length, bytes, keyAt);
      assertEquals(
        bytes.subarray(keyAt),
        concatenated([key, maskNaively(payload, key)]),
        `length ${length}, key at ${keyAt}`,
      );
    }
  }
});
