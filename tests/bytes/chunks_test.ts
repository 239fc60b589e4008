import {
  assert,
  assertEquals,
  assertNotStrictEquals,
  assertStrictEquals,
} from "@std/assert";
import {
  appendChunk,
  type Chunks,
  concat,
  joinChunks,
  noBytes,
  noChunks,
} from "../../lib/bytes/chunks.ts";
import { assertPure } from "../support/purity.ts";
import { forEachSeed, seededRandom } from "../support/random.ts";
import { byteByByte, concatenated, randomPieces } from "../support/splits.ts";

function append(pieces: readonly Uint8Array[], to: Chunks = noChunks): Chunks {
  return pieces.reduce(appendChunk, to);
}

/** How many arrays the run is held in. */
function arrayCount(chunks: Chunks): number {
  let count = 0;
  let run: Chunks | undefined = chunks;
  while (run !== undefined) {
    count += 1;
    run = run.before;
  }
  return count;
}

/** The promise of the documentation. */
function assertFewArrays(chunks: Chunks, name: string): void {
  const most = chunks.byteLength / 2048 + 12;
  const count = arrayCount(chunks);
  assert(
    count <= most,
    `${name}: ${chunks.byteLength} bytes in ${count} arrays, wanted at most ${most}`,
  );
}

Deno.test("noChunks is a run of no bytes", () => {
  assertEquals(noChunks.byteLength, 0);
  assertEquals(joinChunks(noChunks), new Uint8Array(0));
  assertEquals(noBytes.length, 0);
});

Deno.test("joinChunks() gives the concatenation of what was appended, cut anywhere", () => {
  forEachSeed((random) => {
    const bytes = random.bytes(random.integer(0, 20_000));
    const chunks = append(randomPieces(bytes, random));
    assertEquals(chunks.byteLength, bytes.length);
    assertEquals(joinChunks(chunks), bytes);
  });
});

Deno.test("joinChunks() gives the concatenation of what was appended, byte by byte", () => {
  const bytes = seededRandom(1).bytes(10_000);
  assertEquals(joinChunks(append(byteByByte(bytes))), bytes);
});

Deno.test("joinChunks() gives the bytes before, after every append", () => {
  const bytes = seededRandom(2).bytes(300);
  let chunks = noChunks;
  byteByByte(bytes).forEach((piece, at) => {
    chunks = appendChunk(chunks, piece);
    assertEquals(joinChunks(chunks), bytes.subarray(0, at + 1), `byte ${at}`);
  });
});

Deno.test("joinChunks() gives the only chunk itself, and else a new array", () => {
  const chunk = Uint8Array.of(1, 2, 3);
  const one = appendChunk(noChunks, chunk);
  assertStrictEquals(joinChunks(one), chunk);

  const large = new Uint8Array(4096);
  const two = joinChunks(append([large, chunk]));
  assertNotStrictEquals(two.buffer, large.buffer);
  assertNotStrictEquals(two.buffer, chunk.buffer);
});

Deno.test("appendChunk() gives back the same run for an empty chunk", () => {
  const chunks = appendChunk(noChunks, Uint8Array.of(1));
  assertStrictEquals(appendChunk(chunks, new Uint8Array(0)), chunks);
  assertStrictEquals(appendChunk(noChunks, new Uint8Array(0)), noChunks);
});

Deno.test("appendChunk() leaves the run it was given as it was", () => {
  forEachSeed((random) => {
    const bytes = random.bytes(random.integer(1, 3000));
    const versions = [noChunks];
    for (const piece of randomPieces(bytes, random)) {
      versions.push(appendChunk(versions.at(-1)!, piece));
    }
    for (const run of versions) {
      assertEquals(
        joinChunks(run),
        bytes.subarray(0, run.byteLength),
        `the run of ${run.byteLength} bytes`,
      );
    }
  });
});

Deno.test("appendChunk() makes two runs of one, each with its own end", () => {
  forEachSeed((random) => {
    const trunk = random.bytes(700);
    const left = random.bytes(900);
    const right = random.bytes(800);
    const chunks = append(randomPieces(trunk, random));
    const one = append(randomPieces(left, random), chunks);
    const other = append(randomPieces(right, random), chunks);
    assertEquals(joinChunks(one), concatenated([trunk, left]));
    assertEquals(joinChunks(other), concatenated([trunk, right]));
    assertEquals(joinChunks(chunks), trunk);
  });
});

Deno.test("appendChunk() holds one-byte chunks in few arrays (R76)", () => {
  let chunks = noChunks;
  for (let count = 1; count <= 30_000; count++) {
    chunks = appendChunk(chunks, Uint8Array.of(count));
    if (count < 5000 || count % 100 === 0) assertFewArrays(chunks, "one byte");
  }
});

/** Sizes of chunks, sent again and again. */
const cuts: readonly (readonly number[])[] = [
  [2],
  [3],
  [100],
  [1, 2, 3, 4, 5],
  [5, 4, 3, 2, 1],
  [2047],
  [2048],
  [2049],
  [4095],
  [4096],
  [4095, 1],
  [4096, 1],
  [1, 4096],
  [4095, 2047, 1023, 511],
  [4096, 2, 1],
  [4096, 2048, 1024, 512, 256, 128, 64, 32, 16, 8, 4, 2, 1],
];

for (const sizes of cuts) {
  Deno.test(`appendChunk() holds chunks of ${sizes} bytes in few arrays (R76)`, () => {
    let chunks = noChunks;
    while (chunks.byteLength < 60_000) {
      for (const size of sizes) {
        chunks = appendChunk(chunks, new Uint8Array(size));
        assertFewArrays(chunks, `chunks of ${sizes} bytes`);
      }
    }
  });
}

Deno.test("appendChunk() holds chunks of random size in few arrays (R76)", () => {
  forEachSeed((random) => {
    const longest = random.pick([2, 10, 100, 3000, 9000]);
    let chunks = noChunks;
    for (let count = 0; count < 300; count++) {
      const size = random.integer(1, longest);
      chunks = appendChunk(chunks, new Uint8Array(size));
      assertFewArrays(chunks, `up to ${longest} bytes`);
    }
  });
});

Deno.test("concat() gives both in one new array", () => {
  const a = Uint8Array.of(1, 2);
  const b = Uint8Array.of(3);
  assertEquals(concat(a, b), Uint8Array.of(1, 2, 3));
  assertEquals(concat(a, noBytes), a);
  assertEquals(concat(noBytes, b), b);
  assertNotStrictEquals(concat(a, noBytes).buffer, a.buffer);
  assertNotStrictEquals(concat(noBytes, b).buffer, b.buffer);
});

Deno.test("appendChunk(), joinChunks() and concat() change nothing they are given", () => {
  const { bytes } = seededRandom(3);
  const chunks = append([bytes(5000), bytes(40), bytes(20), bytes(10)]);
  const chunk = bytes(64).subarray(16, 48);
  assertPure("appendChunk", appendChunk, chunks, chunk);
  assertPure("appendChunk", appendChunk, noChunks, chunk);
  assertPure("joinChunks", joinChunks, chunks);
  assertPure("joinChunks", joinChunks, appendChunk(noChunks, chunk));
  assertPure("concat", concat, chunk, chunk);
});
