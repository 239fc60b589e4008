/** How much of each buffer that {@linkcode appendBytes} made is taken. */
const takenBytes = new WeakMap<ArrayBufferLike, number>();

/** The smallest buffer that waits for more. */
const smallestBufferBytes = 4096;

/** How many times what has come a buffer may be: no length is just believed. */
const mostSlack = 16;

/**
 * Puts `chunk` after `bytes` and gives the longer array, for what is wanted in
 * one array and comes in many.
 *
 * `bytes` and `chunk` stay what they were. The buffer is larger than the array
 * as long as more is expected, and the next call writes behind what it was
 * given: so each byte is copied once or twice. Who appends to the same array a
 * second time gets a buffer of its own.
 *
 * @param bytes What an earlier call gave, or nothing.
 * @param expectedBytes How long the whole will be; where nobody knows, twice what
 * there is keeps the time linear. A buffer of more than 4 KiB is never more than
 * 16 times as long as what has come, whatever is expected.
 */
export function appendBytes(
  bytes: Uint8Array,
  chunk: Uint8Array,
  expectedBytes: number,
): Uint8Array {
  if (chunk.length === 0) return bytes;
  const byteLength = bytes.length + chunk.length;
  const { buffer } = hasRoom(bytes, byteLength)
    ? bytes
    : grow(bytes, byteLength, expectedBytes);
  const longer = new Uint8Array(buffer, 0, byteLength);
  if (!isBehind(bytes, chunk)) longer.set(chunk, bytes.length);
  takenBytes.set(buffer, byteLength);
  return longer;
}

/**
 * The part of the buffer behind `bytes` that nobody has taken, to be read into:
 * appending what was put at its beginning copies nothing.
 */
export function roomBehind(
  bytes: Uint8Array,
): Uint8Array<ArrayBuffer> | undefined {
  if (!hasRoom(bytes, bytes.length)) return undefined;
  // Only buffers of our own are known here, and none of them is shared.
  return new Uint8Array(bytes.buffer as ArrayBuffer, bytes.length);
}

function isBehind(bytes: Uint8Array, chunk: Uint8Array): boolean {
  return chunk.buffer === bytes.buffer && chunk.byteOffset === bytes.length;
}

/** Whether what is behind `bytes` is there, and nobody's yet. */
function hasRoom({ buffer, length }: Uint8Array, byteLength: number): boolean {
  return byteLength <= buffer.byteLength && takenBytes.get(buffer) === length;
}

function grow(
  bytes: Uint8Array,
  byteLength: number,
  expectedBytes: number,
): Uint8Array {
  const most = Math.max(smallestBufferBytes, mostSlack * byteLength);
  const capacity = Math.max(byteLength, Math.min(expectedBytes, most));
  const grown = new Uint8Array(capacity);
  grown.set(bytes);
  return grown;
}
