import { assert, assertEquals, assertThrows } from "@std/assert";
import { pakoEngine } from "../../lib/deflate/pako_engine.ts";
import { utf8 } from "../support/hex.ts";
import { inflateAll, joined, tail, usual } from "./engines.ts";

// What both engines do is in engine_test.ts.

Deno.test("pakoEngine says its name", () => {
  assertEquals(pakoEngine.name, "pako");
});

Deno.test("pakoEngine keeps its window where others begin again, over a last block", () => {
  const inflater = pakoEngine.createInflater({ windowBits: 15 });
  const final = Uint8Array.of(0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00);
  const back = Uint8Array.of(0xf2, 0x00, 0x11, 0x00, 0x00);
  const found = inflateAll(inflater, [joined([final, tail, back, tail])]);
  assertEquals(found, utf8("HelloHello"));
  inflater.close();
});

Deno.test("pakoEngine throws for settings that DEFLATE does not have", () => {
  for (const wrong of [{ level: 10 }, { memLevel: 0 }, { windowBits: 16 }]) {
    assertThrows(
      () => pakoEngine.createDeflater({ ...usual, ...wrong }),
      Error,
      "Cannot use pako",
    );
  }
  assertThrows(() => pakoEngine.createInflater({ windowBits: 16 }), Error);
});

Deno.test("pakoEngine compresses more at level 9 than at level 1, and nothing at 0", () => {
  const words = "the quick brown fox jumps over the lazy dog ".split(" ");
  const text = utf8(
    Array.from({ length: 4_000 }, (_, at) => words[at * at % 31 % 9]).join(" "),
  );
  const [none, little, most] = [0, 1, 9].map((level) => {
    const deflater = pakoEngine.createDeflater({ ...usual, level });
    const { length } = deflater.deflate(text);
    deflater.close();
    return length;
  });
  assert(most! <= little!, `${most} and ${little}`);
  assert(little! < text.length);
  assert(none! > text.length);
});
