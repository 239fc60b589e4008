import { ProtocolError } from "../error/protocol_error.ts";
import {
  decodePieces,
  type FramePiece,
  type PieceDecoding,
} from "../frame/decode_pieces.ts";
import { isControlOpcode, Opcode } from "../frame/frame.ts";
import { truncateReason } from "../message/close.ts";
import { finish, gather, nothing } from "../message/gather.ts";
import { longestText, readPiece } from "../message/read_piece.ts";
import { readControl } from "../message/reassemble.ts";
import type { SessionEvent, SessionInput } from "./session.ts";
import { advance, change, type Turn, writeFrame } from "./turn.ts";

type BytesInput = Extract<SessionInput, { type: "bytes" }>;

/** Bytes of the peer, until it has closed or failed; then they are discarded. */
export function receiveBytes(turn: Turn, { bytes }: BytesInput): void {
  if (!isReading(turn)) return;
  const { settings, receiving } = turn.session;
  const { pieces, state, error } = decodePieces(bytes, receiving.decoding, {
    role: settings.role,
    maxPayloadBytes: settings.maxFrameBytes,
  });
  change(turn, {
    lastReceivedMs: turn.context.nowMs,
    silentSinceMs: undefined,
    receiving: { ...receiving, decoding: state },
  });
  for (const piece of pieces) {
    if (isControlOpcode(piece.opcode)) receiveControl(turn, piece);
    else receiveData(turn, piece);
    if (!isReading(turn)) return;
  }
  if (error !== undefined) fail(turn, error);
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

/** A piece of a data frame, given on as it is or gathered into a message. */
function receiveData(turn: Turn, piece: FramePiece): void {
  const { settings, receiving } = turn.session;
  const isWhole = settings.delivery === "messages";
  const read = readPiece(
    piece,
    receiving.progress,
    isWhole ? { ...settings, maxTextBytes: longestText } : settings,
  );
  if (read.status === "invalid") return fail(turn, read.error);
  const { data, last } = read;
  const { type } = read.progress;
  if (settings.accepts !== "any" && settings.accepts !== type) {
    return fail(turn, unacceptable(type, settings.accepts, piece.frameOffset));
  }
  const progress = last ? undefined : read.progress;
  if (!isWhole) {
    change(turn, { receiving: { ...receiving, progress } });
    if (last || data.length > 0) {
      turn.events.push({ type: "piece", messageType: type, data, last });
    }
    return;
  }
  // A message in one piece, which most are, leaves nothing behind.
  if (!last || receiving.progress !== undefined) {
    const gathered = last ? nothing : gather(receiving.gathered, data);
    change(turn, { receiving: { ...receiving, progress, gathered } });
  }
  if (!last) return;
  const message = finish(type, receiving.gathered, data);
  turn.events.push({ type: "message", message });
}

function unacceptable(
  type: "text" | "binary",
  accepts: "text" | "binary",
  offset: number,
): ProtocolError {
  return new ProtocolError("unacceptable-type", {
    found: `a ${type} message`,
    wanted: `${accepts} messages only`,
    offset,
  });
}

/** A control frame, which comes whole and may come between fragments. */
function receiveControl(turn: Turn, piece: FramePiece): void {
  const message = readControl(piece, piece.offset);
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
  return new ProtocolError("missing-close", { found, offset });
}
