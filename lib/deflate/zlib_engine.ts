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

/** What `node:zlib` has beneath its streams, on Deno, Node.js and Bun. */
interface ZlibStream {
  readonly _handle: ZlibHandle;
  /** How much room and how much input the last call left. */
  readonly _writeState: Uint32Array;
  close(): void;
}

interface ZlibHandle {
  writeSync(
    flush: number,
    input: Uint8Array,
    inputAt: number,
    inputLength: number,
    output: Uint8Array,
    outputAt: number,
    outputLength: number,
  ): void;
  reset(): void;
  onerror: (message: string) => void;
}

interface Zlib {
  createDeflateRaw(options: DeflaterOptions): ZlibStream;
  createInflateRaw(options: InflaterOptions): ZlibStream;
}

/** Compresses what there is, up to a whole byte. */
const syncFlush = 2;
/** zlib makes no raw DEFLATE of 8, and of 9 never looks back over 256 bytes. */
const leastWindowBits = 9;

/** Written by one call and read before the next: all is done at once. */
const output = new Uint8Array(outputBytes);

/**
 * DEFLATE by `node:zlib`, several times as fast as pako, where the runtime has it
 * and it works as is wanted here: Deno, Node.js and Bun. Elsewhere `undefined`.
 *
 * Its streams answer later, from another thread, and cost more than they compress.
 * What they are built on answers at once, but is not documented: so it is tried
 * out first, and not used where it does not keep its window between two messages.
 */
export function zlibEngine(): DeflateEngine | undefined {
  found ??= { engine: findEngine() };
  return found.engine;
}

/** Looked for once, when it is first asked for. */
let found: { readonly engine: DeflateEngine | undefined } | undefined;

function findEngine(): DeflateEngine | undefined {
  // Not an import: browsers have no such module.
  const { process } = globalThis as {
    process?: { getBuiltinModule?: (name: string) => unknown };
  };
  try {
    const zlib = process?.getBuiltinModule?.("node:zlib") as Zlib | undefined;
    if (zlib === undefined) return undefined;
    const engine = engineOf(zlib);
    return isRight(engine) ? engine : undefined;
  } catch {
    return undefined;
  }
}

function engineOf(zlib: Zlib): DeflateEngine {
  return {
    name: "zlib",
    createDeflater: (options) => createDeflater(zlib, options),
    createInflater: (options) => createInflater(zlib, options),
  };
}

/** Whether the second of two equal messages is known from the first. */
function isRight(engine: DeflateEngine): boolean {
  const options = { windowBits: 15, level: 6, memLevel: 8 };
  const hello = new TextEncoder().encode("Hello");
  const deflater = engine.createDeflater(options);
  const inflater = engine.createInflater(options);
  const right = [11, 9].every((length) => {
    const bytes = deflater.deflate(hello);
    const { chunks, corrupt } = inflater.inflate(bytes, Infinity);
    return bytes.length === length && corrupt === undefined &&
      String(chunks) === String(hello);
  });
  deflater.close();
  inflater.close();
  return right;
}

/** What is left after a call. */
interface Left {
  readonly input: number;
  readonly written: number;
  readonly error: string | undefined;
}

/** Has a stream read `bytes` from `at` on, and write to the output. */
function call(
  stream: ZlibStream,
  bytes: Uint8Array,
  at: number,
  errors: { last: string | undefined },
): Left {
  const length = bytes.length - at;
  errors.last = undefined;
  // A handle that does nothing has read and written nothing: no endless loop.
  stream._writeState.set([output.length, length]);
  stream._handle.writeSync(
    syncFlush,
    bytes,
    at,
    length,
    output,
    0,
    output.length,
  );
  const error = errors.last;
  if (error !== undefined) return { input: length, written: 0, error };
  const [room, input] = stream._writeState;
  return { input: input!, written: output.length - room!, error };
}

/** Puts the messages of a handle's errors where they can be found. */
function watch(stream: ZlibStream): { last: string | undefined } {
  const errors: { last: string | undefined } = { last: undefined };
  stream._handle.onerror = (message) => {
    errors.last = message;
  };
  return errors;
}

