import type { ByteStreams } from "../../lib/stream/byte_streams.ts";

/** What a stream gave, and how it ended: `undefined` for a normal end. */
export interface Collected<T> {
  readonly items: T[];
  readonly error: unknown;
}

/** Reads a stream to its end, or to its error. */
export async function collect<T>(
  readable: ReadableStream<T>,
): Promise<Collected<T>> {
  const items: T[] = [];
  try {
    for await (const item of readable) items.push(item);
    return { items, error: undefined };
  } catch (error) {
    return { items, error };
  }
}

/** Gives everything that can go on without us the time to do so. */
export async function idle(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
}

/** How a promise stands once nothing goes on any more. */
export type Standing<T> =
  | { readonly status: "pending" }
  | { readonly status: "fulfilled"; readonly value: T }
  | { readonly status: "rejected"; readonly reason: unknown };

/** Waits for a promise as long as anything goes on, but not for ever. */
export async function standing<T>(promise: Promise<T>): Promise<Standing<T>> {
  let standing: Standing<T> = { status: "pending" };
  promise.then(
    (value) => standing = { status: "fulfilled", value },
    (reason) => standing = { status: "rejected", reason },
  );
  await idle();
  return standing;
}

/** A source without an end, which counts what is taken from it. */
export interface CountingSource<T> {
  readonly readable: ReadableStream<T>;
  /** How many chunks were asked for. */
  taken(): number;
  /** The reasons with which it was cancelled. */
  readonly cancelled: unknown[];
}

/** A source that makes chunk after chunk, but none before it is asked. */
export function countingSource<T>(
  make: (index: number) => T,
): CountingSource<T> {
  let taken = 0;
  const cancelled: unknown[] = [];
  const readable = new ReadableStream<T>({
    pull: (controller) => controller.enqueue(make(taken++)),
    cancel: (reason) => void cancelled.push(reason),
  }, { highWaterMark: 0 });
  return { readable, taken: () => taken, cancelled };
}

/** A sink that keeps what it is given. */
export interface RecordingSink {
  readonly writable: WritableStream<Uint8Array<ArrayBuffer>>;
  /** Everything so far, as ISO 8859-1. */
  text(): string;
  isClosed(): boolean;
}

/** A sink that takes everything at once. */
export function recordingSink(): RecordingSink {
  let text = "";
  let closed = false;
  const writable = new WritableStream<Uint8Array<ArrayBuffer>>({
    write: (chunk) => {
      text += String.fromCharCode(...chunk);
    },
    close: () => {
      closed = true;
    },
  });
  return { writable, text: () => text, isClosed: () => closed };
}

/** Both ends of a connection that is joined in memory. */
export function joinedEnds(): readonly [ByteStreams, ByteStreams] {
  const up = new TransformStream<Uint8Array<ArrayBuffer>>();
  const down = new TransformStream<Uint8Array<ArrayBuffer>>();
  return [
    { readable: down.readable, writable: up.writable },
    { readable: up.readable, writable: down.writable },
  ];
}

/**
 * Reads `count` items and then no more, and says how many chunks the source
 * was asked for in the end.
 */
export async function takenAfterReading<T>(
  source: { taken(): number },
  readable: ReadableStream<T>,
  count: number,
): Promise<number> {
  const reader = readable.getReader();
  for (let read = 0; read < count; read++) await reader.read();
  await idle();
  const taken = source.taken();
  await reader.cancel();
  return taken;
}
