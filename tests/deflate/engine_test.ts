import { assert, assertEquals } from "@std/assert";
import { deflateRawSync } from "node:zlib";
import {
  type DeflateEngine,
  type DeflaterOptions,
  outputBytes,
} from "../../lib/deflate/engine.ts";
import { hex, utf8 } from "../support/hex.ts";
import { forEachSeed, seededRandom } from "../support/random.ts";
import { byteByByte, everyCutInTwo, randomPieces } from "../support/splits.ts";
import {
  assertBytes,
  engines,
  inflateAll,
  joined,
  piecesOf,
  quickest,
  repetitive,
  tail,
  usual,
} from "./engines.ts";

interface BlockCase {
  readonly name: string;
  /** Messages as they are on the wire, in one window. */
  readonly messages: readonly string[];
  readonly texts: readonly string[];
}

/** Blocks that we never write, but may read. */
const blockCases: readonly BlockCase[] = [
  {
    name: "one block (RFC 7692 §7.2.3.1)",
    messages: ["f2 48 cd c9 c9 07 00"],
    texts: ["Hello"],
  },
  {
    name: "the window of the message before (RFC 7692 §7.2.3.2)",
    messages: ["f2 48 cd c9 c9 07 00", "f2 00 11 00 00"],
    texts: ["Hello", "Hello"],
  },
  {
    name: "a stored block (RFC 7692 §7.2.3.3)",
    messages: ["00 05 00 fa ff 48 65 6c 6c 6f 00"],
    texts: ["Hello"],
  },
  {
    name: "a last block (RFC 7692 §7.2.3.4)",
    messages: ["f3 48 cd c9 c9 07 00 00"],
    texts: ["Hello"],
  },
  {
    name: "two blocks (RFC 7692 §7.2.3.5)",
    messages: ["f2 48 05 00 00 00 ff ff ca c9 c9 07 00"],
    texts: ["Hello"],
  },
  {
    name: "a last block, and the window kept beyond it",
    messages: ["f3 48 cd c9 c9 07 00 00", "f2 00 11 00 00"],
    texts: ["Hello", "Hello"],
  },
  {
    name: "a last block in the middle, and the window kept beyond it",
    messages: ["f3 48 cd c9 c9 07 00 f2 00 11 00 00"],
    texts: ["HelloHello"],
  },
  {
    name: "nothing but last blocks",
    messages: ["03 00 03 00 f3 48 cd c9 c9 07 00 03 00 00", "03 00 00"],
    texts: ["Hello", ""],
  },
  {
    name: "stored blocks that are the last",
    messages: ["01 01 00 fe ff 61 01 01 00 fe ff 62 01 00 00 ff ff 00"],
    texts: ["ab"],
  },
  { name: "an empty message", messages: ["00", "02 00"], texts: ["", ""] },
];

