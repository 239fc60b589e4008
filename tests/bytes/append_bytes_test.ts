import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { appendBytes, roomBehind } from "../../lib/bytes/append_bytes.ts";
import { noBytes } from "../../lib/bytes/chunks.ts";
import { hex } from "../support/hex.ts";
import { forEachSeed } from "../support/random.ts";
import { byteByByte, concatenated, randomPieces } from "../support/splits.ts";

/** Appends the pieces one after the other, expecting `expected` of each. */
function appendAll(
  pieces: readonly Uint8Array[],
  expected: (byteLength: number) => number,
): Uint8Array {
  return pieces.reduce(
    (bytes, piece) =>
      appendBytes(bytes, piece, expected(bytes.length + piece.length)),
    noBytes as Uint8Array,
  );
}

const expectations = {
  nothing: () => 0,
  "what there is": (byteLength: number) => byteLength,
  "twice that": (byteLength: number) => 2 * byteLength,
  "far too much": () => 2 ** 31,
};

Deno.test("appendBytes() makes one array of pieces, whatever is expected", () => {
  forEachSeed((random) => {
    const data = random.bytes(random.integer(0, 20_000));
    const pieces = randomPieces(data, random).slice(0, 200);
    const whole = concatenated(pieces);
    for (const [name, expected] of Object.entries(expectations)) {
      assertEquals(appendAll(pieces, expected), whole, name);
    }
  });
  const data = new Uint8Array(300).map((_, index) => index);
  for (const [name, expected] of Object.entries(expectations)) {
    assertEquals(appendAll(byteByByte(data), expected), data, name);
  }
});

Deno.test("appendBytes() leaves what it is given, also to who appends twice", () => {
  const begun = appendBytes(noBytes, hex("0102"), 100);
  const first = appendBytes(begun, hex("03"), 100);
  const second = appendBytes(begun, hex("09"), 100);
  const third = appendBytes(first, hex("04"), 100);
  assertEquals([begun, first, second, third], [
    hex("0102"),
    hex("010203"),
    hex("010209"),
    hex("01020304"),
  ]);
  assertStrictEquals(first.buffer, begun.buffer);
  assert(second.buffer !== begun.buffer);
  assertStrictEquals(third.buffer, begun.buffer);
});

Deno.test("appendBytes() writes behind no array that it has not made", () => {
  const whole = hex("0102030405");
  const longer = appendBytes(whole.subarray(0, 2), hex("09"), 5);
  assertEquals(longer, hex("010209"));
  assertEquals(whole, hex("0102030405"));
});

Deno.test("appendBytes() gives what it was given when there is nothing to append", () => {
  const bytes = appendBytes(noBytes, hex("01"), 9);
  assertStrictEquals(appendBytes(bytes, hex(""), 9), bytes);
});

Deno.test("appendBytes() copies about every byte once when the length is known", () => {
  const buffers = new Set<ArrayBufferLike>();
  let bytes: Uint8Array = noBytes;
  for (let chunk = 0; chunk < 256; chunk++) {
    bytes = appendBytes(bytes, new Uint8Array(65536), 256 * 65536);
    buffers.add(bytes.buffer);
  }
  assertEquals(buffers.size, 2);
  assertEquals(bytes.buffer.byteLength, 256 * 65536);
});

Deno.test("appendBytes() takes no length for granted: 4 KiB, or 16 times what came (R76)", () => {
  for (const length of [1, 200, 300, 4096, 65536]) {
    const bytes = appendBytes(noBytes, new Uint8Array(length), Infinity);
    assertEquals(bytes.buffer.byteLength, Math.max(4096, 16 * length));
  }
});

Deno.test("roomBehind() is what has not been taken of a buffer of ours", () => {
  const begun = appendBytes(noBytes, hex("0102"), 10);
  assertEquals(roomBehind(begun)?.length, 8);
  const longer = appendBytes(begun, hex("03"), 10);
  assertEquals(roomBehind(begun), undefined);
  assertEquals(roomBehind(longer)?.length, 7);
  assertEquals(roomBehind(hex("0102").subarray(0, 1)), undefined);
});

Deno.test("appendBytes() copies nothing that was put into the room", () => {
  const begun = appendBytes(noBytes, hex("0102"), 10);
  const room = roomBehind(begun)!;
  room.set(hex("0304"));
  const longer = appendBytes(begun, room.subarray(0, 2), 10);
  assertEquals(longer, hex("01020304"));
  assertStrictEquals(longer.buffer, begun.buffer);
  // The same bytes, somewhere else in the buffer, are copied.
  assertEquals(
    appendBytes(longer, begun.subarray(1, 2), 10),
    hex("0102030402"),
  );
});
