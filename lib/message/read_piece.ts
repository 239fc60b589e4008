import { noBytes } from "../bytes/chunks.ts";
import { messageError } from "../error/message_rules.ts";
import { decodeUtf8 } from "../bytes/utf8.ts";
import type { Invalid, ProtocolError } from "../error/protocol_error.ts";
import { requireLimit } from "../error/require.ts";
import type { FramePiece } from "../frame/decode_pieces.ts";
import { Opcode, opcodeToString } from "../frame/frame.ts";

/** How large a message may be. */
export interface MessageLimits {
  /**
   * The largest message accepted, in bytes of payload; `Infinity` for no
   * limit. A text that is given out whole is never accepted over 2^29 - 24
   * bytes, the longest string that V8 can hold.
   *
   * @default {16777216}
   */
  readonly maxMessageBytes?: number;
  /**
   * The largest number of fragments a message may come in, empty ones
   * included; `Infinity` for no limit. Without it a peer could send fragments
   * of no bytes for ever.
   *
   * @default {131072}
   */
  readonly maxFragments?: number;
}

/** The largest message accepted when no limit is given: 16 MiB. */
export const defaultMaxMessageBytes: number = 16 * 1024 * 1024;

/** The most fragments accepted when no limit is given, as in `ws`: 131,072. */
export const defaultMaxFragments: number = 128 * 1024;

/** {@linkcode MessageLimits}, and one for texts alone. */
export interface PieceLimits extends MessageLimits {
  /** The largest text accepted, in bytes; no limit by default. */
  readonly maxTextBytes?: number;
}

/** The longest string that V8 can hold, in characters. */
export const longestText: number = 2 ** 29 - 24;

/** How much of a message has come, without what was in it. */
export interface MessageProgress {
  /** What the message is, from the opcode of its first fragment. */
  readonly type: "text" | "binary";
  /** How many fragments have begun, empty ones included. */
  readonly fragments: number;
  /** How many bytes of payload those fragments hold, as they declare it. */
  readonly byteLength: number;
  /** The first bytes of a character that is not whole yet. */
  readonly pending: Uint8Array;
}

/** What {@linkcode readPiece} makes of a piece of a data frame. */
export type ReadPieceResult =
  | {
    /** The piece breaks no rule. */
    readonly status: "valid";
    /** What it says: characters of a text, or the payload itself. */
    readonly data: string | Uint8Array;
    /** Whether the message ends with it. */
    readonly last: boolean;
    /** Where the message stands; give this to the next call, unless `last`. */
    readonly progress: MessageProgress;
  }
  | Invalid;

/**
 * Judges and decodes one piece of a data frame: the order of fragments, the
 * limits of the message, and UTF-8 as soon as it cannot become valid. It is
 * every rule of a data message, and keeps nothing of what it gives out.
 *
 * A fragment's length is judged when it begins, so that a message too large is
 * refused before its bytes come. Nothing is changed.
 *
 * Source: {@link https://www.rfc-editor.org/rfc/rfc6455#section-5.4 | RFC 6455 §5.4}
 * and §8.1 for UTF-8.
 *
 * @param piece A piece of a text, binary or continuation frame.
 * @param progress Where the message stands; `undefined` between messages.
 * @param limits How large a message may be.
 *
 * @example
 * ```ts
 * import { decodePieces } from "@sluice/websocket/frame";
 * import { readPiece } from "@sluice/websocket/message";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const { pieces } = decodePieces(Uint8Array.of(0x81, 0x05, 0x48, 0x65));
 * const result = readPiece(pieces[0]!);
 *
 * assert(result.status === "valid");
 * assertEquals(result.data, "He");
 * assertEquals(result.last, false);
 * ```
 */
export function readPiece(
  piece: FramePiece,
  progress?: MessageProgress,
  limits: PieceLimits = {},
): ReadPieceResult {
  if (!piece.start) return readPayload(piece, progress!);
  const broken = checkOrder(piece, progress) ??
    checkLimits(piece, progress, limits);
  if (broken !== undefined) return { status: "invalid", error: broken };
  return readPayload(
    piece,
    beginFragment(piece, progress, piece.payloadLength),
  );
}

/**
 * The half of {@linkcode readPiece} that judges what is in a piece: UTF-8. For a
 * payload that an extension has made of another, the limits are judged apart.
 *
 * @param isAsSent Whether a place in the payload is one in the stream; otherwise
 * an error's offset is that of the piece.
 */
