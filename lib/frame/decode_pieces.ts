import { appendBytes } from "../bytes/append_bytes.ts";
import { concat, noBytes } from "../bytes/chunks.ts";
import type { ProtocolError } from "../error/protocol_error.ts";
import { requireBytes } from "../error/require.ts";
import { checkHeader } from "./check_header.ts";
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
  /** 4 bytes, if the frame is masked. */
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
  if (current !== undefined && bytes.length > 0) {
    const piece = goOn(current, bytes, state.offset);
    pieces.push(piece);
    at = piece.payload.length;
    current = piece.end ? undefined : movedOn(current, at);
  }
  while (current === undefined) {
    const header = readHeader(bytes, at);
    if (header === undefined) break;
    const violation = checkHeader(header, rules);
    if (violation !== undefined) {
      const { error } = invalidHeader(violation, state.offset + at);
      const failed = failedAt(state.offset + at, bytes.subarray(at));
      return { pieces, state: failed, error };
    }
    if (!isWorthBeginning(header, bytes.length - at)) break;
    const piece = begin(header, bytes, at, state.offset + at);
    pieces.push(piece);
    const payloadAt = at + header.byteLength;
    at = payloadAt + piece.payload.length;
    if (!piece.end) current = begun(header, piece, bytes, payloadAt);
  }
  return { pieces, state: { ...stateAt(state, at, bytes), current } };
}

/** A payload under way, and how to go on after it. */
export interface PayloadInArray {
  /** What came before, and behind it what the chunk holds of the payload. */
  readonly bytes: Uint8Array;
  /** How many bytes of the chunk that was. */
  readonly bytesRead: number;
  /** The same frame, or none if its payload is whole. */
  readonly state: PieceDecoding;
}

/**
 * The first piece that {@linkcode decodePieces} would give of a chunk that goes
 * on with a payload, put behind `bytes` instead of handed out: so a long payload
 * is filled as it arrives, and need not be joined.
 *
 * @param current The frame under way in `state`.
 * @param bytes What `appendBytes` made of what came before.
 */
export function appendPayload(
  bytes: Uint8Array,
  chunk: Uint8Array,
  current: CurrentFrame,
  state: PieceDecoding,
): PayloadInArray {
  const { payloadLength, payloadRead, maskingKey } = current;
  const left = payloadLength - payloadRead;
  const bytesRead = Math.min(left, chunk.length);
  const part = chunk.subarray(0, bytesRead);
  const expected = bytes.length + left;
  const longer = appendBytes(
    bytes,
    part,
    // After a fragment there is more to come, nobody knows how much.
    current.header.fin ? expected : 2 * expected,
  );
  if (maskingKey !== undefined) {
    const { length } = bytes;
    maskInPlace(longer, length, longer.length, maskingKey, 0, payloadRead % 4);
  }
  const isWhole = bytesRead === left;
  const offset = state.offset + bytesRead;
  return {
    bytes: longer,
    bytesRead,
    state: {
      offset,
      waiting: noBytes,
      current: isWhole ? undefined : movedOn(current, bytesRead),
    },
  };
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

/** Whether the whole header has come, and all of a control frame. */
function isWorthBeginning(header: FrameHeader, byteLength: number): boolean {
  const { payloadLength, opcode } = header;
  if (payloadLength === undefined) return false;
  const wholeBytes = isControlOpcode(opcode) ? payloadLength : 0;
  return byteLength >= header.byteLength + wholeBytes;
}

/** The first piece of the frame at `bytes[at]`, unmasked where it stands. */
function begin(
  header: FrameHeader,
  bytes: Uint8Array<ArrayBuffer>,
  at: number,
  frameOffset: number,
): FramePiece {
  const { byteLength } = header;
  const payloadLength = header.payloadLength!;
  const start = at + byteLength;
  const end = Math.min(bytes.length, start + payloadLength);
  // The key stands right before the payload, as it came.
  if (header.masked) {
    maskInPlace(bytes, start, end, bytes, start - maskingKeyBytes);
  }
  return {
    fin: header.fin,
    rsv: header.rsv,
    opcode: header.opcode as Opcode,
    payloadLength,
    payload: new Uint8Array(bytes.buffer, start, end - start),
    start: true,
    end: end - start === payloadLength,
    frameOffset,
    offset: frameOffset + byteLength,
  };
}

/** The frame that began with `piece`, whose payload begins at `bytes[at]`. */
function begun(
  header: FrameHeader,
  piece: FramePiece,
  bytes: Uint8Array,
  at: number,
): CurrentFrame {
  return {
    header,
    payloadLength: piece.payloadLength,
    payloadRead: piece.payload.length,
    // Copied: the key outlives the chunk that it came in.
    maskingKey: header.masked
      ? bytes.slice(at - maskingKeyBytes, at)
      : undefined,
    frameOffset: piece.frameOffset,
  };
}

/** What `bytes` hold of the payload under way, unmasked where it stands. */
function goOn(
  current: CurrentFrame,
  bytes: Uint8Array,
  offset: number,
): FramePiece {
  const { header, payloadLength, payloadRead, maskingKey, frameOffset } =
    current;
  const end = Math.min(bytes.length, payloadLength - payloadRead);
  if (maskingKey !== undefined) {
    maskInPlace(bytes, 0, end, maskingKey, 0, payloadRead % 4);
  }
  return {
    fin: header.fin,
    rsv: header.rsv,
    opcode: header.opcode as Opcode,
    payloadLength,
    payload: bytes.subarray(0, end),
    start: false,
    end: payloadRead + end === payloadLength,
    frameOffset,
    offset,
  };
}

/** The frame with so many bytes more of its payload read. */
function movedOn(current: CurrentFrame, byteLength: number): CurrentFrame {
  return { ...current, payloadRead: current.payloadRead + byteLength };
}
