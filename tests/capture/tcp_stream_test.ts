import { assertEquals } from "@std/assert";
import {
  acknowledge,
  beginStream,
  createTcpStream,
  flush,
  giveUpDoubts,
  giveUpHole,
  heldSegmentBytes,
  isEnded,
  isInWindow,
  offsetOf,
  type StreamPiece,
  takeFin,
  takeSegment,
  type TcpStream,
} from "../../lib/capture/tcp_stream.ts";
import { forEachSeed, type Random } from "../support/random.ts";

const place = { packet: 1, timeMs: 0 };

/** A stream, and what it has given: `"abc"`, and `"3"` for a gap of three. */
function begun(sequence = 0): {
  readonly stream: TcpStream;
  readonly given: string[];
  readonly take: (piece: StreamPiece) => void;
  readonly put: (offset: number, text: string, missingBytes?: number) => void;
} {
  const stream = createTcpStream();
  beginStream(stream, sequence, true);
  const given: string[] = [];
  const take = ({ bytes, byteLength }: StreamPiece) => {
    const text = bytes && new TextDecoder().decode(bytes);
    given.push(text ?? String(byteLength));
  };
  const put = (offset: number, text: string, missingBytes = 0) => {
    const bytes = new TextEncoder().encode(text);
    takeSegment(stream, offset, bytes, missingBytes, place, take);
  };
  return { stream, given, take, put };
}

/** Segments in the order of the capture, and what becomes of them. */
const cases: readonly [
  name: string,
  segments: [offset: number, text: string, missingBytes?: number][],
  given: string[],
][] = [
  ["in order", [[0, "abc"], [3, "def"]], ["abc", "def"]],
  ["again", [[0, "abc"], [0, "xyz"], [3, "d"]], ["abc", "d"]],
  ["again in part", [[0, "abc"], [1, "xyz"]], ["abc", "z"]],
  ["again with more before", [[0, "ab"], [0, "xyz"]], ["ab", "z"]],
  ["the other way round", [[3, "def"], [0, "abc"]], ["abc", "def"]],
  ["held twice", [[3, "def"], [3, "xyz"], [0, "abc"]], ["abc", "def"]],
  ["held and longer", [[3, "d"], [3, "xyz"], [0, "abc"]], ["abc", "d", "yz"]],
  ["held and begun before", [[3, "def"], [2, "xy"], [0, "ab"]], [
    "ab",
    "x",
    "def",
  ]],
  ["around what is held", [[3, "d"], [5, "f"], [2, "uvwxy"], [0, "ab"]], [
    "ab",
    "u",
    "d",
    "w",
    "f",
    "y",
  ]],
  ["over all that is held", [[2, "c"], [4, "e"], [0, "uvwxyz"]], [
    "uv",
    "c",
    "x",
    "e",
    "z",
  ]],
  ["a keep-alive", [[0, "abc"], [2, "x"], [3, "d"]], ["abc", "d"]],
  ["cut by a snapshot length", [[0, "abc", 2], [5, "f"]], ["abc", "2", "f"]],
  ["all cut off", [[0, "", 5], [5, "f"]], ["5", "f"]],
  ["cut and held", [[3, "d", 2], [0, "abc"], [6, "g"]], ["abc", "d", "2", "g"]],
  ["cut and again", [[0, "abc", 2], [0, "abcde"]], ["abc", "2"]],
  ["beyond any window", [[2 ** 30 + 1, "x"], [0, "abc"]], ["abc"]],
  ["long before", [[-(2 ** 30) - 1, "x"], [0, "abc"]], ["abc"]],
];

for (const [name, segments, expected] of cases) {
  Deno.test(`takeSegment() takes segments ${name}`, () => {
    const { given, put, stream } = begun();
    for (const [offset, text, missing] of segments) put(offset, text, missing);
    assertEquals(given, expected);
    assertEquals(stream.held, []);
    assertEquals(stream.heldBytes, 0);
  });
}

Deno.test("takeSegment() copies what it holds", () => {
  const { stream, given, put, take } = begun();
  const bytes = new TextEncoder().encode("def");
  takeSegment(stream, 3, bytes, 0, place, take);
  bytes.fill(0);
  put(0, "abc");
  assertEquals(given, ["abc", "def"]);
});

Deno.test("takeSegment() counts what it holds", () => {
  const { stream, put, take } = begun();
  put(3, "def");
  put(9, "j", 5);
  assertEquals(stream.heldBytes, 3 * heldSegmentBytes + 4);
  giveUpHole(stream, take);
  assertEquals(stream.heldBytes, 2 * heldSegmentBytes + 1);
  flush(stream, place, take);
  assertEquals(stream.heldBytes, 0);
});

