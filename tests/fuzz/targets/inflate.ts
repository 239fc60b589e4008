/**
 * Decompression. zlib and pako make the same of the same bytes, however they are
 * cut: the same output, or both of them break off;
 * no more comes out than the limit and one buffer; a broken message is an error
 * that is returned; what either engine compresses, the other one reads; and the
 * work is linear in the bytes that come in and out.
 */
import { createDeflateCodec } from "../../../lib/deflate/codec.ts";
import {
  type DeflateEngine,
  outputBytes,
} from "../../../lib/deflate/engine.ts";
import { createLender, keep } from "../../../lib/deflate/lender.ts";
import type { ExtensionCodec } from "../../../lib/extension/extension.ts";
import { engines, joined, tail } from "../../deflate/engines.ts";
import { utf8 } from "../../support/hex.ts";
import {
  assertHolds,
  assertLinear,
  assertSame,
  cutsOf,
} from "../invariants.ts";
import type { FuzzTarget } from "../target.ts";
import { randomBlock, randomBlocks } from "./random_deflate.ts";

const limits = [Infinity, 0, 1, 100, 1000, 65535, 65536, 65537, 200_000];
const lastBlocks = [Infinity, 0, 1, 5];

/** How many bytes of an input say how to read the others. */
const optionBytes = 3;

/** Decompresses in every way there is, and compares. */
export const target: FuzzTarget = {
  name: "inflate",
  files: /^lib\/deflate\/(codec|pako_engine|zlib_engine|lender)/,
  maxInputBytes: 1024,
  tokens: [tail, utf8("\x03\0"), utf8("\x01\0\0"), utf8("Hello")],
  generate: (random) => {
    const options = [
      random.pick([7, 7, 7, random.integer(0, 7)]),
      random.chance(0.6) ? 0 : random.integer(0, 255),
      random.chance(0.7) ? 0 : random.integer(0, 255),
    ];
    return joined([Uint8Array.from(options), randomBlocks(random)]);
  },
  part: randomBlock,
  check: (bytes, meter) => {
    const [first = 0, second = 0, third = 0] = bytes;
    const options: Options = {
      windowBits: 8 + first % 8,
      maxBytes: limits[second % limits.length]!,
      maxLastBlocks: lastBlocks[third % lastBlocks.length]!,
      maxRatio: [Infinity, 1, 2, 1000][third >> 4 & 3]!,
    };
    const body = bytes.subarray(optionBytes);
    const linear = <Result>(run: () => Result) =>
      assertLinear(meter, body.length, 400, run);
    const outcomes = engines.map((engine) =>
      linear(() => inflateOnce(engine, body, options))
    );
    // Of a last block at the very end zlib knows only with the next byte.
    if (options.maxLastBlocks === Infinity) {
      assertSame(outcomes[1], outcomes[0], "zlib, where pako is wanted");
    }
    const decoded = engines.flatMap((engine) =>
      [[body], ...cutsOf(body)].map((pieces) =>
        linear(() => decodeMessage(engine, pieces, options))
      )
    );
    if (isComparable(options)) {
      for (const other of decoded) {
        assertSame(other, decoded[0], "Another engine, or another cut");
      }
    }
    const level = first >> 4 & 7;
    for (const [from, to] of [engines, engines.toReversed()]) {
      checkRoundTrip(from!, to!, body, options.windowBits, level);
    }
  },
};

interface Options {
  readonly windowBits: number;
  readonly maxBytes: number;
  readonly maxLastBlocks: number;
  readonly maxRatio: number;
}

/**
 * Whether every cut has to come to the same. Of a smaller window than was agreed on
 * an engine knows no more than it has kept; and the ratio is judged at the end of
 * each piece.
 */
function isComparable({ windowBits, maxRatio }: Options): boolean {
  return windowBits === 15 && maxRatio === Infinity;
}

function inflateOnce(
  engine: DeflateEngine,
  bytes: Uint8Array,
  { windowBits, maxBytes, maxLastBlocks }: Options,
) {
  const inflater = engine.createInflater({ windowBits });
  const inflated = inflater.inflate(bytes, maxBytes, () => maxLastBlocks);
  inflater.close();
  const output = joined(inflated.chunks);
  assertHolds(output.length <= maxBytes + outputBytes, "Too much came out");
  const isCorrupt = inflated.corrupt !== undefined;
  // What came before the corrupt place is nobody's.
  return { isCorrupt, output: isCorrupt ? undefined : output };
}

function openCodec(
  engine: DeflateEngine,
  { windowBits, maxRatio }: Pick<Options, "windowBits" | "maxRatio">,
  level = 1,
): ExtensionCodec {
  const createDeflater = () =>
    engine.createDeflater({ windowBits, level, memLevel: 8 });
  return createDeflateCodec({
    deflater: keep(createDeflater),
    sharedDeflater: createLender(createDeflater)(),
    sharedKey: createDeflater,
    inflater: keep(() => engine.createInflater({ windowBits })),
    isWorthIt: () => true,
    maxRatio,
  });
}

/**
 * Which rule a message breaks that is too long and, soon after, corrupt, depends on
 * how much is decompressed at once. That it breaks one does not.
 */
const broken = "too long or corrupt";

/** A message that comes in these pieces, until it is whole, broken or too long. */
function decodeMessage(
  engine: DeflateEngine,
  pieces: readonly Uint8Array[],
  options: Options,
) {
  const codec = openCodec(engine, options);
  const message = { messageType: "binary", rsv: 0x40, offset: 0 } as const;
  const last = pieces.length - 1;
  const payloads: Uint8Array[] = [];
  let left = options.maxBytes;
  try {
    for (const [index, payload] of pieces.entries()) {
      const at = { first: index === 0, start: index === 0 };
      const piece = { ...message, ...at, last: index === last, payload };
      const decoded = codec.decode(piece, left);
      if (decoded.status === "invalid") return broken;
      payloads.push(...decoded.payloads);
      left = options.maxBytes - joined(payloads).length;
      assertHolds(left >= -2 * outputBytes, "Too much was decompressed");
      if (left < 0) return broken;
    }
  } finally {
    codec.close?.();
  }
  return { payload: joined(payloads) };
}

/** Any bytes come back as they were. */
function checkRoundTrip(
  from: DeflateEngine,
  to: DeflateEngine,
  payload: Uint8Array,
  windowBits: number,
  level: number,
): void {
  const whole = { messageType: "binary", first: true, last: true } as const;
  const settings = { windowBits, maxRatio: Infinity };
  const encoder = openCodec(from, settings, level);
  const decoder = openCodec(to, settings);
  const sent = encoder.encode({ ...whole, payload, compress: true });
  const piece = { ...whole, ...sent, start: true, offset: 0 };
  const read = decoder.decode(piece, Infinity);
  encoder.close?.();
  decoder.close?.();
  if (read.status === "invalid") throw read.error;
  assertSame(joined(read.payloads), payload, `${from.name} to ${to.name}`);
}
