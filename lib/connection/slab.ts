/** Cut into small arrays; what is left when a larger one is wanted is let go. */
const slabBytes = 8 * 1024;
/** Larger arrays have buffers of their own. */
const largestShareBytes = 1024;

let slab = new ArrayBuffer(0);
let taken = 0;

/**
 * An array of zeros, which shares its buffer with others if it is small: a view
 * costs a tenth of a buffer.
 *
 * Only for bytes on their way to a transport: kept for long, one of them would
 * keep all the others.
 */
export function allocate(byteLength: number): Uint8Array<ArrayBuffer> {
  if (byteLength > largestShareBytes) return new Uint8Array(byteLength);
  if (taken + byteLength > slab.byteLength) {
    slab = new ArrayBuffer(slabBytes);
    taken = 0;
  }
  taken += byteLength;
  return new Uint8Array(slab, taken - byteLength, byteLength);
}
