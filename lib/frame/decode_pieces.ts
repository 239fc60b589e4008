import { concat, noBytes } from "../bytes/chunks.ts";
import type { ProtocolError } from "../error/protocol_error.ts";
import { requireBytes } from "../error/require.ts";
import { checkHeader, type HeaderRules } from "./check_header.ts";
import { isControlOpcode, type Opcode } from "./frame.ts";
import {
  type FrameHeader,
  headerByteLength,
  maskingKeyBytes,
  readHeader,
} from "./header.ts";
import { maskInPlace } from "./mask.ts";
import { headerRules, invalidHeader } from "./parse_frame.ts";
import type { ParseFrameOptions } from "./parse_frame.ts";

/**
 * A frame, or as much of it as a chunk held: the unit in which a payload is
 * handled as it arrives. Control frames always come whole.
 */
export interface FramePiece {
  /** Whether the frame is the last fragment of its message. */
  readonly fin: boolean;
  /** The RSV bits in their places: RSV1 0x40, RSV2 0x20, RSV3 0x10. */
  readonly rsv: number;
  /** What the payload is. */
  readonly opcode: Opcode;
  /** How long the whole payload of the frame is, in bytes. */
  readonly payloadLength: number;
  /** This piece of the payload, unmasked; perhaps empty. */
  readonly payload: Uint8Array;
  /** Whether the frame begins with this piece. */
  readonly start: boolean;
  /** Whether the frame ends with this piece. */
  readonly end: boolean;
  /** Where in the stream the frame begins, in bytes. */
  readonly frameOffset: number;
  /** Where in the stream this piece of the payload begins, in bytes. */
  readonly offset: number;
}

/** Where {@linkcode decodePieces} stands, as an immutable value. */
export interface PieceDecoding {
  /** How many bytes of the stream have been decoded. */
  readonly offset: number;
  /** The beginning of a header or of a control frame: at most 138 bytes. */
  readonly waiting: Uint8Array;
  /** The frame whose payload is still coming, if there is one. */
  readonly current: CurrentFrame | undefined;
}

/** A frame whose payload has not come to its end. */
export interface CurrentFrame {
  /** Its header, judged to be right. */
  readonly header: FrameHeader;
  /** How long the whole payload is, in bytes. */
  readonly payloadLength: number;
  /** How much of it has come. */
  readonly payloadRead: number;
  /** Whether a piece of it has been given out, be it an empty one. */
  readonly isBegun: boolean;
  /** 4 bytes, once a piece of a masked frame has been given out. */
  readonly maskingKey: Uint8Array | undefined;
  /** Where in the stream the frame begins, in bytes. */
  readonly frameOffset: number;
}

/** The pieces that a chunk held, and how to go on. */
export interface DecodePiecesResult {
  /** In order; perhaps none. */
  readonly pieces: readonly FramePiece[];
  /** Give this to the next call. */
  readonly state: PieceDecoding;
  /** The rule that was broken after those pieces. */
  readonly error?: ProtocolError;
}

const startOfStream: PieceDecoding = {
  offset: 0,
  waiting: noBytes,
  current: undefined,
};

/**
 * Takes the next chunk of a stream, cut anywhere, and gives what it holds of
 * each frame, at once: a payload of any size passes in constant memory.
 *
 * Joined together, the pieces are the frames that `decodeFrames` gives, judged
 * by the same functions. `chunk` is copied, once, and may be written to
 * afterwards; the payloads are views on that copy. `state` stays what it was.
 * Total time is linear in the bytes of the stream.
 *
 * Source: {@link https://www.rfc-editor.org/rfc/rfc6455#section-5.2 | RFC 6455 §5.2}.
 *
 * @param chunk The next bytes of the stream.
 * @param state What the call before returned; nothing at the start.
 * @param options As for `parseFrame`; offsets are counted here.
 * @throws {TypeError} If `chunk` is not a `Uint8Array`, or the role is unknown.
 * @throws {RangeError} If another option is out of its range.
 *
 * @example Half a frame is already something
 * ```ts
 * import { decodePieces } from "@sluice/websocket/frame";
 * import { assertEquals } from "@std/assert";
 *
 * const first = decodePieces(Uint8Array.of(0x81, 0x02, 0x48));
 * assertEquals(first.pieces[0]?.payload, Uint8Array.of(0x48));
 * assertEquals(first.pieces[0]?.end, false);
 *
 * const second = decodePieces(Uint8Array.of(0x69), first.state);
 * assertEquals(second.pieces[0]?.payload, Uint8Array.of(0x69));
 * assertEquals(second.pieces[0]?.end, true);
 * ```
 */
