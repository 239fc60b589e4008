import { assert, assertEquals } from "@std/assert";
import {
  compressedBit,
  createDeflateCodec,
  type DeflateCodecOptions,
} from "../../lib/deflate/codec.ts";
import type { DeflateEngine } from "../../lib/deflate/engine.ts";
import { createLender, keep } from "../../lib/deflate/lender.ts";
import { pakoEngine } from "../../lib/deflate/pako_engine.ts";
import { permessageDeflate } from "../../lib/deflate/permessage_deflate.ts";
import type { Invalid } from "../../lib/error/protocol_error.ts";
import type { ExtensionCodec } from "../../lib/extension/extension.ts";
import { hex, utf8 } from "../support/hex.ts";
import { byteByByte, everyCutInTwo } from "../support/splits.ts";
import { assertInvalid } from "../support/violations.ts";
import {
  assertBytes,
  engines,
  joined,
  piecesOf,
  tail,
  usual,
} from "./engines.ts";

/** A codec of one connection, which compresses what it is told to. */
function codecOf(
  engine: DeflateEngine = pakoEngine,
  options: Partial<DeflateCodecOptions> = {},
): ExtensionCodec {
  return createDeflateCodec({
    deflater: keep(() => engine.createDeflater(usual)),
    inflater: keep(() => engine.createInflater(usual)),
    sharedDeflater: createLender(() => engine.createDeflater(usual))(),
    sharedKey: engine,
    isWorthIt: ({ compress }) => compress ?? true,
    maxRatio: Infinity,
    ...options,
  });
}

/** A frame: its RSV bits, its payload, and whether it is the last. */
interface Fragment {
  readonly rsv: number;
  readonly payload: Uint8Array;
  readonly fin: boolean;
}

/** What fragments come to, each cut in pieces; or the rule they break. */
function decodeMessage(
  codec: ExtensionCodec,
  fragments: readonly Fragment[],
  cut: (payload: Uint8Array) => readonly Uint8Array[] = (payload) => [payload],
  maxBytes = Infinity,
): Uint8Array | Invalid {
  const found: Uint8Array[] = [];
  let left = maxBytes;
  let offset = 0;
  for (const [number, { rsv, payload, fin }] of fragments.entries()) {
    const pieces = payload.length === 0 ? [payload] : cut(payload);
    for (const [index, piece] of pieces.entries()) {
      const decoded = codec.decode({
        messageType: "binary",
        first: number === 0 && index === 0,
        last: fin && index === pieces.length - 1,
        start: index === 0,
        rsv,
        payload: piece,
        offset,
      }, left);
      if (decoded.status === "invalid") return decoded;
      found.push(...decoded.payloads);
      offset += piece.length;
      left -= joined(decoded.payloads).length;
    }
  }
  return joined(found);
}

/** A message in one frame, or in several, with RSV1 on the first. */
function compressed(...payloads: readonly string[]): Fragment[] {
  return payloads.map((payload, index) => ({
    rsv: index === 0 ? compressedBit : 0,
    payload: hex(payload),
    fin: index === payloads.length - 1,
  }));
}

function uncompressed(text: string): Fragment[] {
  return [{ rsv: 0, payload: utf8(text), fin: true }];
}

function encodeMessage(
  codec: ExtensionCodec,
  parts: readonly Uint8Array[],
  compress?: boolean,
): Fragment[] {
  return parts.map((payload, index) => {
    const first = index === 0;
    const last = index === parts.length - 1;
    const encoded = codec.encode({
      messageType: "binary",
      first,
      last,
      payload,
      compress,
    });
    return { ...encoded, rsv: first ? encoded.rsv : 0, fin: last };
  });
}

interface VectorCase {
  readonly name: string;
  readonly messages: readonly (readonly Fragment[])[];
  readonly texts: readonly string[];
  /** Whether it is what we write ourselves. */
  readonly isOurs: boolean;
}

const hello = compressed("f2 48 cd c9 c9 07 00");
const again = compressed("f2 00 11 00 00");

