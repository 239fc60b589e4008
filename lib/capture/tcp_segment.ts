import { readUint16, readUint32 } from "./integers.ts";
import type { IpPacket } from "./ip.ts";

/** A segment of TCP, as far as it was captured. */
export interface TcpSegment {
  /** The port of the sender. */
  readonly sourcePort: number;
  /** The port of the receiver. */
  readonly destinationPort: number;
  /** The number of its first byte, or of its SYN. */
  readonly sequence: number;
  /** The number of the byte that the sender waits for, if it has `TcpFlag.ack`. */
  readonly acknowledgment: number;
  /** A sum of `TcpFlag`s. */
  readonly flags: number;
  /** Where in the array what was captured of the payload begins. */
  readonly payloadAt: number;
  /** Where it ends. */
  readonly payloadEnd: number;
  /** How many bytes of the payload come after that and were not captured. */
  readonly missingBytes: number;
}

/** The bits of a segment that say what it is for. */
export const TcpFlag = {
  fin: 0x01,
  syn: 0x02,
  rst: 0x04,
  psh: 0x08,
  ack: 0x10,
} as const;

/** How long a header without options is. */
export const tcpHeaderBytes = 20;

/**
 * Reads the TCP header that an IP packet begins with. Its checksum is not
 * looked at: most are filled in by the network card, after the capture.
 *
 * Source: {@link https://www.rfc-editor.org/rfc/rfc9293#section-3.1 | RFC 9293 §3.1}.
 *
 * @param end Where what was captured ends.
 * @returns Nothing if not even a header without options was captured, or if the
 * lengths contradict each other.
 */
export function readTcp(
  bytes: Uint8Array,
  { payloadAt: at, payloadEnd: wireEnd, isCut }: IpPacket,
  end: number,
): TcpSegment | undefined {
  if (at + tcpHeaderBytes > end) return undefined;
  const headerBytes = 4 * (bytes[at + 12]! >> 4);
  const dataAt = at + headerBytes;
  if (headerBytes < tcpHeaderBytes || dataAt > wireEnd) return undefined;
  const payloadAt = Math.min(dataAt, end);
  const payloadEnd = Math.min(wireEnd, end);
  const flags = bytes[at + 13]!;
  return {
    sourcePort: readUint16(bytes, at),
    destinationPort: readUint16(bytes, at + 2),
    sequence: readUint32(bytes, at + 4),
    acknowledgment: readUint32(bytes, at + 8),
    // The end of the stream is behind the last fragment, not the first.
    flags: isCut ? flags & ~TcpFlag.fin : flags,
    payloadAt,
    payloadEnd: Math.max(payloadAt, payloadEnd),
    missingBytes: wireEnd - Math.max(dataAt, payloadEnd),
  };
}