for (const engine of engines) {
  const { name: by } = engine;
  const deflater = (options: DeflaterOptions = usual) =>
    engine.createDeflater(options);
  const inflater = (windowBits = 15) => engine.createInflater({ windowBits });

  for (const { name, messages, texts } of blockCases) {
    Deno.test(`${by} inflates ${name}, cut anywhere (R91, R96)`, () => {
      const wires = messages.map(hex);
      const waysToCut = [
        (wire: Uint8Array) => [[wire]],
        (wire: Uint8Array) => [byteByByte(wire)],
        everyCutInTwo,
      ];
      for (const cut of waysToCut) {
        for (const [index, last] of cut(wires.at(-1)!).entries()) {
          const one = inflater();
          for (const [at, wire] of wires.entries()) {
            const chunks = at === wires.length - 1 ? last : [wire];
            const found = inflateAll(one, [...chunks, tail]);
            assertEquals(found, utf8(texts[at]!), `cut ${index}`);
          }
          one.close();
        }
      }
    });
  }

  Deno.test(`${by} deflates to blocks that end with an empty one, byte for byte (R90)`, () => {
    const one = deflater();
    const hello = utf8("Hello");
    assertEquals(one.deflate(hello), hex("f2 48 cd c9 c9 07 00 00 00 ff ff"));
    assertEquals(one.deflate(hello), hex("f2 00 11 00 00 00 00 ff ff"));
    one.reset();
    assertEquals(one.deflate(hello), hex("f2 48 cd c9 c9 07 00 00 00 ff ff"));
    assertEquals(hello, utf8("Hello"));
    one.close();
  });

  Deno.test(`${by} has an empty window after reset(), in both directions (R94, R96)`, () => {
    const one = inflater();
    inflateAll(one, [hex("f2 48 cd c9 c9 07 00"), tail]);
    one.reset();
    const { corrupt } = one.inflate(hex("f2 00 11 00 00"), Infinity);
    assert(corrupt !== undefined, "a reference before the beginning");
    one.reset();
    const again = inflateAll(one, [hex("f2 48 cd c9 c9 07 00"), tail]);
    assertEquals(again, utf8("Hello"), "also after what was corrupt");
    one.close();
  });

  Deno.test(`${by} keeps its window over last blocks that look back on it (R91, R96)`, () => {
    forEachSeed((random) => {
      const one = inflater();
      let before = new Uint8Array(0);
      for (let message = 0; message < 6; message++) {
        const length = random.pick([5, 100, 5_000, 40_000, 70_000]);
        const parts = Array.from({ length: random.integer(1, 3) }, () => {
          const fresh = random.bytes(20);
          const old = before.subarray(-random.integer(1, 32_768));
          const data = joined([fresh, old, fresh]).subarray(0, length);
          const wire = before.length === 0
            ? deflateRawSync(data)
            : deflateRawSync(data, { dictionary: before.subarray(-32_768) });
          before = joined([before, data]);
          return { data, wire: new Uint8Array(wire) };
        });
        const wire = joined([
          ...parts.map(({ wire }) => wire),
          Uint8Array.of(0),
          tail,
        ]);
        const cut = wire.length > 3_000
          ? piecesOf(wire, random.integer(1_000, 9_000))
          : randomPieces(wire, random);
        assertBytes(
          inflateAll(one, cut),
          joined(parts.map(({ data }) => data)),
          `message ${message}`,
        );
      }
      one.close();
    });
  });

  Deno.test(`${by} gives all of what fills its buffer exactly, or nearly (R96)`, () => {
    const random = seededRandom(7);
    const noise = random.bytes(2 * outputBytes + 1);
    const [low, high] = [
      engine.createDeflater({ ...usual, level: 0 }),
      deflater(),
    ];
    const [fromLow, fromHigh] = [inflater(), inflater()];
    for (const base of [outputBytes, 2 * outputBytes]) {
      for (const more of [-1, 0, 1]) {
        const length = base + more;
        for (
          const [kind, data] of [
            ["noise", noise.subarray(0, length)],
            ["zeros", new Uint8Array(length)],
          ] as const
        ) {
          const stored = low.deflate(data);
          const small = high.deflate(data);
          const name = `${length} of ${kind}`;
          assertEquals(stored.subarray(-4), tail, name);
          assertEquals(small.subarray(-4), tail, name);
          assertBytes(inflateAll(fromLow, [stored]), data, `${name}, stored`);
          assertBytes(inflateAll(fromHigh, [small]), data, name);
        }
        const final = new Uint8Array(deflateRawSync(new Uint8Array(length)));
        const one = inflater();
        const wire = joined([final, hex("f2 48 cd c9 c9 07 00"), tail]);
        assertBytes(
          inflateAll(one, [wire]),
          joined([new Uint8Array(length), utf8("Hello")]),
          `${length} in a last block`,
        );
        one.close();
      }
    }
    for (const one of [low, high, fromLow, fromHigh]) one.close();
  });

  Deno.test(`${by} deflates to exactly its buffer, or nearly, and flushes it (R90)`, () => {
    const noise = seededRandom(8).bytes(outputBytes);
    const one = engine.createDeflater({ ...usual, level: 0 });
    const from = inflater();
    const lengths = new Set<number>();
    for (let less = 0; less < 40; less++) {
      const data = noise.subarray(0, outputBytes - less);
      const wire = one.deflate(data);
      lengths.add(wire.length);
      assertEquals(wire.subarray(-4), tail, `${less} less`);
      assertBytes(inflateAll(from, [wire]), data, `${less} less`);
    }
    assert([...lengths].some((length) => length <= outputBytes));
    assert([...lengths].some((length) => length > outputBytes));
    one.close();
    from.close();
  });

  Deno.test(`${by} inflates what it deflated, whatever the settings and the cuts (R94)`, () => {
    forEachSeed((random) => {
      const settings = {
        windowBits: random.integer(8, 15),
        level: random.integer(0, 9),
        memLevel: random.integer(1, 9),
      };
      const one = deflater(settings);
      const from = inflater(settings.windowBits);
      for (let message = 0; message < 5; message++) {
        const length = random.pick([1, 2, 300, 3_000]);
        const data = random.chance(0.3)
          ? random.bytes(length)
          : repetitive(random, length, 2_000);
        const wire = one.deflate(data);
        const name = `${JSON.stringify(settings)}, message ${message}`;
        const found = inflateAll(from, randomPieces(wire, random));
        assertBytes(found, data, name);
        if (!random.chance(0.3)) continue;
        one.reset();
        from.reset();
      }
      one.close();
      from.close();
    });
  });

  Deno.test(`${by} gives new arrays, which nothing writes to later`, () => {
    const [first, second] = [inflater(), inflater()];
    const one = deflater();
    const wire = one.deflate(utf8("Hello"));
    const { chunks } = first.inflate(wire, Infinity);
    const copies = [wire.slice(), ...chunks.map((chunk) => chunk.slice())];
    const noise = seededRandom(9).bytes(5_000);
    second.inflate(one.deflate(noise), Infinity);
    first.inflate(one.deflate(noise), Infinity);
    assertEquals([wire, ...chunks], copies);
    for (const made of [first, second, one]) made.close();
  });

  Deno.test(`${by} works on several messages at once without mixing them up`, () => {
    forEachSeed((random) => {
      const pairs = Array.from({ length: 3 }, (_, index) => ({
        one: deflater(quickest),
        from: inflater(),
        data: random.bytes(200).fill(index, 50, 150),
      }));
      for (let turn = 0; turn < 10; turn++) {
        const { one, from, data } = random.pick(pairs);
        assertBytes(inflateAll(from, [one.deflate(data)]), data, `${turn}`);
      }
      for (const { one, from } of pairs) {
        [one, from].forEach((it) => it.close());
      }
    });
  });

  Deno.test(`${by} stops within one buffer of maxBytes, whatever it is (R98)`, () => {
    const one = deflater();
    const bomb = one.deflate(new Uint8Array(8 * 1024 * 1024));
    one.close();
    for (
      const most of [
        0,
        1,
        outputBytes - 1,
        outputBytes,
        outputBytes + 1,
        1024 * 1024,
      ]
    ) {
      const from = inflater();
      const { chunks, corrupt } = from.inflate(bomb, most);
      const length = joined(chunks).length;
      assertEquals(corrupt, undefined);
      assert(length > most, `${length} of ${most}: one byte too many tells`);
      assert(length <= most + outputBytes, `${length} of ${most}`);
      from.close();
    }
  });

  Deno.test(`${by} stops at maxBytes among last blocks, too (R98)`, () => {
    const block = new Uint8Array(deflateRawSync(new Uint8Array(1_000)));
    const wire = joined(Array.from({ length: 2_000 }, () => block));
    const from = inflater();
    const length = joined(from.inflate(wire, 5_000).chunks).length;
    assert(length > 5_000 && length <= 5_000 + outputBytes, `${length}`);
    from.close();
  });

  Deno.test(`${by} counts last blocks, and stops where there are too many (R76, R98)`, () => {
    const empty = (count: number) =>
      joined(Array.from({ length: count }, () => hex("03 00")));
    for (const count of [1, 16, 1_000]) {
      const one = inflater();
      // The end of the last is seen when more comes.
      const all = joined([empty(count), hex("00")]);
      const { lastBlocks, corrupt } = one.inflate(all, Infinity, () => count);
      assertEquals([lastBlocks, corrupt], [count, undefined]);
      one.close();
      const other = inflater();
      const few = other.inflate(all, Infinity, () => count - 1);
      assertEquals(few.corrupt, "too many blocks that are the last");
      other.close();
    }
  });

  const corruptCases = [
    ["a block of type 3 (RFC 1951 §3.2.3)", "06 00"],
    ["a length that its complement denies (RFC 1951 §3.2.4)", "00 05 00 00 00"],
    ["a distance before the beginning (RFC 1951 §3.2.5)", "f2 00 11 00 00"],
    ["ones", "ff ff ff ff"],
    ["too many codes (RFC 1951 §3.2.7)", "fc ff ff ff ff ff ff ff ff ff ff"],
    ["a bad block after a last one", "03 00 06 00"],
  ] as const;

  for (const [name, wire] of corruptCases) {
    Deno.test(`${by} says that ${name} is corrupt, cut anywhere (R98)`, () => {
      for (const chunks of [[hex(wire)], byteByByte(hex(wire))]) {
        const one = inflater();
        const results = [...chunks, tail, tail]
          .map((chunk) => one.inflate(chunk, Infinity));
        const { corrupt } = results.find((it) => it.corrupt !== undefined) ??
          {};
        assert(corrupt !== undefined && corrupt !== "", name);
        one.close();
      }
    });
  }

  Deno.test(`${by} gives what came before the corrupt place`, () => {
    const one = inflater();
    const wire = hex("00 05 00 fa ff 48 65 6c 6c 6f 06");
    const { chunks, corrupt } = one.inflate(wire, Infinity);
    assert(corrupt !== undefined);
    // zlib lets go of it with the error: it is of no use any more.
    const found = joined(chunks);
    assert(found.length === 0 || found.length === 5);
    one.close();
  });

  Deno.test(`${by} comes to an end on any bytes at all, and throws at none (R98)`, () => {
    forEachSeed((random) => {
      const good = deflater();
      const wire = good.deflate(repetitive(random, 2_000, 1_000));
      good.close();
      for (let attempt = 0; attempt < 8; attempt++) {
        const bytes = random.chance(0.5)
          ? random.bytes(random.integer(1, 400))
          : wire.slice(0, random.integer(1, wire.length));
        bytes[random.integer(0, bytes.length - 1)]! ^= 1 <<
          random.integer(0, 7);
        const one = inflater(random.integer(8, 15));
        for (const chunk of [...randomPieces(bytes, random), tail, tail]) {
          const { corrupt, chunks } = one.inflate(chunk, 1_000_000);
          assert(joined(chunks).length <= 1_000_000 + outputBytes);
          if (corrupt !== undefined) break;
        }
        one.close();
      }
    });
  });

  Deno.test(`${by} refuses to look back further than its window (R94)`, () => {
    const noise = seededRandom(3).bytes(2_000);
    const far = deflater().deflate(joined([noise, noise.subarray(0, 400)]));
    const refuses = (windowBits: number) => {
      const one = inflater(windowBits);
      const found = byteByByte(far)
        .map((chunk) => one.inflate(chunk, Infinity).corrupt)
        .find((corrupt) => corrupt !== undefined);
      one.close();
      return found !== undefined;
    };
    assertEquals([8, 9, 10, 11, 15].map(refuses), [
      true,
      true,
      true,
      false,
      false,
    ]);
  });

  Deno.test(`${by} inflates nothing to nothing`, () => {
    const one = inflater();
    assertEquals(one.inflate(hex(""), Infinity).chunks, []);
    assertEquals(inflateAll(one, [hex(""), hex("00"), hex(""), tail]), hex(""));
    one.close();
  });
}

const pairs: readonly (readonly [DeflateEngine, DeflateEngine])[] = engines
  .flatMap((from) => engines.map((to) => [from, to] as const));

for (const [from, to] of pairs) {
  Deno.test(`${to.name} inflates what ${from.name} deflated, in windows of 8 to 15 bits (R94, R97)`, () => {
    const random = seededRandom(11);
    for (let windowBits = 8; windowBits <= 15; windowBits++) {
      const size = 2 ** windowBits;
      const deflater = from.createDeflater({ ...usual, windowBits });
      const inflater = to.createInflater({ windowBits });
      // The second message looks back into the first.
      const first = repetitive(random, size + 500, size + 100);
      for (const data of [first, first.subarray(0, size), first]) {
        const wire = deflater.deflate(data);
        // A few bytes at a time: only so is it the window that is looked into.
        const found = inflateAll(inflater, piecesOf(wire, 5));
        assertBytes(found, data, `${windowBits} bits`);
      }
      deflater.close();
      inflater.close();
    }
  });
}
