import type { Group } from "../conformance_case.ts";
import { autoFragmentation } from "./auto_fragmentation.ts";
import { closingGroup } from "./closing.ts";
import { compressedPayloads, compressionParameters } from "./compression.ts";
import { fragmentation } from "./fragmentation.ts";
import { framing } from "./framing.ts";
import { limits } from "./limits.ts";
import { opcodes } from "./opcodes.ts";
import { pings } from "./pings.ts";
import { reservedBitsGroup } from "./reserved_bits.ts";
import { utf8Group } from "./utf8.ts";

/** The whole plan. It has no group 8 and no 11. */
export const groups: readonly Group[] = [
  framing,
  pings,
  reservedBitsGroup,
  opcodes,
  fragmentation,
  utf8Group,
  closingGroup,
  limits,
  autoFragmentation,
  compressedPayloads,
  compressionParameters,
];
