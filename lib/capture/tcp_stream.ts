import type { CapturePlace } from "./capture_event.ts";

/** A part of a stream. */
export interface StreamPiece {
  /** How many bytes of the stream come before it. */
  readonly offset: number;
  /** How many bytes it is; none for the end of a stream. */
  readonly byteLength: number;
  /** The bytes; nothing if they are missing. */
  readonly bytes: Uint8Array | undefined;
  /** The packet that it came in, or that showed that it will not come. */
  readonly place: CapturePlace;
}

/** Takes the parts of a stream, in order and without holes. */
export type TakePiece = (piece: StreamPiece) => void;

/** One direction of a connection while it is put together. */
export interface TcpStream {
  /** The number of its first byte; nothing while nobody knows. */
  begin: number | undefined;
  /** Whether a SYN said where it begins. */
  begun: boolean;
  /** The number of the byte that is waited for. */
  nextSequence: number;
  /** How many bytes come before that one. */
  offset: number;
  /** What came early: in order, without overlap, each after a hole or another. */
  readonly held: StreamPiece[];
  /** What that counts for the limits. */
  heldBytes: number;
  /** The furthest that the receiver has acknowledged. */
  acknowledged: number;
  /** Up to where nothing is waited for any longer. */
  lost: number;
  /** What has been acknowledged and is still waited for, and since when. */
  doubt: { readonly offset: number; readonly sincePackets: number } | undefined;
  /** Where it ends; nothing while nobody knows. */
  finOffset: number | undefined;
}

/** What a held segment costs beside its bytes. */
export const heldSegmentBytes = 256;

/**
 * No window is larger: what is further away does not belong here.
 *
 * Source: {@link https://www.rfc-editor.org/rfc/rfc7323#section-2.3 | RFC 7323 §2.3}.
 */
const maxWindowBytes = 2 ** 30;

/** A stream of which nothing is known yet. */
export function createTcpStream(): TcpStream {
  return {
    begin: undefined,
    begun: false,
    nextSequence: 0,
    offset: 0,
    held: [],
    heldBytes: 0,
    acknowledged: 0,
    lost: 0,
    doubt: undefined,
    finOffset: undefined,
  };
}

/** Says which number the first byte has; `begun` if a SYN said so. */
export function beginStream(
  stream: TcpStream,
  sequence: number,
  begun: boolean,
): void {
  stream.begin = sequence;
  stream.begun = begun;
  stream.nextSequence = sequence;
}

/** Whether all of the stream has been given. */
export function isEnded({ finOffset, offset }: TcpStream): boolean {
  return finOffset !== undefined && offset >= finOffset;
}

/**
 * Where in the stream the byte of this number stands, at most 2 GiB from the one
 * that is waited for; numbers wrap around.
 *
 * Source: {@link https://www.rfc-editor.org/rfc/rfc9293#section-3.4 | RFC 9293 §3.4}.
 */
export function offsetOf(stream: TcpStream, sequence: number): number {
  return stream.offset + (sequence - stream.nextSequence | 0);
}

/** Whether a byte at this offset may be on its way. */
export function isInWindow(stream: TcpStream, offset: number): boolean {
  return Math.abs(offset - stream.offset) <= maxWindowBytes;
}

/**
 * Takes a segment: its bytes, and how many behind them were not captured. What
 * has come before is left out, so that the first bytes seen win. `bytes` is
 * copied if it has to be held; else what is given are views on it.
 */
export function takeSegment(
  stream: TcpStream,
  offset: number,
  bytes: Uint8Array,
  missingBytes: number,
  place: CapturePlace,
  take: TakePiece,
): void {
  const { length } = bytes;
  const end = offset + length + missingBytes;
  if (!isInWindow(stream, offset) || !isInWindow(stream, end)) return;
  if (isEnded(stream) || end <= stream.offset) return;
  if (length > 0) {
    takePiece(stream, { offset, byteLength: length, bytes, place }, take);
  }
  if (missingBytes > 0) {
    const missing = { byteLength: missingBytes, bytes: undefined, place };
    takePiece(stream, { offset: offset + length, ...missing }, take);
  }
}

/** Takes the end of the stream, which is before the byte at `offset`. */
export function takeFin(
  stream: TcpStream,
  offset: number,
  place: CapturePlace,
): void {
  if (stream.finOffset !== undefined) return;
  if (offset < stream.offset || !isInWindow(stream, offset)) return;
  stream.finOffset = offset;
  if (offset > stream.offset) {
    insert(stream, { offset, byteLength: 0, bytes: undefined, place });
  }
}

function takePiece(
  stream: TcpStream,
  piece: StreamPiece,
  take: TakePiece,
): void {
  const { offset } = stream;
  if (piece.offset <= offset && stream.held.length === 0) {
    const rest = between(piece, offset, Infinity);
    if (rest !== undefined) give(stream, rest, take);
  } else {
    hold(stream, piece);
    drain(stream, take);
  }
}

