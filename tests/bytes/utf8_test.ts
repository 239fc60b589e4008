import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { decodeUtf8, scanUtf8 } from "../../lib/bytes/utf8.ts";
import { hex, utf8 } from "../support/hex.ts";
import { assertPure } from "../support/purity.ts";
import { forEachSeed, type Random, seededRandom } from "../support/random.ts";
import {
  byteByByte,
  concatenated,
  everyCutInTwo,
  randomPieces,
} from "../support/splits.ts";

interface TextCase {
  readonly name: string;
  readonly source: string;
  readonly bytes: Uint8Array;
  readonly text: string;
}

const wellFormed: readonly TextCase[] = [
  { name: "nothing", source: "RFC 3629 §4", bytes: hex(""), text: "" },
  { name: "U+0000", source: "RFC 3629 §3", bytes: hex("00"), text: "\0" },
  { name: "U+007F", source: "RFC 3629 §3", bytes: hex("7f"), text: "\x7f" },
  { name: "U+0080", source: "RFC 3629 §3", bytes: hex("c280"), text: "\x80" },
  { name: "U+07FF", source: "RFC 3629 §3", bytes: hex("dfbf"), text: "\u07ff" },
  {
    name: "U+0800",
    source: "RFC 3629 §3",
    bytes: hex("e0a080"),
    text: "\u0800",
  },
  {
    name: "U+0FFF",
    source: "RFC 3629 §4",
    bytes: hex("e0bfbf"),
    text: "\u0fff",
  },
  {
    name: "U+1000",
    source: "RFC 3629 §4",
    bytes: hex("e18080"),
    text: "\u1000",
  },
  {
    name: "U+D7FF, before the surrogates",
    source: "RFC 3629 §4",
    bytes: hex("ed9fbf"),
    text: "\ud7ff",
  },
  {
    name: "U+E000, after the surrogates",
    source: "RFC 3629 §4",
    bytes: hex("ee8080"),
    text: "\ue000",
  },
  {
    name: "U+FFFE and U+FFFF, noncharacters",
    source: "RFC 3629 §3",
    bytes: hex("efbfbe efbfbf"),
    text: "\ufffe\uffff",
  },
  {
    name: "U+FFFD, which lenient decoders put for an error",
    source: "RFC 3629 §3",
    bytes: hex("efbfbd"),
    text: "\ufffd",
  },
  {
    name: "U+10000",
    source: "RFC 3629 §3",
    bytes: hex("f0908080"),
    text: "\u{10000}",
  },
  {
    name: "U+3FFFF and U+40000",
    source: "RFC 3629 §4",
    bytes: hex("f0bfbfbf f1808080"),
    text: "\u{3ffff}\u{40000}",
  },
  {
    name: "U+10FFFF",
    source: "RFC 3629 §3",
    bytes: hex("f48fbfbf"),
    text: "\u{10ffff}",
  },
  {
    name: "A≢Α.",
    source: "RFC 3629 §7",
    bytes: hex("41 e289a2 ce91 2e"),
    text: "A\u2262\u0391.",
  },
  {
    name: "한국어",
    source: "RFC 3629 §7",
    bytes: hex("ed959c eab5ad ec96b4"),
    text: "\ud55c\uad6d\uc5b4",
  },
  {
    name: "a byte order mark, kept, and U+233B4",
    source: "RFC 3629 §7",
    bytes: hex("efbbbf f0a38eb4"),
    text: "\ufeff\u{233b4}",
  },
  {
    name: "two byte order marks and one inside",
    source: "RFC 3629 §6",
    bytes: hex("efbbbf efbbbf 41 efbbbf"),
    text: "\ufeff\ufeffA\ufeff",
  },
];

interface IllFormedCase {
  readonly name: string;
  readonly source: string;
  readonly bytes: Uint8Array;
  /** Index of the first byte that no valid text has after those before it. */
  readonly offset: number;
}

