import {
  assertEquals,
  assertNotStrictEquals,
  assertStrictEquals,
} from "@std/assert";
import { finish, gather, nothing } from "../../lib/message/gather.ts";
import { hex } from "../support/hex.ts";
import { assertPure } from "../support/purity.ts";
import { forEachSeed } from "../support/random.ts";
import { concatenated, randomPieces } from "../support/splits.ts";

Deno.test("finish() makes a text of its pieces, in order", () => {
  assertEquals(finish("text", nothing, "Hello"), {
    type: "text",
    data: "Hello",
  });
  const gathered = ["a", "", "b"].reduce(gather, nothing);
  assertEquals(finish("text", gathered, "c"), { type: "text", data: "abc" });
  assertEquals(finish("text", nothing, ""), { type: "text", data: "" });
});

Deno.test("finish() makes bytes of their pieces, in order, however they were cut", () => {
  forEachSeed((random) => {
    const data = random.bytes(random.integer(0, 20_000));
    const pieces = randomPieces(data, random).slice(0, 300);
    const whole = concatenated(pieces);
    const gathered = pieces.reduce(gather, nothing);
    assertEquals(finish("binary", gathered, hex("")), {
      type: "binary",
      data: whole,
    });
  });
});

Deno.test("finish() gives a message in one piece as that piece", () => {
  const piece = hex("0102");
  assertStrictEquals(finish("binary", nothing, piece).data, piece);
});

Deno.test("finish() gives a new array for a message in several pieces, empty ones counted", () => {
  for (
    const pieces of [
      ["0102", ""],
      ["", "0102"],
      ["01", "02"],
      ["", "0102", ""],
    ]
  ) {
    const arrays = pieces.map(hex);
    const last = arrays.pop()!;
    const gathered = arrays.reduce(gather, nothing);
    const { data } = finish("binary", gathered, last);
    assertEquals(data, hex("0102"), pieces.join());
    if (last.length === 2 && arrays.every(({ length }) => length === 0)) {
      continue;
    }
    for (const array of arrays) {
      assertNotStrictEquals(
        (data as Uint8Array).buffer,
        array.buffer,
        `${pieces}`,
      );
    }
  }
});

Deno.test("finish() gives two messages of one beginning arrays of their own", () => {
  const gathered = gather(gather(nothing, hex("01")), hex(""));
  const [first, second] = [1, 2].map(() =>
    finish("binary", gathered, hex("")).data as Uint8Array
  );
  first!.fill(9);
  assertEquals(second, hex("01"));
  assertEquals(finish("binary", gathered, hex("")).data, hex("01"));
});

Deno.test("finish() gives no array that is shared when there are no bytes", () => {
  const gathered = gather(nothing, hex(""));
  const first = finish("binary", gathered, hex("")).data as Uint8Array;
  const second = finish("binary", gathered, hex("")).data as Uint8Array;
  assertNotStrictEquals(first.buffer, second.buffer);
});

Deno.test("gather() leaves what was gathered as it was", () => {
  const begun = assertPure("gather", gather, nothing, "a");
  const first = assertPure("gather", gather, begun, "b");
  const second = assertPure("gather", gather, begun, "c");
  assertEquals(finish("text", begun, "").data, "a");
  assertEquals(finish("text", first, "").data, "ab");
  assertEquals(finish("text", second, "").data, "ac");

  const bytes = assertPure("gather", gather, nothing, hex("01"));
  const more = assertPure("gather", gather, bytes, hex("02"));
  assertEquals(assertPure("finish", finish, "binary", more, hex("03")), {
    type: "binary",
    data: hex("010203"),
  });
  assertEquals(finish("binary", bytes, hex("09")).data, hex("0109"));
  assertEquals([nothing.text, nothing.bytes.byteLength], ["", 0]);
});
