/**
 * What an application sends and receives: a whole text or binary message, or
 * one of the three control messages.
 */
export type Message = DataMessage | ControlMessage;

/** A message that carries what the application has to say. */
export type DataMessage = TextMessage | BinaryMessage;

/** A message that is about the connection itself (RFC 6455 §5.5). */
export type ControlMessage = PingMessage | PongMessage | CloseMessage;

/** A text message (RFC 6455 §5.6). */
export interface TextMessage {
  /** Tells the message apart from the others. */
  readonly type: "text";
  /** The text, already decoded. */
  readonly data: string;
}

/** A binary message (RFC 6455 §5.6). */
export interface BinaryMessage {
  /** Tells the message apart from the others. */
  readonly type: "binary";
  /** The bytes. */
  readonly data: Uint8Array;
}

/** A Ping, to be answered by a Pong with the same data (RFC 6455 §5.5.2). */
export interface PingMessage {
  /** Tells the message apart from the others. */
  readonly type: "ping";
  /** At most 125 bytes. */
  readonly data: Uint8Array;
}

/** The answer to a Ping, or one that nobody asked for (RFC 6455 §5.5.3). */
export interface PongMessage {
  /** Tells the message apart from the others. */
  readonly type: "pong";
  /** At most 125 bytes. */
  readonly data: Uint8Array;
}

/** The last message of its sender (RFC 6455 §5.5.1). */
export interface CloseMessage {
  /** Tells the message apart from the others. */
  readonly type: "close";
  /** Why, by the list of RFC 6455 §7.4; 1005 when no code was given. */
  readonly code: number;
  /** Why, in at most 123 bytes of UTF-8; not meant for end users. */
  readonly reason: string;
}

/**
 * The message that the protocol wants in answer to `message`, as a value:
 * whether and when to send it is the caller's business.
 *
 * A Ping is answered by a Pong with the same data, a Close by a Close with the
 * same code and reason. Nothing else has to be answered.
 *
 * Source: {@link https://www.rfc-editor.org/rfc/rfc6455#section-5.5 | RFC 6455 §5.5}.
 *
 * @example
 * ```ts
 * import { replyTo } from "@sluice/websocket/message";
 * import { assertEquals } from "@std/assert";
 *
 * const data = Uint8Array.of(1, 2, 3);
 *
 * assertEquals(replyTo({ type: "ping", data }), { type: "pong", data });
 * assertEquals(replyTo({ type: "text", data: "hi" }), undefined);
 * ```
 *
 * @param message A message that was received.
 * @returns The answer, whose data is that of the message itself; or
 * `undefined`.
 */
export function replyTo(
  message: Message,
): PongMessage | CloseMessage | undefined {
  if (message.type === "ping") return { type: "pong", data: message.data };
  if (message.type === "close") {
    return message;
  }
}
