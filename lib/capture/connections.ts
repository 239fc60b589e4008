import { noBytes } from "../bytes/chunks.ts";
import type { CapturePlace, ConnectionEnd, Side } from "./capture_event.ts";
import type { CaptureLimits } from "./capture_limits.ts";
import { endpointsOf, type FlowKey, flowKey } from "./flow_key.ts";
import type { IpPacket } from "./ip.ts";
import {
  addNewest,
  moveToNewest,
  type Recency,
  type Recent,
  removeItem,
} from "./recency.ts";
import {
  beginsAnother,
  closeConnection,
  createTcpConnection,
  type Emit,
  type FollowRules,
  sideOfSender,
  sides,
  takeTcpSegment,
  type TcpConnection,
} from "./tcp_connection.ts";
import { TcpFlag, type TcpSegment } from "./tcp_segment.ts";
import { giveUpHole } from "./tcp_stream.ts";

/** A segment, where it was, and what was found around it. */
export interface CapturedSegment {
  /** The array that the packet is in. */
  readonly bytes: Uint8Array;
  /** What its IP header says. */
  readonly ip: IpPacket;
  /** What its TCP header says. */
  readonly segment: TcpSegment;
  /** The packet. */
  readonly place: CapturePlace;
}

/**
 * The connections of a capture, as many as are followed at once. One that has
 * ended is kept as long as there is room: stragglers would seem to begin it
 * again.
 */
export interface Connections {
  readonly limits: CaptureLimits;
  readonly rules: FollowRules;
  readonly entries: Map<string, Entry>;
  readonly open: Recency<Entry>;
  readonly closed: Recency<Entry>;
  /** Those that hold bytes, the one that has done so for longest first. */
  readonly holding: Set<Entry>;
  heldBytes: number;
  nextId: number;
}

/** A connection and its place among the others. */
interface Entry extends Recent<Entry> {
  /** Both its ends. */
  readonly key: string;
  /** Whether the client is the first of them. */
  readonly isClientFirst: boolean;
  readonly connection: TcpConnection;
  /** How much of what all of them hold is its own. */
  heldBytes: number;
}

/** A table without connections. */
export function createConnections(
  limits: CaptureLimits,
  emit: Emit,
): Connections {
  return {
    limits,
    rules: { maxReorderedPackets: limits.maxReorderedPackets, emit },
    entries: new Map(),
    open: { oldest: undefined, newest: undefined },
    closed: { oldest: undefined, newest: undefined },
    holding: new Set(),
    heldBytes: 0,
    nextId: 0,
  };
}

/**
 * Takes a segment of one of the connections, or of a new one. Its bytes are
 * copied if they have to be held; else what is emitted are views on them.
 */
export function takeCaptured(
  table: Connections,
  captured: CapturedSegment,
): void {
  const key = flowKey(captured.bytes, captured.ip, captured.segment);
  const entry = findEntry(table, key, captured) ??
    beginEntry(table, key, captured);
  if (entry === undefined || entry.connection.isClosed) return;
  moveToNewest(table.open, entry);
  follow(table, entry, sideOf(entry, key), captured);
}

/** Closes what is still open, the one that was idle longest first. */
export function endConnections(table: Connections, place: CapturePlace): void {
  while (table.open.oldest !== undefined) {
    close(table, table.open.oldest, "end of capture", place);
  }
}

function sideOf({ isClientFirst }: Entry, { isForward }: FlowKey): Side {
  return isForward === isClientFirst ? "client" : "server";
}

/** The connection of a segment; one that it replaces is removed. */
function findEntry(
  table: Connections,
  key: FlowKey,
  { segment, place }: CapturedSegment,
): Entry | undefined {
  const { newest } = table.open;
  // Packets of one connection often come one after the other.
  const entry = newest?.key === key.both ? newest : table.entries.get(key.both);
  if (entry === undefined) return undefined;
  const { connection } = entry;
  if (!beginsAnother(connection, sideOf(entry, key), segment)) return entry;
  removeEntry(table, entry, "reused", place);
  return undefined;
}

