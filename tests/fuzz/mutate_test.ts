import { assert, assertEquals } from "@std/assert";
import { utf8 } from "../support/hex.ts";
import { seededRandom } from "../support/random.ts";
import { mutate, type MutationSource, mutators } from "./mutate.ts";

const source: MutationSource = {
  tokens: [utf8("token")],
  part: () => utf8("part"),
  other: utf8("another input"),
  maxBytes: 64,
};

const inputs = ["", "a", "some input", "x".repeat(64)].map(utf8);

for (const [name, mutator] of Object.entries(mutators)) {
  Deno.test(`${name}() changes no input, and answers the same for the same seed`, () => {
    for (const input of inputs) {
      for (let seed = 0; seed < 200; seed++) {
        const copy = input.slice();
        const first = mutator(input, seededRandom(seed), source);
        const again = mutator(input, seededRandom(seed), source);
        assertEquals(input, copy);
        assertEquals(again, first);
      }
    }
  });

  Deno.test(`${name}() comes to something else sooner or later`, () => {
    const input = utf8("some input");
    const random = seededRandom(1);
    const isOther = Array.from(
      { length: 100 },
      () => String(mutator(input, random, source)) !== String(input),
    );
    assert(isOther.includes(true));
  });
}

Deno.test("mutate() makes nothing longer than it may be", () => {
  const random = seededRandom(2);
  let bytes: Uint8Array = utf8("begin");
  for (let count = 0; count < 2000; count++) {
    bytes = mutate(bytes, random, source);
    assert(bytes.length <= source.maxBytes, `${bytes.length}`);
  }
});

Deno.test("mutate() uses tokens, parts and the other input", () => {
  const random = seededRandom(3);
  const texts = Array.from(
    { length: 2000 },
    () => new TextDecoder().decode(mutate(utf8("begin"), random, source)),
  );
  for (const wanted of ["token", "part", "another"]) {
    assert(texts.some((text) => text.includes(wanted)), wanted);
  }
});
