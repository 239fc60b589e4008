import { concat, noBytes } from "../bytes/chunks.ts";
import { ProtocolError } from "../error/protocol_error.ts";
import {
  decodePieces,
  type FramePiece,
  type PieceDecoding,
} from "../frame/decode_pieces.ts";
import { isControlOpcode, Opcode, type Role } from "../frame/frame.ts";
import {
  type FrameHeader,
  maskingKeyBytes,
  readHeader,
} from "../frame/header.ts";
import { mask } from "../frame/mask.ts";
import { readControlPiece } from "../message/reassemble.ts";
import { type Beginning, beginningWith, nothingYet } from "./byte_window.ts";
import { dissectClose } from "./close_meaning.ts";
import { frameFields, opcodeName } from "./frame_fields.ts";
import type {
  DissectedClose,
  DissectedFrame,
  DissectedItem,
  FramePosition,
  Unread,
} from "./item.ts";
import type { FramePlace, MessageDissector } from "./message_dissector.ts";

/** What was found, and which rule was broken after it. */
export interface FramesFound {
  /** In order. */
  readonly items: readonly DissectedItem[];
  /** Nothing more is to be read. */
  readonly broken?: { readonly error: ProtocolError; readonly from: Role };
}

/** The frames of one stream, read chunk by chunk. */
export interface FrameDissector {
  /** The next bytes, cut anywhere. */
  readonly read: (chunk: Uint8Array) => FramesFound;
  /** What there is of a frame or a message that did not come to its end. */
  readonly end: () => readonly DissectedItem[];
}

/** How frames are dissected. */
export interface FrameDissectorOptions {
  /** Who sends the stream; `undefined`: each frame's mask tells. */
  readonly from: Role | undefined;
  /** Where it begins, in bytes from the start of the stream. */
  readonly offset: number;
  /** The messages of each side. */
  readonly messages: Readonly<Record<Role, MessageDissector>>;
  /** The RSV bits that may be set. */
  readonly allowedRsv: number;
  /** The largest payload accepted, in bytes. */
  readonly maxPayloadBytes: number;
  /** How much of a payload is shown, in bytes. */
  readonly maxShownBytes: number;
  /** The number of the next frame of the dissection. */
  readonly nextNumber: () => number;
}

/** The frame under way. */
interface Open {
  readonly piece: FramePiece;
  readonly number: number;
  readonly header: Uint8Array;
  payload: Beginning;
  place: FramePlace;
  close: DissectedClose | undefined;
}

/** Makes what takes a stream apart after the handshake. */
export function createFrameDissector(
  options: FrameDissectorOptions,
): FrameDissector {
  const { messages, maxShownBytes, nextNumber, maxPayloadBytes, allowedRsv } =
    options;
  const role = options.from === undefined ? undefined : otherThan(options.from);
  const rules = {
    maxPayloadBytes,
    allowedRsv,
    ...role === undefined ? {} : { role },
  };
  let decoding: PieceDecoding = {
    offset: options.offset,
    waiting: noBytes,
    current: undefined,
  };
  let open: Open | undefined;

  const senderOf = (masked: boolean): Role =>
    options.from ?? (masked ? "client" : "server");
  const begin = (piece: FramePiece, bytes: Uint8Array, at: number): Open => ({
    piece,
    number: nextNumber(),
    header: bytes.slice(piece.frameOffset - at, piece.offset - at),
    payload: nothingYet,
    place: placeOf(piece),
    close: undefined,
  });
  const readPiece = (
    frame: Open,
    piece: FramePiece,
    from: Role,
  ): ProtocolError | undefined => {
    frame.payload = beginningWith(frame.payload, piece.payload, maxShownBytes);
    if (!isControlOpcode(piece.opcode)) {
      const broken = messages[from].read(piece);
      if (broken !== undefined) return broken;
      frame.place = messages[from].place(piece.fin);
      return;
    }
    const control = readControlPiece(piece);
    if (control instanceof ProtocolError) return control;
    if (control.type !== "close") return;
    frame.close = dissectClose(control.code, control.reason);
  };
  const emit = (frame: Open, status: DissectedFrame["status"]) =>
    describe(frame, status, senderOf(isMasked(frame.header)), maxShownBytes);

  /** All the pieces of a chunk, up to one that breaks a rule. */
  const readPieces = (
    pieces: readonly FramePiece[],
    bytes: Uint8Array,
    at: number,
  ): FramesFound => {
    const items: DissectedItem[] = [];
    for (const piece of pieces) {
      const frame = piece.start ? begin(piece, bytes, at) : open!;
      open = frame;
      const from = senderOf(isMasked(frame.header));
      const error = readPiece(frame, piece, from);
      if (error === undefined && !piece.end) continue;
      items.push(emit(frame, piece.end ? "whole" : "cut"));
      open = undefined;
      if (error !== undefined) return { items, broken: { error, from } };
      const message = messages[from].take();
      if (message !== undefined) items.push(message);
    }
    return { items };
  };
  return {
    read: (chunk) => {
      const at = decoding.offset;
      const { waiting } = decoding;
      const bytes = waiting.length === 0 ? chunk : concat(waiting, chunk);
      const { pieces, state, error } = decodePieces(chunk, decoding, rules);
      decoding = state;
      const found = readPieces(pieces, bytes, at);
      if (found.broken !== undefined || error === undefined) return found;
      const rest = bytes.subarray(state.offset - at);
      const from = senderOf(isMasked(rest));
      const frame = brokenFrame(rest, state.offset, from, nextNumber());
      return { items: [...found.items, frame], broken: { error, from } };
    },
    end: () => {
      const items: DissectedItem[] = [];
      if (open !== undefined) items.push(emit(open, "cut"));
      else items.push(...restOf(decoding, senderOf, options));
      // The other stream, if there is one, goes on.
      const sides = options.from === undefined
        ? ["client", "server"] as const
        : [options.from];
      for (const side of sides) {
        const message = messages[side].end();
        if (message !== undefined) items.push(message);
      }
      return items;
    },
  };
}

