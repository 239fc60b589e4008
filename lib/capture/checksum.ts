/**
 * The checksum that IP and TCP use: the complement of the sum of all 16-bit
 * words, in ones' complement.
 *
 * Source: {@link https://www.rfc-editor.org/rfc/rfc1071#section-1 | RFC 1071 §1}.
 *
 * @param parts What is summed up; each but the last has an even length.
 */
export function internetChecksum(parts: readonly Uint8Array[]): number {
  let sum = parts.reduce((before, part) => before + sumOf(part), 0);
  while (sum > 0xffff) sum = (sum % 0x10000) + Math.floor(sum / 0x10000);
  return 0xffff - sum;
}

function sumOf(bytes: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at + 1 < bytes.length; at += 2) {
    sum += bytes[at]! << 8 | bytes[at + 1]!;
  }
  // A last byte without another is summed up as if a zero came after it.
  return bytes.length % 2 === 0 ? sum : sum + (bytes.at(-1)! << 8);
}
