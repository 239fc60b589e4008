import type { ProtocolErrorCode } from "../error/protocol_rule.ts";
import type { Role } from "../frame/frame.ts";
import type { Excerpt } from "./byte_window.ts";
import type { FrameField } from "./frame_fields.ts";

/** What a dissection finds, in the order in which it ends on the wire. */
export type DissectedItem =
  | DissectedHead
  | DissectedFrame
  | DissectedMessage
  | Violation
  | Unread;

/** The head of a request or a response of the opening handshake. */
export interface DissectedHead {
  /** Which item this is. */
  readonly type: "head";
  /** Who sent it: a client a request, a server a response. */
  readonly from: Role;
  /** Where it begins, in bytes from the start of its stream. */
  readonly offset: number;
  /** How long it is, with the empty line, in bytes. */
  readonly byteLength: number;
  /** The request line or the status line, without its line break. */
  readonly startLine: JudgedLine;
  /** The header lines, in order. */
  readonly headers: readonly JudgedHeader[];
  /** What is wrong for want of a header. */
  readonly missing: readonly JudgedHeader[];
}

/** A line of a head, and what is to be said of it. */
export interface JudgedLine {
  /** The line. */
  readonly text: string;
  /** `"unjudged"`: the handshake has no rule for it. */
  readonly verdict: "right" | "wrong" | "unjudged";
  /** What it says, or which rule it breaks; perhaps empty. */
  readonly note: string;
  /** The section that has the rule, such as `"RFC 6455 §4.1"`; perhaps empty. */
  readonly section: string;
}

/** A header line. */
export interface JudgedHeader extends JudgedLine {
  /** Its name as it was sent. */
  readonly name: string;
  /** Its value, without white space around it. */
  readonly value: string;
}

/** A frame, or what has come of one. */
export interface DissectedFrame {
  /** Which item this is. */
  readonly type: "frame";
  /** Which frame of the dissection this is; the first is 1. */
  readonly number: number;
  /** Who sent it. */
  readonly from: Role;
  /** Where it begins, in bytes from the start of its stream. */
  readonly offset: number;
  /**
   * `"cut"`: the bytes, or what was read of them, end before it does; `"broken"`:
   * its header is illegal.
   */
  readonly status: "whole" | "cut" | "broken";
  /** Its header as it stands on the wire: 2 to 14 bytes, or fewer if cut. */
  readonly header: Uint8Array;
  /** Every field of it, with its place in bits. */
  readonly fields: readonly FrameField[];
  /** Whether the message ends with it. */
  readonly fin: boolean;
  /** The RSV bits in their places: RSV1 0x40, RSV2 0x20, RSV3 0x10. */
  readonly rsv: number;
  /** 0 to 15. */
  readonly opcode: number;
  /** Such as `"text"`; `"reserved"` for one that is not defined. */
  readonly opcodeName: string;
  /** 4 bytes, if it is masked. */
  readonly maskingKey: Uint8Array | undefined;
  /** How long its payload is, in bytes; `undefined` if cut before that is said. */
  readonly payloadLength: number | undefined;
  /** How much of the payload was there. */
  readonly payloadRead: number;
  /** The first bytes of the payload as they stand on the wire. */
  readonly raw: Uint8Array;
  /** The same bytes, unmasked. */
  readonly payload: Uint8Array;
  /** What it is of its message. */
  readonly position: FramePosition;
  /** The message it is part of; `undefined` for a control frame. */
  readonly message: number | undefined;
  /**
   * What is in the payload: part of a text or of a binary message, or of either
   * as an extension has coded it; `undefined` for a control frame, and for one
   * that belongs to no message.
   */
  readonly content: "text" | "binary" | "coded" | undefined;
  /** What a Close frame says. */
  readonly close: DissectedClose | undefined;
}

/** What a frame is of its message. */
export type FramePosition = "alone" | "first" | "middle" | "last" | "control";

/** What a Close frame says. */
export interface DissectedClose {
  /** The code; 1005 if the frame has none. */
  readonly code: number;
  /** Its name in the registry of IANA. */
  readonly name: string;
  /** What it means, in a sentence. */
  readonly meaning: string;
  /** The reason in the frame; perhaps empty. */
  readonly reason: string;
}

/** A data message, at its last fragment. */
export interface DissectedMessage {
  /** Which item this is. */
  readonly type: "message";
  /** Which message of the dissection this is; the first is 1. */
  readonly number: number;
  /** Who sent it. */
  readonly from: Role;
  /** Where its first frame begins, in bytes from the start of its stream. */
  readonly offset: number;
  /** Whether its last fragment was there. */
  readonly status: "whole" | "cut";
  /** What it is. */
  readonly messageType: "text" | "binary";
  /** How many frames it came in. */
  readonly frames: number;
  /** How many bytes of payload those frames have. */
  readonly wireBytes: number;
  /** How many bytes it is, after decompression; so far, if it is cut. */
  readonly byteLength: number;
  /**
   * `"unknown"`: RSV bits mark it for an extension that nobody here understands,
   * so that nothing can be shown of it.
   */
  readonly coding: "plain" | "compressed" | "unknown";
  /** The beginning of a text. */
  readonly text: string | undefined;
  /** The beginning of a binary message. */
  readonly data: Uint8Array | undefined;
}

/**
 * A rule that was broken. Nothing after it is read in that stream, unless it was
 * one of the handshake and the WebSocket was opened all the same.
 */
export interface Violation {
  /** Which item this is. */
  readonly type: "violation";
  /** Who broke it. */
  readonly from: Role;
  /** The stable name of the rule. */
  readonly code: ProtocolErrorCode;
  /** The section that states it, such as `"RFC 6455 §5.5"`. */
  readonly section: string;
  /** The close code to fail the connection with; 1006 if none can be sent. */
  readonly closeCode: number;
  /** Where it was broken, in bytes from the start of the stream. */
  readonly offset: number;
  /** What was found, and what was wanted. */
  readonly message: string;
  /** The bytes around that place. */
  readonly around: Excerpt;
}

/** Bytes that were not read, and why. */
export interface Unread {
  /** Which item this is. */
  readonly type: "unread";
  /** Who sent them; `undefined` if that cannot be told. */
  readonly from: Role | undefined;
  /** Where they begin, in bytes from the start of the stream. */
  readonly offset: number;
  /** How many there are. */
  readonly byteLength: number;
  /** Why, in words. */
  readonly why: string;
}
