import type { SessionEvent } from "../session/session.ts";
import { createInbox, keptBytes } from "./inbox.ts";

/** A message that is read while it arrives. */
export type IncomingMessage =
  | {
    /** A text, in pieces that end between characters. */
    readonly type: "text";
    /** Its pieces; reading none holds the peer back. */
    readonly readable: ReadableStream<string>;
  }
  | {
    /** A binary message. */
    readonly type: "binary";
    /** Its pieces; reading none holds the peer back. */
    readonly readable: ReadableStream<Uint8Array>;
  };

const cutShort = "Cannot read message: found the end of the connection or a " +
  "later message, wanted the last fragment";

type Piece = Extract<SessionEvent, { type: "piece" }>;

/** Messages that come piece by piece, for an application to read. */
export interface Incoming {
  readonly put: (piece: Piece) => void;
  readonly discard: () => void;
  readonly release: () => void;
  readonly end: () => void;
  readonly fail: (error: Error) => void;
  readonly isFull: () => boolean;
  readonly isLeft: () => boolean;
  readonly isIdle: () => boolean;
  /** The next message, as a stream; what is left of the last is skipped. */
  readonly next: () => Promise<IncomingMessage | undefined>;
}

/** The incoming messages of a connection that delivers pieces. */
export function createIncoming(
  room: {
    readonly maxBufferedBytes: number;
    readonly maxBufferedMessages: number;
    readonly onRoom: () => void;
    readonly onEmpty: () => void;
  },
): Incoming {
  const inbox = createInbox<Piece>({
    ...room,
    sizeOf: (piece, before) => keptBytes(piece.data, before?.data),
  });
  // Whether the message given out last has pieces still to come.
  let isInside = false;
  // Rises with each message, so that a stream that was left behind stays empty.
  let number = 0;

  const take = async (): Promise<Piece | undefined> => {
    const piece = await inbox.next();
    isInside = piece !== undefined && !piece.last;
    return piece;
  };
  const streamFrom = (first: Piece) => {
    const own = ++number;
    let ready: Piece | undefined = first;
    return new ReadableStream<string | Uint8Array>({
      pull: async (controller) => {
        const piece = ready ?? (own === number ? await take() : undefined);
        ready = undefined;
        if (piece === undefined) return controller.error(new Error(cutShort));
        if (piece.data.length > 0) controller.enqueue(piece.data);
        if (piece.last) controller.close();
      },
    }, { highWaterMark: 0 });
  };

  return {
    ...inbox,
    next: async () => {
      while (isInside) await take();
      const piece = await take();
      if (piece === undefined) return undefined;
      const readable = streamFrom(piece);
      return { type: piece.messageType, readable } as IncomingMessage;
    },
  };
}
