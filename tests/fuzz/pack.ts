import { joined } from "../deflate/engines.ts";

const lengthBytes = 4;

/** Many inputs in one file: each behind its length, in 4 bytes, big-endian. */
export function pack(inputs: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return joined(inputs.flatMap((input) => {
    const length = new Uint8Array(lengthBytes);
    new DataView(length.buffer).setUint32(0, input.length);
    return [length, input];
  }));
}

/**
 * The inverse of {@linkcode pack}.
 *
 * @throws {RangeError} If the file ends inside an input.
 */
export function unpack(file: Uint8Array): Uint8Array[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const inputs: Uint8Array[] = [];
  for (let at = 0; at < file.length;) {
    const from = at + lengthBytes;
    at = from + view.getUint32(at);
    if (at > file.length) {
      throw new RangeError(
        `Cannot unpack inputs: found ${file.length} bytes, wanted ${at}`,
      );
    }
    inputs.push(file.slice(from, at));
  }
  return inputs;
}
