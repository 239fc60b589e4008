/** One end of a TCP connection. */
export interface Endpoint {
  /**
   * Its IP address as text: `"192.0.2.1"`, or IPv6 as RFC 5952 writes it,
   * `"2001:db8::1"`.
   */
  readonly address: string;
  /** Its TCP port. */
  readonly port: number;
}

/** Which end of a connection: the one that began it, or the other. */
export type Side = "client" | "server";

/** Where in the capture something was seen. */
export interface CapturePlace {
  /** The number of the packet in the capture; the first is 1. */
  readonly packet: number;
  /**
   * When it was captured, in milliseconds since 1970-01-01 UTC, to about a
   * quarter of a microsecond. A packet without a time has that of the one
   * before it; if there is none, 0.
   */
  readonly timeMs: number;
}

/** A TCP connection is seen for the first time. */
export interface ConnectionOpened extends CapturePlace {
  /** A connection. */
  readonly type: "open";
  /** Counts the connections of the capture from 0; all its events carry it. */
  readonly id: number;
  /** Who began it. Where that was not captured, the end with the higher port. */
  readonly client: Endpoint;
  /** The other end. */
  readonly server: Endpoint;
  /**
   * Whether the handshake was captured, so that the streams begin at their
   * beginning. Else they begin somewhere in the middle.
   */
  readonly begun: boolean;
}

/** Bytes of one direction, in the order of the stream, each once. */
export interface ConnectionData extends CapturePlace {
  /** Bytes. */
  readonly type: "data";
  /** The `id` of the connection's `open`. */
  readonly id: number;
  /** Who sent them. */
  readonly from: Side;
  /** The bytes; never none. */
  readonly bytes: Uint8Array;
  /** How many bytes of that direction came before, lost ones included. */
  readonly offset: number;
}

/**
 * Bytes of one direction that are not in the capture, or were not waited for
 * any longer because of a limit.
 */
export interface ConnectionGap extends CapturePlace {
  /** Missing bytes. */
  readonly type: "gap";
  /** The `id` of the connection's `open`. */
  readonly id: number;
  /** Who sent them. */
  readonly from: Side;
  /** How many. */
  readonly byteLength: number;
  /** How many bytes of that direction came before, lost ones included. */
  readonly offset: number;
}

/**
 * How a connection ended, as far as the capture says: both sides had sent all
 * (`fin`); one of them sent RST (`reset`); a SYN began another one with the
 * same addresses and ports (`reused`); more connections were seen than are
 * followed at once, and this one was idle longest (`given up`); or it had not
 * ended (`end of capture`).
 */
export type ConnectionEnd =
  | "fin"
  | "reset"
  | "reused"
  | "given up"
  | "end of capture";

/** No more comes of this connection. */
export interface ConnectionClosed extends CapturePlace {
  /** The end of a connection. */
  readonly type: "close";
  /** The `id` of the connection's `open`. */
  readonly id: number;
  /** How it ended. */
  readonly how: ConnectionEnd;
}

/**
 * The capture cannot be read any further. What came before has been given, and
 * every connection been closed; this is the last event.
 */
export interface CaptureBroken {
  /** The end of what can be read. */
  readonly type: "broken";
  /** What was found, what was wanted, and where. */
  readonly message: string;
  /** Where: in bytes from the start of the capture. */
  readonly offset: number;
}

/** What a capture says, in the order of its packets. */
export type CaptureEvent =
  | ConnectionOpened
  | ConnectionData
  | ConnectionGap
  | ConnectionClosed
  | CaptureBroken;
