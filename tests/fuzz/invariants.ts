import { seededRandom } from "../support/random.ts";
import { byteByByte, randomPieces } from "../support/splits.ts";
import { isSame } from "./is_same.ts";
import type { Meter } from "./target.ts";

/** Throws with these words if something does not hold. */
export function assertHolds(holds: boolean, words: string): asserts holds {
  if (!holds) throw new Error(words);
}

/** Throws, with both values, unless they say the same. */
export function assertSame(
  found: unknown,
  wanted: unknown,
  words: string,
): void {
  if (isSame(found, wanted)) return;
  const [one, other] = [show(found), show(wanted)];
  const from = Math.max(0, firstDifference(one, other) - shownBefore);
  const [a, b] = [one, other].map((text) => text.slice(from, from + mostShown));
  throw new Error(`${words}: found ${a}, wanted ${b}`);
}

/** How much is shown of a value, and how much of that before the difference. */
const mostShown = 400;
const shownBefore = 100;

function firstDifference(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at += 1;
  return at;
}

function show(value: unknown): string {
  return JSON.stringify(value, (_, part) => {
    if (part instanceof Uint8Array) return `[${part.join(" ")}]`;
    return part instanceof Error ? part.message : part;
  }) ?? String(value);
}

/** The work that an input of no bytes may take, in statements. */
const freeStatements = 20_000;

/**
 * Runs something and throws if it takes more statements for each byte than this:
 * no input may take more than linear time. The time itself is not looked at.
 */
export function assertLinear<Result>(
  meter: Meter,
  byteLength: number,
  statementsPerByte: number,
  run: () => Result,
): Result {
  const before = meter.spent();
  const result = run();
  assertWork(meter.spent() - before, byteLength, statementsPerByte);
  return result;
}

/** The same for what comes later. */
export async function assertLinearAsync<Result>(
  meter: Meter,
  byteLength: number,
  statementsPerByte: number,
  run: () => Promise<Result>,
): Promise<Result> {
  const before = meter.spent();
  const result = await run();
  assertWork(meter.spent() - before, byteLength, statementsPerByte);
  return result;
}

function assertWork(
  spent: number,
  byteLength: number,
  statementsPerByte: number,
): void {
  const most = freeStatements + statementsPerByte * byteLength;
  assertHolds(
    spent <= most,
    `Too much work: found ${spent} statements for ${byteLength} bytes, ` +
      `wanted at most ${most}`,
  );
}

/** Of longer inputs only so many bytes come one by one: it takes its time. */
const maxSingleBytes = 200;

/**
 * The bytes one by one, and in random pieces: the same ones for the same bytes.
 * Of many bytes some part comes one by one, what is around it in random pieces.
 */
export function cutsOf(bytes: Uint8Array): Uint8Array[][] {
  const random = seededRandom(hashOf(bytes));
  const from = random.integer(0, Math.max(0, bytes.length - maxSingleBytes));
  const to = from + maxSingleBytes;
  return [
    [
      ...randomPieces(bytes.subarray(0, from), random),
      ...byteByByte(bytes.subarray(from, to)),
      ...randomPieces(bytes.subarray(to), random),
    ],
    randomPieces(bytes, random),
  ];
}

/** FNV-1a of 32 bits: a number that depends on every byte. */
export function hashOf(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < bytes.length; at++) {
    hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
  }
  return hash >>> 0;
}
