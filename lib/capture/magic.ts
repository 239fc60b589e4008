import { requireBytes } from "../error/require.ts";
import { readUint32 } from "./integers.ts";

/** What the first bytes of a capture say of its format. */
export type CaptureMagic =
  | {
    /** The classic format. */
    readonly format: "pcap";
    /** Whether the least significant byte of an integer comes first. */
    readonly littleEndian: boolean;
    /** In how many parts its timestamps divide a second. */
    readonly ticksPerSecond: number;
  }
  | {
    /** The newer one, which says its byte order later on. */
    readonly format: "pcapng";
  };

/** How many bytes {@linkcode readMagic} wants. */
export const magicBytes = 4;

const pcapMicroseconds = 0xa1b2c3d4;
const pcapNanoseconds = 0xa1b23c4d;
const pcapngSection = 0x0a0d0d0a;

/**
 * The format of the capture that begins at `bytes[at]`, from 4 bytes.
 *
 * Source: {@link https://datatracker.ietf.org/doc/html/draft-ietf-opsawg-pcap#section-4 | the draft on pcap, §4},
 * and {@link https://datatracker.ietf.org/doc/html/draft-ietf-opsawg-pcapng#section-4.1 | on pcapng, §4.1}.
 */
export function readMagic(
  bytes: Uint8Array,
  at: number,
): CaptureMagic | undefined {
  const format = "pcap";
  for (const littleEndian of [true, false]) {
    switch (readUint32(bytes, at, littleEndian)) {
      case pcapMicroseconds:
        return { format, littleEndian, ticksPerSecond: 1e6 };
      case pcapNanoseconds:
        return { format, littleEndian, ticksPerSecond: 1e9 };
      case pcapngSection:
        return { format: "pcapng" };
    }
  }
  return undefined;
}

/**
 * Whether these are the first bytes of a network capture, pcap or pcapng.
 *
 * Source: {@link https://datatracker.ietf.org/doc/html/draft-ietf-opsawg-pcap#section-4 | the draft on pcap, §4},
 * and {@link https://datatracker.ietf.org/doc/html/draft-ietf-opsawg-pcapng#section-4.1 | on pcapng, §4.1}.
 *
 * @param bytes The first bytes of a file, at least 4; fewer are none. Not changed.
 * @throws {TypeError} If `bytes` is not a `Uint8Array`.
 *
 * @example
 * ```ts
 * import { isCapture } from "@sluice/websocket/capture";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(isCapture(Uint8Array.of(0xd4, 0xc3, 0xb2, 0xa1)), true);
 * assertEquals(isCapture(new TextEncoder().encode("GET / HTTP/1.1")), false);
 * ```
 */
export function isCapture(bytes: Uint8Array): boolean {
  requireBytes(bytes, "Cannot look for a capture");
  return bytes.length >= magicBytes && readMagic(bytes, 0) !== undefined;
}
