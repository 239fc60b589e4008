/** The functions of `@std/encoding/hex` that this repository's tests use. */
export declare function encodeHex(
  data: ArrayBuffer | Uint8Array | string,
): string;
export declare function decodeHex(text: string): Uint8Array<ArrayBuffer>;
