import { appendChunk, joinChunks, noChunks } from "../bytes/chunks.ts";
import { ProtocolError } from "../error/protocol_error.ts";
import type { HeadResult } from "../handshake/head.ts";

/** A head, and the stream of what follows it. */
export interface ReadHead<Head> {
  /** The head. */
  readonly head: Head;
  /** What comes after it, from the first byte on. */
  readonly readable: ReadableStream<Uint8Array>;
}

/**
 * Reads until `parse` has a head or an error. Bytes that came together with the
 * head belong to the WebSocket: the `readable` of the result begins with them.
 *
 * @param readable Where nothing has been read yet; not locked afterwards,
 * unless there are bytes left over.
 * @param parse Is asked again whenever there are as many bytes as it needs.
 * @param signal Cancels the reading; its reason is then thrown.
 * @throws {ProtocolError} (rejects) What `parse` found wrong, or a stream that
 * ends before the head does.
 */
export async function readHead<Head>(
  readable: ReadableStream<Uint8Array>,
  parse: (bytes: Uint8Array) => HeadResult<Head>,
  signal: AbortSignal | undefined,
): Promise<ReadHead<Head>> {
  const reader = readable.getReader();
  const giveUp = () => void reader.cancel(signal?.reason).catch(() => {});
  signal?.addEventListener("abort", giveUp);
  try {
    let received = noChunks;
    let bytesNeeded = 0;
    while (true) {
      signal?.throwIfAborted();
      const { done, value } = await reader.read();
      signal?.throwIfAborted();
      if (done) throw truncated(received.byteLength);
      received = appendChunk(received, value);
      if (received.byteLength < bytesNeeded) continue;
      const bytes = joinChunks(received);
      const result = parse(bytes);
      if (result.status === "invalid") throw result.error;
      if (result.status === "complete") {
        reader.releaseLock();
        const rest = bytes.subarray(result.bytesRead);
        return { head: result.head, readable: prepend(rest, readable) };
      }
      bytesNeeded = result.bytesNeeded;
    }
  } finally {
    signal?.removeEventListener("abort", giveUp);
    reader.releaseLock();
  }
}

function truncated(byteLength: number): ProtocolError {
  return new ProtocolError("truncated-head", {
    found: `the end of the stream after ${byteLength} bytes`,
    offset: byteLength,
  });
}

/** The same stream when there is nothing to put before it. */
function prepend(
  bytes: Uint8Array,
  readable: ReadableStream<Uint8Array>,
): ReadableStream<Uint8Array> {
  if (bytes.length === 0) return readable;
  const reader = readable.getReader();
  let first: Uint8Array | undefined = bytes;
  return new ReadableStream({
    pull: async (controller) => {
      const { done, value } = first === undefined
        ? await reader.read()
        : { done: false, value: first };
      first = undefined;
      if (done) controller.close();
      else controller.enqueue(value!);
    },
    cancel: (reason) => reader.cancel(reason),
  }, { highWaterMark: 0 });
}