const vectors: readonly VectorCase[] = [
  {
    name: "one block (RFC 7692 §7.2.3.1)",
    messages: [hello],
    texts: ["Hello"],
    isOurs: true,
  },
  {
    name: "a message in two fragments (RFC 7692 §7.2.3.1)",
    messages: [compressed("f2 48 cd", "c9 c9 07 00")],
    texts: ["Hello"],
    isOurs: false,
  },
  {
    name: "a second message in the same window (RFC 7692 §7.2.3.2)",
    messages: [hello, again],
    texts: ["Hello", "Hello"],
    isOurs: true,
  },
  {
    name: "a stored block (RFC 7692 §7.2.3.3)",
    messages: [compressed("00 05 00 fa ff 48 65 6c 6c 6f 00")],
    texts: ["Hello"],
    isOurs: false,
  },
  {
    name: "a last block (RFC 7692 §7.2.3.4)",
    messages: [compressed("f3 48 cd c9 c9 07 00 00")],
    texts: ["Hello"],
    isOurs: false,
  },
  {
    name: "two blocks (RFC 7692 §7.2.3.5)",
    messages: [compressed("f2 48 05 00 00 00 ff ff ca c9 c9 07 00")],
    texts: ["Hello"],
    isOurs: false,
  },
  {
    name: "an empty message (RFC 7692 §7.2.3.6)",
    messages: [compressed("00"), compressed("02 00")],
    texts: ["", ""],
    isOurs: false,
  },
  {
    name: "an empty message as we write it (R92)",
    messages: [compressed("00"), compressed("00")],
    texts: ["", ""],
    isOurs: true,
  },
  {
    name: "empty fragments around all of it (R93)",
    messages: [compressed("", "f2 48 cd c9 c9 07 00", ""), again],
    texts: ["Hello", "Hello"],
    isOurs: false,
  },
  {
    name: "an uncompressed message, which stays out of the window (R88, R95)",
    messages: [hello, uncompressed("other"), again],
    texts: ["Hello", "other", "Hello"],
    isOurs: true,
  },
  {
    name: "an uncompressed message first, and in between an empty one (R95)",
    messages: [uncompressed("Hello"), hello, compressed("00"), again],
    texts: ["Hello", "Hello", "", "Hello"],
    isOurs: true,
  },
];

for (const engine of engines) {
  for (const { name, messages, texts, isOurs } of vectors) {
    Deno.test(`with ${engine.name}, a codec decodes ${name}, cut anywhere (R96, R99)`, () => {
      const longest = Math.max(
        ...messages.flat().map(({ payload }) => payload.length),
      );
      const cuts = [
        (payload: Uint8Array) => [payload],
        byteByByte,
        ...Array.from(
          { length: longest },
          (_, at) => (payload: Uint8Array) =>
            everyCutInTwo(payload)[Math.min(at, payload.length)]!,
        ),
      ];
      for (const [number, cut] of cuts.entries()) {
        const codec = codecOf(engine);
        const found = messages.map((message) =>
          decodeMessage(codec, message, cut)
        );
        assertEquals(found, texts.map(utf8), `cut ${number}`);
        codec.close?.();
      }
    });

    if (!isOurs) continue;
    Deno.test(`with ${engine.name}, a codec encodes ${name} (R90, R99)`, () => {
      const codec = codecOf(engine);
      const found = texts.map((text, index) => {
        const compress = messages[index]![0]!.rsv !== 0;
        return encodeMessage(codec, [utf8(text)], compress);
      });
      assertEquals(found, messages);
      codec.close?.();
    });
  }
}

Deno.test("a codec takes the tail from the last fragment alone (R90)", () => {
  const codec = codecOf();
  const parts = ["Hel", "", "lo"].map(utf8);
  const [first, second, last] = encodeMessage(codec, parts);
  assertEquals(first!.payload.subarray(-4), hex("00 00 ff ff"));
  assertEquals(second!.payload, hex(""), "nothing for nothing");
  assert(last!.payload.length > 0);
  assertEquals(last!.payload.at(-1), 0);
  const found = decodeMessage(codecOf(), [first!, second!, last!]);
  assertEquals(found, utf8("Hello"));
});

Deno.test("a codec ends a message that has nothing more with an empty block (R90, R92)", () => {
  const codec = codecOf();
  const cases = [["a", ""], ["", ""], ["", "a"], ["", "", ""], [""]];
  const other = codecOf();
  for (const parts of cases) {
    const fragments = encodeMessage(codec, parts.map(utf8));
    assert(fragments.at(-1)!.payload.length > 0, parts.join());
    const found = decodeMessage(other, fragments);
    assertEquals(found, utf8(parts.join("")), parts.join());
  }
  codec.close?.();
  other.close?.();
});

Deno.test("a codec marks the first frame of a message that is compressed, and no other (R88)", () => {
  const codec = codecOf();
  const parts = ["a", "b", "c"].map(utf8);
  assertEquals(
    encodeMessage(codec, parts, true).map(({ rsv }) => rsv),
    [compressedBit, 0, 0],
  );
  const plain = encodeMessage(codec, parts, false);
  assertEquals(plain.map(({ rsv }) => rsv), [0, 0, 0]);
  assertEquals(plain.map(({ payload }) => payload), parts);
  assertEquals(compressedBit, 0x40);
});