Deno.test("takeSegment() gives each byte once, as it was seen first", () => {
  forEachSeed((random) => {
    const length = random.integer(1, 200);
    const seen: (string | undefined)[] = new Array(length).fill(undefined);
    const { stream, given, put, take } = begun(random.integer(0, 2 ** 32 - 1));
    for (let count = random.integer(1, 80); count > 0; count--) {
      const offset = random.integer(0, length - 1);
      const text = randomText(random, random.integer(0, length - offset));
      const missing = random.chance(0.1)
        ? random.integer(0, length - offset - text.length)
        : 0;
      put(offset, text, missing);
      for (let at = 0; at < text.length + missing; at++) {
        seen[offset + at] ??= text[at] ?? "missing";
      }
    }
    flush(stream, place, take);
    const last = seen.findLastIndex((byte) => byte !== undefined);
    const expected = seen.slice(0, last + 1)
      .map((byte) => byte === undefined ? "missing" : byte);
    const found = given.flatMap((piece) =>
      /^\d+$/.test(piece)
        ? new Array(Number(piece)).fill("missing")
        : [...piece]
    );
    assertEquals(found, expected);
  });
});

function randomText(random: Random, length: number): string {
  return Array.from(
    { length },
    () => String.fromCharCode(random.integer(0x61, 0x7a)),
  ).join("");
}

Deno.test("offsetOf() counts across the end of the numbers", () => {
  const { stream, put } = begun(2 ** 32 - 2);
  assertEquals(offsetOf(stream, 2 ** 32 - 2), 0);
  assertEquals(offsetOf(stream, 1), 3);
  assertEquals(offsetOf(stream, 2 ** 32 - 3), -1);
  put(0, "abcd");
  assertEquals(stream.nextSequence, 2);
  assertEquals(offsetOf(stream, 2 ** 32 - 2), 0);
  assertEquals(offsetOf(stream, 2), 4);
});

Deno.test("isInWindow() knows what may be on its way", () => {
  const { stream } = begun();
  assertEquals(isInWindow(stream, 2 ** 30), true);
  assertEquals(isInWindow(stream, 2 ** 30 + 1), false);
  assertEquals(isInWindow(stream, -(2 ** 30)), true);
  assertEquals(isInWindow(stream, -(2 ** 30) - 1), false);
});

Deno.test("takeFin() ends a stream when all before it has come", () => {
  const { stream, given, put } = begun();
  takeFin(stream, 6, place);
  put(3, "def");
  assertEquals(isEnded(stream), false);
  put(0, "abc");
  assertEquals(isEnded(stream), true);
  put(6, "after");
  assertEquals(given, ["abc", "def"]);
  assertEquals(stream.heldBytes, 0);
});

Deno.test("takeFin() ends a stream at once if nothing is missing", () => {
  const { stream, put } = begun();
  put(0, "abc");
  takeFin(stream, 3, place);
  assertEquals(isEnded(stream), true);
});

Deno.test("takeFin() takes no other end, and none that has passed", () => {
  const { stream, put } = begun();
  put(0, "abc");
  takeFin(stream, 2, place);
  assertEquals(stream.finOffset, undefined);
  takeFin(stream, 2 ** 31, place);
  assertEquals(stream.finOffset, undefined);
  takeFin(stream, 5, place);
  takeFin(stream, 4, place);
  assertEquals(stream.finOffset, 5);
});

Deno.test("giveUpDoubts() waits for so many packets after an acknowledgment", () => {
  const { stream, given, put, take } = begun();
  put(3, "def");
  acknowledge(stream, 6, 10);
  giveUpDoubts(stream, 12, 2, take);
  assertEquals(given, []);
  giveUpDoubts(stream, 13, 2, take);
  assertEquals(given, ["3", "def"]);
});

Deno.test("giveUpDoubts() gives up all holes that are acknowledged, no others", () => {
  const { stream, given, put, take } = begun();
  put(1, "b");
  put(3, "d");
  put(5, "f");
  acknowledge(stream, 4, 1);
  giveUpDoubts(stream, 2, 0, take);
  assertEquals(given, ["1", "b", "1", "d"]);
});

Deno.test("giveUpDoubts() leaves a hole that was filled in time", () => {
  const { stream, given, put, take } = begun();
  put(3, "def");
  acknowledge(stream, 6, 1);
  put(0, "abc");
  giveUpDoubts(stream, 100, 0, take);
  assertEquals(given, ["abc", "def"]);
});

Deno.test("acknowledge() counts anew after what it waited for has come", () => {
  const { stream, given, put, take } = begun();
  acknowledge(stream, 3, 1);
  put(0, "abc");
  put(4, "e");
  acknowledge(stream, 5, 10);
  giveUpDoubts(stream, 12, 2, take);
  assertEquals(given, ["abc"]);
  giveUpDoubts(stream, 13, 2, take);
  assertEquals(given, ["abc", "1", "e"]);
});

Deno.test("acknowledge() leaves out what nobody can have sent", () => {
  const { stream } = begun();
  acknowledge(stream, 2 ** 30 + 1, 1);
  acknowledge(stream, -5, 1);
  assertEquals(stream.doubt, undefined);
  assertEquals(stream.acknowledged, 0);
});

Deno.test("flush() gives what is held, and what is missing at the end", () => {
  const { stream, given, put, take } = begun();
  put(2, "c");
  acknowledge(stream, 10, 1);
  flush(stream, place, take);
  assertEquals(given, ["2", "c", "7"]);
});

Deno.test("flush() takes one missing byte at the end as the FIN", () => {
  const { stream, given, put, take } = begun();
  put(0, "abc");
  acknowledge(stream, 4, 1);
  flush(stream, place, take);
  assertEquals(given, ["abc"]);
});
