import {
  exchange,
  fragmented,
  type Group,
  textItem,
} from "../conformance_case.ts";

const payload = new Uint8Array(65536).fill(0x2a);

/** Group 10. */
export const autoFragmentation: Group = {
  number: 10,
  title: "Auto-fragmentation",
  cases: [
    exchange("10.1.1", "Text of 65536 bytes in fragments of 1300", {
      frames: () => fragmented(0x1, payload, 1300),
    }, () => [textItem(payload)]),
  ],
};