const illFormed: readonly IllFormedCase[] = [
  { name: "80 alone", source: "RFC 3629 §3", bytes: hex("80"), offset: 0 },
  { name: "BF alone", source: "RFC 3629 §3", bytes: hex("bf"), offset: 0 },
  {
    name: "80 after A",
    source: "RFC 3629 §3",
    bytes: hex("41 80 41"),
    offset: 1,
  },
  {
    name: "a continuation too many",
    source: "RFC 3629 §4",
    bytes: hex("c3a9 80"),
    offset: 2,
  },
  {
    name: "a continuation too many after 4 bytes",
    source: "RFC 3629 §4",
    bytes: hex("f09f9880 80"),
    offset: 4,
  },
  {
    name: "five continuations",
    source: "RFC 3629 §4",
    bytes: hex("8080808080"),
    offset: 0,
  },
  {
    name: "NUL, overlong in 2 bytes",
    source: "RFC 3629 §3",
    bytes: hex("c080"),
    offset: 0,
  },
  {
    name: "U+007F, overlong in 2 bytes",
    source: "RFC 3629 §4",
    bytes: hex("c1bf"),
    offset: 0,
  },
  {
    name: "/, overlong in 3 bytes",
    source: "RFC 3629 §10",
    bytes: hex("e080af"),
    offset: 1,
  },
  {
    name: "U+07FF, overlong in 3 bytes",
    source: "RFC 3629 §4",
    bytes: hex("e09fbf"),
    offset: 1,
  },
  {
    name: "NUL, overlong in 4 bytes",
    source: "RFC 3629 §4",
    bytes: hex("f0808080"),
    offset: 1,
  },
  {
    name: "U+FFFF, overlong in 4 bytes",
    source: "RFC 3629 §4",
    bytes: hex("f08fbfbf"),
    offset: 1,
  },
  { name: "U+D800", source: "RFC 3629 §3", bytes: hex("eda080"), offset: 1 },
  { name: "U+DFFF", source: "RFC 3629 §3", bytes: hex("edbfbf"), offset: 1 },
  {
    name: "a pair of surrogates in 6 bytes",
    source: "RFC 3629 §4",
    bytes: hex("eda18c edbeb4"),
    offset: 1,
  },
  {
    name: "U+110000",
    source: "RFC 3629 §3",
    bytes: hex("f4908080"),
    offset: 1,
  },
  { name: "F5", source: "RFC 3629 §4", bytes: hex("f5808080"), offset: 0 },
  {
    name: "5 bytes",
    source: "RFC 3629 §3",
    bytes: hex("f888808080"),
    offset: 0,
  },
  {
    name: "6 bytes",
    source: "RFC 3629 §3",
    bytes: hex("fc8480808080"),
    offset: 0,
  },
  { name: "FE", source: "RFC 3629 §3", bytes: hex("41fe"), offset: 1 },
  { name: "FF", source: "RFC 3629 §3", bytes: hex("41ff"), offset: 1 },
  {
    name: "2 bytes cut by A",
    source: "RFC 3629 §4",
    bytes: hex("c2 41"),
    offset: 1,
  },
  {
    name: "3 bytes cut by A after 1",
    source: "RFC 3629 §4",
    bytes: hex("e2 41"),
    offset: 1,
  },
  {
    name: "3 bytes cut by A after 2",
    source: "RFC 3629 §4",
    bytes: hex("e282 41"),
    offset: 2,
  },
  {
    name: "4 bytes cut by A after 3",
    source: "RFC 3629 §4",
    bytes: hex("f09f98 41"),
    offset: 3,
  },
  {
    name: "4 bytes cut by a character",
    source: "RFC 3629 §4",
    bytes: hex("f09f e282ac"),
    offset: 2,
  },
  {
    name: "2 bytes cut by their own beginning",
    source: "RFC 3629 §4",
    bytes: hex("c3 c3a9"),
    offset: 1,
  },
  {
    name: "κόσμε, a surrogate, edited",
    source: "RFC 6455 §8.1",
    bytes: hex("ceba e1bdb9 cf83 cebc ceb5 eda080 656469746564"),
    offset: 12,
  },
];

/** Beginnings of characters: right as far as they go. */
const unfinished: readonly TextCase[] = [
  { name: "1 of 2", source: "RFC 3629 §4", bytes: hex("41 c3"), text: "A" },
  { name: "1 of 3", source: "RFC 3629 §4", bytes: hex("41 e0"), text: "A" },
  { name: "2 of 3", source: "RFC 3629 §4", bytes: hex("41 ed9f"), text: "A" },
  { name: "1 of 4", source: "RFC 3629 §4", bytes: hex("f4"), text: "" },
  { name: "2 of 4", source: "RFC 3629 §4", bytes: hex("f48f"), text: "" },
  { name: "3 of 4", source: "RFC 3629 §4", bytes: hex("f09f98"), text: "" },
  {
    name: "1 of 2 after 4",
    source: "RFC 3629 §4",
    bytes: hex("f09f9880 c3"),
    text: "😀",
  },
];

