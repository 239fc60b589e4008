import { type Invalid, ProtocolError } from "../error/protocol_error.ts";
import { frameError } from "../error/frame_rules.ts";
import { messageError } from "../error/message_rules.ts";
import { requireBytes } from "../error/require.ts";
import type { FramePiece } from "../frame/decode_pieces.ts";
import { rsvToString } from "../frame/check_header.ts";
import {
  type Frame,
  isControlOpcode,
  Opcode,
  opcodeToString,
} from "../frame/frame.ts";
import { frameByteLength } from "../frame/serialize_frame.ts";
import { parseCloseBody } from "./close.ts";
import {
  expectedBytes,
  finish,
  gather,
  type Gathered,
  nothing,
} from "./gather.ts";
import type { ControlMessage, Message } from "./message.ts";
import {
  longestText,
  type MessageLimits,
  type MessageProgress,
  readPiece,
  requireMessageLimits,
} from "./read_piece.ts";

/**
 * Where {@linkcode reassemble} stands, as an immutable value: how far the
 * stream has been read, and the message that is not whole yet.
 */
export interface Reassembly {
  /** How many bytes of the stream the frames so far took. */
  readonly offset: number;
  /** The unfinished message; `undefined` between messages. */
  readonly unfinished: UnfinishedMessage | undefined;
}

/** The fragments of a message that has more to come. */
export interface UnfinishedMessage {
  /** How much of it has come. */
  readonly progress: MessageProgress;
  /** And what was in it. */
  readonly gathered: Gathered;
}

/** How {@linkcode reassemble} judges. */
export type ReassembleOptions = MessageLimits;

/** What {@linkcode reassemble} makes of a frame. */
export type ReassembleResult =
  | {
    /** The frame completed a message, or is a control message. */
    readonly status: "complete";
    /** The message. */
    readonly message: Message;
    /** Give this to the next call. */
    readonly state: Reassembly;
  }
  | {
    /** The message has more fragments to come. */
    readonly status: "partial";
    /** Give this to the next call. */
    readonly state: Reassembly;
  }
  | Invalid;

const startOfStream: Reassembly = { offset: 0, unfinished: undefined };

/**
 * Takes the next frame of a stream and gives the message that it completes.
 *
 * Control frames come out as messages too, also between the fragments of
 * another message. Text is decoded as it comes, so that bytes which cannot
 * become valid UTF-8 fail at once. A peer's mistakes are returned, not thrown.
 *
 * Neither `frame` nor `state` is changed. The data of a message in one frame,
 * and of a control message, is the frame's own payload; that of a message in
 * several fragments is a new array, so until then nothing may write to their
 * payloads. Total time is linear in the payloads.
 *
 * Source: {@link https://www.rfc-editor.org/rfc/rfc6455#section-5.4 | RFC 6455 §5.4}
 * for fragments, §5.5 for control frames and §8.1 for UTF-8.
 *
 * @param frame The next frame, legal in itself: as `parseFrame` returns it.
 * @param state What the call before returned; nothing at the start.
 * @param options How large a message may be.
 * @throws {TypeError} If the payload is not a `Uint8Array`.
 * @throws {RangeError} If a limit is not an integer >= 0 or `Infinity`.
 *
 * @example A text in two fragments
 * ```ts
 * import { Opcode } from "@sluice/websocket/frame";
 * import { reassemble } from "@sluice/websocket/message";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const bits = { rsv1: false, rsv2: false, rsv3: false };
 * const payload = (text: string) => new TextEncoder().encode(text);
 *
 * const first = reassemble(
 *   { ...bits, fin: false, opcode: Opcode.text, payload: payload("Hel") },
 * );
 * assert(first.status === "partial");
 *
 * const second = reassemble(
 *   { ...bits, fin: true, opcode: Opcode.continuation, payload: payload("lo") },
 *   first.state,
 * );
 * assert(second.status === "complete");
 * assertEquals(second.message, { type: "text", data: "Hello" });
 * ```
 */
export function reassemble(
  frame: Frame,
  state: Reassembly = startOfStream,
  options: ReassembleOptions = {},
): ReassembleResult {
  const action = "Cannot reassemble message";
  requireBytes(frame.payload, action);
  const limits = requireMessageLimits(options, action);
  const offset = state.offset + frameByteLength(frame);
  if (isControlOpcode(frame.opcode)) {
    const control = readControl(frame, offset - frame.payload.length);
    return control instanceof ProtocolError
      ? { status: "invalid", error: control }
      : { status: "complete", message: control, state: { ...state, offset } };
  }
  const { unfinished } = state;
  const piece = wholeFrame(frame, state.offset);
  const read = readPiece(piece, unfinished?.progress, {
    ...limits,
    maxTextBytes: longestText,
  });
  if (read.status === "invalid") return read;
  const { progress, data, last } = read;
  const gathered = unfinished?.gathered ?? nothing;
  if (last) {
    const message = finish(progress.type, gathered, data);
    return {
      status: "complete",
      message,
      state: { offset, unfinished: undefined },
    };
  }
  const more = gather(gathered, data, expectedBytes(progress, false));
  return {
    status: "partial",
    state: { offset, unfinished: { progress, gathered: more } },
  };
}

/** A frame as the only piece of itself. */
function wholeFrame(frame: Frame, frameOffset: number): FramePiece {
  const { fin, opcode, payload } = frame;
  const payloadLength = payload.length;
  return {
    fin,
    rsv: 0,
    opcode,
    payloadLength,
    payload,
    start: true,
    end: true,
    frameOffset,
    offset: frameOffset + frameByteLength(frame) - payloadLength,
  };
}

/**
 * A control frame as a message (RFC 6455 §5.5), or the rule that its body
 * breaks. Its data is the payload itself.
 */
export function readControl(
  { opcode, payload }: Pick<Frame, "opcode" | "payload">,
  payloadOffset: number,
): ControlMessage | ProtocolError {
  if (opcode === Opcode.ping) return { type: "ping", data: payload };
  if (opcode === Opcode.pong) return { type: "pong", data: payload };
  const body = parseCloseBody(payload, payloadOffset);
  return body.status === "invalid"
    ? body.error
    : { type: "close", code: body.code, reason: body.reason };
}

/**
 * A control frame of a stream with extensions: those that we know of mark data
 * messages only (RFC 7692 §6).
 */
export function readControlPiece(
  piece: FramePiece,
): ControlMessage | ProtocolError {
  const { rsv, opcode, frameOffset, offset } = piece;
  if (rsv === 0) return readControl(piece, offset);
  return frameError("reserved-bits", {
    found: `${rsvToString(rsv)} with opcode ${opcodeToString(opcode)}`,
    offset: frameOffset,
  });
}

/**
 * What the end of the stream means in this state: an error when it cuts a
 * message short, and else nothing.
 *
 * Source: {@link https://www.rfc-editor.org/rfc/rfc6455#section-7.1.5 | RFC 6455 §7.1.5}.
 *
 * @example
 * ```ts
 * import { endOfMessages } from "@sluice/websocket/message";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(endOfMessages({ offset: 0, unfinished: undefined }), undefined);
 * ```
 *
 * @param state What the last {@linkcode reassemble} returned.
 */
export function endOfMessages(
  state: Reassembly = startOfStream,
): ProtocolError | undefined {
  if (state.unfinished === undefined) return undefined;
  const { fragments, type } = state.unfinished.progress;
  const count = fragments === 1 ? "1 fragment" : `${fragments} fragments`;
  return messageError("truncated-message", {
    found: `the end of the stream after ${count} of a ${type} message`,
    offset: state.offset,
  });
}
