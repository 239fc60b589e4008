import { assert, assertEquals } from "@std/assert";
import { utf8 } from "../support/hex.ts";
import { coveringSet, minimise } from "./minimise.ts";

const decoder = new TextDecoder();

Deno.test("minimise() leaves what makes it fail, and sets the rest to 0", async () => {
  const fails = (bytes: Uint8Array) => {
    const text = decoder.decode(bytes);
    return Promise.resolve(/a.*b/s.test(text) && text.length >= 4);
  };
  const smallest = await minimise(utf8("xxxaxxxxbxxx"), fails, 1000);
  assertEquals(smallest.length, 4);
  assert(await fails(smallest));
  assertEquals(decoder.decode(smallest.filter((byte) => byte !== 0)), "ab");
});

Deno.test("minimise() tries no more often than it may", async () => {
  let tries = 0;
  const fails = () => {
    tries += 1;
    return Promise.resolve(false);
  };
  const input = new Uint8Array(500).fill(1);
  assertEquals(await minimise(input, fails, 25), input);
  assertEquals(tries, 25);
});

const inputs = [
  { bytes: utf8("everything but long"), paths: Uint32Array.of(1, 2, 3) },
  { bytes: utf8("a"), paths: Uint32Array.of(1, 2) },
  { bytes: utf8("b"), paths: Uint32Array.of(2) },
  { bytes: utf8("c"), paths: Uint32Array.of(3) },
];

Deno.test("coveringSet() takes the shortest inputs that cover all", () => {
  const chosen = coveringSet(inputs, { maxInputs: 9, maxBytes: 100 });
  assertEquals(chosen, [utf8("a"), utf8("c")]);
});

Deno.test("coveringSet() keeps to its limits", () => {
  assertEquals(coveringSet(inputs, { maxInputs: 1, maxBytes: 100 }).length, 1);
  assertEquals(coveringSet(inputs, { maxInputs: 9, maxBytes: 0 }), []);
});
