import type { Invalid } from "../error/protocol_error.ts";
import { frameError } from "../error/frame_rules.ts";
import { messageError } from "../error/message_rules.ts";
import type {
  DecodedPiece,
  EncodedPiece,
  ExtensionCodec,
  IncomingPiece,
  OutgoingPiece,
} from "../extension/extension.ts";
import type { Deflater, Inflated, Inflater } from "./engine.ts";
import type { Lent } from "./lender.ts";

/** RSV1: the message is compressed (RFC 7692 §6). */
export const compressedBit = 0x40;

/** The end of every message, which is not sent (RFC 7692 §7.2.1). */
const tail = Uint8Array.of(0x00, 0x00, 0xff, 0xff);

/**
 * The end of an empty message: the header of an empty stored block, which is
 * nothing at all with the tail behind it (RFC 7692 §7.2.3.6).
 */
const emptyBlock: readonly number[] = [0x00];

/** So much may come of however little, whatever the ratio. */
const freeBytes = 64 * 1024;

/**
 * How many blocks may call themselves the last in so many first bytes of a message
 * (RFC 7692 §7.2.3.4 wants one, and lets others follow): more are taken for an
 * attack, since to begin again after one costs as much as thousands of bytes, and an
 * empty one has two. Judged where each ends, so that the cut does not matter.
 */
function mostLastBlocks(byteLength: number): number {
  return 4 + byteLength / 256;
}

/** How one connection compresses, and what it accepts. */
export interface DeflateCodecOptions {
  /** For what is sent. */
  readonly deflater: Lent<Deflater>;
  /** For what is sent on many connections, each message by itself. */
  readonly sharedDeflater: Lent<Deflater>;
  /** The same for all connections on which such a message may be the same bytes. */
  readonly sharedKey: unknown;
  /** For what comes. */
  readonly inflater: Lent<Inflater>;
  /** Whether to compress a message, of which this is the first piece. */
  readonly isWorthIt: (piece: OutgoingPiece) => boolean;
  /** How many times as long as it came a message may become. */
  readonly maxRatio: number;
}

/** permessage-deflate at work on one connection (RFC 7692 §7.2). */
export function createDeflateCodec(
  options: DeflateCodecOptions,
): ExtensionCodec {
  const encode = createEncoder(options);
  const decode = createDecoder(options);
  return {
    encode,
    encodeShared: createSharedEncoder(options),
    decode,
    close: () => {
      options.deflater.close();
      options.sharedDeflater.close();
      options.inflater.close();
    },
  };
}

function createEncoder(
  { deflater, isWorthIt }: DeflateCodecOptions,
): ExtensionCodec["encode"] {
  let isCompressing = false;
  return (piece): EncodedPiece => {
    if (piece.first) isCompressing = isWorthIt(piece);
    if (!isCompressing) return { payload: piece.payload, rsv: 0 };
    return { payload: compress(piece, deflater), rsv: compressedBit };
  };
}

/** The blocks of a piece; after the last one the compressor is given back. */
function compress(
  { payload, last }: OutgoingPiece,
  deflater: Lent<Deflater>,
): Uint8Array {
  const blocks = blocksOf(payload, last, deflater);
  if (last) deflater.give();
  return blocks;
}

function blocksOf(
  payload: Uint8Array,
  last: boolean,
  deflater: Lent<Deflater>,
): Uint8Array {
  // Nothing is no block, and to flush twice makes none.
  if (payload.length === 0) return Uint8Array.from(last ? emptyBlock : []);
  const bytes = deflater.take().deflate(payload);
  return last ? bytes.subarray(0, bytes.length - tail.length) : bytes;
}

/**
 * For messages that go out on many connections. They refer to nothing before
 * them, so that the same bytes will do for all; but the peer puts them into its
 * window, where ours does not have them, and what we send next may refer only to
 * what comes after.
 */
function createSharedEncoder(
  { deflater, sharedDeflater, sharedKey, isWorthIt }: DeflateCodecOptions,
): NonNullable<ExtensionCodec["encodeShared"]> {
  const encodeOnce = (piece: OutgoingPiece): EncodedPiece => {
    if (!isWorthIt(piece)) return { payload: piece.payload, rsv: 0 };
    return { payload: compress(piece, sharedDeflater), rsv: compressedBit };
  };
  return (piece, made) => {
    const encoded = made.get(sharedKey) ?? encodeOnce(piece);
    made.set(sharedKey, encoded);
    if (encoded.rsv === compressedBit) deflater.forget();
    return encoded;
  };
}

function createDecoder(
  { inflater, maxRatio }: DeflateCodecOptions,
): ExtensionCodec["decode"] {
  let isCompressed = false;
  let bytesIn = 0;
  let bytesOut = 0;
  let lastBlocks = 0;
  const mostOf = (byteLength: number) =>
    byteLength === 0 ? freeBytes : Math.max(freeBytes, maxRatio * byteLength);
  const inflate = (bytes: Uint8Array, maxBytes: number): Inflated => {
    const inflated = inflater.take().inflate(
      bytes,
      maxBytes,
      (bytesRead) => mostLastBlocks(bytesIn + bytesRead) - lastBlocks,
    );
    bytesIn += bytes.length;
    bytesOut += byteLengthOf(inflated);
    lastBlocks += inflated.lastBlocks;
    return inflated;
  };
  const decompress = (piece: IncomingPiece, maxBytes: number) => {
    const mostByRatio = mostOf(bytesIn + piece.payload.length);
    const most = Math.min(maxBytes, mostByRatio - bytesOut);
    const body = inflate(piece.payload, most);
    const left = most - byteLengthOf(body);
    const isOver = body.corrupt !== undefined || left < 0;
    if (!piece.last || isOver) return body;
    const end = inflate(tail, left);
    return { ...end, chunks: [...body.chunks, ...end.chunks] };
  };
  return (piece, maxBytes): DecodedPiece | Invalid => {
    const isMarked = (piece.rsv & compressedBit) !== 0;
    if (piece.start && !piece.first && isMarked) return misplaced(piece);
    if (piece.first) {
      isCompressed = isMarked;
      bytesIn = 0;
      bytesOut = 0;
      lastBlocks = 0;
    }
    if (!isCompressed) return { status: "valid", payloads: [piece.payload] };
    const { corrupt, chunks } = decompress(piece, maxBytes);
    if (corrupt !== undefined) return corrupted(piece, corrupt);
    if (bytesOut > mostOf(bytesIn)) {
      return tooMuch(piece, bytesIn, bytesOut, maxRatio);
    }
    if (piece.last) inflater.give();
    return { status: "valid", payloads: chunks };
  };
}

function byteLengthOf({ chunks }: Inflated): number {
  return chunks.reduce((sum, { length }) => sum + length, 0);
}

/** The bit is for the first frame of a message alone (RFC 7692 §6.1). */
function misplaced({ offset }: IncomingPiece): Invalid {
  const found = "RSV1 = 1 on a continuation frame";
  return {
    status: "invalid",
    error: frameError("reserved-bits", { found, offset }),
  };
}

function corrupted({ offset }: IncomingPiece, found: string): Invalid {
  return {
    status: "invalid",
    error: messageError("corrupt-compression", { found, offset }),
  };
}

function tooMuch(
  { offset }: IncomingPiece,
  bytesIn: number,
  bytesOut: number,
  maxRatio: number,
): Invalid {
  return {
    status: "invalid",
    error: messageError("inflated-too-much", {
      found: `at least ${bytesOut} bytes made of ${bytesIn}`,
      wanted: `at most ${maxRatio} times as many`,
      offset,
    }),
  };
}
