/** Bytes as pairs of hexadecimal digits with spaces between: `"0a ff"`. */
export function spacedHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0"))
    .join(" ");
}

/** A number of bytes in words: `"1 byte"`. */
export function countBytes(bytes: number): string {
  return `${bytes} ${bytes === 1 ? "byte" : "bytes"}`;
}
