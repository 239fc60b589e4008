/** A compressor or decompressor of a connection, there when it is needed. */
export interface Lent<Stream> {
  /** The one for the message under way; the same until it is given back. */
  take(): Stream;
  /** The message is over. */
  give(): void;
  /** What came before is not to be remembered. */
  forget(): void;
  /** The connection is over. */
  close(): void;
}

interface Resettable {
  reset(): void;
  close(): void;
}

/** One of the connection's own, made with the first message and kept to its end. */
export function keep<Stream extends Resettable>(
  create: () => Stream,
): Lent<Stream> {
  let own: Stream | undefined;
  let isEmpty = true;
  return {
    take: () => {
      isEmpty = false;
      return own ??= create();
    },
    give: () => {},
    forget: () => {
      if (!isEmpty) own?.reset();
      isEmpty = true;
    },
    close: () => {
      own?.close();
      own = undefined;
    },
  };
}

/** How many wait for the next message; more are let go. */
const mostSpare = 4;

/**
 * For connections whose messages have nothing to do with each other: one for each
 * message under way, which with messages that come whole is one for all of them.
 * With the last connection all are closed, since some runtimes do not collect them.
 */
export function createLender<Stream extends Resettable>(
  create: () => Stream,
): () => Lent<Stream> {
  const spare: Stream[] = [];
  let connections = 0;
  const leave = (): void => {
    connections -= 1;
    if (connections > 0) return;
    for (const stream of spare.splice(0)) stream.close();
  };
  return () => {
    let lent: Stream | undefined;
    let isClosed = false;
    connections += 1;
    return {
      take: () => lent ??= spare.pop() ?? create(),
      give: () => {
        if (lent === undefined) return;
        lent.reset();
        if (spare.length < mostSpare) spare.push(lent);
        else lent.close();
        lent = undefined;
      },
      // Every message begins with nothing to remember.
      forget: () => {},
      close: () => {
        // In the middle of a message, and perhaps corrupt.
        lent?.close();
        lent = undefined;
        if (!isClosed) leave();
        isClosed = true;
      },
    };
  };
}
