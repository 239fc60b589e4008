import { decodeHex } from "@std/encoding/hex";

/** Bytes written as in the RFCs: `hex("81 05 48 65")`. Spaces are for reading. */
export function hex(digits: string): Uint8Array<ArrayBuffer> {
  return decodeHex(digits.replaceAll(/\s/g, ""));
}

/** The UTF-8 bytes of `text`. */
export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}
