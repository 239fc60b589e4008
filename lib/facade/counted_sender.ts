import {
  type WebSocketConnection,
  whenWritten,
} from "../connection/connection.ts";
import { byteLengthOf } from "./message_data.ts";

/** Sends messages, and tells when they are written. */
export interface CountedSender {
  /** Sends a message; gives whether it will be sent. */
  send(data: string | Uint8Array): boolean;
}

/**
 * Messages of one turn of the event loop are watched together: they go out in one
 * write.
 *
 * @param onWritten Called with how many bytes of messages have been written,
 * without framing; never with those that are lost.
 */
export function createCountedSender(
  connection: WebSocketConnection,
  onWritten: (byteLength: number) => void,
): CountedSender {
  let sentBytes = 0;
  const watch = () => {
    const byteLength = sentBytes;
    sentBytes = 0;
    whenWritten(connection, () => onWritten(byteLength));
  };
  return {
    send: (data) => {
      if (!connection.send(data)) return false;
      const byteLength = byteLengthOf(data);
      if (byteLength === 0) return true;
      if (sentBytes === 0) queueMicrotask(watch);
      sentBytes += byteLength;
      return true;
    },
  };
}
