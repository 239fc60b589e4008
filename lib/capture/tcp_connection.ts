import type {
  CaptureEvent,
  CapturePlace,
  ConnectionEnd,
  Side,
} from "./capture_event.ts";
import { TcpFlag, type TcpSegment } from "./tcp_segment.ts";
import {
  acknowledge,
  beginStream,
  createTcpStream,
  flush,
  giveUpDoubts,
  isEnded,
  isInWindow,
  offsetOf,
  takeFin,
  type TakePiece,
  takeSegment,
  type TcpStream,
} from "./tcp_stream.ts";

/** What is known of one connection. */
export interface TcpConnection {
  /** By which its events name it. */
  readonly id: number;
  /** What each side sends. */
  readonly streams: Readonly<Record<Side, TcpStream>>;
  /** Takes the pieces of each direction. */
  readonly takers: Readonly<Record<Side, TakePiece>>;
  /** How many packets of it have come. */
  packets: number;
  /** Whether its end has been told; what comes then is left out. */
  isClosed: boolean;
}

/** Where the events go. */
export type Emit = (event: CaptureEvent) => void;

/** How a connection is followed. */
export interface FollowRules {
  /** How many packets are waited for when one seems to be missing. */
  readonly maxReorderedPackets: number;
  /** Takes what happens. */
  readonly emit: Emit;
}

/** Both of them. */
export const sides: readonly Side[] = ["client", "server"];

/** A connection of which nothing has come yet. */
export function createTcpConnection(id: number, emit: Emit): TcpConnection {
  return {
    id,
    streams: { client: createTcpStream(), server: createTcpStream() },
    takers: {
      client: eventsOf(id, "client", emit),
      server: eventsOf(id, "server", emit),
    },
    packets: 0,
    isClosed: false,
  };
}

/** Makes events of the pieces of one direction. */
function eventsOf(id: number, from: Side, emit: Emit): TakePiece {
  return ({ offset, byteLength, bytes, place: { packet, timeMs } }) =>
    emit(
      bytes === undefined
        ? { type: "gap", id, from, byteLength, offset, packet, timeMs }
        : { type: "data", id, from, bytes, offset, packet, timeMs },
    );
}

/**
 * Which of two ends is the client: the one that sent SYN, or was answered with
 * SYN and ACK, or else the one with the higher port.
 *
 * @param sender The end that sent `segment`.
 */
export function sideOfSender(
  { flags, sourcePort, destinationPort }: TcpSegment,
): Side {
  if ((flags & TcpFlag.syn) !== 0) {
    return (flags & TcpFlag.ack) === 0 ? "client" : "server";
  }
  return sourcePort >= destinationPort ? "client" : "server";
}

/**
 * Whether a segment belongs to another connection than this one, which has the
 * same addresses and ports: it has a SYN, and other numbers.
 *
 * Source: {@link https://www.rfc-editor.org/rfc/rfc9293#section-3.6.1 | RFC 9293 §3.6.1}.
 */
export function beginsAnother(
  { streams, isClosed }: TcpConnection,
  from: Side,
  { sequence, acknowledgment, flags }: TcpSegment,
): boolean {
  if ((flags & TcpFlag.syn) === 0) return false;
  const own = streams[from];
  if (own.begin === undefined) return isClosed;
  if (own.begin === next(sequence)) return false;
  const other = streams[otherSide(from)];
  // A server may change its mind, but not whom it answers.
  return (flags & TcpFlag.ack) === 0 || other.begin !== acknowledgment;
}

/** The number after the one of a SYN, which takes one itself. */
function next(sequence: number): number {
  return sequence + 1 >>> 0;
}

function otherSide(side: Side): Side {
  return side === "client" ? "server" : "client";
}

/**
 * Takes a segment that one side sent.
 *
 * @param bytes What was captured of its payload; copied if it has to be held.
 */
