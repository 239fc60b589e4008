import { describe } from "../error/require.ts";
import type { DataMessage } from "../message/message.ts";
import { CloseCode } from "../message/close.ts";
import { maySend } from "../session/send.ts";
import type { Session, SessionInput } from "../session/session.ts";

/** A message, as an application sees it: text or bytes. */
export type MessageData = string | Uint8Array;

/** Puts messages on the wire, also those that are sent piece by piece. */
export interface Outbox {
  /** Sends a message, or has it wait for the one that is being sent in pieces. */
  readonly send: (data: MessageData) => boolean;
  /** Sends one message as many fragments as `source` has chunks. */
  readonly sendFrom: (
    type: "text" | "binary",
    source: AsyncIterable<MessageData> | Iterable<MessageData>,
  ) => Promise<void>;
  /** How many bytes wait for the end of a message in pieces. */
  readonly heldBytes: () => number;
}

/** What an outbox needs of the link. */
export interface OutboxOptions {
  readonly session: () => Session;
  readonly apply: (input: SessionInput) => void;
  readonly send: (message: DataMessage) => void;
  /** Whether bytes came from the peer, so that nobody writes to them. */
  readonly isReceived: (data: Uint8Array) => boolean;
  readonly drained: () => Promise<void>;
}

/** The outgoing messages of one connection. */
export function createOutbox(
  { session, apply, send, isReceived, drained }: OutboxOptions,
): Outbox {
  let held: DataMessage[] = [];
  let heldBytes = 0;
  let streaming: Promise<void> | undefined;

  const sendPieces = async (
    type: "text" | "binary",
    source: AsyncIterable<MessageData> | Iterable<MessageData>,
  ) => {
    const joinSurrogates = createSurrogateJoiner();
    for await (const data of source) {
      requireType(type, data);
      const whole = typeof data === "string" ? joinSurrogates(data) : data;
      apply({ type: "send-fragment", message: toMessage(whole), last: false });
      await drained();
    }
    const rest = type === "text" ? joinSurrogates("", true) : new Uint8Array(0);
    apply({ type: "send-fragment", message: toMessage(rest), last: true });
  };
  // Messages wait for the end of the turn, and may not change until then. What
  // was received does not change, and is what an echo or a relay sends.
  const isOwn = ({ type, data }: DataMessage) =>
    type === "text" || isReceived(data);
  const hold = (message: DataMessage) => {
    held.push(message);
    heldBytes += message.data.length;
  };
  const takeHeld = () => {
    const messages = held;
    held = [];
    heldBytes = 0;
    return messages;
  };
  // Somebody may have closed in the moment since the last fragment: that is no
  // failure of the message, which has been sent.
  const sendHeld = () => {
    const messages = takeHeld();
    if (messages.length > 0 && maySend(session())) {
      apply({ type: "send", messages });
    }
  };

  return {
    send: (data) => {
      const message = toMessage(data);
      if (!maySend(session())) return false;
      const own = isOwn(message) ? message : copyOf(message);
      if (streaming === undefined) send(own);
      else hold(own);
      return true;
    },
    sendFrom: async (type, source) => {
      while (streaming !== undefined) await streaming.catch(() => {});
      streaming = sendPieces(type, source);
      try {
        await streaming;
        sendHeld();
      } catch (error) {
        const { internalError } = CloseCode;
        apply({ type: "close", closeCode: internalError, reason: "" });
        throw error;
      } finally {
        streaming = undefined;
        takeHeld();
      }
    },
    heldBytes: () => heldBytes,
  };
}

/** Text as a text message, bytes as a binary one; others throw `TypeError`. */
function toMessage(data: MessageData): DataMessage {
  if (typeof data === "string") return { type: "text", data };
  if (data instanceof Uint8Array) return { type: "binary", data };
  throw new TypeError(
    `Cannot send message: found ${
      describe(data)
    }, wanted a string or a Uint8Array`,
  );
}

function copyOf({ data }: DataMessage): DataMessage {
  return { type: "binary", data: new Uint8Array(data as Uint8Array) };
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
