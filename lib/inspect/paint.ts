import type { Role } from "../frame/frame.ts";

/** What has a colour of its own. */
export type Paintable = Role | "right" | "wrong" | "unjudged" | "note";

/** Writes a text in the colour of what it is. */
export type Painter = (what: Paintable, text: string) => string;

/** SGR codes that are readable on light and dark terminals. */
const codes: Readonly<Record<Paintable, number>> = {
  client: 36,
  server: 35,
  right: 32,
  wrong: 31,
  unjudged: 90,
  note: 90,
};

/** A painter for a terminal, or one that leaves a text as it is. */
export function painter(color: boolean): Painter {
  return color
    ? (what, text) => `\x1b[${codes[what]}m${text}\x1b[0m`
    : (_, text) => text;
}
