import { assert, assertEquals, assertThrows } from "@std/assert";
import { concatenated } from "../support/splits.ts";
import { seededRandom } from "../support/random.ts";
import { assertLinear, assertSame, cutsOf } from "./invariants.ts";

Deno.test("cutsOf() cuts the same bytes the same way, and loses none", () => {
  const random = seededRandom(1);
  for (const length of [0, 1, 10, 1000]) {
    const bytes = random.bytes(length);
    const cuts = cutsOf(bytes);
    assertEquals(cutsOf(bytes), cuts);
    for (const pieces of cuts) assertEquals(concatenated(pieces), bytes);
    assert(length === 0 || cuts[0]!.some((piece) => piece.length === 1));
  }
});

/** A meter beside work whose statements are counted by hand. */
function workOf(statements: number) {
  let spent = 0;
  return {
    meter: { spent: () => spent },
    run: () => spent += statements,
  };
}

Deno.test("assertLinear() lets linear work pass, and stops quadratic work", () => {
  const byteLength = 4000;
  const linear = workOf(10 * byteLength);
  assertLinear(linear.meter, byteLength, 20, linear.run);
  const quadratic = workOf(byteLength ** 2);
  assertThrows(
    () => assertLinear(quadratic.meter, byteLength, 20, quadratic.run),
    Error,
    "Too much work: found 16000000 statements for 4000 bytes",
  );
});

Deno.test("assertSame() shows where two values differ", () => {
  const long = "x".repeat(1000);
  const error = assertThrows(
    () => assertSame([long, "a"], [long, "b"], "Two lists"),
    Error,
    "Two lists: found",
  );
  assert(error.message.includes('"a"') && error.message.includes('"b"'));
  assert(error.message.length < 1000);
});