type Decoded =
  | { readonly text: string; readonly pending: Uint8Array }
  | { readonly invalidAt: number };

/** Decodes piece by piece; `invalidAt` counts from the first of the pieces. */
function decodePieces(pieces: readonly Uint8Array[]): Decoded {
  let text = "";
  let pending: Uint8Array | undefined;
  let before = 0;
  for (const piece of pieces) {
    const result = decodeUtf8(piece, pending);
    if (result.status === "invalid") {
      return { invalidAt: before + result.offset };
    }
    text += result.text;
    pending = result.pending;
    before += piece.length;
  }
  return { text, pending: pending ?? new Uint8Array(0) };
}

/** What the platform says of bytes after which more may come. */
function decodeNatively(bytes: Uint8Array): string | undefined {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  try {
    return decoder.decode(bytes, { stream: true });
  } catch {
    return undefined;
  }
}

/** `decodeUtf8`, `scanUtf8` and the platform have to be of one opinion. */
function assertAgreement(bytes: Uint8Array): void {
  const decoded = decodeUtf8(bytes);
  const scanned = scanUtf8(bytes);
  const native = decodeNatively(bytes);
  // Without a template for each: this runs a hundred thousand times.
  const fail = () => {
    throw new Error(`On bytes ${bytes}: ${JSON.stringify([decoded, scanned])}`);
  };
  if (decoded.status === "invalid") {
    if (scanned.status !== "invalid") return fail();
    if (scanned.offset !== decoded.offset || native !== undefined) fail();
  } else {
    if (scanned.status !== "valid" || native !== decoded.text) return fail();
    if (decoded.pending.length !== scanned.unfinishedBytes) fail();
  }
}

Deno.test("decodeUtf8() decodes well-formed text, whole and cut anywhere (R60)", () => {
  for (const { name, source, bytes, text } of wellFormed) {
    const wanted = { text, pending: new Uint8Array(0) };
    const cuts = [[bytes], byteByByte(bytes), ...everyCutInTwo(bytes)];
    for (const pieces of cuts) {
      const label = `${name} (${source}) cut ${pieces.map((p) => p.length)}`;
      assertEquals(decodePieces(pieces), wanted, label);
    }
  }
});

Deno.test("decodeUtf8() refuses ill-formed text at its first wrong byte, cut anywhere (R60)", () => {
  for (const { name, source, bytes, offset } of illFormed) {
    const cuts = [[bytes], byteByByte(bytes), ...everyCutInTwo(bytes)];
    for (const pieces of cuts) {
      const label = `${name} (${source}) cut ${pieces.map((p) => p.length)}`;
      assertEquals(decodePieces(pieces), { invalidAt: offset }, label);
    }
  }
});

Deno.test("decodeUtf8() refuses ill-formed text as soon as it can be seen, not sooner (R61)", () => {
  for (const { name, bytes, offset } of illFormed) {
    for (let length = 0; length <= bytes.length; length++) {
      const result = decodeUtf8(bytes.subarray(0, length));
      const label = `${name}: the first ${length} bytes`;
      assertEquals(result.status, length > offset ? "invalid" : "valid", label);
      if (result.status === "invalid") {
        assertEquals(result.offset, offset, label);
      }
    }
  }
});

Deno.test("decodeUtf8() refuses ill-formed text after well-formed text (R60)", () => {
  for (const good of wellFormed) {
    for (const bad of illFormed) {
      const result = decodeUtf8(concatenated([good.bytes, bad.bytes]));
      assertEquals(
        result,
        { status: "invalid", offset: good.bytes.length + bad.offset },
        `${good.name}, then ${bad.name}`,
      );
    }
  }
});

Deno.test("decodeUtf8() keeps the beginning of a character for later (R60)", () => {
  for (const { name, bytes, text } of unfinished) {
    const result = decodeUtf8(bytes);
    assert(result.status === "valid", name);
    assertEquals(result.text, text, name);
    const begun = bytes.subarray(utf8(text).length);
    assertEquals(result.pending, begun, name);
    assertStrictEquals(result.pending.buffer, bytes.buffer, `${name}: a view`);
    assertEquals(decodePieces(byteByByte(bytes)), { text, pending: begun });
  }
});

Deno.test("decodeUtf8() keeps what is pending through an empty piece", () => {
  const pieces = [hex("f09f"), hex(""), hex("98"), hex(""), hex("80")];
  assertEquals(decodePieces(pieces), { text: "😀", pending: hex("") });
});