/** A new connection; a RST alone makes none. */
function beginEntry(
  table: Connections,
  key: FlowKey,
  captured: CapturedSegment,
): Entry | undefined {
  const { segment, place } = captured;
  if ((segment.flags & TcpFlag.rst) !== 0) return undefined;
  makeRoom(table, place);
  const id = table.nextId++;
  const isFromClient = sideOfSender(segment) === "client";
  const entry: Entry = {
    key: key.both,
    isClientFirst: isFromClient === key.isForward,
    connection: createTcpConnection(id, table.rules.emit),
    heldBytes: 0,
    older: undefined,
    newer: undefined,
  };
  table.entries.set(entry.key, entry);
  addNewest(table.open, entry);
  emitOpen(table, id, isFromClient, captured);
  return entry;
}

function emitOpen(
  { rules: { emit } }: Connections,
  id: number,
  isFromClient: boolean,
  { bytes, ip, segment, place: { packet, timeMs } }: CapturedSegment,
): void {
  const [source, destination] = endpointsOf(bytes, ip, segment);
  const [client, server] = isFromClient
    ? [source, destination]
    : [destination, source];
  const begun = (segment.flags & TcpFlag.syn) !== 0;
  emit({ type: "open", id, client, server, begun, packet, timeMs });
}

/** Removes what was idle longest if there are as many as there may be. */
function makeRoom(table: Connections, place: CapturePlace): void {
  if (table.entries.size < table.limits.maxConnections) return;
  const oldest = table.closed.oldest ?? table.open.oldest;
  if (oldest !== undefined) removeEntry(table, oldest, "given up", place);
}

function removeEntry(
  table: Connections,
  entry: Entry,
  how: ConnectionEnd,
  place: CapturePlace,
): void {
  if (!entry.connection.isClosed) close(table, entry, how, place);
  removeItem(table.closed, entry);
  table.entries.delete(entry.key);
}

function close(
  table: Connections,
  entry: Entry,
  how: ConnectionEnd,
  place: CapturePlace,
): void {
  closeConnection(entry.connection, how, place, table.rules.emit);
  settle(table, entry);
}

function follow(
  table: Connections,
  entry: Entry,
  from: Side,
  { bytes, segment, place }: CapturedSegment,
): void {
  const { payloadAt, payloadEnd } = segment;
  // Half of all segments carry nothing, and even an empty view costs time.
  const payload = payloadAt === payloadEnd
    ? noBytes
    : bytes.subarray(payloadAt, payloadEnd);
  takeTcpSegment(entry.connection, from, segment, payload, place, table.rules);
  settle(table, entry);
  if (entry.heldBytes > 0) limitHeld(table, entry);
}

/** Brings the table up to date with what a connection holds and whether it is. */
function settle(table: Connections, entry: Entry): void {
  const { streams: { client, server }, isClosed } = entry.connection;
  const heldBytes = client.heldBytes + server.heldBytes;
  if (heldBytes !== entry.heldBytes) {
    table.heldBytes += heldBytes - entry.heldBytes;
    entry.heldBytes = heldBytes;
    if (heldBytes === 0) table.holding.delete(entry);
    else table.holding.add(entry);
  }
  if (isClosed) {
    removeItem(table.open, entry);
    addNewest(table.closed, entry);
  }
}

/** Gives up as many holes as it takes to be within the limits. */
function limitHeld(table: Connections, entry: Entry): void {
  const { maxHeldBytes, maxTotalHeldBytes } = table.limits;
  const { streams } = entry.connection;
  for (const side of sides) {
    while (streams[side].heldBytes > maxHeldBytes) {
      giveUp(table, entry, side);
    }
  }
  while (table.heldBytes > maxTotalHeldBytes) {
    const [first] = table.holding;
    for (const side of sides) giveUp(table, first!, side);
  }
}

function giveUp(table: Connections, entry: Entry, side: Side): void {
  const { streams, takers } = entry.connection;
  giveUpHole(streams[side], takers[side]);
  settle(table, entry);
}
