/** A packet as a capture holds it. */
export interface PacketRecord {
  /** The array that the packet is in. */
  readonly bytes: Uint8Array;
  /** Where it begins there. */
  readonly at: number;
  /** Where what was captured of it ends. */
  readonly end: number;
  /** How long it was on the wire: perhaps more than was captured. */
  readonly wireBytes: number;
  /** What it begins with, as the registry of link types numbers it. */
  readonly linkType: number;
  /** When it was captured; nothing if the capture does not say. */
  readonly timeMs: number | undefined;
}

/** Why a capture cannot be read any further. */
export interface Fault {
  /** What stands there. */
  readonly found: string;
  /** What would have to. */
  readonly wanted: string;
  /** Where, in bytes from the start of the record. */
  readonly at: number;
}

/** How long a record is, and whether anybody wants what is in it. */
export interface RecordExtent {
  /** Its bytes, all of them. */
  readonly byteLength: number;
  /** Whether it is only to be skipped, so that it may be of any length. */
  readonly skipped: boolean;
}

/** A format of captures, one record after the other. */
export interface RecordFormat {
  /** How many bytes of a record it takes to say how long it is. */
  readonly headBytes: number;
  /** How long the record at `bytes[at]` is, from its first `headBytes`. */
  measure(bytes: Uint8Array, at: number): RecordExtent | Fault;
  /**
   * Reads the record at `bytes[at]`, of which all is there. It gives its packet
   * if it has one, or the format of what comes after it if it says that.
   */
  read(
    bytes: Uint8Array,
    at: number,
    byteLength: number,
  ): PacketRecord | RecordFormat | Fault | undefined;
}

/** Whether this is a fault, among the answers of a format. */
export function isFault(
  answer: RecordExtent | PacketRecord | RecordFormat | Fault,
): answer is Fault {
  return "found" in answer;
}

/** Whether this is a format, among the answers of a format. */
export function isFormat(
  answer: PacketRecord | RecordFormat,
): answer is RecordFormat {
  return "measure" in answer;
}

/** A fault in the length of a record. */
export function wrongLength(
  found: number,
  wanted: string,
  at: number,
): Fault {
  return { found: `a record of ${found} bytes`, wanted, at };
}
