import {
  assertEquals,
  assertNotStrictEquals,
  assertStrictEquals,
} from "@std/assert";
import {
  expectedBytes,
  finish,
  gather as gatherExpecting,
  type Gathered,
  nothing,
} from "../../lib/message/gather.ts";
import { hex } from "../support/hex.ts";
import { assertPure } from "../support/purity.ts";
import { forEachSeed } from "../support/random.ts";
import { concatenated, randomPieces } from "../support/splits.ts";

/** Of a message that nobody knows the length of. */
function gather(gathered: Gathered, data: string | Uint8Array): Gathered {
  const byteLength = gathered.bytes.length + data.length;
  return gatherExpecting(gathered, data, expectedBytes({ byteLength }, false));
}

Deno.test("finish() makes a text of its pieces, in order", () => {
  assertEquals(finish("text", nothing, "Hello"), {
    type: "text",
    data: "Hello",
  });
  const gathered = ["a", "", "b"].reduce<Gathered>(
    (all, piece) => gather(all, piece),
    nothing,
  );
  assertEquals(finish("text", gathered, "c"), { type: "text", data: "abc" });
  assertEquals(finish("text", nothing, ""), { type: "text", data: "" });
});

Deno.test("finish() makes bytes of their pieces, in order, however they were cut", () => {
  forEachSeed((random) => {
    const data = random.bytes(random.integer(0, 20_000));
    const pieces = randomPieces(data, random).slice(0, 300);
    const whole = concatenated(pieces);
    const gathered = pieces.reduce<Gathered>(
      (all, piece) => gather(all, piece),
      nothing,
    );
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
    const gathered = arrays.reduce<Gathered>(
      (all, piece) => gather(all, piece),
      nothing,
    );
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

  const bytes = gather(nothing, hex("01"));
  const more = gather(bytes, hex("02"));
  const other = gather(bytes, hex("09"));
  assertEquals(finish("binary", more, hex("03")).data, hex("010203"));
  assertEquals(finish("binary", other, hex("03")).data, hex("010903"));
  assertEquals(finish("binary", more, hex("04")).data, hex("010204"));
  assertEquals(bytes.bytes, hex("01"));
  assertEquals([nothing.text, nothing.bytes.byteLength], ["", 0]);
});

Deno.test("expectedBytes() is what a message has, or twice that while there is more to come", () => {
  assertEquals(expectedBytes({ byteLength: 5 }, true), 5);
  assertEquals(expectedBytes({ byteLength: 5 }, false), 10);
});
