import { concatAll } from "../bytes/chunks.ts";
import { LinkType } from "./link_layer.ts";
import { BlockType, byteOrderMagic } from "./pcapng.ts";

/** The two formats of captures. */
export type CaptureFormat = "pcap" | "pcapng";

/** No packet is cut: the largest snapshot length that there is. */
const snapBytes = 262144;

const pcapMicroseconds = 0xa1b2c3d4;

/**
 * What a capture begins with, little-endian, its packets being IP without
 * anything around it and their times in microseconds.
 *
 * Source: {@link https://datatracker.ietf.org/doc/html/draft-ietf-opsawg-pcap#section-4 | the draft on pcap, §4},
 * and {@link https://datatracker.ietf.org/doc/html/draft-ietf-opsawg-pcapng#section-4.1 | on pcapng, §4.1 and §4.2}.
 */
export function captureHeader(format: CaptureFormat): Uint8Array<ArrayBuffer> {
  return format === "pcap"
    ? words(pcapMicroseconds, 4 << 16 | 2, 0, 0, snapBytes, LinkType.raw)
    : concatAll([
      block(
        BlockType.section,
        words(byteOrderMagic, 1, 0xffffffff, 0xffffffff),
      ),
      block(BlockType.interface, words(LinkType.raw, snapBytes)),
    ]);
}

/** A packet in a capture, captured at this time. */
export function captureRecord(
  format: CaptureFormat,
  packet: Uint8Array<ArrayBuffer>,
  timeMs: number,
): Uint8Array<ArrayBuffer> {
  const microseconds = Math.round(timeMs * 1000);
  const { length } = packet;
  if (format === "pcap") {
    const seconds = Math.floor(microseconds / 1e6);
    const head = words(seconds, microseconds % 1e6, length, length);
    return concatAll([head, packet]);
  }
  const high = Math.floor(microseconds / 2 ** 32);
  const head = words(0, high, microseconds, length, length);
  return block(BlockType.enhancedPacket, concatAll([head, packet]));
}

/** A block of pcapng: its body filled up to whole words, with its length. */
function block(
  type: number,
  body: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  const padding = -body.length & 3;
  const byteLength = words(12 + body.length + padding);
  const zeros = new Uint8Array(padding);
  return concatAll([words(type), byteLength, body, zeros, byteLength]);
}

/** Integers of 32 bits, little-endian. */
function words(...values: readonly number[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(
    values.flatMap((value) => [0, 8, 16, 24].map((shift) => value >>> shift)),
  );
}
