/**
 * A target with a bug, to see that it is found: nothing but four bytes in a row shows
 * it, one after the other behind a condition of its own.
 */
import { utf8 } from "../support/hex.ts";
import type { FuzzTarget } from "./target.ts";

const secret = utf8("bug!");

/** Throws for what begins with `bug!`. */
export const target: FuzzTarget = {
  name: "planted",
  files: /planted/,
  maxInputBytes: 16,
  tokens: [],
  generate: (random) => random.bytes(8),
  part: (random) => random.bytes(2),
  check: (bytes) => {
    if (bytes[0] !== secret[0]) return;
    if (bytes[1] !== secret[1]) return;
    if (bytes[2] !== secret[2]) return;
    if (bytes[3] === secret[3]) throw new Error("The planted bug");
  },
};
