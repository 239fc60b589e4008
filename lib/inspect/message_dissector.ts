import type { ProtocolError } from "../error/protocol_error.ts";
import type { ExtensionCodec } from "../extension/extension.ts";
import { readCodedPiece } from "../extension/read_coded_piece.ts";
import type { FramePiece } from "../frame/decode_pieces.ts";
import type { Role } from "../frame/frame.ts";
import {
  type MessageProgress,
  type PieceLimits,
  readPiece,
  type ReadPieceResult,
} from "../message/read_piece.ts";
import { type Beginning, beginningWith, nothingYet } from "./byte_window.ts";
import type { DissectedFrame, DissectedMessage } from "./item.ts";

/** What extensions do to the messages of one side. */
export interface Coding {
  /** The RSV bits they use. */
  readonly rsv: number;
  /** What they do; `undefined` for nothing. */
  readonly codec: ExtensionCodec | undefined;
  /** RSV bits of extensions that nobody here understands. */
  readonly unknownRsv: number;
}

/** No extensions. */
export const noCoding: Coding = { rsv: 0, codec: undefined, unknownRsv: 0 };

/** What a frame is of its message, which message that is, and what is in it. */
export type FramePlace = Pick<
  DissectedFrame,
  "position" | "message" | "content"
>;

/** The messages of one side, put together piece by piece. */
export interface MessageDissector {
  /** The next piece of a data frame; tells which rule it breaks. */
  readonly read: (piece: FramePiece) => ProtocolError | undefined;
  /** The place of the frame under way, of which a piece has been read. */
  readonly place: (fin: boolean) => FramePlace;
  /** The message that ended with the last piece; each is given once. */
  readonly take: () => DissectedMessage | undefined;
  /** The message that has not ended, as far as it has come. */
  readonly end: () => DissectedMessage | undefined;
}

/** What is known of the message under way. */
interface Open {
  readonly number: number;
  readonly offset: number;
  readonly coding: DissectedMessage["coding"];
  readonly messageType: "text" | "binary";
  frames: number;
  wireBytes: number;
  byteLength: number;
  text: string;
  data: Beginning;
}

/** How messages are dissected. */
export interface MessageDissectorOptions {
  /** Whose messages they are. */
  readonly from: Role;
  /** What extensions do to them. */
  readonly coding: Coding;
  /** How large they may be. */
  readonly limits: PieceLimits;
  /** How much of a message is shown: bytes, or UTF-16 units of a text. */
  readonly maxShownBytes: number;
  /** The number of the next message of the dissection. */
  readonly nextNumber: () => number;
}

/** Makes what puts the messages of one side together. */
export function createMessageDissector(
  options: MessageDissectorOptions,
): MessageDissector {
  const { from, coding, limits, maxShownBytes } = options;
  let progress: MessageProgress | undefined;
  let open: Open | undefined;
  let done: Open | undefined;

  const begin = ({ rsv, frameOffset }: FramePiece, type: Open["messageType"]) =>
    open = {
      number: options.nextNumber(),
      offset: frameOffset,
      coding: codingOf(rsv, coding),
      messageType: type,
      frames: 0,
      wireBytes: 0,
      byteLength: 0,
      text: "",
      data: nothingYet,
    };
  const add = (message: Open, data: string | Uint8Array): void => {
    if (typeof data === "string") {
      message.text += data.slice(0, maxShownBytes - message.text.length);
    } else {
      message.data = beginningWith(message.data, data, maxShownBytes);
    }
  };
  const readOne = (piece: FramePiece, read: ReadPieceResult) => {
    if (read.status === "invalid") return read.error;
    const message = open ?? begin(piece, read.progress.type);
    progress = read.last ? undefined : read.progress;
    message.byteLength = read.progress.byteLength;
    add(message, read.data);
    if (read.last) [done, open] = [message, undefined];
  };
  const count = (piece: FramePiece): void => {
    const message = open ?? done;
    if (message === undefined) return;
    if (piece.start) message.frames += 1;
    message.wireBytes += piece.payload.length;
    // A fragment declares its length: so much may not have come.
    if (coding.codec === undefined) message.byteLength = message.wireBytes;
  };
  return {
    read: (piece) => {
      done = undefined;
      for (const read of readAll(piece, progress, limits, coding)) {
        const broken = readOne(piece, read);
        if (broken !== undefined) return broken;
      }
      count(piece);
    },
    place: (fin) => {
      const { number, frames, coding, messageType } = (open ?? done)!;
      const isFirst = frames <= 1;
      const position = fin
        ? (isFirst ? "alone" : "last")
        : isFirst
        ? "first"
        : "middle";
      const content = coding === "plain" ? messageType : "coded";
      return { position, message: number, content };
    },
    take: () => {
      const message = done;
      done = undefined;
      return message && finish(from, message, "whole");
    },
    end: () => open && finish(from, open, "cut"),
  };
}

/** What a piece says: through the extensions if there are any. */
function readAll(
  piece: FramePiece,
  progress: MessageProgress | undefined,
  limits: PieceLimits,
  { codec }: Coding,
): Iterable<ReadPieceResult> {
  return codec === undefined
    ? [readPiece(piece, progress, limits)]
    : readCodedPiece(piece, progress, limits, codec);
}

function codingOf(rsv: number, coding: Coding): DissectedMessage["coding"] {
  if ((rsv & coding.unknownRsv) !== 0) return "unknown";
  return (rsv & coding.rsv) === 0 ? "plain" : "compressed";
}

function finish(
  from: Role,
  { data, text, ...message }: Open,
  status: DissectedMessage["status"],
): DissectedMessage {
  const isShown = message.coding !== "unknown";
  const isText = message.messageType === "text";
  return {
    type: "message",
    from,
    status,
    ...message,
    text: isShown && isText ? text : undefined,
    data: isShown && !isText ? data.bytes : undefined,
  };
}
