import { concatAll } from "../bytes/chunks.ts";

/** So much waits for a reader before the writer waits too. */
const mostWaitingItems = 64;
const mostWaitingBytes = 16 * 1024;

/**
 * A pair of streams like a `TransformStream`, from items to bytes, that gives a
 * reader who has been away everything in one chunk: for a socket one write a
 * burst, instead of one an item.
 *
 * Up to 64 items wait for the reader, or as many as make 16 KiB; then the writer
 * waits. What `toBytes` throws, or who aborts the writable, errors the readable
 * at once, as in a `TransformStream`; cancelling the readable errors the writable.
 *
 * @param toBytes Bytes of which nobody else keeps the array.
 */
export function joiningTransform<In>(
  toBytes: (item: In) => Uint8Array<ArrayBuffer>,
): ReadableWritablePair<Uint8Array<ArrayBuffer>, In> {
  let output: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;
  let input: WritableStreamDefaultController;
  let waiting: Uint8Array<ArrayBuffer>[] = [];
  let waitingBytes = 0;
  // The reader, when nothing waits for it, and the writer, when too much does.
  let reader: PromiseWithResolvers<void> | undefined;
  let writer: PromiseWithResolvers<void> | undefined;

  const give = () => {
    if (waiting.length > 0) output.enqueue(concatAll(waiting));
    waiting = [];
    waitingBytes = 0;
    reader?.resolve();
    reader = undefined;
    writer?.resolve();
    writer = undefined;
  };
  const fail = (error: unknown) => {
    output.error(error);
    waiting = [];
  };

  const readable = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start: (controller) => {
      output = controller;
    },
    pull: () => {
      if (waiting.length > 0) return give();
      reader = Promise.withResolvers();
      return reader.promise;
    },
    cancel: (reason) => {
      input.error(reason);
      writer?.resolve();
    },
  }, { highWaterMark: 0 });

  const writable = new WritableStream<In>({
    start: (controller) => {
      input = controller;
    },
    write: (item) => {
      let bytes: Uint8Array<ArrayBuffer>;
      try {
        bytes = toBytes(item);
      } catch (error) {
        fail(error);
        throw error;
      }
      waiting.push(bytes);
      waitingBytes += bytes.length;
      if (reader !== undefined) return give();
      if (
        waiting.length < mostWaitingItems && waitingBytes < mostWaitingBytes
      ) {
        return;
      }
      writer = Promise.withResolvers();
      return writer.promise;
    },
    close: () => {
      give();
      output.close();
    },
    abort: fail,
  });

  return { readable, writable };
}
