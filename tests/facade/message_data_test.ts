import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  byteLengthOf,
  ownBytes,
  toEventData,
  toSendable,
} from "../../lib/facade/message_data.ts";

Deno.test("toSendable() takes what the WebSockets Standard, send(data), takes", () => {
  const buffer = Uint8Array.of(0, 1, 2, 3).buffer;
  const cases: [unknown, string | Uint8Array][] = [
    ["text", "text"],
    ["", ""],
    [buffer, Uint8Array.of(0, 1, 2, 3)],
    [new Uint8Array(buffer, 1, 2), Uint8Array.of(1, 2)],
    [new Uint16Array(buffer, 2, 1), Uint8Array.of(2, 3)],
    [new DataView(buffer, 3), Uint8Array.of(3)],
    // Web IDL has anything else converted to a string.
    [7, "7"],
    [null, "null"],
    [undefined, "undefined"],
    [["a", "b"], "a,b"],
    [{}, "[object Object]"],
  ];
  for (const [given, sent] of cases) assertEquals(toSendable(given), sent);
  const blob = new Blob(["x"]);
  assertEquals(toSendable(blob), blob);
});

Deno.test("toSendable() refuses what cannot be text, and bytes that may change", () => {
  const shared = new SharedArrayBuffer(4);
  const resizable = new ArrayBuffer(4, { maxByteLength: 8 });
  for (
    const given of [
      Symbol("x"),
      { toString: () => ({}) },
      new Uint8Array(shared),
      resizable,
      new Uint8Array(resizable),
    ]
  ) assertThrows(() => toSendable(given), TypeError);
});

Deno.test("byteLengthOf() counts UTF-8, with U+FFFD for half a surrogate pair", () => {
  const cases = [
    ["", 0],
    ["a", 1],
    ["é", 2],
    ["🔌", 4],
    ["\ud83d", 3],
    [new Uint8Array(7), 7],
    [new Blob(["é", "a"]), 3],
  ] as const;
  for (const [given, byteLength] of cases) {
    assertEquals(byteLengthOf(given), byteLength);
  }
});

Deno.test("toEventData() gives text, a Blob or an ArrayBuffer (Feedback from the protocol)", async () => {
  const chunk = Uint8Array.of(0, 1, 2, 3);
  const bytes = chunk.subarray(1, 3);
  assertEquals(toEventData("text", "blob"), "text");
  assertEquals(toEventData("text", "arraybuffer"), "text");
  const buffer = toEventData(bytes, "arraybuffer");
  assertEquals(buffer, Uint8Array.of(1, 2).buffer);
  const blob = toEventData(bytes, "blob");
  assert(blob instanceof Blob);
  chunk.fill(9);
  assertEquals(buffer, Uint8Array.of(1, 2).buffer, "a copy");
  assertEquals(await blob.bytes(), Uint8Array.of(1, 2), "a copy");
});

Deno.test("ownBytes() copies into a buffer of its own", () => {
  const chunk = Uint8Array.of(0, 1, 2, 3);
  const own = ownBytes(chunk.subarray(1, 3));
  assertEquals(own, Uint8Array.of(1, 2));
  assertEquals(own.buffer.byteLength, 2);
  assert(own.buffer !== chunk.buffer);
});
