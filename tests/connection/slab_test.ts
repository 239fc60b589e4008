import { assert, assertEquals } from "@std/assert";
import { allocate } from "../../lib/connection/slab.ts";
import { forEachSeed } from "../support/random.ts";

Deno.test("allocate() gives arrays of zeros that are nobody else's", () => {
  forEachSeed((random) => {
    const arrays = Array.from({ length: 300 }, (_, index) => {
      const array = allocate(random.integer(0, 1500));
      assert(array.every((byte) => byte === 0));
      return array.fill(1 + index % 255);
    });
    arrays.forEach((array, index) => {
      assert(array.every((byte) => byte === 1 + index % 255), `${index}`);
    });
  });
});

Deno.test("allocate() lets small arrays share a buffer of 8 KiB, and no large ones", () => {
  const buffers = new Set(
    Array.from({ length: 160 }, () => allocate(100).buffer),
  );
  // Two or three, since the first may have been begun.
  assert(buffers.size <= 3, `${buffers.size} buffers`);
  for (const buffer of buffers) assertEquals(buffer.byteLength, 8192);
  assertEquals(allocate(1024).buffer.byteLength, 8192);
  assertEquals(allocate(1025).buffer.byteLength, 1025);
});
