import { formatAddress, ipv4Bytes } from "./address.ts";
import type { Endpoint } from "./capture_event.ts";
import { readUint16 } from "./integers.ts";
import type { IpPacket } from "./ip.ts";
import type { TcpSegment } from "./tcp_segment.ts";

/** Which connection a segment belongs to, and in which direction it goes. */
export interface FlowKey {
  /** Both ends as one string, the same in either direction. */
  readonly both: string;
  /** Whether it goes from the end that comes first there to the other. */
  readonly isForward: boolean;
}

/** The key of the connection that a segment belongs to. */
export function flowKey(
  bytes: Uint8Array,
  { addressAt, addressBytes }: IpPacket,
  { sourcePort, destinationPort }: TcpSegment,
): FlowKey {
  const otherAt = addressAt + addressBytes;
  const isForward = sourcePort === destinationPort
    ? compareBytes(bytes, addressAt, otherAt, addressBytes) <= 0
    : sourcePort < destinationPort;
  const both = isForward
    ? join(bytes, addressAt, sourcePort, otherAt, destinationPort)
    : join(bytes, otherAt, destinationPort, addressAt, sourcePort);
  return { both, isForward };
}

function compareBytes(
  bytes: Uint8Array,
  a: number,
  b: number,
  byteLength: number,
): number {
  for (let at = 0; at < byteLength; at++) {
    const difference = bytes[a + at]! - bytes[b + at]!;
    if (difference !== 0) return difference;
  }
  return 0;
}

/**
 * Two ends in this order. A string is made in one call, since that is for every
 * packet; two of them only for the long addresses.
 */
function join(
  bytes: Uint8Array,
  a: number,
  aPort: number,
  b: number,
  bPort: number,
): string {
  const word = (at: number) => readUint16(bytes, at);
  if (Math.abs(a - b) === ipv4Bytes) {
    return String.fromCharCode(
      aPort,
      bPort,
      word(a),
      word(a + 2),
      word(b),
      word(b + 2),
    );
  }
  return endKey(bytes, a, aPort) + endKey(bytes, b, bPort);
}

/** One end with an address of IPv6. */
function endKey(bytes: Uint8Array, at: number, port: number): string {
  const word = (index: number) => readUint16(bytes, at + 2 * index);
  return String.fromCharCode(
    port,
    word(0),
    word(1),
    word(2),
    word(3),
    word(4),
    word(5),
    word(6),
    word(7),
  );
}

/** The end that sent a segment, and the one that it was sent to. */
export function endpointsOf(
  bytes: Uint8Array,
  { addressAt, addressBytes }: IpPacket,
  { sourcePort, destinationPort }: TcpSegment,
): readonly [source: Endpoint, destination: Endpoint] {
  const address = (at: number) =>
    formatAddress(bytes.subarray(at, at + addressBytes));
  return [
    { address: address(addressAt), port: sourcePort },
    { address: address(addressAt + addressBytes), port: destinationPort },
  ];
}
