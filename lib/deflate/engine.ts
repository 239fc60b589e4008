/** Who compresses: an implementation of DEFLATE, for both directions. */
export interface DeflateEngine {
  /** Its name, for people. */
  readonly name: string;
  /** Makes something that compresses, with an empty window. */
  readonly createDeflater: (options: DeflaterOptions) => Deflater;
  /** Makes something that decompresses, with an empty window. */
  readonly createInflater: (options: InflaterOptions) => Inflater;
}

/** How to compress. */
export interface DeflaterOptions {
  /** The base-2 logarithm of the window, 8 to 15. */
  readonly windowBits: number;
  /** 0 for no compression, 1 for the fastest, to 9 for the smallest. */
  readonly level: number;
  /** 1 for the least memory to 9 for the fastest. */
  readonly memLevel: number;
}

/** How to decompress. */
export interface InflaterOptions {
  /** The base-2 logarithm of the window, 8 to 15. */
  readonly windowBits: number;
}

/** Compresses one message after the other, and remembers a window of them. */
export interface Deflater {
  /**
   * DEFLATE blocks of `bytes`, which end with an empty stored block: with
   * 00 00 ff ff. A new array; `bytes` are at least one, and not written to.
   */
  deflate(bytes: Uint8Array): Uint8Array;
  /** Empties the window. */
  reset(): void;
  /** Lets its memory go; it is not used any more. */
  close(): void;
}

/** Decompresses one message after the other, and remembers a window of them. */
export interface Inflater {
  /**
   * What DEFLATE blocks, cut anywhere, come to. A block that calls itself the last
   * is followed by others all the same, with the window kept.
   *
   * @param maxBytes Stops soon after more than so many bytes came of it.
   * @param mostLastBlocks How many blocks may call themselves the last by the time
   * that so many of `bytes` have been read; one more is answered with `corrupt`. To
   * begin again after one costs as much as thousands of bytes.
   */
  inflate(
    bytes: Uint8Array,
    maxBytes: number,
    mostLastBlocks?: (bytesRead: number) => number,
  ): Inflated;
  /** Empties the window. */
  reset(): void;
  /** Lets its memory go; it is not used any more. */
  close(): void;
}

/** What an inflater made of some bytes. */
export interface Inflated {
  /** What came of them, in new arrays. */
  readonly chunks: readonly Uint8Array[];
  /** How many blocks called themselves the last. */
  readonly lastBlocks: number;
  /** What no DEFLATE block says, in words, if that ended it. */
  readonly corrupt?: string;
}

/** What more of them are called. */
export const tooManyLastBlocks = "too many blocks that are the last";

/** As much is decompressed at once: it is copied from there. */
export const outputBytes: number = 64 * 1024;
