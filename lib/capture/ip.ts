import { ipv4Bytes, ipv6Bytes } from "./address.ts";
import { readUint16 } from "./integers.ts";

/** What an IP header says of a packet of TCP. */
export interface IpPacket {
  /** Where the address of the sender begins; that of the receiver is behind. */
  readonly addressAt: number;
  /** How long each of the two is: 4 or 16. */
  readonly addressBytes: number;
  /** Where TCP begins. */
  readonly payloadAt: number;
  /** Where it ends on the wire: perhaps behind what was captured. */
  readonly payloadEnd: number;
  /** Whether it is the first of several fragments, and more is to follow. */
  readonly isCut: boolean;
}

/** The protocol number of TCP. */
export const tcpProtocol = 6;

/**
 * Reads the IP header at `bytes[at]`, and what stands between it and TCP.
 *
 * Of a packet in fragments only the first is read: it says how far TCP goes in
 * it, and what is missing turns out when the stream goes on.
 *
 * Source: {@link https://www.rfc-editor.org/rfc/rfc791#section-3.1 | RFC 791 §3.1}
 * and {@link https://www.rfc-editor.org/rfc/rfc8200#section-3 | RFC 8200 §3 and §4}.
 *
 * @param end Where what was captured ends.
 * @param wireEnd Where the packet ended on the wire.
 * @returns Nothing if it is not TCP, not the beginning of it, or not whole up to
 * there.
 */
export function readIp(
  bytes: Uint8Array,
  at: number,
  end: number,
  wireEnd: number,
): IpPacket | undefined {
  if (at >= end) return undefined;
  const version = bytes[at]! >> 4;
  if (version === 4) return readIpv4(bytes, at, end, wireEnd);
  return version === 6 ? readIpv6(bytes, at, end, wireEnd) : undefined;
}

const ipv4HeaderBytes = 20;
const moreFragments = 0x2000;
const fragmentOffset = 0x1fff;

function readIpv4(
  bytes: Uint8Array,
  at: number,
  end: number,
  wireEnd: number,
): IpPacket | undefined {
  if (at + ipv4HeaderBytes > end) return undefined;
  const headerBytes = 4 * (bytes[at]! & 0x0f);
  const fragment = readUint16(bytes, at + 6);
  const isTcp = bytes[at + 9] === tcpProtocol;
  if (
    !isTcp || headerBytes < ipv4HeaderBytes || (fragment & fragmentOffset) !== 0
  ) return undefined;
  const totalBytes = readUint16(bytes, at + 2);
  return {
    addressAt: at + 12,
    addressBytes: ipv4Bytes,
    payloadAt: at + headerBytes,
    // A card that cuts large packets itself may be given them without a length.
    payloadEnd: totalBytes === 0 ? wireEnd : at + totalBytes,
    isCut: (fragment & moreFragments) !== 0,
  };
}

const ipv6HeaderBytes = 40;
const fragmentHeader = 44;
const authenticationHeader = 51;

/** Hop-by-hop, routing, destination, mobility, HIP, shim6: in 8 bytes each. */
const extensionHeaders: readonly number[] = [0, 43, 60, 135, 139, 140];

function readIpv6(
  bytes: Uint8Array,
  at: number,
  end: number,
  wireEnd: number,
): IpPacket | undefined {
  if (at + ipv6HeaderBytes > end) return undefined;
  const payload = readUint16(bytes, at + 4);
  const transport = skipExtensions(bytes, at, end);
  if (transport === undefined) return undefined;
  return {
    addressAt: at + 8,
    addressBytes: ipv6Bytes,
    payloadAt: transport.at,
    // A length of zero is that of a jumbogram, or nobody's yet as above.
    payloadEnd: payload === 0 ? wireEnd : at + ipv6HeaderBytes + payload,
    isCut: transport.isCut,
  };
}

/** Where TCP begins behind the extension headers, if it is TCP. */
function skipExtensions(
  bytes: Uint8Array,
  from: number,
  end: number,
): { readonly at: number; readonly isCut: boolean } | undefined {
  let next = bytes[from + 6]!;
  let at = from + ipv6HeaderBytes;
  let isCut = false;
  while (next !== tcpProtocol) {
    if (at + 8 > end) return undefined;
    if (next === fragmentHeader) {
      const fragment = readUint16(bytes, at + 2);
      if (fragment >> 3 !== 0) return undefined;
      isCut ||= (fragment & 1) !== 0;
    }
    const headerBytes = extensionBytes(next, bytes[at + 1]!);
    if (headerBytes === undefined) return undefined;
    next = bytes[at]!;
    at += headerBytes;
  }
  return { at, isCut };
}

/** How long an extension header is; nothing if it is something else. */
function extensionBytes(type: number, length: number): number | undefined {
  if (type === fragmentHeader) return 8;
  if (type === authenticationHeader) return 4 * (length + 2);
  return extensionHeaders.includes(type) ? 8 * (length + 1) : undefined;
}
