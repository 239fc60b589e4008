/** What one chunk becomes. */
export interface Burst<Out> {
  /** In order; perhaps none. */
  readonly items: readonly Out[];
  /** What was wrong after those items. */
  readonly error?: Error | undefined;
  /** Whether those items are the last, whatever comes after. */
  readonly last?: boolean;
}

/** What {@linkcode burstTransform} runs. */
export interface BurstTransformer<In, Out> {
  /** Takes the next chunk. */
  readonly transform: (chunk: In) => Burst<Out>;
  /** Says whether the input may end here. */
  readonly flush: () => Error | undefined;
}

/**
 * A pair of streams like a `TransformStream`, for transforms that make many
 * items of one chunk and may find something wrong after some of them.
 *
 * It differs in two things. An error, whether found here or coming from above,
 * reaches the reader after the items before it, so that how a peer's bytes
 * were cut into chunks does not decide whether its last good frame is seen; in
 * a `TransformStream` an error takes the queue with it. And after an error or
 * the last item the writable goes on, taking and discarding what comes: were
 * the source cancelled, its connection would be closed before the peer can be
 * sent a Close frame, and were it blocked, unread bytes would reset the
 * connection and take the Close frame with them.
 *
 * A chunk is taken when the reader waits and nothing is queued: a reader that
 * stops reading stops the source. A transform that throws errors both ends at
 * once, as in a `TransformStream`.
 */
export function burstTransform<In, Out>(
  transformer: BurstTransformer<In, Out>,
): { readable: ReadableStream<Out>; writable: WritableStream<In> } {
  let output: ReadableStreamDefaultController<Out>;
  let input: WritableStreamDefaultController;
  let ended = false;
  // Resolved while the reader waits and nothing is queued.
  let demand = Promise.withResolvers<void>();

  const readable = new ReadableStream<Out>({
    start: (controller) => {
      output = controller;
    },
    pull: () => demand.resolve(),
    cancel: (reason) => {
      ended = true;
      demand.resolve();
      input.error(reason);
    },
  }, { highWaterMark: 0 });

  const deliver = (items: readonly Out[]) => {
    if (items.length === 0) return;
    demand = Promise.withResolvers();
    for (const item of items) output.enqueue(item);
    // Several reads may have waited, and the first items pulled for the next.
    if (output.desiredSize! < 0) demand = Promise.withResolvers();
  };
  const fail = async (error: unknown) => {
    await demand.promise;
    if (ended) return;
    ended = true;
    output.error(error);
  };
  const close = () => {
    ended = true;
    output.close();
  };
  // What a transform throws is the caller's mistake, and errors both ends.
  const attempt = <T>(transform: () => T): T => {
    try {
      return transform();
    } catch (error) {
      ended = true;
      output.error(error);
      throw error;
    }
  };

  const writable = new WritableStream<In>({
    start: (controller) => {
      input = controller;
    },
    write: async (chunk) => {
      if (!ended) await demand.promise;
      if (ended) return;
      const { items, error, last } = attempt(() =>
        transformer.transform(chunk)
      );
      deliver(items);
      if (last) return close();
      if (error !== undefined) return fail(error);
    },
    close: () => {
      if (ended) return;
      const error = transformer.flush();
      return error === undefined ? close() : fail(error);
    },
    abort: (reason) => ended ? undefined : fail(reason),
  });

  return { readable, writable };
}
