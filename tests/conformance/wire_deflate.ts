/**
 * The tester's own permessage-deflate (RFC 7692 §7.2): `node:zlib` through its
 * documented calls, with nothing of `lib/`.
 */
import type { Buffer } from "node:buffer";
import {
  constants,
  createDeflateRaw,
  deflateRawSync,
  inflateRawSync,
} from "node:zlib";
import { joined } from "./wire.ts";

/**
 * What a case asks for. The plan asks it of the other side alone; here it is asked
 * of both, so that both directions are tried in all the ways.
 */
export interface DeflateParameters {
  /** Whether each message is compressed by itself (RFC 7692 §7.1.1). */
  readonly noContextTakeover: boolean;
  /**
   * The most that a window has, in bits (§7.1.2); `undefined` asks for nothing,
   * and `"any"` neither, but says that `client_max_window_bits` is understood.
   */
  readonly maxWindowBits: number | "any" | undefined;
}

/** Compresses what the tester sends, message by message. */
export interface Deflater {
  /** The payload of a compressed message. */
  readonly deflate: (data: Uint8Array) => Promise<Uint8Array>;
  readonly close: () => void;
}

/** What the payload of a compressed message says; throws if it says nothing. */
export type Inflate = (payload: Uint8Array) => Uint8Array;

/** The end of every message, which is not sent (RFC 7692 §7.2.1). */
const tail = Uint8Array.of(0x00, 0x00, 0xff, 0xff);

const noBytes = new Uint8Array(0);

/** The least that zlib writes at once; see {@linkcode createInflate}. */
const leastChunkBytes = 64;

/** Makes what compresses; its window goes from one message to the next. */
export function createDeflater(parameters: DeflateParameters): Deflater {
  const windowBits = windowBitsOf(parameters);
  if (!parameters.noContextTakeover) return createStreamDeflater(windowBits);
  const finishFlush = constants.Z_SYNC_FLUSH;
  const deflate = (data: Uint8Array) =>
    withoutTail(deflateRawSync(data, { windowBits, finishFlush }));
  return { deflate: (data) => Promise.resolve(deflate(data)), close: () => {} };
}

function createStreamDeflater(windowBits: number): Deflater {
  const flush = constants.Z_SYNC_FLUSH;
  const stream = createDeflateRaw({ windowBits, flush });
  let parts: Uint8Array[] = [];
  stream.on("data", (part: Uint8Array) => parts.push(part));
  const deflate = async (data: Uint8Array) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    stream.write(data, (error) => error ? reject(error) : resolve());
    await promise;
    const bytes = joined(parts);
    parts = [];
    return withoutTail(bytes);
  };
  return { deflate, close: () => stream.close() };
}

/**
 * Makes what decompresses, and refuses whatever looks further back than was agreed
 * on: over a message's beginning, or out of the window.
 *
 * The window is kept as bytes, and comes before each message as a stored block.
 * zlib looks for the window's end only where it begins to write, so that in small
 * windows it is made to write little at once: what it then lets pass is at most
 * those 64 bytes too far. No distance of DEFLATE leaves a window of 15 bits.
 */
export function createInflate(parameters: DeflateParameters): Inflate {
  const windowBits = windowBitsOf(parameters);
  const options = {
    windowBits,
    finishFlush: constants.Z_SYNC_FLUSH,
    chunkSize: windowBits === 15 ? 65536 : leastChunkBytes,
  };
  let window = noBytes;
  return (payload) => {
    const blocks = joined([storedBlock(window), payload, tail]);
    const whole = plain(inflateRawSync(blocks, options));
    const data = whole.subarray(window.length);
    if (!parameters.noContextTakeover) window = whole.slice(-(2 ** windowBits));
    return data;
  };
}

/** A block that says just these bytes (RFC 1951 §3.2.4); nothing for none. */
function storedBlock(bytes: Uint8Array): Uint8Array {
  if (bytes.length === 0) return noBytes;
  const [low, high] = [bytes.length & 0xff, bytes.length >> 8];
  const header = Uint8Array.of(0, low, high, ~low, ~high);
  return joined([header, bytes]);
}

function withoutTail(bytes: Uint8Array): Uint8Array {
  const end = bytes.subarray(-tail.length);
  if (end.join() !== tail.join()) throw new Error("zlib did not flush");
  return plain(bytes.subarray(0, -tail.length));
}

/** A view that is no `Buffer`, whose `slice` would not copy. */
function plain(bytes: Uint8Array | Buffer): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}

function windowBitsOf({ maxWindowBits }: DeflateParameters): number {
  return typeof maxWindowBits === "number" ? maxWindowBits : 15;
}