function otherThan(role: Role): Role {
  return role === "client" ? "server" : "client";
}

/** Whether the MASK bit is set in a frame that begins with `bytes`. */
function isMasked(bytes: Uint8Array): boolean {
  return (bytes[1]! & 0x80) !== 0;
}

function describe(
  { piece, number, header, payload, place, close }: Open,
  status: DissectedFrame["status"],
  from: Role,
  maxShownBytes: number,
): DissectedFrame {
  const maskingKey = isMasked(header)
    ? header.slice(-maskingKeyBytes)
    : undefined;
  const shown = payload.bytes.subarray(0, maxShownBytes);
  return {
    ...fieldsOf(header, piece),
    type: "frame",
    number,
    from,
    offset: piece.frameOffset,
    status,
    header,
    maskingKey,
    payloadLength: piece.payloadLength,
    payloadRead: payload.byteLength,
    raw: maskingKey === undefined ? shown : mask(shown, maskingKey),
    payload: shown,
    ...place,
    close,
  };
}

function fieldsOf(
  header: Uint8Array,
  { fin, rsv, opcode }: Pick<FrameHeader, "fin" | "rsv" | "opcode">,
) {
  const fields = frameFields(header);
  return { fields, fin, rsv, opcode, opcodeName: opcodeName(opcode) };
}

/** What a frame says of its place in a message, whatever came before it. */
function placeOf(header: Pick<FrameHeader, "fin" | "opcode">): FramePlace {
  const position = positionOf(header);
  return { position, message: undefined, content: undefined };
}

function positionOf(
  { fin, opcode }: Pick<FrameHeader, "fin" | "opcode">,
): FramePosition {
  if (isControlOpcode(opcode)) return "control";
  if (opcode === Opcode.continuation) return fin ? "last" : "middle";
  return fin ? "alone" : "first";
}

/** A frame of which no more is known than some of its header. */
function headerOnly(
  header: FrameHeader,
  bytes: Uint8Array,
  status: DissectedFrame["status"],
  where: Pick<DissectedFrame, "offset" | "from" | "number">,
): DissectedFrame {
  const wire = bytes.slice(0, header.byteLength);
  const hasKey = header.masked && wire.length === header.byteLength;
  return {
    ...fieldsOf(wire, header),
    ...where,
    type: "frame",
    status,
    header: wire,
    maskingKey: hasKey ? wire.slice(-maskingKeyBytes) : undefined,
    payloadLength: header.payloadLength,
    payloadRead: 0,
    raw: noBytes,
    payload: noBytes,
    ...placeOf(header),
    close: undefined,
  };
}

/** The frame at the front of `bytes`, whose header breaks a rule. */
function brokenFrame(
  bytes: Uint8Array,
  offset: number,
  from: Role,
  number: number,
): DissectedFrame {
  const header = readHeader(bytes)!;
  return headerOnly(header, bytes, "broken", { offset, from, number });
}

/** What waits at the end: part of a header, or of a control frame. */
function restOf(
  { waiting, offset }: PieceDecoding,
  senderOf: (masked: boolean) => Role,
  { from, maxShownBytes, nextNumber }: FrameDissectorOptions,
): readonly (DissectedFrame | Unread)[] {
  if (waiting.length === 0) return [];
  const header = readHeader(waiting);
  if (header === undefined) {
    const why = "one byte of a frame, which has at least two";
    return [{ type: "unread", from, offset, byteLength: 1, why }];
  }
  const where = { offset, from: senderOf(header.masked), number: nextNumber() };
  const frame = headerOnly(header, waiting, "cut", where);
  const payloadRead = Math.max(0, waiting.length - header.byteLength);
  const at = waiting.length - payloadRead;
  const raw = waiting.slice(at, at + maxShownBytes);
  const { maskingKey } = frame;
  const payload = maskingKey === undefined ? raw : mask(raw, maskingKey);
  return [{ ...frame, payloadRead, raw, payload }];
}
