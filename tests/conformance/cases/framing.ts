import {
  binaryItem,
  type Chop,
  type ConformanceCase,
  exchange,
  frame,
  type Group,
  text,
  textItem,
} from "../conformance_case.ts";

/** Where the length takes 7 bits, 16 and 64, from either side. */
const sizes: readonly (readonly [bytes: number, chop: Chop])[] = [
  [0, "whole"],
  [125, "whole"],
  [126, "whole"],
  [127, "whole"],
  [128, "whole"],
  [65535, "whole"],
  [65536, "whole"],
  [65536, 997],
];

/** Group 1. */
export const framing: Group = {
  number: 1,
  title: "Framing",
  cases: [
    ...sizes.map(([bytes, chop], at) => textCase(`1.1.${at + 1}`, bytes, chop)),
    ...sizes.map(([bytes, chop], at) =>
      binaryCase(`1.2.${at + 1}`, bytes, chop)
    ),
  ],
};

function textCase(number: string, bytes: number, chop: Chop): ConformanceCase {
  const payload = "*".repeat(bytes);
  return exchange(
    number,
    `Text message of ${bytes} bytes${inChops(chop)}`,
    { frames: () => [text(payload)], chop },
    () => [textItem(payload)],
  );
}

function binaryCase(
  number: string,
  bytes: number,
  chop: Chop,
): ConformanceCase {
  const payload = new Uint8Array(bytes).fill(0xfe);
  return exchange(
    number,
    `Binary message of ${bytes} bytes${inChops(chop)}`,
    { frames: () => [frame(0x2, payload)], chop },
    () => [binaryItem(payload)],
  );
}

function inChops(chop: Chop): string {
  return typeof chop === "number" ? `, in chops of ${chop}` : "";
}
