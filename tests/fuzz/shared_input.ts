/**
 * The input that is being executed, in memory that two threads see: so the one can
 * keep it when the other does not come back.
 */
export interface SharedInput {
  /** Notes an input before it is executed. */
  readonly write: (bytes: Uint8Array) => void;
  /** Which execution this is, and its input. */
  readonly read: () => {
    readonly execution: number;
    readonly bytes: Uint8Array;
  };
}

/** How many bytes of an input are kept. */
export const maxSharedBytes: number = 64 * 1024;

const wordBytes = 4;

/** Memory for one input: its number, its length, its bytes. */
export function createSharedMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(2 * wordBytes + maxSharedBytes);
}

/** The input in that memory. */
export function shareInput(memory: SharedArrayBuffer): SharedInput {
  const words = new Int32Array(memory, 0, 2);
  const content = new Uint8Array(memory, 2 * wordBytes);
  return {
    write: (bytes) => {
      content.set(bytes.subarray(0, maxSharedBytes));
      Atomics.store(words, 1, Math.min(bytes.length, maxSharedBytes));
      Atomics.add(words, 0, 1);
    },
    read: () => ({
      execution: Atomics.load(words, 0),
      bytes: content.slice(0, Atomics.load(words, 1)),
    }),
  };
}
