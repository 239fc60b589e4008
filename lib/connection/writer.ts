import type { StepResult } from "../session/session.ts";
import type { Transport } from "../transport/transport.ts";

/** Writes to a transport, as much at once as there is. */
export interface Writer {
  /** Bytes to write; none at all may still mean that our half is to end. */
  readonly add: (chunks: readonly Uint8Array<ArrayBuffer>[]) => void;
  /** How many bytes are waiting or being written. */
  readonly bufferedBytes: () => number;
  /** Resolves when there is nothing left to write, or nowhere to write it. */
  readonly idle: () => Promise<void>;
}

/** Gathers bytes until the turn is over, and writes them in order. */
export function createWriter(
  transport: Transport,
  hooks: {
    readonly onWritten: (byteLength: number) => void;
    readonly onError: () => void;
    readonly wanted: () => StepResult["transport"];
  },
): Writer {
  const waiting: Uint8Array<ArrayBuffer>[] = [];
  let bufferedBytes = 0;
  let flushing: Promise<void> | undefined;
  let isEnded = false;

  const flush = async () => {
    // To the end of the turn: what else is sent in it goes out together.
    await undefined;
    while (waiting.length > 0) {
      const bytes = concatAll(takeBatch(waiting));
      await transport.write(bytes);
      bufferedBytes -= bytes.length;
      hooks.onWritten(bytes.length);
    }
    if (hooks.wanted() !== "end") return;
    isEnded = true;
    await transport.closeWrite();
  };
  const run = async () => {
    try {
      await flush();
    } catch {
      isEnded = true;
      waiting.length = 0;
      bufferedBytes = 0;
      hooks.onError();
    } finally {
      flushing = undefined;
    }
  };
  return {
    add: (chunks) => {
      if (isEnded || (chunks.length === 0 && hooks.wanted() !== "end")) return;
      for (const chunk of chunks) {
        waiting.push(chunk);
        bufferedBytes += chunk.length;
      }
      flushing ??= run();
    },
    bufferedBytes: () => bufferedBytes,
    idle: () => flushing ?? Promise.resolve(),
  };
}

/** Chunks from here on are written by themselves: copying them costs more. */
const largeChunkBytes = 16 * 1024;

/** Takes the small chunks at the front, or one large one. */
function takeBatch<Chunk extends Uint8Array>(waiting: Chunk[]): Chunk[] {
  const large = waiting.findIndex(({ length }) => length >= largeChunkBytes);
  if (large === -1) return waiting.splice(0);
  return waiting.splice(0, Math.max(1, large));
}

function concatAll(
  chunks: readonly Uint8Array<ArrayBuffer>[],
): Uint8Array<ArrayBuffer> {
  if (chunks.length === 1) return chunks[0]!;
  const byteLength = chunks.reduce((sum, { length }) => sum + length, 0);
  const bytes = new Uint8Array(byteLength);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