export function decodePieces(
  chunk: Uint8Array,
  state: PieceDecoding = startOfStream,
  options: Omit<ParseFrameOptions, "streamOffset"> = {},
): DecodePiecesResult {
  requireBytes(chunk, "Cannot decode pieces");
  const rules = headerRules(options);
  // The one copy: payloads are unmasked in it and handed out as views.
  const bytes = concat(state.waiting, chunk);
  const pieces: FramePiece[] = [];
  let { current } = state;
  let at = 0;
  while (true) {
    if (current === undefined) {
      const found = beginFrame(bytes, at, state.offset + at, rules);
      if (found === undefined) break;
      if ("error" in found) {
        const failed = failedAt(state.offset + at, bytes.subarray(at));
        return { pieces, state: failed, error: found.error };
      }
      current = found;
      at += current.header.byteLength;
    } else if (at === bytes.length) break;
    const piece = takePiece(current, bytes, at, state.offset + at);
    pieces.push(piece);
    current = piece.end ? undefined : goOn(current, piece, bytes, at);
    at += piece.payload.length;
  }
  return { pieces, state: { ...stateAt(state, at, bytes), current } };
}

/** How far the stream has been decoded, and the few bytes that wait. */
function stateAt(
  before: PieceDecoding,
  at: number,
  bytes: Uint8Array,
): PieceDecoding {
  // Copied, so that a dozen bytes do not keep a whole chunk alive.
  const waiting = at === bytes.length ? noBytes : bytes.slice(at);
  return { offset: before.offset + at, waiting, current: undefined };
}

/** Nothing is decoded after an error: the header that made it stays in front. */
function failedAt(offset: number, rest: Uint8Array): PieceDecoding {
  const waiting = rest.slice(0, headerByteLength(64, true));
  return { offset, waiting, current: undefined };
}

/** The frame at `bytes[at]`, once its header, or all of a control frame, is there. */
function beginFrame(
  bytes: Uint8Array,
  at: number,
  frameOffset: number,
  rules: HeaderRules,
): CurrentFrame | { readonly error: ProtocolError } | undefined {
  const header = readHeader(bytes, at);
  if (header === undefined) return undefined;
  const violation = checkHeader(header, rules);
  if (violation !== undefined) return invalidHeader(violation, frameOffset);
  const { payloadLength, byteLength } = header;
  const bytesNeeded = byteLength +
    (isControlOpcode(header.opcode) ? payloadLength ?? 0 : 0);
  if (payloadLength === undefined || bytes.length - at < bytesNeeded) {
    return undefined;
  }
  return {
    header,
    payloadLength,
    payloadRead: 0,
    isBegun: false,
    maskingKey: undefined,
    frameOffset,
  };
}

/** What there is of the current payload, unmasked where it stands. */
function takePiece(
  current: CurrentFrame,
  bytes: Uint8Array,
  at: number,
  offset: number,
): FramePiece {
  const { header, payloadLength, payloadRead, maskingKey, frameOffset } =
    current;
  const end = Math.min(bytes.length, at + payloadLength - payloadRead);
  if (maskingKey !== undefined) {
    maskInPlace(bytes, at, end, maskingKey, 0, payloadRead % 4);
  } else if (header.masked) {
    // The key stands right before the payload, as it came.
    maskInPlace(bytes, at, end, bytes, at - maskingKeyBytes);
  }
  return {
    fin: header.fin,
    rsv: header.rsv,
    opcode: header.opcode as Opcode,
    payloadLength,
    payload: bytes.subarray(at, end),
    start: !current.isBegun,
    end: payloadRead + end - at === payloadLength,
    frameOffset,
    offset,
  };
}

/** The frame with `piece`, which began at `bytes[at]`, read of its payload. */
function goOn(
  current: CurrentFrame,
  { payload }: FramePiece,
  bytes: Uint8Array,
  at: number,
): CurrentFrame {
  const { header, payloadRead, isBegun, maskingKey } = current;
  return {
    ...current,
    payloadRead: payloadRead + payload.length,
    isBegun: true,
    // Copied at first: the key outlives the chunk that it came in.
    maskingKey: header.masked && !isBegun
      ? bytes.slice(at - maskingKeyBytes, at)
      : maskingKey,
  };
}
