import { constants, deflateRawSync } from "node:zlib";
import { joined } from "../../deflate/engines.ts";
import type { Random } from "../../support/random.ts";

/** What blocks may come to: text that repeats itself, or noise. */
function randomText(random: Random): Uint8Array {
  if (random.chance(0.2)) return random.bytes(random.integer(0, 60));
  const word = random.bytes(random.integer(1, 9));
  return joined(Array.from(
    { length: random.pick([0, 1, 3, 20, 200]) },
    () => random.chance(0.8) ? word : random.bytes(2),
  ));
}

/** Blocks as zlib writes them, the last of them marked as such or not. */
function zlibBlocks(random: Random): Uint8Array {
  const isLast = random.chance(0.3);
  return deflateRawSync(randomText(random), {
    level: random.integer(0, 9),
    windowBits: random.integer(9, 15),
    strategy: random.pick([
      constants.Z_DEFAULT_STRATEGY,
      constants.Z_FIXED,
      constants.Z_HUFFMAN_ONLY,
      constants.Z_RLE,
    ]),
    finishFlush: isLast ? constants.Z_FINISH : constants.Z_SYNC_FLUSH,
  });
}

/** A stored block, at a byte boundary; sometimes with a wrong check. */
function storedBlock(random: Random): Uint8Array {
  const content = random.bytes(random.integer(0, 20));
  const check = ~content.length ^ (random.chance(0.1) ? 1 : 0);
  const isLast = Number(random.chance(0.3));
  const head = [isLast, content.length, 0, check, check >> 8];
  return joined([Uint8Array.from(head), content]);
}

/**
 * A block of fixed codes: letters, and copies from any distance, the impossible ones
 * too (RFC 1951 §3.2.6).
 */
function fixedBlock(random: Random): Uint8Array {
  const written: number[] = [];
  const write = (value: number, count: number) => {
    for (let bit = 0; bit < count; bit++) written.push(value >> bit & 1);
  };
  /** Codes stand with their highest bit first. */
  const writeCode = (code: number, count: number) => {
    for (let bit = count - 1; bit >= 0; bit--) written.push(code >> bit & 1);
  };
  write(Number(random.chance(0.3)), 1);
  write(1, 2);
  for (let count = random.integer(0, 30); count > 0; count--) {
    if (random.chance(0.7)) {
      writeCode(0x30 + random.integer(0, 143), 8);
      continue;
    }
    // The lengths 3 to 10 have codes of 7 bits without more bits behind them.
    writeCode(random.integer(1, 8), 7);
    const distance = random.chance(0.8)
      ? random.integer(0, 5)
      : random.integer(6, 31);
    writeCode(distance, 5);
    write(random.integer(0, 0xffff), Math.max(0, (distance >> 1) - 1));
  }
  if (random.chance(0.95)) writeCode(0, 7);
  return toBytes(written);
}

function toBytes(bits: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(bits.length / 8));
  bits.forEach((bit, at) => bytes[at >> 3]! |= bit << (at & 7));
  return bytes;
}

/** A DEFLATE block, or a few. */
export function randomBlock(random: Random): Uint8Array {
  return random.pick([zlibBlocks, zlibBlocks, storedBlock, fixedBlock])(random);
}

/** A message of a few blocks. */
export function randomBlocks(random: Random): Uint8Array {
  return joined(
    Array.from({ length: random.integer(1, 4) }, () => randomBlock(random)),
  );
}
