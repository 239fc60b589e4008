/**
 * How a payload is masked: each byte XOR a byte of the key, and once more.
 *
 *     deno run docs/tutorial/masking.ts
 */
import { mask } from "@sluice/websocket";
import { assertEquals } from "@std/assert";

const key = Uint8Array.of(0x37, 0xfa, 0x21, 0x3d);
const payload = new TextEncoder().encode("Hello");

const bits = (byte: number) => byte.toString(2).padStart(8, "0");
const hex = (byte: number) => byte.toString(16).padStart(2, "0");

const masked = payload.map((byte, index) => byte ^ key[index % 4]!);
assertEquals(masked, mask(payload, key));
assertEquals(mask(masked, key), payload);

console.log("   payload      XOR key      = masked     XOR key again");
payload.forEach((byte, index) => {
  const [own, hidden] = [key[index % 4]!, masked[index]!];
  const letter = String.fromCharCode(byte);
  const back = String.fromCharCode(hidden ^ own);
  console.log(
    `${letter}  ${hex(byte)} ${bits(byte)}  ${hex(own)} ${bits(own)}  ` +
      `${hex(hidden)} ${bits(hidden)}  ${back}`,
  );
});
