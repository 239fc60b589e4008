import { concatAll } from "../bytes/chunks.ts";
import { ipv4Bytes } from "./address.ts";
import { internetChecksum } from "./checksum.ts";
import { uint16, uint32 } from "./integers.ts";
import { tcpProtocol } from "./ip.ts";
import { tcpHeaderBytes } from "./tcp_segment.ts";

/** One end of a connection, as packets name it. */
export interface PacketEnd {
  /** 4 or 16 bytes. */
  readonly address: Uint8Array;
  /** From 0 to 65535. */
  readonly port: number;
}

/** A packet to be made. */
export interface PacketFields {
  /** Who sends it. */
  readonly source: PacketEnd;
  /** Who it is sent to. */
  readonly destination: PacketEnd;
  /** The number of its first byte, or of its SYN. */
  readonly sequence: number;
  /** The number of the byte that the sender waits for. */
  readonly acknowledgment: number;
  /** A sum of `TcpFlag`s. */
  readonly flags: number;
  /** Options in whole words. */
  readonly options: readonly number[];
  /** What it carries, at most 65,000 bytes. */
  readonly payload: Uint8Array;
}

/** The largest window that needs no option. */
const windowBytes = 65535;

const timeToLive = 64;

/**
 * The bytes of an IP packet with a segment of TCP in it, checksums included.
 *
 * Source: {@link https://www.rfc-editor.org/rfc/rfc9293#section-3.1 | RFC 9293 §3.1},
 * {@link https://www.rfc-editor.org/rfc/rfc791#section-3.1 | RFC 791 §3.1} and
 * {@link https://www.rfc-editor.org/rfc/rfc8200#section-3 | RFC 8200 §3}.
 */
export function ipPacket(fields: PacketFields): Uint8Array<ArrayBuffer> {
  const tcp = tcpSegment(fields);
  const header = fields.source.address.length === ipv4Bytes
    ? ipv4Header(fields, tcp.length)
    : ipv6Header(fields, tcp.length);
  return concatAll([header, tcp]);
}

function tcpSegment(fields: PacketFields): Uint8Array<ArrayBuffer> {
  const { options, payload } = fields;
  const words = (tcpHeaderBytes + options.length) / 4;
  const header = Uint8Array.from([
    ...uint16(fields.source.port),
    ...uint16(fields.destination.port),
    ...uint32(fields.sequence),
    ...uint32(fields.acknowledgment),
    words << 4,
    fields.flags,
    ...uint16(windowBytes),
    ...uint32(0),
    ...options,
  ]);
  const segment = concatAll([header, new Uint8Array(payload)]);
  const sum = internetChecksum([pseudoHeader(fields, segment.length), segment]);
  segment.set(uint16(sum), 16);
  return segment;
}

/** What TCP sums up beside itself, in the form of IPv6, which sums up alike. */
function pseudoHeader(
  { source, destination }: PacketFields,
  byteLength: number,
): Uint8Array {
  return Uint8Array.from([
    ...source.address,
    ...destination.address,
    ...uint32(byteLength),
    ...uint32(tcpProtocol),
  ]);
}

function ipv4Header(
  { source, destination }: PacketFields,
  payloadBytes: number,
): Uint8Array<ArrayBuffer> {
  const header = Uint8Array.from([
    0x45,
    0,
    ...uint16(20 + payloadBytes),
    // Never in fragments, so that it needs no identification (RFC 6864 §4.1).
    ...uint16(0),
    ...uint16(0x4000),
    timeToLive,
    tcpProtocol,
    ...uint16(0),
    ...source.address,
    ...destination.address,
  ]);
  header.set(uint16(internetChecksum([header])), 10);
  return header;
}

function ipv6Header(
  { source, destination }: PacketFields,
  payloadBytes: number,
): Uint8Array<ArrayBuffer> {
  return Uint8Array.from([
    ...uint32(0x60000000),
    ...uint16(payloadBytes),
    tcpProtocol,
    timeToLive,
    ...source.address,
    ...destination.address,
  ]);
}
