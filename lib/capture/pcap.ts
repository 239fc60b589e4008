import { readUint16, readUint32 } from "./integers.ts";
import {
  type Fault,
  type PacketRecord,
  type RecordExtent,
  type RecordFormat,
  wrongLength,
} from "./record.ts";

/** What the magic of a classic capture says of its integers. */
export interface PcapMagic {
  /** Whether the least significant byte of an integer comes first. */
  readonly littleEndian: boolean;
  /** In how many parts its timestamps divide a second. */
  readonly ticksPerSecond: number;
}

/** How long the header of the file is. */
export const pcapHeaderBytes = 24;

/** How long the header of a packet is. */
export const pcapPacketHeaderBytes = 16;

/** The only major version there has been since 1998. */
const majorVersion = 2;

/**
 * The header of a classic capture, and after it the packets.
 *
 * Source: {@link https://datatracker.ietf.org/doc/html/draft-ietf-opsawg-pcap#section-4 | the draft on pcap, §4 and §5}.
 *
 * @param magic What the first 4 bytes say.
 * @param maxPacketBytes The longest record that is read, its header included.
 */
export function pcapFormat(
  magic: PcapMagic,
  maxPacketBytes: number,
): RecordFormat {
  return {
    headBytes: pcapHeaderBytes,
    measure: () => ({ byteLength: pcapHeaderBytes, skipped: false }),
    read: (bytes, at) => readFileHeader(bytes, at, magic, maxPacketBytes),
  };
}

function readFileHeader(
  bytes: Uint8Array,
  at: number,
  magic: PcapMagic,
  maxPacketBytes: number,
): RecordFormat | Fault {
  const { littleEndian } = magic;
  const major = readUint16(bytes, at + 4, littleEndian);
  if (major !== majorVersion) {
    const minor = readUint16(bytes, at + 6, littleEndian);
    return {
      found: `version ${major}.${minor} of pcap`,
      wanted: `${majorVersion}.4`,
      at: 4,
    };
  }
  // The upper half of that field is the length of a checksum, and reserved.
  const linkType = readUint32(bytes, at + 20, littleEndian) & 0xffff;
  return packetFormat(magic, linkType, maxPacketBytes);
}

function packetFormat(
  magic: PcapMagic,
  linkType: number,
  maxPacketBytes: number,
): RecordFormat {
  return {
    headBytes: pcapPacketHeaderBytes,
    measure: (bytes, at) => measurePacket(bytes, at, magic, maxPacketBytes),
    read: (bytes, at, byteLength) =>
      readPacket(bytes, at, byteLength, magic, linkType),
  };
}

function measurePacket(
  bytes: Uint8Array,
  at: number,
  { littleEndian }: PcapMagic,
  maxPacketBytes: number,
): RecordExtent | Fault {
  const byteLength = pcapPacketHeaderBytes +
    readUint32(bytes, at + 8, littleEndian);
  return byteLength > maxPacketBytes
    ? wrongLength(byteLength, `at most ${maxPacketBytes}`, 8)
    : { byteLength, skipped: false };
}

function readPacket(
  bytes: Uint8Array,
  at: number,
  byteLength: number,
  { littleEndian, ticksPerSecond }: PcapMagic,
  linkType: number,
): PacketRecord {
  const seconds = readUint32(bytes, at, littleEndian);
  const ticks = readUint32(bytes, at + 4, littleEndian);
  return {
    bytes,
    at: at + pcapPacketHeaderBytes,
    end: at + byteLength,
    wireBytes: readUint32(bytes, at + 12, littleEndian),
    linkType,
    timeMs: 1000 * seconds + ticks / (ticksPerSecond / 1000),
  };
}
