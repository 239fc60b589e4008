import { assertEquals } from "@std/assert";
import { bucketOf, createCoverage } from "./coverage.ts";

const bucketCases: readonly (readonly [bucket: number, counts: number[]])[] = [
  [0, [1]],
  [1, [2]],
  [2, [3]],
  [3, [4, 7]],
  [4, [8, 15]],
  [5, [16, 31]],
  [6, [32, 127]],
  [7, [128, 2 ** 32 - 1]],
];

for (const [bucket, counts] of bucketCases) {
  Deno.test(`bucketOf() puts ${counts.join(" and ")} into ${bucket}`, () => {
    for (const count of counts) assertEquals(bucketOf(count), bucket);
  });
}

function coverageOf(...counted: number[]) {
  const values = new Uint32Array(counted.length);
  const isCounted = Uint8Array.from(counted);
  return {
    values,
    ...createCoverage({ values, isCounted, statements: 2 }),
  };
}

Deno.test("takeNew() counts each path once", () => {
  const { values, takeNew, count } = coverageOf(1, 1, 1);
  values.set([1, 5, 0]);
  assertEquals(takeNew(), 2);
  assertEquals(takeNew(), 0);
  values.set([1, 6, 0]);
  assertEquals(takeNew(), 0, "the same bucket");
  values.set([2, 5, 1]);
  assertEquals(takeNew(), 2);
  assertEquals(count(), 4);
});

Deno.test("what is not counted is neither new nor work", () => {
  const { values, takeNew, paths, spent, isReached } = coverageOf(0, 1, 1);
  values.set([9, 3, 4]);
  assertEquals(takeNew(), 2);
  assertEquals(paths(), Uint32Array.of(8 + 2, 16 + 3));
  assertEquals(spent(), 3);
  assertEquals([0, 1, 2].map(isReached), [false, true, true]);
});

Deno.test("begin() sets every counter to 0", () => {
  const { values, begin } = coverageOf(1, 1);
  values.set([1, 2]);
  begin();
  assertEquals(values, new Uint32Array(2));
});
