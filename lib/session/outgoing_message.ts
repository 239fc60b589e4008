import type { EncodedPiece, ExtensionCodec } from "../extension/extension.ts";
import { Opcode } from "../frame/frame.ts";
import { rsvFlags } from "../frame/header.ts";
import { serializeFrame } from "../frame/serialize_frame.ts";
import type { DataMessage } from "../message/message.ts";

/** A message that an application sends, or a piece of one. */
export type OutgoingMessage = DataMessage & {
  /** Whether an extension that compresses is to do so; its own choice by default. */
  readonly compress?: boolean | undefined;
  /** What has been made of it, if many connections send it. */
  readonly shared?: SharedFrames | undefined;
};

/**
 * What is made of a message that many connections send. It is made when it is
 * first asked for, and the same for all who ask for the same.
 */
export interface SharedFrames {
  /** Its payload, a text as UTF-8. */
  readonly payload: Uint8Array;
  /** What extensions made of it, by the way in which they did. */
  readonly encoded: Map<unknown, EncodedPiece>;
  /** The unmasked frames, by what is in them. */
  readonly frames: Map<EncodedPiece | undefined, Uint8Array<ArrayBuffer>>;
}

/** A message with what has been made of it. */
export type SharedMessage = OutgoingMessage & { readonly shared: SharedFrames };

/**
 * A message for many connections: what a server's frame is made of, compression
 * too, is made once for all of them. A client's are masked, each with a key of
 * its own, and made one by one.
 *
 * Source: {@link https://www.rfc-editor.org/rfc/rfc6455#section-5.6 | RFC 6455 §5.6}.
 *
 * @param message Text, or bytes, which are copied.
 * @param compress Whether an extension that compresses is to do so; its own
 * choice by default.
 * @returns What can be sent, in the `messages` of a `send` of any session.
 *
 * @example
 * ```ts
 * import { openSession, shareMessage, step } from "@sluice/websocket/session";
 * import { assertStrictEquals } from "@std/assert";
 *
 * const context = {
 *   nowMs: 0,
 *   createMaskingKey: () => new Uint8Array(4),
 * };
 * const messages = [shareMessage({ type: "text", data: "Hello" })];
 * const frames = [1, 2].map(() =>
 *   step(openSession({ role: "server" }, 0), { type: "send", messages }, context)
 *     .bytes[0]
 * );
 *
 * assertStrictEquals(frames[0], frames[1]);
 * ```
 */
export function shareMessage(
  { type, data }: DataMessage,
  compress?: boolean,
): SharedMessage {
  const payload = type === "text"
    ? new TextEncoder().encode(data)
    : new Uint8Array(data);
  const shared = { payload, encoded: new Map(), frames: new Map() };
  return type === "text"
    ? { type, data, compress, shared }
    : { type, data: payload, compress, shared };
}

/** The one unmasked frame of a shared message. */
export function sharedFrame(
  { type, compress }: OutgoingMessage,
  shared: SharedFrames,
  codec: ExtensionCodec | undefined,
): Uint8Array<ArrayBuffer> {
  const { payload, encoded, frames } = shared;
  const piece = codec?.encodeShared?.({
    messageType: type,
    first: true,
    last: true,
    payload,
    compress,
  }, encoded);
  const known = frames.get(piece);
  if (known !== undefined) return known;
  const made = frameOf(type, piece ?? { payload, rsv: 0 });
  frames.set(piece, made);
  return made;
}

/** In one array, whatever its length: it is copied once, and written many times. */
function frameOf(
  type: DataMessage["type"],
  { payload, rsv }: EncodedPiece,
): Uint8Array<ArrayBuffer> {
  const opcode = Opcode[type];
  return serializeFrame({ fin: true, ...rsvFlags(rsv), opcode, payload });
}
