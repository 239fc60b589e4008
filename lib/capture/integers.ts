// Integers in either byte order. Those of the network are big-endian, those of
// a capture in the order of the machine that wrote it. A `DataView` would be
// one object more for each of them.

/** The 16 bits at `bytes[at]`, which have to be there. */
export function readUint16(
  bytes: Uint8Array,
  at: number,
  littleEndian = false,
): number {
  return littleEndian
    ? bytes[at]! | bytes[at + 1]! << 8
    : bytes[at]! << 8 | bytes[at + 1]!;
}

/** The 32 bits at `bytes[at]`, which have to be there. */
export function readUint32(
  bytes: Uint8Array,
  at: number,
  littleEndian = false,
): number {
  return littleEndian
    ? (bytes[at]! | bytes[at + 1]! << 8 | bytes[at + 2]! << 16 |
      bytes[at + 3]! << 24) >>> 0
    : (bytes[at]! << 24 | bytes[at + 1]! << 16 | bytes[at + 2]! << 8 |
      bytes[at + 3]!) >>> 0;
}

/** The two bytes of an integer, in network order. */
export function uint16(value: number): number[] {
  return [value >>> 8 & 0xff, value & 0xff];
}

/** The four bytes of an integer, in network order. */
export function uint32(value: number): number[] {
  return [...uint16(value >>> 16), ...uint16(value)];
}
