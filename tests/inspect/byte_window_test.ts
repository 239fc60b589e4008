import { assert, assertEquals } from "@std/assert";
import {
  type Beginning,
  beginningWith,
  createByteWindow,
  excerpt,
  nothingYet,
} from "../../lib/inspect/byte_window.ts";
import { noBytes } from "../../lib/bytes/chunks.ts";
import { assertPure } from "../support/purity.ts";
import { forEachSeed } from "../support/random.ts";
import { byteByByte, concatenated, randomPieces } from "../support/splits.ts";

/** Byte 7 is a 7: each says where it stands. */
const hundred = Uint8Array.from({ length: 100 }, (_, at) => at);

/** The place asked for, and from where to where there are bytes. */
const excerpts = [
  [0, 0, 16],
  [1, 0, 17],
  [16, 0, 32],
  [17, 1, 33],
  [50, 34, 66],
  [90, 74, 100],
  [100, 84, 100],
] as const;

Deno.test("excerpt() gives 16 bytes before a place and 16 from it on, as far as there are", () => {
  for (const [place, from, to] of excerpts) {
    const bytes = hundred.slice(from, to);
    assertEquals(
      assertPure(`at ${place}`, excerpt, hundred, 0, place),
      { offset: from, bytes },
    );
    // The same bytes further on in a stream.
    assertEquals(
      excerpt(hundred, 1000, 1000 + place),
      { offset: 1000 + from, bytes },
    );
  }
});

Deno.test("excerpt() gives a copy, and never more than there is", () => {
  const bytes = hundred.slice();
  const { bytes: around } = excerpt(bytes, 0, 50);
  bytes.fill(0xff);
  assertEquals(around, hundred.slice(34, 66));
  assertEquals(excerpt(hundred, 10, 5).offset, 10);
  assertEquals(excerpt(hundred, 10, 500).bytes, hundred.slice(84));
});

Deno.test("createByteWindow() knows the next chunk and the 160 bytes before it, however a stream is cut", () => {
  forEachSeed((random) => {
    const stream = random.bytes(600);
    const window = createByteWindow();
    let end = 0;
    for (const piece of randomPieces(stream, random)) {
      end += piece.length;
      const place = random.integer(Math.max(0, end - 144), end);
      const from = Math.max(0, place - 16);
      assertEquals(window.around(piece, place), {
        offset: from,
        bytes: stream.slice(from, Math.min(end, place + 16)),
      });
      window.moveTo(piece);
    }
  });
});

Deno.test("createByteWindow() keeps nothing of a chunk that somebody writes to", () => {
  const chunk = hundred.slice();
  const window = createByteWindow();
  window.moveTo(chunk);
  chunk.fill(0xff);
  assertEquals(window.around(noBytes, 90).bytes, hundred.slice(74));
});

/** What {@linkcode beginningWith} makes of the pieces, one after the other. */
function allOf(pieces: readonly Uint8Array[], maxBytes: number): Beginning[] {
  let beginning = nothingYet;
  return pieces.map((piece) =>
    beginning = beginningWith(beginning, piece, maxBytes)
  );
}

Deno.test("beginningWith() keeps the first bytes, and counts all of them", () => {
  forEachSeed((random) => {
    const pieces = randomPieces(random.bytes(100), random);
    for (const maxBytes of [0, 1, 99, 100, 101, Infinity]) {
      allOf(pieces, maxBytes).forEach(({ bytes, byteLength }, index) => {
        const all = concatenated(pieces.slice(0, index + 1));
        assertEquals(byteLength, all.length);
        assertEquals(bytes, all.slice(0, maxBytes));
      });
    }
  });
});

Deno.test("beginningWith() keeps nothing of a piece that somebody writes to", () => {
  const piece = hundred.slice();
  const { bytes } = beginningWith(nothingYet, piece, 50);
  piece.fill(0xff);
  assertEquals(bytes, hundred.slice(0, 50));
});

Deno.test("beginningWith() does not copy what it has for every byte that comes", () => {
  const found = allOf(byteByByte(new Uint8Array(20_000)), Infinity);
  const buffers = new Set(found.map(({ bytes }) => bytes.buffer));
  assert(buffers.size < 20, `${buffers.size} buffers`);
});