export function readPayload(
  piece: Pick<FramePiece, "payload" | "fin" | "end" | "offset">,
  message: MessageProgress,
  isAsSent = true,
): ReadPieceResult {
  const last = piece.fin && piece.end;
  if (message.type === "binary") {
    return { status: "valid", data: piece.payload, last, progress: message };
  }
  const decoded = decodeUtf8(piece.payload, message.pending);
  if (decoded.status === "invalid") {
    const offset = piece.offset + (isAsSent ? decoded.offset : 0);
    return invalidUtf8("a byte that cannot be UTF-8", offset);
  }
  const { text, pending } = decoded;
  if (last && pending.length > 0) {
    const offset = piece.offset + (isAsSent ? piece.payload.length : 0);
    return invalidUtf8("the end of the text inside a character", offset);
  }
  return {
    status: "valid",
    data: text,
    last,
    progress: pending === message.pending ? message : { ...message, pending },
  };
}

/** The limits of a caller, judged and filled up. */
export function requireMessageLimits(
  limits: MessageLimits,
  action: string,
): Required<MessageLimits> {
  const {
    maxMessageBytes = defaultMaxMessageBytes,
    maxFragments = defaultMaxFragments,
  } = limits;
  requireLimit(maxMessageBytes, action, "maxMessageBytes");
  requireLimit(maxFragments, action, "maxFragments");
  return { maxMessageBytes, maxFragments };
}

/** A continuation only after a beginning, a beginning only after an end. */
export function checkOrder(
  { opcode, frameOffset }: FramePiece,
  progress: MessageProgress | undefined,
): ProtocolError | undefined {
  const continues = opcode === Opcode.continuation;
  if (continues === (progress !== undefined)) return undefined;
  const code = continues ? "unexpected-continuation" : "interleaved-message";
  const place = continues ? "between messages" : "inside a message";
  const found = `opcode ${opcodeToString(opcode)} ${place}`;
  return messageError(code, { found, offset: frameOffset });
}

function checkLimits(
  { payloadLength, offset, opcode }: FramePiece,
  progress: MessageProgress | undefined,
  limits: PieceLimits,
): ProtocolError | undefined {
  const type = progress?.type ?? typeOf(opcode);
  const byteLength = (progress?.byteLength ?? 0) + payloadLength;
  return checkBytes(type, byteLength, limits, offset) ??
    checkFragments(progress, limits, offset);
}

/** How long a message of a type may be, in bytes. */
export function mostBytes(
  type: "text" | "binary",
  { maxMessageBytes = defaultMaxMessageBytes, maxTextBytes = Infinity }:
    PieceLimits,
): number {
  return type === "text"
    ? Math.min(maxMessageBytes, maxTextBytes)
    : maxMessageBytes;
}

/** Judges the length of a message, as far as it is known. */
export function checkBytes(
  type: "text" | "binary",
  byteLength: number,
  limits: PieceLimits,
  offset: number,
): ProtocolError | undefined {
  const most = mostBytes(type, limits);
  if (byteLength <= most) return undefined;
  return tooMuch("message-too-large", most, byteLength, "bytes", offset);
}

/** Judges how many fragments a message has with one more. */
export function checkFragments(
  progress: MessageProgress | undefined,
  { maxFragments = defaultMaxFragments }: PieceLimits,
  offset: number,
): ProtocolError | undefined {
  const count = (progress?.fragments ?? 0) + 1;
  if (count <= maxFragments) return undefined;
  return tooMuch(
    "too-many-fragments",
    maxFragments,
    count,
    "fragments",
    offset,
  );
}

function tooMuch(
  code: "message-too-large" | "too-many-fragments",
  limit: number,
  count: number,
  what: string,
  offset: number,
): ProtocolError {
  return messageError(code, {
    found: `a message of at least ${count} ${what}`,
    wanted: `at most ${limit} ${what}`,
    offset,
  });
}

/** The progress of a message with one more fragment of so many bytes. */
export function beginFragment(
  { opcode }: Pick<FramePiece, "opcode">,
  progress: MessageProgress | undefined,
  byteLength: number,
): MessageProgress {
  if (progress === undefined) {
    return { type: typeOf(opcode), fragments: 1, byteLength, pending: noBytes };
  }
  const { type, fragments, pending } = progress;
  return {
    type,
    fragments: fragments + 1,
    byteLength: progress.byteLength + byteLength,
    pending,
  };
}

/** The progress of a message with so many bytes more. */
export function grow(
  progress: MessageProgress,
  byteLength: number,
): MessageProgress {
  return { ...progress, byteLength: progress.byteLength + byteLength };
}

function typeOf(opcode: Opcode): "text" | "binary" {
  return opcode === Opcode.text ? "text" : "binary";
}

function invalidUtf8(found: string, offset: number): Invalid {
  const error = messageError("invalid-utf8", { found, offset });
  return { status: "invalid", error };
}