Deno.test("decodeUtf8() counts the offset from the piece, not from what is pending", () => {
  assertEquals(
    decodeUtf8(hex("98 41"), hex("f09f")),
    { status: "invalid", offset: 1 },
  );
  assertEquals(
    decodeUtf8(hex("41"), hex("f09f98")),
    { status: "invalid", offset: 0 },
  );
});

Deno.test("scanUtf8() judges the same tables (R60)", () => {
  for (const { name, bytes } of wellFormed) {
    const wanted = { status: "valid", unfinishedBytes: 0 } as const;
    assertEquals(scanUtf8(bytes), wanted, name);
  }
  for (const { name, bytes, offset } of illFormed) {
    assertEquals(scanUtf8(bytes), { status: "invalid", offset }, name);
  }
  for (const { name, bytes, text } of unfinished) {
    const unfinishedBytes = bytes.length - utf8(text).length;
    assertEquals(scanUtf8(bytes), { status: "valid", unfinishedBytes }, name);
  }
});

Deno.test("scanUtf8() begins where it is told", () => {
  const bytes = hex("ff 41 c3");
  assertEquals(scanUtf8(bytes, 0), { status: "invalid", offset: 0 });
  assertEquals(scanUtf8(bytes, 1), { status: "valid", unfinishedBytes: 1 });
  assertEquals(scanUtf8(bytes, 3), { status: "valid", unfinishedBytes: 0 });
});

Deno.test("decodeUtf8() agrees with scanUtf8() and TextDecoder on all inputs of 1 and 2 bytes", () => {
  for (let first = 0; first < 256; first++) {
    assertAgreement(Uint8Array.of(first));
    for (let second = 0; second < 256; second++) {
      assertAgreement(Uint8Array.of(first, second));
    }
  }
});

Deno.test("decodeUtf8() agrees with scanUtf8() and TextDecoder on every lead and second byte", () => {
  for (let lead = 0xc0; lead < 256; lead++) {
    for (let second = 0; second < 256; second++) {
      assertAgreement(Uint8Array.of(lead, second, 0x80));
      assertAgreement(Uint8Array.of(lead, second, 0x80, 0xbf));
    }
  }
});

const characters = [
  "a",
  "é",
  "€",
  "😀",
  "\ufeff",
  "\u{10ffff}",
  "\ud7ff",
  "\0",
];

function randomText(random: Random): string {
  const length = random.integer(0, 40);
  return Array.from({ length }, () => random.pick(characters)).join("");
}

/** Valid text in which perhaps a byte is changed, lost or put in. */
function nearlyUtf8(random: Random): Uint8Array {
  const bytes = Array.from(utf8(randomText(random)));
  const at = random.integer(0, bytes.length);
  const wrong = random.pick([0x41, 0x80, 0xbf, 0xc0, 0xe2, 0xed, 0xf4, 0xff]);
  const change = random.pick(["change", "lose", "put in", "none"]);
  if (change === "change") bytes.splice(at, 1, wrong);
  if (change === "lose") bytes.splice(at, 1);
  if (change === "put in") bytes.splice(at, 0, wrong);
  return Uint8Array.from(bytes);
}

Deno.test("decodeUtf8() agrees with scanUtf8() and TextDecoder on random and nearly valid bytes", () => {
  forEachSeed((random) => {
    for (let count = 0; count < 200; count++) {
      assertAgreement(random.bytes(random.integer(0, 12)));
      assertAgreement(nearlyUtf8(random));
    }
  });
});

Deno.test("decodeUtf8() gives the same answer however nearly valid bytes are cut (R60)", () => {
  forEachSeed((random) => {
    for (let count = 0; count < 100; count++) {
      const bytes = nearlyUtf8(random);
      assertEquals(
        decodePieces(randomPieces(bytes, random)),
        decodePieces([bytes]),
        `bytes ${bytes}`,
      );
    }
  });
});

Deno.test("decodeUtf8() and scanUtf8() change nothing they are given", () => {
  for (const { name, bytes } of [...wellFormed, ...illFormed, ...unfinished]) {
    assertPure(`decodeUtf8 on ${name}`, decodeUtf8, bytes);
    assertPure(`scanUtf8 on ${name}`, scanUtf8, bytes);
  }
  const { bytes } = seededRandom(4);
  assertPure("decodeUtf8", decodeUtf8, bytes(20), hex("f09f"));
});
