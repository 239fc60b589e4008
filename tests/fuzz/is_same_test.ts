import { assertEquals } from "@std/assert";
import { isSame } from "./is_same.ts";

const bytes = (...values: number[]) => Uint8Array.from(values);

const cases: readonly (readonly [a: unknown, b: unknown, same: boolean])[] = [
  [1, 1, true],
  [NaN, NaN, true],
  [1, "1", false],
  [undefined, null, false],
  [bytes(1, 2), bytes(1, 2), true],
  [bytes(1, 2), bytes(1, 3), false],
  [bytes(1, 2), bytes(1), false],
  [bytes(1), [1], false],
  [[1, [2]], [1, [2]], true],
  [[1], [1, 2], false],
  [{ a: { b: 1 } }, { a: { b: 1 } }, true],
  [{ a: 1 }, { a: 1, b: undefined }, false],
  [{ a: undefined }, { b: undefined }, false],
  [new Error("a"), new Error("a"), true],
  [new Error("a"), new Error("b"), false],
];

for (const [a, b, same] of cases) {
  Deno.test(`isSame() finds ${Deno.inspect(a).split("\n")[0]} and ${Deno.inspect(b).split("\n")[0]} ${same ? "the same" : "different"}`, () => {
    assertEquals(isSame(a, b), same);
    assertEquals(isSame(b, a), same);
  });
}
