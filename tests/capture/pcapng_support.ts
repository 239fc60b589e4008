/** Writes blocks of pcapng in either byte order. */
export interface Blocks {
  /** Integers of 32 bits. */
  words(...values: number[]): number[];
  /** Integers of 16 bits. */
  halves(...values: number[]): number[];
  /** A block around a body, which is filled up to whole words. */
  block(type: number, body: readonly number[]): Uint8Array<ArrayBuffer>;
  /** A Section Header Block. */
  section(major?: number): Uint8Array<ArrayBuffer>;
  /** An Interface Description Block. */
  interface(
    linkType: number,
    snapBytes?: number,
    options?: readonly number[],
  ): Uint8Array<ArrayBuffer>;
  /** An option, filled up to whole words. */
  option(code: number, value: readonly number[]): number[];
}

/** A writer of blocks in this byte order. */
export function blocksIn(littleEndian: boolean): Blocks {
  const order = (bytes: number[]) => littleEndian ? bytes.reverse() : bytes;
  const words = (...values: number[]) =>
    values.flatMap((value) =>
      order([24, 16, 8, 0].map((shift) => value >>> shift & 0xff))
    );
  const halves = (...values: number[]) =>
    values.flatMap((value) => order([value >>> 8, value & 0xff]));
  const fill = (body: readonly number[]) => [
    ...body,
    ...new Array<number>(-body.length & 3).fill(0),
  ];
  const block = (type: number, body: readonly number[]) => {
    const filled = fill(body);
    const byteLength = words(12 + filled.length);
    return Uint8Array.from([
      ...words(type),
      ...byteLength,
      ...filled,
      ...byteLength,
    ]);
  };
  return {
    words,
    halves,
    block,
    section: (major = 1) =>
      block(0x0a0d0d0a, [
        ...words(0x1a2b3c4d),
        ...halves(major, 0),
        ...words(0xffffffff, 0xffffffff),
      ]),
    interface: (linkType, snapBytes = 0, options = []) =>
      block(1, [...halves(linkType, 0), ...words(snapBytes), ...options]),
    option: (code, value) => [...halves(code, value.length), ...fill(value)],
  };
}
