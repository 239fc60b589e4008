import { roomBehind } from "../bytes/append_bytes.ts";
import { messageError } from "../error/message_rules.ts";
import { ProtocolError } from "../error/protocol_error.ts";
import type { ExtensionCodec } from "../extension/extension.ts";
import { readCodedPiece } from "../extension/read_coded_piece.ts";
import {
  appendPayload,
  decodePieces,
  type FramePiece,
  type PieceDecoding,
} from "../frame/decode_pieces.ts";
import { isControlOpcode, Opcode } from "../frame/frame.ts";
import { truncateReason } from "../message/close.ts";
import { expectedBytes, finish, gather, nothing } from "../message/gather.ts";
import {
  type MessageProgress,
  readPiece,
  type ReadPieceResult,
} from "../message/read_piece.ts";
import { readControlPiece } from "../message/reassemble.ts";
import {
  nothingReceived,
  type Session,
  type SessionEvent,
  type SessionInput,
} from "./session.ts";
import { advance, change, type Turn, writeFrame } from "./turn.ts";

type BytesInput = Extract<SessionInput, { type: "bytes" }>;

/** Bytes of the peer, until it has closed or failed; then they are discarded. */
export function receiveBytes(turn: Turn, { bytes }: BytesInput): void {
  if (!isReading(turn)) return;
  const { session } = turn;
  session.lastReceivedMs = turn.context.nowMs;
  session.silentSinceMs = undefined;
  const rest = receivePayload(turn, bytes);
  if (rest === undefined) return;
  const { pieces, state, error } = decodePieces(
    rest,
    session.receiving.decoding,
    session.settings.frames,
  );
  session.receiving = { ...session.receiving, decoding: state };
  for (const piece of pieces) {
    if (isControlOpcode(piece.opcode)) receiveControl(turn, piece);
    else receiveData(turn, piece);
    if (!isReading(turn)) return;
  }
  if (error !== undefined) fail(turn, error);
}

/**
 * What `bytes` hold of the payload of a binary message that is given out whole,
 * put behind what has come of it. Gives the bytes that are left, if there are.
 */
function receivePayload(
  { session, events, context }: Turn,
  bytes: Uint8Array,
): Uint8Array | undefined {
  const { progress, decoding, gathered } = session.receiving;
  const current = decoding?.current;
  if (
    current === undefined || progress?.type !== "binary" ||
    context.codec !== undefined ||
    session.settings.delivery !== "messages"
  ) return bytes;
  const filled = appendPayload(gathered.bytes, bytes, current, decoding!);
  const { state, bytesRead } = filled;
  const data = filled.bytes;
  if (state.current === undefined && current.header.fin) {
    session.receiving = { ...nothingReceived, decoding: state };
    events.push({ type: "message", message: { type: "binary", data } });
  } else {
    const gathered = { ...nothing, bytes: data };
    session.receiving = { decoding: state, progress, gathered };
  }
  return bytesRead === bytes.length ? undefined : bytes.subarray(bytesRead);
}

/** Less is read together with what comes after the payload. */
const smallestRoomBytes = 64 * 1024;

/**
 * Where the next bytes may be read into, so that they need not be copied: it
 * ends where the long payload under way does, or before. Nothing when there is
 * none.
 */
export function roomFor(
  session: Session,
): Uint8Array<ArrayBuffer> | undefined {
  const { decoding, gathered } = session.receiving;
  const current = decoding?.current;
  if (current === undefined) return undefined;
  const left = current.payloadLength - current.payloadRead;
  if (left < smallestRoomBytes || gathered.bytes.length === 0) return undefined;
  const room = roomBehind(gathered.bytes);
  return room === undefined || room.length < smallestRoomBytes
    ? undefined
    : room.subarray(0, left);
}

/**
 * The end of the peer's bytes, which only a Close makes a clean one. A peer that
 * has ended its half may still read our Close.
 */
export function receiveEnd(turn: Turn): void {
  const { receiving } = turn.session;
  change(turn, { isEndReceived: true });
  if (isReading(turn)) {
    const error = describeEnd(receiving.decoding);
    change(turn, { error });
    turn.events.push({ type: "error", error });
  }
  advance(turn, "end-received");
}

/**
 * The peer is to be told which rule it broke, unless we have sent a Close
 * already; and nothing more of it is read (RFC 6455 §7.1.7).
 */
export function fail(turn: Turn, error: ProtocolError): void {
  const reason = truncateReason(error.message);
  const pendingClose = { closeCode: error.closeCode, reason };
  change(turn, { error, pendingClose });
  turn.events.push({ type: "error", error });
  advance(turn, "rule-broken");
}

/** Whether what the peer sends is still of interest. */
function isReading({ session: { phase } }: Turn): boolean {
  return phase === "open" || phase === "closing";
}