export function takeTcpSegment(
  connection: TcpConnection,
  from: Side,
  segment: TcpSegment,
  bytes: Uint8Array,
  place: CapturePlace,
  { maxReorderedPackets, emit }: FollowRules,
): void {
  connection.packets += 1;
  const stream = connection.streams[from];
  const other = connection.streams[otherSide(from)];
  begin(stream, other, segment);
  takePayload(stream, segment, bytes, place, connection.takers[from]);
  if (isReset(stream, segment)) {
    return closeConnection(connection, "reset", place, emit);
  }
  takeAcknowledgment(other, segment, connection.packets);
  const { takers, packets } = connection;
  giveUpDoubts(stream, packets, maxReorderedPackets, takers[from]);
  giveUpDoubts(other, packets, maxReorderedPackets, takers[otherSide(from)]);
  if (isEnded(stream) && isEnded(other)) {
    closeConnection(connection, "fin", place, emit);
  }
}

/** Learns from a segment where the streams begin, if nobody knows yet. */
function begin(
  stream: TcpStream,
  other: TcpStream,
  { sequence, acknowledgment, flags }: TcpSegment,
): void {
  const isSyn = (flags & TcpFlag.syn) !== 0;
  const isReset = (flags & TcpFlag.rst) !== 0;
  const isKnown = stream.begin !== undefined && !(isSyn && isUntouched(stream));
  if (!isKnown && !isReset) {
    beginStream(stream, isSyn ? next(sequence) : sequence, isSyn);
  }
  if ((flags & TcpFlag.ack) === 0 || isReset) return;
  if (other.begin === undefined) {
    beginStream(other, acknowledgment, isSyn);
  } else if (isUntouched(other) && offsetOf(other, acknowledgment) > 0) {
    // It begins somewhere, and what is acknowledged does not come any more.
    beginStream(other, acknowledgment, false);
  }
}

/** Whether nothing but a number is known of a stream. */
function isUntouched({ begun, offset, held, finOffset }: TcpStream): boolean {
  return !begun && offset === 0 && held.length === 0 && finOffset === undefined;
}

function takePayload(
  stream: TcpStream,
  { sequence, flags, missingBytes }: TcpSegment,
  bytes: Uint8Array,
  place: CapturePlace,
  take: TakePiece,
): void {
  // What a RST carries is for people to read, RFC 9293 §3.5.3.
  if (stream.begin === undefined || (flags & TcpFlag.rst) !== 0) return;
  const first = (flags & TcpFlag.syn) === 0 ? sequence : next(sequence);
  const offset = offsetOf(stream, first);
  const byteLength = bytes.length + missingBytes;
  if (byteLength > 0) {
    takeSegment(stream, offset, bytes, missingBytes, place, take);
  }
  if ((flags & TcpFlag.fin) !== 0) takeFin(stream, offset + byteLength, place);
}

/** Whether a RST is of this connection, and not a straggler of another. */
function isReset(stream: TcpStream, { flags, sequence }: TcpSegment): boolean {
  if ((flags & TcpFlag.rst) === 0) return false;
  return stream.begin === undefined ||
    isInWindow(stream, offsetOf(stream, sequence));
}

function takeAcknowledgment(
  other: TcpStream,
  { flags, acknowledgment }: TcpSegment,
  packets: number,
): void {
  if ((flags & (TcpFlag.ack | TcpFlag.rst)) !== TcpFlag.ack) return;
  acknowledge(other, offsetOf(other, acknowledgment), packets);
}

/** Gives all that is held, and tells the end. */
export function closeConnection(
  connection: TcpConnection,
  how: ConnectionEnd,
  place: CapturePlace,
  emit: Emit,
): void {
  const { id, streams, takers } = connection;
  for (const side of sides) flush(streams[side], place, takers[side]);
  connection.isClosed = true;
  const { packet, timeMs } = place;
  emit({ type: "close", id, how, packet, timeMs });
}
