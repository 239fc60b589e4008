import type { Random } from "../support/random.ts";

/** A part of the library, how inputs for it are made, and what has to hold. */
export interface FuzzTarget {
  /** Its name, which is that of its file in `targets/`. */
  readonly name: string;
  /** Whose branches are counted when it is said how far it reached. */
  readonly files: RegExp;
  /** No input is longer. */
  readonly maxInputBytes: number;
  /** What stands in many inputs: names, magic numbers, delimiters. */
  readonly tokens: readonly Uint8Array[];
  /** Makes an input that is well-formed, or almost. */
  readonly generate: (random: Random) => Uint8Array;
  /** Makes a piece of one, to be put anywhere into another. */
  readonly part: (random: Random) => Uint8Array;
  /** Throws if the invariant does not hold for an input. Writes to nothing. */
  readonly check: (bytes: Uint8Array, meter: Meter) => void | Promise<void>;
}

/** Says how much work has been done. */
export interface Meter {
  /** How many statements have run since the execution began. */
  readonly spent: () => number;
}

/** For code that does not count its statements: no bound on work is checked. */
export const noMeter: Meter = { spent: () => 0 };
