import { assert } from "@std/assert";

/**
 * What does something to a terminal, or to who reads it: controls of C0 and C1 but
 * for the line feed, separators of lines, marks of direction. Code by code, not by
 * properties as the library has it.
 */
const hiddenRanges: readonly (readonly [first: number, last: number])[] = [
  [0x00, 0x09],
  [0x0b, 0x1f],
  [0x7f, 0x9f],
  [0x061c, 0x061c],
  [0x200e, 0x200f],
  [0x2028, 0x202e],
  [0x2066, 0x2069],
];

/** Fails if a text would do something to a terminal. */
export function assertHarmless(text: string): void {
  const isHidden = (code: number) =>
    hiddenRanges.some(([first, last]) => code >= first && code <= last);
  const found = Array.from(text)
    .find((character) => isHidden(character.codePointAt(0)!));
  assert(found === undefined, JSON.stringify(text));
}

const escape = "\u001b";

/** Text without the codes that colour it; what else is in it stays. */
export function withoutColor(text: string): string {
  return text.replaceAll(new RegExp(`${escape}\\[\\d+m`, "g"), "");
}
