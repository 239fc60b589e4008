/**
 * The header of a frame for payloads of different lengths.
 *
 *     deno run docs/tutorial/lengths.ts
 */
import { Opcode, serializeFrame } from "@sluice/websocket";

const lengths = [0, 5, 125, 126, 65_535, 65_536];

console.log("payload  header");
for (const length of lengths) {
  const payload = new Uint8Array(length);
  const frame = serializeFrame({ opcode: Opcode.binary, payload });
  const header = [...frame.subarray(0, frame.length - length)]
    .map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
  console.log(`${String(length).padStart(7)}  ${header}`);
}