Deno.test("a codec chooses with the first piece of a message, and asks for no other", () => {
  const asked: boolean[] = [];
  const codec = codecOf(pakoEngine, {
    isWorthIt: ({ first }) => {
      asked.push(first);
      return true;
    },
  });
  encodeMessage(codec, ["a", "b", "c"].map(utf8));
  encodeMessage(codec, ["d"].map(utf8));
  assertEquals(asked, [true, true]);
});

for (const rsv of [compressedBit, 0]) {
  const kind = rsv === 0 ? "an uncompressed" : "a compressed";
  Deno.test(`a codec refuses RSV1 on a continuation of ${kind} message (R88)`, () => {
    const first = rsv === 0 ? utf8("Hel") : hex("f2 48 cd");
    const fragments = [
      { rsv, payload: first, fin: false },
      { rsv: compressedBit, payload: hex("c9 c9 07 00"), fin: true },
    ];
    for (const cut of [undefined, byteByByte]) {
      const found = decodeMessage(codecOf(), fragments, cut);
      assert(!(found instanceof Uint8Array));
      assertInvalid(found, { code: "reserved-bits", offset: 3 }, kind);
    }
  });
}

Deno.test("a codec says where data is corrupt, with 1007 (R98)", () => {
  for (const engine of engines) {
    for (
      const wire of [
        "06 00",
        "00 05 00 00 00",
        "f2 00 11 00 00",
        "f2 48 cd c9 c9 07 06",
      ]
    ) {
      const found = decodeMessage(codecOf(engine), compressed(wire));
      assert(!(found instanceof Uint8Array), wire);
      const violation = { code: "corrupt-compression", offset: 0 } as const;
      const error = assertInvalid(found, violation, wire);
      assertEquals(error.closeCode, 1007);
      assertEquals(error.section, "RFC 7692 §7.2.2");
    }
  }
});

Deno.test("a codec stops within one buffer of what a message may have (R98)", () => {
  for (const engine of engines) {
    const codec = codecOf(engine);
    const bomb = encodeMessage(codec, [new Uint8Array(4 * 1024 * 1024)]);
    for (const cut of [undefined, (all: Uint8Array) => piecesOf(all, 100)]) {
      const other = codecOf(engine);
      const { payload } = bomb[0]!;
      let most = 0;
      let room = 100_000;
      for (const piece of cut?.(payload) ?? [payload]) {
        const decoded = other.decode({
          messageType: "binary",
          first: most === 0,
          last: false,
          start: most === 0,
          rsv: compressedBit,
          payload: piece,
          offset: 0,
        }, room);
        assert(decoded.status === "valid");
        const { length } = joined(decoded.payloads);
        most += length;
        room -= length;
        if (room < 0) break;
      }
      assert(most > 100_000 && most <= 100_000 + 65_536, `${most} bytes`);
      other.close?.();
    }
    codec.close?.();
  }
});

interface RatioCase {
  readonly name: string;
  readonly data: Uint8Array;
  readonly maxRatio: number;
  readonly isTaken: boolean;
}

const zeros = (length: number) => new Uint8Array(length);

const ratioCases: readonly RatioCase[] = [
  {
    name: "64 KiB, whatever the ratio",
    data: zeros(65_536),
    maxRatio: 1,
    isTaken: true,
  },
  {
    name: "one byte more than 64 KiB",
    data: zeros(65_537),
    maxRatio: 1,
    isTaken: false,
  },
  {
    name: "200 KiB of zeros, 100 times",
    data: zeros(200 * 1024),
    maxRatio: 100,
    isTaken: false,
  },
  {
    name: "200 KiB of zeros, 1,032 times",
    data: zeros(200 * 1024),
    maxRatio: 1_032,
    isTaken: true,
  },
  {
    name: "200 KiB of zeros, without a limit",
    data: zeros(200 * 1024),
    maxRatio: Infinity,
    isTaken: true,
  },
];

Deno.test("a codec takes as many times as much as it is told, and fails more with 1009 (R98)", () => {
  for (const { name, data, maxRatio, isTaken } of ratioCases) {
    const message = encodeMessage(codecOf(), [data]);
    for (const cut of [undefined, byteByByte]) {
      const codec = codecOf(pakoEngine, { maxRatio });
      const found = decodeMessage(codec, message, cut);
      if (found instanceof Uint8Array) {
        assert(isTaken, name);
        assertBytes(found, data, name);
        continue;
      }
      assert(!isTaken, name);
      assertEquals(found.error.code, "inflated-too-much", name);
      assertEquals(found.error.closeCode, 1009, name);
    }
  }
});

