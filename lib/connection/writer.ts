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

/** A class, since every connection has one, and most of them are idle. */
class GatheringWriter implements Writer {
  readonly #transport: Transport;
  readonly #hooks: WriterHooks;
  readonly #waiting: Uint8Array<ArrayBuffer>[] = [];
  bufferedBytes = 0;
  isBroken = false;
  #flushing: Promise<void> | undefined;
  #isEnded = false;

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
    this.#flushing ??= this.#flush();
  }

  async idle(): Promise<void> {
    while (this.#flushing !== undefined) await this.#flushing;
  }

  async #flush(): Promise<void> {
    // To the end of the turn: what else is sent in it goes out together.
    await undefined;
    try {
      while (this.#waiting.length > 0) await this.#writeBatch();
      if (this.#hooks.wanted() === "end") await this.#endOurHalf();
    } catch {
      this.#isEnded = true;
      this.isBroken = true;
      this.#waiting.length = 0;
      this.bufferedBytes = 0;
      this.#hooks.onWriteError();
    }
    // In the same turn as the last look, so that nothing is added in between.
    this.#flushing = undefined;
  }

  async #writeBatch(): Promise<void> {
    const { bytes, giveBack } = join(takeBatch(this.#waiting));
    try {
      await this.#transport.write(bytes);
    } finally {
      giveBack?.();
    }
    this.bufferedBytes -= bytes.length;
    this.#hooks.onWritten(bytes.length);
  }

  async #endOurHalf(): Promise<void> {
    this.#isEnded = true;
    await this.#transport.closeWrite();
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
