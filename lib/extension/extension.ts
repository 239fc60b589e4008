import type { Invalid } from "../error/protocol_error.ts";
import { messageError } from "../error/message_rules.ts";
import type { ExtensionHeader } from "./header.ts";

/** Parameters of an extension in order; one without a value has `undefined`. */
export type ExtensionParameters = ExtensionHeader["parameters"];

/**
 * An extension of the protocol, for both roles: how it is agreed on, and what it
 * does to messages then. It has no state; what a connection needs of it, `open`
 * makes for that connection.
 *
 * Source: {@link https://www.rfc-editor.org/rfc/rfc6455#section-9 | RFC 6455 §9}.
 */
export interface Extension {
  /** Its name in the header. */
  readonly name: string;
  /** The RSV bits it uses, in their places: RSV1 0x40, RSV2 0x20, RSV3 0x10. */
  readonly rsv: number;
  /** What a client offers: one list of parameters or more, the best first. */
  readonly offer: () => readonly ExtensionParameters[];
  /** What a server makes of one offer; `undefined` declines it. */
  readonly accept: (offer: ExtensionParameters) => Agreement | undefined;
  /** What a client makes of the answer to its offers; in words if it is wrong. */
  readonly confirm: (answer: ExtensionParameters) => Agreement | string;
}

/** What both sides have agreed on. */
export interface Agreement {
  /** The parameters of the answer. */
  readonly parameters: ExtensionParameters;
  /** What the extension does on one connection. */
  readonly open: () => ExtensionCodec;
}

/**
 * An extension at work on one connection: it sees every message piece by piece,
 * in order, and may remember what it saw. Control frames do not come by.
 */
export interface ExtensionCodec {
  /** A piece on its way out, as it is to be sent. */
  readonly encode: (piece: OutgoingPiece) => EncodedPiece;
  /**
   * A whole message that goes out on many connections, as it is to be sent: for
   * each way in which it can be put it is made once, and kept in `made` for the
   * other connections. A codec without this function encodes it for each.
   */
  readonly encodeShared?: (
    piece: OutgoingPiece,
    made: Map<unknown, EncodedPiece>,
  ) => EncodedPiece;
  /**
   * A piece that came, as the application is to see it: in arrays one after the
   * other, none of which anybody writes to any more.
   *
   * @param maxBytes How many bytes more the message may have. Who makes more
   * bytes of fewer stops soon after it: one byte too many is enough.
   */
  readonly decode: (
    piece: IncomingPiece,
    maxBytes: number,
  ) => DecodedPiece | Invalid;
  /** The connection has come to its end: what is held for it may go. */
  readonly close?: () => void;
}

/** A piece of a message that is sent: the whole of it, or a fragment. */
export interface OutgoingPiece {
  /** What the message is. */
  readonly messageType: "text" | "binary";
  /** Whether the message begins with it. */
  readonly first: boolean;
  /** Whether the message ends with it. */
  readonly last: boolean;
  /** Its bytes, which are not to be written to; a text may be cut anywhere. */
  readonly payload: Uint8Array;
  /** What the application wants of compression; `undefined` if it said nothing. */
  readonly compress: boolean | undefined;
}

/** A piece of a message as it goes out. */
export interface EncodedPiece {
  /** The bytes to send in its place; perhaps none. */
  readonly payload: Uint8Array;
  /** RSV bits to set on the first frame of the message. */
  readonly rsv: number;
}

/** A piece of a message that came: a frame, or as much of it as has come. */
export interface IncomingPiece {
  /** What the message is. */
  readonly messageType: "text" | "binary";
  /** Whether the message begins with it. */
  readonly first: boolean;
  /** Whether the message ends with it. */
  readonly last: boolean;
  /** Whether its frame begins with it. */
  readonly start: boolean;
  /** The RSV bits of its frame. */
  readonly rsv: number;
  /** Its bytes, which are not to be written to; perhaps none. */
  readonly payload: Uint8Array;
  /** Where in the stream its payload begins, in bytes. */
  readonly offset: number;
}

/** A piece of a message as the application is to see it. */
export interface DecodedPiece {
  /** The piece breaks no rule. */
  readonly status: "valid";
  /** Its bytes, in order; perhaps none. */
  readonly payloads: readonly Uint8Array[];
}

/**
 * Several extensions as one: what is sent goes through them in their order, what
 * comes the other way round (RFC 6455 §9.1).
 */
export function composeCodecs(
  codecs: readonly ExtensionCodec[],
): ExtensionCodec {
  if (codecs.length === 1) return codecs[0]!;
  return {
    encode: (piece) =>
      codecs.reduce<EncodedPiece>((before, codec) => {
        const { payload, rsv } = codec.encode({
          ...piece,
          payload: before.payload,
        });
        return { payload, rsv: before.rsv | rsv };
      }, { payload: piece.payload, rsv: 0 }),
    decode: (piece, maxBytes) => {
      let payloads: readonly Uint8Array[] = [piece.payload];
      for (const codec of codecs.toReversed()) {
        const decoded = decodeAll(codec, piece, payloads, maxBytes);
        if (decoded.status === "invalid") return decoded;
        ({ payloads } = decoded);
        // It was stopped there, and is not whole: no more can be made of it.
        const tooMuch = byteLengthOf(payloads) > maxBytes;
        if (tooMuch && codec !== codecs[0]) return tooLarge(piece, maxBytes);
      }
      return { status: "valid", payloads };
    },
    close: () => codecs.forEach((codec) => codec.close?.()),
  };
}

/** What one codec makes of what another made of a piece. */
function decodeAll(
  codec: ExtensionCodec,
  piece: IncomingPiece,
  payloads: readonly Uint8Array[],
  maxBytes: number,
): DecodedPiece | Invalid {
  // One that came to nothing may still begin or end a message.
  const parts = payloads.length === 0 ? [new Uint8Array(0)] : payloads;
  const decoded: Uint8Array[] = [];
  let byteLength = 0;
  for (const [index, payload] of parts.entries()) {
    const isFirst = index === 0;
    const result = codec.decode({
      ...piece,
      first: piece.first && isFirst,
      start: piece.start && isFirst,
      last: piece.last && index === parts.length - 1,
      payload,
    }, maxBytes - byteLength);
    if (result.status === "invalid") return result;
    decoded.push(...result.payloads);
    byteLength += byteLengthOf(result.payloads);
    if (byteLength > maxBytes) break;
  }
  return { status: "valid", payloads: decoded };
}

function byteLengthOf(payloads: readonly Uint8Array[]): number {
  return payloads.reduce((sum, { length }) => sum + length, 0);
}

/** The limit holds for what passes between two extensions, too. */
function tooLarge({ offset }: IncomingPiece, maxBytes: number): Invalid {
  return {
    status: "invalid",
    error: messageError("message-too-large", {
      found: `more than ${maxBytes} bytes more, between two extensions`,
      offset,
    }),
  };
}
