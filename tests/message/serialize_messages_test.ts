import { assertEquals, assertStrictEquals } from "@std/assert";
import { serializeFrame } from "../../lib/frame/serialize_frame.ts";
import { fragment } from "../../lib/message/fragment.ts";
import type { DataMessage } from "../../lib/message/message.ts";
import { serializeMessages } from "../../lib/message/serialize_messages.ts";
import { assertPure } from "../support/purity.ts";
import { forEachSeed, type Random } from "../support/random.ts";
import { concatenated } from "../support/splits.ts";

const maskingKey = Uint8Array.of(0x32, 0xfd, 0x43, 0x5f);

/** The plain way: one message, one frame, one array. */
function plainly(messages: readonly DataMessage[], isMasked: boolean) {
  return concatenated(
    messages.flatMap((message) => fragment(message)).map((frame) =>
      serializeFrame(isMasked ? { ...frame, maskingKey } : frame)
    ),
  );
}

function assertSame(messages: readonly DataMessage[], what: string): void {
  for (const isMasked of [false, true]) {
    const createMaskingKey = isMasked ? () => maskingKey : undefined;
    const chunks = serializeMessages(messages, createMaskingKey);
    assertEquals(
      concatenated(chunks),
      plainly(messages, isMasked),
      `${what}, masked: ${isMasked}`,
    );
  }
}

const binary = (length: number): DataMessage => ({
  type: "binary",
  data: new Uint8Array(length).map((_, index) => index),
});
const text = (data: string): DataMessage => ({ type: "text", data });

/** Where the header or the way of writing changes. */
const lengths = [
  0,
  1,
  41,
  63,
  64,
  65,
  125,
  126,
  127,
  16383,
  16384,
  65535,
  65536,
];

Deno.test("serializeMessages() writes what fragment() and serializeFrame() write, at every length (R40, R44)", () => {
  for (const length of lengths) {
    assertSame([binary(length)], `${length} bytes`);
    assertSame([text("a".repeat(length))], `${length} characters`);
    assertSame([text("é".repeat(length))], `${length} of two bytes`);
    assertSame([text("€".repeat(length))], `${length} of three bytes`);
    assertSame([text("🌍".repeat(length))], `${length} of four bytes`);
  }
});

Deno.test("serializeMessages() moves a text whose header is longer than its characters foretell", () => {
  for (const characters of [42, 60, 63, 64, 100, 125]) {
    assertSame([text(`${"a".repeat(characters - 1)}€`)], `${characters}`);
    assertSame([text(`€${"é".repeat(characters - 1)}`)], `${characters}`);
  }
  assertSame([text("a\ud800b")], "half a surrogate pair");
});

Deno.test("serializeMessages() keeps the order of messages small and large", () => {
  assertSame([], "none");
  assertSame(
    [text("a"), binary(20_000), binary(3), text("b"), binary(16_384), text("")],
    "mixed",
  );
});

function randomMessage(random: Random): DataMessage {
  const length = random.integer(0, random.integer(0, 3) === 0 ? 20_000 : 200);
  if (random.integer(0, 1) === 0) return binary(length);
  const alphabet = ["a", "z", "é", "€", "🌍", "\ud800", "\n"];
  return text(
    Array.from(
      { length },
      () => alphabet[random.integer(0, alphabet.length - 1)],
    ).join(""),
  );
}

Deno.test("serializeMessages() writes any burst as the plain way does", () => {
  forEachSeed((random) => {
    const count = random.integer(0, 20);
    assertSame(
      Array.from({ length: count }, () => randomMessage(random)),
      "a burst",
    );
  });
});

Deno.test("serializeMessages() puts the small ones of a burst into one array, and copies no large one", () => {
  const large = binary(16_384);
  const chunks = serializeMessages([text("a"), binary(9), large, text("b")]);
  assertEquals(chunks.length, 4);
  assertStrictEquals(chunks[2], large.data);
});

Deno.test("serializeMessages() asks for a fresh key for each frame (R43)", () => {
  let count = 0;
  const chunks = serializeMessages(
    [text("a"), binary(20_000), text("b")],
    () => Uint8Array.of(++count, 0, 0, 0),
  );
  assertEquals(count, 3);
  assertEquals(chunks.length, 1);
  assertEquals(chunks[0]?.subarray(2, 6), Uint8Array.of(1, 0, 0, 0));
});

Deno.test("serializeMessages() changes nothing", () => {
  assertPure("serializeMessages()", serializeMessages, [
    text("a"),
    binary(100),
  ]);
});
