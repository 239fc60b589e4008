/** The functions of `@std/encoding/base64` that Sluice uses. */
export declare function encodeBase64(
  data: ArrayBuffer | Uint8Array | string,
): string;
export declare function decodeBase64(text: string): Uint8Array<ArrayBuffer>;
