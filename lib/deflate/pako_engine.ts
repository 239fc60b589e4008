import {
  Z_BUF_ERROR,
  Z_OK,
  Z_STREAM_END,
  Z_SYNC_FLUSH,
  zlibDeflate,
  zlibDeflateEnd,
  zlibDeflateInit2,
  zlibDeflateReset,
  zlibInflate,
  zlibInflateEnd,
  zlibInflateInit2,
  zlibInflateReset,
  zlibInflateResetKeep,
  ZStream,
} from "pako";
import { concatAll } from "../bytes/chunks.ts";
import {
  type DeflateEngine,
  type Deflater,
  type DeflaterOptions,
  type Inflated,
  type Inflater,
  type InflaterOptions,
  outputBytes,
  tooManyLastBlocks,
} from "./engine.ts";

/**
 * DEFLATE by pako: zlib in JavaScript, on every runtime.
 *
 * Its low-level calls are used, which work at once and keep their window from one
 * message to the next.
 */
export const pakoEngine: DeflateEngine = {
  name: "pako",
  createDeflater,
  createInflater,
};

/** Nothing but the method there is. */
const deflated = 8;
const defaultStrategy = 0;
/** zlib makes no raw DEFLATE of 8, and of 9 never looks back over 256 bytes. */
const leastWindowBits = 9;

/** Written by one call and read before the next: all is done at once. */
const output = new Uint8Array(outputBytes);

function createDeflater(
  { windowBits, level, memLevel }: DeflaterOptions,
): Deflater {
  const stream = new ZStream();
  requireOk(zlibDeflateInit2(
    stream,
    level,
    deflated,
    -Math.max(windowBits, leastWindowBits),
    memLevel,
    defaultStrategy,
  ));
  return {
    deflate: (bytes) => {
      give(stream, bytes);
      const chunks: Uint8Array<ArrayBuffer>[] = [];
      do {
        const status = zlibDeflate(takeInto(stream), Z_SYNC_FLUSH);
        if (status !== Z_BUF_ERROR) requireOk(status);
        chunks.push(output.slice(0, stream.next_out));
      } while (stream.avail_out === 0);
      return concatAll(chunks);
    },
    reset: () => requireOk(zlibDeflateReset(stream)),
    close: () => void zlibDeflateEnd(stream),
  };
}

function createInflater({ windowBits }: InflaterOptions): Inflater {
  const stream = new ZStream();
  requireOk(zlibInflateInit2(stream, -windowBits));
  return {
    inflate: (bytes, maxBytes, mostLastBlocks = () => Infinity) =>
      inflate(stream, bytes, maxBytes, mostLastBlocks),
    reset: () => requireOk(zlibInflateReset(stream)),
    close: () => void zlibInflateEnd(stream),
  };
}

function inflate(
  stream: ZStream,
  bytes: Uint8Array,
  maxBytes: number,
  mostLastBlocks: (bytesRead: number) => number,
): Inflated {
  give(stream, bytes);
  const chunks: Uint8Array[] = [];
  let byteLength = 0;
  let lastBlocks = 0;
  do {
    const status = zlibInflate(takeInto(stream), Z_SYNC_FLUSH);
    if (stream.next_out > 0) chunks.push(output.slice(0, stream.next_out));
    byteLength += stream.next_out;
    if (status === Z_STREAM_END) {
      // Unlike zlibInflateReset() it keeps the window.
      requireOk(zlibInflateResetKeep(stream));
      lastBlocks += 1;
      if (lastBlocks > mostLastBlocks(bytes.length - stream.avail_in)) {
        return { chunks, lastBlocks, corrupt: tooManyLastBlocks };
      }
    } else if (status !== Z_OK && status !== Z_BUF_ERROR) {
      return {
        chunks,
        lastBlocks,
        corrupt: stream.msg || `zlib error ${status}`,
      };
    }
  } while (
    byteLength <= maxBytes && (stream.avail_in > 0 || stream.avail_out === 0)
  );
  return { chunks, lastBlocks };
}

/** Puts `bytes` where a stream reads. */
function give(stream: ZStream, bytes: Uint8Array): void {
  stream.input = bytes;
  stream.next_in = 0;
  stream.avail_in = bytes.length;
}

/** Has a stream write to the beginning of the output. */
function takeInto(stream: ZStream): ZStream {
  stream.output = output;
  stream.next_out = 0;
  stream.avail_out = output.length;
  return stream;
}

/** Anything else is our own mistake, or a lack of memory. */
function requireOk(status: number): void {
  if (status === Z_OK) return;
  throw new Error(`Cannot use pako: found status ${status}, wanted 0`);
}