/** The part of a piece between two offsets, if there is any. */
function between(
  piece: StreamPiece,
  from: number,
  to: number,
): StreamPiece | undefined {
  const offset = Math.max(from, piece.offset);
  const end = Math.min(to, piece.offset + piece.byteLength);
  const byteLength = end - offset;
  if (byteLength <= 0) return undefined;
  if (byteLength === piece.byteLength) return piece;
  const at = offset - piece.offset;
  const bytes = piece.bytes?.subarray(at, at + byteLength);
  return { offset, byteLength, bytes, place: piece.place };
}

function give(stream: TcpStream, piece: StreamPiece, take: TakePiece): void {
  stream.offset += piece.byteLength;
  stream.nextSequence = stream.nextSequence + piece.byteLength >>> 0;
  if (piece.byteLength > 0) take(piece);
}

/** Holds what is new in a piece: the parts of it in the holes of what is held. */
function hold(stream: TcpStream, piece: StreamPiece): void {
  const { held } = stream;
  const isNext = piece.offset <= stream.offset;
  const end = piece.offset + piece.byteLength;
  let from = Math.max(piece.offset, stream.offset);
  let at = firstEndingAfter(held, from);
  while (from < end) {
    const next = held[at];
    const part = between(piece, from, next?.offset ?? Infinity);
    if (part !== undefined) {
      // What is next goes out at once, all of it.
      insertAt(stream, at, isNext ? part : ownCopy(part));
      at += 1;
    }
    if (next === undefined) return;
    from = next.offset + next.byteLength;
    at += 1;
  }
}

function ownCopy(piece: StreamPiece): StreamPiece {
  return piece.bytes === undefined
    ? piece
    : { ...piece, bytes: piece.bytes.slice() };
}

/** Holds a piece where it belongs. */
function insert(stream: TcpStream, piece: StreamPiece): void {
  insertAt(stream, firstEndingAfter(stream.held, piece.offset), piece);
}

function insertAt(stream: TcpStream, at: number, piece: StreamPiece): void {
  stream.held.splice(at, 0, piece);
  stream.heldBytes += costOf(piece);
}

function costOf({ bytes }: StreamPiece): number {
  return heldSegmentBytes + (bytes?.length ?? 0);
}

/** The index of the first piece that ends after `offset`. */
function firstEndingAfter(
  held: readonly StreamPiece[],
  offset: number,
): number {
  let low = 0;
  let high = held.length;
  while (low < high) {
    const middle = low + high >>> 1;
    const piece = held[middle]!;
    if (piece.offset + piece.byteLength > offset) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Gives what is held and needs to wait no longer. */
function drain(stream: TcpStream, take: TakePiece): void {
  const { held } = stream;
  while (held.length > 0 && held[0]!.offset <= stream.offset) {
    // One by one: an engine moves the beginning, where `splice` moves the rest.
    const piece = held.shift()!;
    stream.heldBytes -= costOf(piece);
    give(stream, piece, take);
  }
}

/** Gives up what is missing before the first piece that is held, and goes on. */
export function giveUpHole(stream: TcpStream, take: TakePiece): void {
  const first = stream.held[0];
  if (first === undefined) return;
  giveGap(stream, first.offset, first.place, take);
  drain(stream, take);
}

function giveGap(
  stream: TcpStream,
  end: number,
  place: CapturePlace,
  take: TakePiece,
): void {
  const { offset } = stream;
  const byteLength = end - offset;
  give(stream, { offset, byteLength, bytes: undefined, place }, take);
}

/**
 * Notes that the receiver has everything before `offset`: what was not captured
 * of it is in doubt from now on, the `packets`th packet of the connection.
 */
export function acknowledge(
  stream: TcpStream,
  offset: number,
  packets: number,
): void {
  if (offset <= stream.offset || !isInWindow(stream, offset)) return;
  stream.acknowledged = Math.max(stream.acknowledged, offset);
  if (stream.doubt === undefined || stream.doubt.offset <= stream.offset) {
    stream.doubt = { offset, sincePackets: packets };
  }
}

/**
 * Gives up the holes that have been in doubt for so many packets that they must
 * be lost. At the end of a stream nothing says whether its last byte or its FIN
 * is missing, so that is for {@linkcode flush} to judge.
 */
export function giveUpDoubts(
  stream: TcpStream,
  packets: number,
  maxReorderedPackets: number,
  take: TakePiece,
): void {
  const { doubt, held } = stream;
  if (
    doubt !== undefined && packets - doubt.sincePackets > maxReorderedPackets
  ) {
    stream.lost = doubt.offset;
    stream.doubt = undefined;
  }
  while (held.length > 0 && held[0]!.offset <= stream.lost) {
    giveUpHole(stream, take);
  }
}

/**
 * Gives everything that is held, and what is known to be missing at the end: no
 * more comes. One missing byte there is taken as the FIN.
 */
export function flush(
  stream: TcpStream,
  place: CapturePlace,
  take: TakePiece,
): void {
  while (stream.held.length > 0) giveUpHole(stream, take);
  const { acknowledged } = stream;
  if (acknowledged - stream.offset > 1) {
    giveGap(stream, acknowledged, place, take);
  }
}
