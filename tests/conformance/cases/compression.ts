/**
 * Groups 12 and 13: permessage-deflate with different payloads and with different
 * parameters, the sizes of messages and fragments as in the plan. Taken otherwise:
 *
 * - A case sends at most 1000 messages, as the plan does, and at most 1 MiB,
 *   where the plan goes up to 125 MiB: a window is full after 32 KiB, and 216
 *   cases in four ways are to take less than two minutes. Each is sent when the
 *   one before has come back.
 * - The plan's files are not ours to copy: generated data stands for each of them
 *   (`payloads.ts`), text or binary as it is. A length is one in bytes, also of
 *   texts with other characters than those of ASCII.
 * - Fragments are cut from the compressed message, as the plan's own peer does it.
 * - Parameters are asked of both sides, where the plan asks them of the other side
 *   and always says `client_no_context_takeover`, so that its own messages hardly
 *   ever refer to earlier ones. Here group 12 offers what browsers do and 13.1
 *   nothing beyond the name: both sides take their context over.
 * - The smaller window has 9 bits, as in the published reports; there are
 *   versions of the plan with 8.
 *
 * Messages come back equal and of the same type; those of 1024 bytes and more have
 * to come back compressed. The shorter may come as they are: compressing those is
 * left to each side (RFC 7692 §6.1), and by default ours does not.
 */
import {
  closeNormally,
  type ConformanceCase,
  type DataItem,
  type Group,
  receive,
  type Step,
} from "../conformance_case.ts";
import {
  bitmap,
  html,
  json,
  type PayloadKind,
  payloadOf,
  pdf,
  prose,
} from "../payloads.ts";
import type { DeflateParameters } from "../wire_deflate.ts";

const kib = 1024;
const mostMessages = 1000;
const mostBytes = kib * kib;

/** From so many bytes on the examples compress. */
const thresholdBytes = kib;

/** How long messages are, and their fragments, if they are not whole. */
const sizes: readonly (readonly [number, number?])[] = [
  ...[[16], [64], [256], [kib], [4 * kib], [8 * kib], [16 * kib]] as const,
  ...[[32 * kib], [64 * kib], [128 * kib]] as const,
  ...[[8 * kib, 256], [16 * kib, 256], [32 * kib, 256]] as const,
  ...[[64 * kib, 256], [128 * kib, 256], [128 * kib, kib]] as const,
  ...[[128 * kib, 4 * kib], [128 * kib, 32 * kib]] as const,
];

const asBrowsersDo = parameters(false, "any");

/** Group 12. */
export const compressedPayloads: Group = {
  number: 12,
  title: "Compression of different payloads",
  isSlow: true,
  cases: [json, bitmap, prose, html, pdf].flatMap((kind, at) =>
    section(`12.${at + 1}`, kind, [asBrowsersDo])
  ),
};

/** What the sections of group 13 offer; the first has to be agreed on. */
const offers: readonly (readonly DeflateParameters[])[] = [
  [parameters(false)],
  [parameters(true)],
  [parameters(false, 9)],
  [parameters(false, 15)],
  [parameters(true, 9)],
  [parameters(true, 15)],
  [parameters(true, 9), parameters(true), parameters(false)],
];

/** Group 13. */
export const compressionParameters: Group = {
  number: 13,
  title: "Compression with different parameters",
  isSlow: true,
  cases: offers.flatMap((deflate, at) =>
    section(`13.${at + 1}`, json, deflate)
  ),
};

function parameters(
  noContextTakeover: boolean,
  maxWindowBits?: number | "any",
): DeflateParameters {
  return { noContextTakeover, maxWindowBits };
}

function section(
  number: string,
  kind: PayloadKind,
  deflate: readonly DeflateParameters[],
): ConformanceCase[] {
  return sizes.map(([bytes, fragmentBytes], at) => {
    const count = Math.min(mostMessages, mostBytes / bytes);
    return {
      number: `${number}.${at + 1}`,
      title: `${count} messages of ${bytes} bytes of ${kind.name}` +
        (fragmentBytes === undefined ? "" : `, fragments of ${fragmentBytes}`) +
        `, ${describeOffers(deflate)}`,
      deflate,
      steps: () => [
        ...Array.from(
          { length: count },
          (_, index) => roundTrip(kind, index, bytes, fragmentBytes),
        ).flat(),
        ...closeNormally,
      ],
      ending: { type: "clean" },
    };
  });
}

function roundTrip(
  kind: PayloadKind,
  index: number,
  bytes: number,
  fragmentBytes: number | undefined,
): Step[] {
  const data = payloadOf(kind, index, bytes);
  const message: DataItem = { type: kind.type, data };
  const isLong = bytes >= thresholdBytes;
  return [
    { type: "send-compressed", message, fragmentBytes },
    receive(isLong ? { ...message, isCompressed: true } : message),
  ];
}

/** As the plan puts it: whether without context takeover, and the window. */
function describeOffers(deflate: readonly DeflateParameters[]): string {
  return deflate.map(({ noContextTakeover, maxWindowBits }) =>
    `${noContextTakeover ? "no" : "with"} context takeover` +
    (typeof maxWindowBits === "number" ? ` and ${maxWindowBits} bits` : "")
  ).join(" or ");
}
