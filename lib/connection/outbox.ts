import { describe } from "../error/require.ts";
import type { DataMessage } from "../message/message.ts";
import { CloseCode } from "../message/close.ts";
import { maySend } from "../session/send.ts";
import type { OutgoingMessage } from "../session/outgoing_message.ts";
import { lengthOf, type Link } from "./link.ts";
import { isReceived } from "./received.ts";

/** A message, as an application sees it: text or bytes. */
export type MessageData = string | Uint8Array;

/** Puts messages on the wire, also those that are sent piece by piece. */
export interface Outbox {
  /** How many bytes wait for the end of a message in pieces. */
  readonly heldBytes: number;
  /** Sends a message, or has it wait for the one that is being sent in pieces. */
  send(data: MessageData, options?: SendOptions): boolean;
  /** Does so with a message that nobody will change. */
  sendOwn(message: OutgoingMessage): boolean;
  /** Sends one message as many fragments as `source` has chunks. */
  sendFrom(
    type: "text" | "binary",
    source: AsyncIterable<MessageData> | Iterable<MessageData>,
    options?: SendOptions,
  ): Promise<void>;
}

/** What an application wants of one message. */
export interface SendOptions {
  /**
   * Whether to compress it, where an extension does that; by default as the
   * extension's own options say. What is secret, and next to what somebody else
   * may choose, is better not compressed (RFC 7692 §8).
   */
  readonly compress?: boolean | undefined;
}

/** What an outbox needs of the link. */
export type OutboxLink = Pick<
  Link,
  "session" | "apply" | "send" | "drainedOfPieces"
>;

/** The outgoing messages of one connection. */
export function createOutbox(link: OutboxLink): Outbox {
  return new LinkOutbox(link);
}

/** A class, since every connection has one, and most of them are idle. */
class LinkOutbox implements Outbox {
  readonly #link: OutboxLink;
  /** Messages that wait for the end of the one that is sent in pieces. */
  #held: OutgoingMessage[] | undefined;
  #streaming: Promise<void> | undefined;
  heldBytes = 0;

  constructor(link: OutboxLink) {
    this.#link = link;
  }

  send(data: MessageData, options?: SendOptions): boolean {
    const message = toMessage(data, options);
    if (!maySend(this.#link.session)) return false;
    return this.sendOwn(isOwn(message) ? message : copyOf(message));
  }

  sendOwn(message: OutgoingMessage): boolean {
    if (!maySend(this.#link.session)) return false;
    if (this.#streaming === undefined) this.#link.send(message);
    else this.#hold(message);
    return true;
  }

  async sendFrom(
    type: "text" | "binary",
    source: AsyncIterable<MessageData> | Iterable<MessageData>,
    options?: SendOptions,
  ): Promise<void> {
    while (this.#streaming !== undefined) {
      await this.#streaming.catch(() => {});
    }
    this.#streaming = this.#sendPieces(type, source, options);
    try {
      await this.#streaming;
      this.#sendHeld();
    } catch (error) {
      const { internalError } = CloseCode;
      this.#link.apply({ type: "close", closeCode: internalError, reason: "" });
      throw error;
    } finally {
      this.#streaming = undefined;
      this.#takeHeld();
    }
  }

  async #sendPieces(
    type: "text" | "binary",
    source: AsyncIterable<MessageData> | Iterable<MessageData>,
    options: SendOptions | undefined,
  ): Promise<void> {
    const sendFragment = (data: MessageData, last: boolean) =>
      this.#link.apply({
        type: "send-fragment",
        message: toMessage(data, options),
        last,
      });
    const joinSurrogates = createSurrogateJoiner();
    for await (const data of source) {
      requireType(type, data);
      sendFragment(
        typeof data === "string" ? joinSurrogates(data) : data,
        false,
      );
      await this.#link.drainedOfPieces();
    }
    const rest = type === "text" ? joinSurrogates("", true) : new Uint8Array(0);
    sendFragment(rest, true);
  }

  #hold(message: OutgoingMessage): void {
    (this.#held ??= []).push(message);
    this.heldBytes += lengthOf(message);
  }

  #takeHeld(): OutgoingMessage[] {
    const messages = this.#held ?? [];
    this.#held = undefined;
    this.heldBytes = 0;
    return messages;
  }

  /**
   * Somebody may have closed in the moment since the last fragment: that is no
   * failure of the message, which has been sent.
   */
  #sendHeld(): void {
    const messages = this.#takeHeld();
    if (messages.length > 0 && maySend(this.#link.session)) {
      this.#link.apply({ type: "send", messages });
    }
  }
}

/**
 * Messages wait for the end of the turn, and may not change until then. What was
 * received does not change, and is what an echo or a relay sends.
 */
function isOwn({ type, data }: DataMessage): boolean {
  return type === "text" || isReceived(data);
}

/** Text as a text message, bytes as a binary one; others throw `TypeError`. */
export function toMessage(
  data: MessageData,
  options?: SendOptions,
): OutgoingMessage {
  const compress = options?.compress;
  if (typeof data === "string") return { type: "text", data, compress };
  if (data instanceof Uint8Array) return { type: "binary", data, compress };
  throw new TypeError(
    `Cannot send message: found ${
      describe(data)
    }, wanted a string or a Uint8Array`,
  );
}

function copyOf({ data, compress }: OutgoingMessage): OutgoingMessage {
  const copy = new Uint8Array(data as Uint8Array);
  return { type: "binary", data: copy, compress };
}

function requireType(type: "text" | "binary", data: MessageData): void {
  if ((typeof data === "string") === (type === "text")) return;
  throw new TypeError(
    `Cannot send message: found ${describe(data)} in a ${type} message, ` +
      `wanted a ${type === "text" ? "string" : "Uint8Array"}`,
  );
}

/**
 * Keeps back the first half of a surrogate pair that a chunk ends with, for the
 * next chunk: alone it would be sent as U+FFFD.
 */
function createSurrogateJoiner(): (text: string, last?: boolean) => string {
  let half = "";
  return (text, last = false) => {
    const whole = half + text;
    const endsInHalf = !last && /[\ud800-\udbff]$/.test(whole);
    half = endsInHalf ? whole.slice(-1) : "";
    return endsInHalf ? whole.slice(0, -1) : whole;
  };
}