Deno.test("a codec judges the ratio of each message by itself", () => {
  const [from, to] = [codecOf(), codecOf(pakoEngine, { maxRatio: 1 })];
  for (let count = 0; count < 5; count++) {
    const data = zeros(60_000);
    const found = decodeMessage(to, encodeMessage(from, [data]));
    assert(found instanceof Uint8Array, `message ${count}`);
  }
});

Deno.test("a codec without context takeover begins each message with an empty window (R84, R94)", () => {
  for (const engine of engines) {
    const lendDeflater = createLender(() => engine.createDeflater(usual));
    const lendInflater = createLender(() => engine.createInflater(usual));
    const codec = codecOf(engine, {
      deflater: lendDeflater(),
      inflater: lendInflater(),
    });
    for (let count = 0; count < 3; count++) {
      assertEquals(encodeMessage(codec, [utf8("Hello")]), hello);
      assertEquals(decodeMessage(codec, hello), utf8("Hello"));
    }
    // What ends with a piece of nothing ends all the same.
    for (let count = 0; count < 3; count++) {
      const parts = [utf8("Hello"), utf8("")];
      const [first] = encodeMessage(codec, parts);
      const whole = joined([hello[0]!.payload, tail]);
      assertEquals(first!.payload, whole, "looks back on nothing");
    }
    const found = decodeMessage(codec, again);
    assert(!(found instanceof Uint8Array), "looks back on nothing");
    codec.close?.();
  }
});

Deno.test("a codec closes what it was lent, both ways", () => {
  const closed: string[] = [];
  const lent = (name: string) => ({
    take: () => {
      throw new Error("Not needed");
    },
    give: () => {},
    forget: () => {},
    close: () => void closed.push(name),
  });
  codecOf(pakoEngine, {
    deflater: lent("out"),
    sharedDeflater: lent("shared"),
    inflater: lent("in"),
  }).close?.();
  assertEquals(closed, ["out", "shared", "in"]);
});

Deno.test("a codec gives what is not compressed as it came, uncopied", () => {
  const codec = codecOf();
  const [fragment] = uncompressed("Hello");
  const decoded = codec.decode({
    messageType: "text",
    first: true,
    last: true,
    start: true,
    ...fragment!,
    offset: 0,
  }, Infinity);
  assert(decoded.status === "valid");
  assert(decoded.payloads[0] === fragment!.payload);
});

Deno.test("decode() takes many last blocks in small fragments for an attack (R76, R98)", () => {
  for (const engine of engines) {
    const codec = permessageDeflate({ engine }).accept([])!.open();
    const piece = {
      messageType: "binary",
      first: true,
      last: false,
      start: true,
      rsv: 0x40,
      payload: hex("03 00 03 00"),
      offset: 0,
    } as const;
    let status = "valid";
    let pieces = 0;
    while (status === "valid" && pieces < 100) {
      const first = pieces === 0;
      const rsv = first ? 0x40 : 0;
      ({ status } = codec.decode({ ...piece, first, rsv }, Infinity));
      pieces += 1;
    }
    assertEquals(status, "invalid", engine.name);
    // One in each message is what RFC 7692 §7.2.3.4 wants, for ever.
    const other = permessageDeflate({ engine }).accept([])!.open();
    for (let message = 0; message < 200; message++) {
      const payload = hex("f3 48 cd c9 c9 07 00 00");
      const whole = { ...piece, last: true, payload };
      assertEquals(other.decode(whole, Infinity).status, "valid");
    }
  }
});

Deno.test("decode() judges last blocks where they end, however the message is cut (R76, R98)", () => {
  const lastBlocks = (count: number) =>
    joined(Array.from({ length: count }, () => hex("03 00")));
  const stored = joined([hex("00 bc 02 43 fd"), new Uint8Array(700)]);
  const cases = [
    { name: "few in front", payload: [lastBlocks(4), stored], isRight: true },
    { name: "many in front", payload: [lastBlocks(6), stored], isRight: false },
    { name: "many behind", payload: [stored, lastBlocks(6)], isRight: true },
  ];
  for (const { name, payload, isRight } of cases) {
    const message = { rsv: compressedBit, payload: joined(payload), fin: true };
    for (const engine of engines) {
      for (const pieceBytes of [1, 5, 300, 1000]) {
        const codec = codecOf(engine);
        const found = decodeMessage(
          codec,
          [message],
          (bytes) => piecesOf(bytes, pieceBytes),
        );
        const by = `${name}, ${engine.name}, ${pieceBytes} bytes at once`;
        assertEquals(found instanceof Uint8Array, isRight, by);
        codec.close?.();
      }
    }
  }
});
