import type {
  CloseInit,
  WebSocketConnection,
} from "../connection/connection.ts";
import { CloseCode } from "../message/close.ts";
import { type CountedSender, createCountedSender } from "./counted_sender.ts";
import { byteLengthOf, ownBytes, type Sendable } from "./message_data.ts";

/** What an application sends, in order, and how much of it is on its way. */
export interface Outgoing {
  /**
   * Bytes given to `send` and not known to be written, those of text as UTF-8,
   * without framing; what will never be sent remains in it.
   */
  readonly bufferedBytes: number;
  /** Begins to send to a connection. */
  open(connection: WebSocketConnection): void;
  /**
   * Sends a message after those before it, one that is still to be read among
   * them. Without a connection, or to one that is closing, it only counts.
   */
  send(data: Sendable): void;
  /** Closes the connection after what was sent before. */
  close(init: CloseInit): void;
}

/** @param onFault Called when a Blob cannot be read; the connection is closed. */
export function createOutgoing(onFault: (error: unknown) => void): Outgoing {
  return new OrderedOutgoing(onFault);
}

class OrderedOutgoing implements Outgoing {
  bufferedBytes = 0;
  readonly #onFault: (error: unknown) => void;
  #connection: WebSocketConnection | undefined;
  #sender: CountedSender | undefined;
  /** What waits for a Blob to be read, the Blob itself at the front. */
  #waiting: (Sendable | { readonly close: CloseInit })[] = [];
  #isClosed = false;

  constructor(onFault: (error: unknown) => void) {
    this.#onFault = onFault;
  }

  open(connection: WebSocketConnection): void {
    this.#connection = connection;
    this.#sender = createCountedSender(connection, (byteLength) => {
      this.bufferedBytes -= byteLength;
    });
  }

  send(data: Sendable): void {
    this.bufferedBytes += byteLengthOf(data);
    if (this.#sender === undefined || this.#isClosed) return;
    if (this.#waiting.length === 0 && !(data instanceof Blob)) {
      this.#sender.send(data);
    } else {
      // What waits may be written to by its owner meanwhile.
      this.#wait(data instanceof Uint8Array ? ownBytes(data) : data);
    }
  }

  close(init: CloseInit): void {
    this.#isClosed = true;
    if (this.#waiting.length > 0) this.#wait({ close: init });
    else this.#connection?.close(init);
  }

  #wait(item: Sendable | { readonly close: CloseInit }): void {
    this.#waiting.push(item);
    if (this.#waiting.length === 1) this.#sendWaiting();
  }

  async #sendWaiting(): Promise<void> {
    try {
      while (this.#waiting.length > 0) {
        const item = this.#waiting[0]!;
        if (typeof item === "object" && "close" in item) {
          this.#connection!.close(item.close);
        } else {
          this.#sender!.send(
            item instanceof Blob
              ? new Uint8Array(await item.arrayBuffer())
              : item,
          );
        }
        this.#waiting.shift();
      }
    } catch (error) {
      this.#waiting.length = 0;
      this.#isClosed = true;
      this.#onFault(error);
      this.#connection!.close({ closeCode: CloseCode.internalError });
    }
  }
}