function createDeflater(zlib: Zlib, options: DeflaterOptions): Deflater {
  const stream = zlib.createDeflateRaw({
    ...options,
    windowBits: Math.max(options.windowBits, leastWindowBits),
  });
  const errors = watch(stream);
  return {
    deflate: (bytes) => {
      const chunks: Uint8Array<ArrayBuffer>[] = [];
      let at = 0;
      let left: Left;
      do {
        left = call(stream, bytes, at, errors);
        if (left.error !== undefined) {
          throw new Error(`Cannot compress: found ${left.error}`);
        }
        at = bytes.length - left.input;
        chunks.push(output.slice(0, left.written));
      } while (left.written === output.length);
      return concatAll(chunks);
    },
    reset: () => stream._handle.reset(),
    close: () => stream.close(),
  };
}

function createInflater(zlib: Zlib, { windowBits }: InflaterOptions): Inflater {
  const stream = zlib.createInflateRaw({ windowBits });
  const errors = watch(stream);
  const window = createWindow(2 ** windowBits);
  /** After a last block: begins again, with the window that there was. */
  const restart = () => {
    stream._handle.reset();
    const stored = window.asStoredBlock();
    if (stored.length > 0) call(stream, stored, 0, errors);
  };
  const inflate = (
    bytes: Uint8Array,
    maxBytes: number,
    mostLastBlocks: (bytesRead: number) => number = () => Infinity,
  ): Inflated => {
    const chunks: Uint8Array[] = [];
    let at = 0;
    let byteLength = 0;
    let restartedAt = -1;
    let lastBlocks = 0;
    while (true) {
      const { input, written, error } = call(stream, bytes, at, errors);
      if (error !== undefined) {
        return { chunks, lastBlocks, corrupt: error };
      }
      if (written > 0) {
        const chunk = output.slice(0, written);
        chunks.push(chunk);
        window.add(chunk);
      }
      at = bytes.length - input;
      byteLength += written;
      if (byteLength > maxBytes) break;
      if (written === output.length) continue;
      if (input === 0) break;
      // There was room and there was input: a last block came to its end.
      if (at === restartedAt) {
        return { chunks, lastBlocks, corrupt: "no progress" };
      }
      restartedAt = at;
      lastBlocks += 1;
      if (lastBlocks > mostLastBlocks(at)) {
        return { chunks, lastBlocks, corrupt: tooManyLastBlocks };
      }
      restart();
    }
    return { chunks, lastBlocks };
  };
  return {
    inflate,
    reset: () => {
      stream._handle.reset();
      window.clear();
    },
    close: () => stream.close(),
  };
}

/** The last bytes of what was decompressed, which zlib lets go of at an end. */
interface Window {
  add(bytes: Uint8Array): void;
  clear(): void;
  /** A block that leaves an inflater with this window; nothing if it is empty. */
  asStoredBlock(): Uint8Array;
}

function createWindow(size: number): Window {
  const ring = new Uint8Array(size);
  let at = 0;
  let length = 0;
  return {
    add: (bytes) => {
      const last = bytes.subarray(Math.max(0, bytes.length - size));
      const first = last.subarray(0, size - at);
      ring.set(first, at);
      ring.set(last.subarray(first.length), 0);
      at = (at + last.length) % size;
      length = Math.min(size, length + last.length);
    },
    clear: () => {
      at = 0;
      length = 0;
    },
    asStoredBlock: () => {
      if (length === 0) return new Uint8Array(0);
      const oldest = (at - length + size) % size;
      const first = ring.subarray(oldest, oldest + length);
      const block = new Uint8Array(5 + length);
      block.set([0, length & 0xff, length >> 8]);
      block.set([~length & 0xff, (~length >> 8) & 0xff], 3);
      block.set(first, 5);
      block.set(ring.subarray(0, length - first.length), 5 + first.length);
      return block;
    },
  };
}
