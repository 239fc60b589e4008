import { assert, assertEquals } from "@std/assert";
import { drawMaskingKey } from "../../lib/stream/masking_keys.ts";

Deno.test("drawMaskingKey() gives a new key of 4 bytes each time, which stays what it is (R43)", () => {
  const keys = Array.from({ length: 2000 }, drawMaskingKey);
  const texts = keys.map(String);
  for (const key of keys) assertEquals(key.length, 4);
  // Of 2000 keys of 32 bits two are the same once in 2000 runs, and never ten.
  assert(new Set(texts).size >= 1990);
  for (let draw = 0; draw < 2000; draw++) drawMaskingKey();
  assertEquals(keys.map(String), texts);
});
