import type { StepResult } from "../session/session.ts";
import type { Transport } from "../transport/transport.ts";
import { allocate } from "./slab.ts";

/** Writes to a transport, as much at once as there is. */
export interface Writer {
  /** Bytes to write; none at all may still mean that our half is to end. */
  add(chunks: readonly Uint8Array<ArrayBuffer>[]): void;
  /** How many bytes are waiting or being written. */
  readonly bufferedBytes: number;
  /** Whether a write has failed, so that nothing more will be written. */
  readonly isBroken: boolean;
  /** Resolves when there is nothing left to write, or nowhere to write it. */
  idle(): Promise<void>;
}

/** What a writer tells, and asks, who has it write. */
export interface WriterHooks {
  /** So many bytes have been written. */
  onWritten(byteLength: number): void;
  /** A write has failed. */
  onWriteError(): void;
  /** What is to become of the transport once everything is written. */
  wanted(): StepResult["transport"];
}

/** Gathers bytes until the turn is over, and writes them in order. */
export function createWriter(transport: Transport, hooks: WriterHooks): Writer {
  return new GatheringWriter(transport, hooks);
}

/**
 * A class, since every connection has one, and most of them are idle. What follows
 * a write are two functions that are made once: an async function would make
 * promises for each write, which cost more than the rest of its work.
 */
class GatheringWriter implements Writer {
  readonly #transport: Transport;
  readonly #hooks: WriterHooks;
  readonly #waiting: Uint8Array<ArrayBuffer>[] = [];
  bufferedBytes = 0;
  isBroken = false;
  #isFlushing = false;
  #isEnded = false;
  #writing: Joined | undefined;
  #goOn: (() => void) | undefined;
  #fail: (() => void) | undefined;
  #idle: PromiseWithResolvers<void> | undefined;

  constructor(transport: Transport, hooks: WriterHooks) {
    this.#transport = transport;
    this.#hooks = hooks;
  }

  add(chunks: readonly Uint8Array<ArrayBuffer>[]): void {
    if (this.#isEnded) return;
    if (chunks.length === 0 && this.#hooks.wanted() !== "end") return;
    for (const chunk of chunks) {
      this.#waiting.push(chunk);
      this.bufferedBytes += chunk.length;
    }
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    this.#fail ??= () => this.#break();
    // To the end of the turn: what else is sent in it goes out together.
    queueMicrotask(this.#goOn ??= () => this.#attempt());
  }

  idle(): Promise<void> {
    if (!this.#isFlushing) return Promise.resolve();
    return (this.#idle ??= Promise.withResolvers()).promise;
  }

  #attempt(): void {
    try {
      this.#noteWritten();
      this.#takeNext();
    } catch {
      this.#break();
    }
  }

  #noteWritten(): void {
    if (this.#writing === undefined) return;
    const { length } = this.#writing.bytes;
    this.#giveBack();
    this.bufferedBytes -= length;
    this.#hooks.onWritten(length);
  }

  /** Writes the next batch, or ends our half, or is done. */
  #takeNext(): void {
    if (this.#waiting.length > 0) {
      this.#writing = join(takeBatch(this.#waiting));
      this.#await(this.#transport.write(this.#writing.bytes));
    } else if (!this.#isEnded && this.#hooks.wanted() === "end") {
      this.#isEnded = true;
      this.#await(this.#transport.closeWrite());
    } else this.#settle();
  }

  /** Goes on when it is done; what is no promise, by fault of a transport, is done. */
  #await(doing: Promise<void>): void {
    Promise.resolve(doing).then(this.#goOn, this.#fail);
  }

  /** Nothing more can be written. */
  #break(): void {
    this.#giveBack();
    this.#isEnded = true;
    this.isBroken = true;
    this.#waiting.length = 0;
    this.bufferedBytes = 0;
    this.#settle();
    this.#hooks.onWriteError();
  }

  #giveBack(): void {
    this.#writing?.giveBack?.();
    this.#writing = undefined;
  }

  #settle(): void {
    this.#isFlushing = false;
    this.#idle?.resolve();
    this.#idle = undefined;
  }
}

/**
 * Longer chunks are written by themselves: copying them costs more, and what is
 * copied of a huge message waits for the collector.
 */
const longestJoinedBytes = 16 * 1024;

/** As many bytes of small chunks as are joined for one write, at most. */
const joinedBytes = 128 * 1024;

/** Longer writes are cut, so that a peer that reads slowly is seen to read. */
const longestWriteBytes = 1024 * 1024;

/**
 * Takes the small chunks at the front, as many as are worth one write, or one
 * large chunk or a part of it.
 */
function takeBatch<Chunk extends Uint8Array>(waiting: Chunk[]): Chunk[] {
  const first = waiting[0]!;
  if (waiting.length === 1 && first.length <= longestWriteBytes) {
    return [waiting.pop()!];
  }
  if (first.length > longestWriteBytes) {
    waiting[0] = first.subarray(longestWriteBytes) as Chunk;
    return [first.subarray(0, longestWriteBytes) as Chunk];
  }
  let count = 1;
  let byteLength = first.length;
  while (count < waiting.length && first.length <= longestJoinedBytes) {
    const { length } = waiting[count]!;
    byteLength += length;
    if (length > longestJoinedBytes || byteLength > joinedBytes) break;
    count += 1;
  }
  return waiting.splice(0, count);
}

/** What is written at once, and what to do when it is. */
interface Joined {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** To be called when the write has settled, however it did. */
  readonly giveBack?: () => void;
}

/**
 * Buffers for joining, of all connections together: making one anew for each
 * write would cost as much as the joining.
 */
const spareBuffers: Uint8Array<ArrayBuffer>[] = [];

/**
 * More are not made: a thousand connections that write at once take arrays of the
 * size that they need.
 */
const mostBuffers = 8;
let madeBuffers = 0;

/** Up to here an array of its own costs less than what it takes to share one. */
const smallJoinBytes = 8 * 1024;

function join(chunks: readonly Uint8Array<ArrayBuffer>[]): Joined {
  if (chunks.length === 1) return { bytes: chunks[0]! };
  let byteLength = 0;
  for (const { length } of chunks) byteLength += length;
  const buffer = byteLength > smallJoinBytes ? takeBuffer() : undefined;
  if (buffer === undefined) {
    return { bytes: copyInto(allocate(byteLength), chunks) };
  }
  return {
    bytes: copyInto(buffer, chunks).subarray(0, byteLength),
    giveBack: () => void spareBuffers.push(buffer),
  };
}

/** A buffer that nobody uses, if there is one or may be one. */
function takeBuffer(): Uint8Array<ArrayBuffer> | undefined {
  if (spareBuffers.length > 0) return spareBuffers.pop();
  if (madeBuffers === mostBuffers) return undefined;
  madeBuffers += 1;
  return new Uint8Array(joinedBytes);
}

function copyInto(
  target: Uint8Array<ArrayBuffer>,
  chunks: readonly Uint8Array<ArrayBuffer>[],
): Uint8Array<ArrayBuffer> {
  let at = 0;
  for (const chunk of chunks) {
    target.set(chunk, at);
    at += chunk.length;
  }
  return target;
}
