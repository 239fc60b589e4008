import {
  appendChunk,
  type Chunks,
  joinChunks,
  noChunks,
} from "../bytes/chunks.ts";
import { decodeUtf8 } from "../bytes/utf8.ts";
import { type Invalid, ProtocolError } from "../error/protocol_error.ts";
import type { ProtocolErrorCode } from "../error/protocol_rules.ts";
import { requireBytes, requireLimit } from "../error/require.ts";
import {
  type Frame,
  isControlOpcode,
  Opcode,
  opcodeToString,
} from "../frame/frame.ts";
import { frameByteLength } from "../frame/serialize_frame.ts";
import { parseCloseBody } from "./close.ts";
import type { Message } from "./message.ts";

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
  /** What the message is, from the opcode of its first fragment. */
  readonly type: "text" | "binary";
  /** How many fragments have come, empty ones included. */
  readonly fragments: number;
  /** How many bytes of payload they held. */
  readonly byteLength: number;
  /** The characters that are complete, of a text message. */
  readonly text: string;
  /** The bytes of a binary message; of a text, the character cut in two. */
  readonly bytes: Chunks;
}

/** How {@linkcode reassemble} judges. */
export interface ReassembleOptions {
  /**
   * The largest message accepted, in bytes of payload; `Infinity` for no
   * limit.
   *
   * @default {16777216}
   */
  readonly maxMessageBytes?: number;
  /**
   * The largest number of fragments a message may come in, empty ones
   * included; `Infinity` for no limit. Without it a peer could send fragments
   * of no bytes for ever.
   *
   * @default {131072}
   */
  readonly maxFragments?: number;
}

/** The largest message accepted when no limit is given: 16 MiB. */
export const defaultMaxMessageBytes: number = 16 * 1024 * 1024;

/** The most fragments accepted when no limit is given, as in `ws`: 131,072. */
export const defaultMaxFragments: number = 128 * 1024;

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
  requireBytes(frame.payload, "Cannot reassemble message");
  const limits = requireLimits(options);
  const byteLength = frameByteLength(frame);
  const payloadAt = state.offset + byteLength - frame.payload.length;
  const offset = state.offset + byteLength;
  if (isControlOpcode(frame.opcode)) {
    const control = readControl(frame, payloadAt);
    return control instanceof ProtocolError
      ? { status: "invalid", error: control }
      : { status: "complete", message: control, state: { ...state, offset } };
  }
  const grown = checkOrder(frame, state) ??
    appendFragment(frame, state.unfinished, limits, payloadAt);
  if (grown instanceof ProtocolError) {
    return { status: "invalid", error: grown };
  }
  if (!frame.fin) {
    return { status: "partial", state: { offset, unfinished: grown } };
  }
  const message = finish(grown, offset);
  return message instanceof ProtocolError
    ? { status: "invalid", error: message }
    : { status: "complete", message, state: { offset, unfinished: undefined } };
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
  const { fragments, type } = state.unfinished;
  return new ProtocolError("truncated-message", {
    found: `the end of the stream after ${fragments} ${
      fragments === 1 ? "fragment" : "fragments"
    } of a ${type} message`,
    offset: state.offset,
  });
}

function requireLimits(
  options: ReassembleOptions,
): Required<ReassembleOptions> {
  const {
    maxMessageBytes = defaultMaxMessageBytes,
    maxFragments = defaultMaxFragments,
  } = options;
  const action = "Cannot reassemble message";
  requireLimit(maxMessageBytes, action, "maxMessageBytes");
  requireLimit(maxFragments, action, "maxFragments");
  return { maxMessageBytes, maxFragments };
}

/** A control frame as a message (RFC 6455 §5.5). */
function readControl(
  frame: Frame,
  payloadAt: number,
): Message | ProtocolError {
  const { opcode, payload } = frame;
  if (opcode === Opcode.ping) return { type: "ping", data: payload };
  if (opcode === Opcode.pong) return { type: "pong", data: payload };
  const body = parseCloseBody(payload, payloadAt);
  return body.status === "invalid"
    ? body.error
    : { type: "close", code: body.code, reason: body.reason };
}

/** A continuation only after a beginning, a beginning only after an end. */
function checkOrder(
  frame: Frame,
  state: Reassembly,
): ProtocolError | undefined {
  const continues = frame.opcode === Opcode.continuation;
  if (continues === (state.unfinished !== undefined)) return undefined;
  const code = continues ? "unexpected-continuation" : "interleaved-message";
  const found = `opcode ${opcodeToString(frame.opcode)} ${
    continues ? "between" : "inside"
  } ${continues ? "messages" : "a message"}`;
  return new ProtocolError(code, { found, offset: state.offset });
}

/** The message with one more fragment, within the limits. */
function appendFragment(
  frame: Frame,
  before: UnfinishedMessage | undefined,
  limits: Required<ReassembleOptions>,
  payloadAt: number,
): UnfinishedMessage | ProtocolError {
  const { payload } = frame;
  const message = before ?? emptyMessage(frame.opcode);
  const counted = {
    ...message,
    fragments: message.fragments + 1,
    byteLength: message.byteLength + payload.length,
  };
  const tooMuch = checkLimits(counted, limits, payloadAt);
  if (tooMuch !== undefined) return tooMuch;
  if (counted.type === "binary") {
    return { ...counted, bytes: appendChunk(counted.bytes, payload) };
  }
  const piece = decodeUtf8(payload, joinChunks(counted.bytes));
  if (piece.status === "invalid") {
    return invalidUtf8("a byte that cannot be UTF-8", payloadAt + piece.offset);
  }
  const text = counted.text + piece.text;
  return { ...counted, text, bytes: appendChunk(noChunks, piece.pending) };
}

function emptyMessage(opcode: number): UnfinishedMessage {
  const type = opcode === Opcode.text ? "text" : "binary";
  return { type, fragments: 0, byteLength: 0, text: "", bytes: noChunks };
}

function checkLimits(
  message: UnfinishedMessage,
  limits: Required<ReassembleOptions>,
  offset: number,
): ProtocolError | undefined {
  const tooMuch = (
    code: ProtocolErrorCode,
    limit: number,
    what: string,
    count: number,
  ) =>
    new ProtocolError(code, {
      found: `a message of at least ${count} ${what}`,
      wanted: `at most ${limit} ${what}`,
      offset,
    });
  const { byteLength, fragments } = message;
  const { maxMessageBytes, maxFragments } = limits;
  if (byteLength > maxMessageBytes) {
    return tooMuch("message-too-large", maxMessageBytes, "bytes", byteLength);
  }
  if (fragments > maxFragments) {
    return tooMuch("too-many-fragments", maxFragments, "fragments", fragments);
  }
}

/** A message whose last fragment has come. */
function finish(
  message: UnfinishedMessage,
  offset: number,
): Message | ProtocolError {
  const { type, bytes, text } = message;
  if (type === "binary") return { type, data: joinChunks(bytes) };
  if (bytes.byteLength === 0) return { type, data: text };
  return invalidUtf8("the end of the text inside a character", offset);
}

function invalidUtf8(found: string, offset: number): ProtocolError {
  return new ProtocolError("invalid-utf8", { found, offset });
}