/** A piece of a data frame, as it is or as the extensions make it. */
function receiveData(turn: Turn, piece: FramePiece): void {
  const { context: { codec }, session: { receiving, settings } } = turn;
  const unacceptable = checkType(piece, receiving.progress, settings.accepts);
  if (unacceptable !== undefined) return fail(turn, unacceptable);
  if (codec !== undefined) return receiveCoded(turn, piece, codec);
  const read = readPiece(piece, receiving.progress, settings.messages);
  if (read.status === "invalid") return fail(turn, read.error);
  deliver(turn, piece, read);
}

/** A piece through the extensions, and what they make of it. */
function receiveCoded(
  turn: Turn,
  piece: FramePiece,
  codec: ExtensionCodec,
): void {
  const { session: { settings, receiving: { progress } } } = turn;
  for (
    const read of readCodedPiece(piece, progress, settings.messages, codec)
  ) {
    if (read.status === "invalid") return fail(turn, read.error);
    deliver(turn, piece, read);
    if (!isReading(turn)) return;
  }
}

/** What a piece says, given on as it is or gathered into a message. */
function deliver(
  turn: Turn,
  piece: FramePiece,
  { data, last, progress }: Extract<ReadPieceResult, { status: "valid" }>,
): void {
  const { session, events } = turn;
  const { settings, receiving } = session;
  const { type } = progress;
  if (settings.delivery === "pieces") {
    session.receiving = { ...receiving, progress: last ? undefined : progress };
    if (last || data.length > 0) {
      events.push({ type: "piece", messageType: type, data, last });
    }
  } else if (last) {
    const message = finish(type, receiving.gathered, data);
    events.push({ type: "message", message });
    // A message in one piece, which most are, leaves nothing behind.
    if (receiving.progress === undefined) return;
    session.receiving = { ...nothingReceived, decoding: receiving.decoding };
  } else {
    // Nobody knows how long it will be after an extension.
    const isKnown = piece.fin && turn.context.codec === undefined;
    const expected = expectedBytes(progress, isKnown);
    const gathered = gather(receiving.gathered, data, expected);
    session.receiving = { ...receiving, progress, gathered };
  }
}

/**
 * Whether a message that begins is of a type that we can take: judged before what is
 * in it, so that it does not depend on how much of that has come.
 */
function checkType(
  { opcode, frameOffset }: FramePiece,
  progress: MessageProgress | undefined,
  accepts: "any" | "text" | "binary",
): ProtocolError | undefined {
  const isBeginning = progress === undefined && opcode !== Opcode.continuation;
  if (accepts === "any" || !isBeginning || opcode === Opcode[accepts]) return;
  const type = opcode === Opcode.text ? "text" : "binary";
  return messageError("unacceptable-type", {
    found: `a ${type} message`,
    wanted: `${accepts} messages only`,
    offset: frameOffset,
  });
}

/** A control frame, which comes whole and may come between fragments. */
function receiveControl(turn: Turn, piece: FramePiece): void {
  const message = readControlPiece(piece);
  if (message instanceof ProtocolError) return fail(turn, message);
  if (message.type === "ping") return receivePing(turn, message.data);
  if (message.type === "pong") return receivePong(turn, message.data);
  const close = { closeCode: message.code, reason: message.reason };
  // To be answered with the same, unless it is the answer to ours (§5.5.1).
  change(turn, { closeReceived: close, pendingClose: close });
  turn.events.push({ type: "close", ...close });
  advance(turn, "close-received");
}

/**
 * Every Ping is answered, in order, unless the peer does not read what it has
 * been sent: then only the latest is, once it reads again (§5.5.3).
 */
function receivePing(turn: Turn, data: Uint8Array): void {
  const { unwrittenBytes, settings } = turn.session;
  turn.events.push({ type: "ping", data });
  if (unwrittenBytes > settings.maxUnwrittenBytes) {
    // A copy: the view would keep the chunk that it came in.
    return change(turn, { heldPong: new Uint8Array(data) });
  }
  writeFrame(turn, { opcode: Opcode.pong, payload: data });
}

/** A Pong answers the Ping with its data, and those before it (§5.5.3). */
function receivePong(turn: Turn, data: Uint8Array): void {
  const { pings } = turn.session;
  const at = pings.findLastIndex((ping) => areEqual(ping.data, data));
  const latencyMs = at === -1
    ? undefined
    : turn.context.nowMs - pings[at]!.sentAtMs;
  if (at !== -1) change(turn, { pings: pings.slice(at + 1) });
  const event: SessionEvent = { type: "pong", data, latencyMs };
  turn.events.push(event);
}

function areEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

/** What a stream that ends without a Close breaks (RFC 6455 §7.1.5). */
function describeEnd(decoding: PieceDecoding | undefined): ProtocolError {
  const waiting = decoding?.waiting.length ?? 0;
  const offset = (decoding?.offset ?? 0) + waiting;
  const insideFrame = waiting > 0 || decoding?.current !== undefined;
  const found = insideFrame
    ? "the end of the stream inside a frame"
    : "the end of the stream";
  return messageError("missing-close", { found, offset });
}
