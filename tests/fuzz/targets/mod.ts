/** Every target there is. */
import type { FuzzTarget } from "../target.ts";
import { target as capture } from "./capture.ts";
import { target as extensions } from "./extensions.ts";
import { target as frames } from "./frames.ts";
import { target as head } from "./head.ts";
import { target as inflate } from "./inflate.ts";
import { target as session } from "./session.ts";

/** In the order in which they are fuzzed. */
export const targets: readonly FuzzTarget[] = [
  head,
  extensions,
  frames,
  session,
  inflate,
  capture,
];
