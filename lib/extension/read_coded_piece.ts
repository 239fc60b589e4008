import type { Invalid } from "../error/protocol_error.ts";
import type { FramePiece } from "../frame/decode_pieces.ts";
import {
  beginFragment,
  checkBytes,
  checkFragments,
  checkOrder,
  grow,
  type MessageProgress,
  mostBytes,
  type PieceLimits,
  readPayload,
  type ReadPieceResult,
} from "../message/read_piece.ts";
import type { ExtensionCodec } from "./extension.ts";

/**
 * As `readPiece`, for a connection with extensions: what they make of a piece,
 * part by part, each judged as it is asked for, until one breaks a rule.
 *
 * The limits on messages hold for what comes of them. At least one part comes of
 * a piece, perhaps an empty one, since the message may begin or end with it.
 *
 * Source: {@link https://www.rfc-editor.org/rfc/rfc6455#section-9 | RFC 6455 §9}.
 *
 * @param piece A piece of a text, binary or continuation frame.
 * @param progress Where the message stands; `undefined` between messages.
 * @param limits How large a message may be.
 * @param codec What the extensions do; it remembers what it saw.
 */
export function* readCodedPiece(
  piece: FramePiece,
  progress: MessageProgress | undefined,
  limits: PieceLimits,
  codec: ExtensionCodec,
): Generator<ReadPieceResult, void> {
  const broken = piece.start
    ? checkOrder(piece, progress) ??
      checkFragments(progress, limits, piece.offset)
    : undefined;
  if (broken !== undefined) return yield { status: "invalid", error: broken };
  const message = piece.start ? beginFragment(piece, progress, 0) : progress!;
  const isFirst = piece.start && progress === undefined;
  const decoded = decode(piece, isFirst, message, limits, codec);
  if (decoded.status === "invalid") return yield decoded;
  const { payloads } = decoded;
  const parts = payloads.length === 0 ? [new Uint8Array(0)] : payloads;
  let grown = message;
  for (const [index, payload] of parts.entries()) {
    grown = grow(grown, payload.length);
    const { byteLength, type } = grown;
    const error = checkBytes(type, byteLength, limits, piece.offset);
    if (error !== undefined) return yield { status: "invalid", error };
    const end = piece.end && index === parts.length - 1;
    const isAsSent = payload === piece.payload;
    const read = readPayload({ ...piece, payload, end }, grown, isAsSent);
    yield read;
    if (read.status === "invalid") return;
    grown = read.progress;
  }
}

function decode(
  piece: FramePiece,
  first: boolean,
  { type, byteLength }: MessageProgress,
  limits: PieceLimits,
  codec: ExtensionCodec,
): ReturnType<ExtensionCodec["decode"]> | Invalid {
  const { start, rsv, payload, offset } = piece;
  const last = piece.fin && piece.end;
  const incoming = {
    messageType: type,
    first,
    last,
    start,
    rsv,
    payload,
    offset,
  };
  return codec.decode(incoming, mostBytes(type, limits) - byteLength);
}
