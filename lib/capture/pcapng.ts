import { readUint16, readUint32 } from "./integers.ts";
import {
  type Fault,
  type PacketRecord,
  type RecordExtent,
  type RecordFormat,
  wrongLength,
} from "./record.ts";

/** What an Interface Description Block says. */
interface Interface {
  readonly linkType: number;
  /** How much of a packet is captured; 0 if there is no limit. */
  readonly snapBytes: number;
  readonly ticksPerMs: number;
  readonly offsetMs: number;
}

/** A section: its byte order, and the interfaces it has described so far. */
interface Section {
  readonly littleEndian: boolean;
  readonly interfaces: Interface[];
}

/** The types of the blocks that are read. */
export const BlockType = {
  section: 0x0a0d0d0a,
  interface: 1,
  packet: 2,
  simplePacket: 3,
  enhancedPacket: 6,
} as const;

/** By which a section says its byte order. */
export const byteOrderMagic = 0x1a2b3c4d;

/** The fewest bytes of each kind of block; of the others, 12. */
const leastBytes: Readonly<Record<number, number>> = {
  [BlockType.section]: 28,
  [BlockType.interface]: 20,
  [BlockType.packet]: 32,
  [BlockType.simplePacket]: 16,
  [BlockType.enhancedPacket]: 32,
};

const emptyBlockBytes = 12;

/** Sections and interfaces are not packets, and no option makes them longer. */
const maxDescriptionBytes = 1024 * 1024;

/** Two bytes hold the number of an interface in the older kind of packet. */
const maxInterfaces = 65536;

const defaultTicksPerMs = 1000;

/**
 * A capture in blocks, from its first Section Header Block on. Blocks of other
 * kinds than the ones that describe or hold packets are skipped.
 *
 * Source: {@link https://datatracker.ietf.org/doc/html/draft-ietf-opsawg-pcapng#section-3 | the draft on pcapng, §3 and §4}.
 *
 * @param maxPacketBytes The longest block of a packet that is read, its header
 * and options included.
 */
export function pcapngFormat(maxPacketBytes: number): RecordFormat {
  let section: Section = { littleEndian: true, interfaces: [] };
  return {
    headBytes: emptyBlockBytes,
    measure: (bytes, at) => measureBlock(bytes, at, section, maxPacketBytes),
    read: (bytes, at, byteLength) => {
      const answer = readBlock(bytes, at, byteLength, section);
      if (answer === undefined || !("interfaces" in answer)) return answer;
      section = answer;
      return undefined;
    },
  };
}

function measureBlock(
  bytes: Uint8Array,
  at: number,
  section: Section,
  maxPacketBytes: number,
): RecordExtent | Fault {
  const type = readUint32(bytes, at, section.littleEndian);
  const littleEndian = type === BlockType.section
    ? readByteOrder(bytes, at)
    : section.littleEndian;
  if (typeof littleEndian === "object") return littleEndian;
  const byteLength = readUint32(bytes, at + 4, littleEndian);
  return checkLength(type, byteLength, maxPacketBytes) ??
    { byteLength, skipped: leastBytes[type] === undefined };
}

/** Whether the section that begins here is little-endian. */
function readByteOrder(bytes: Uint8Array, at: number): boolean | Fault {
  const magic = readUint32(bytes, at + 8);
  if (magic === byteOrderMagic) return false;
  if (readUint32(bytes, at + 8, true) === byteOrderMagic) return true;
  return {
    found: `0x${magic.toString(16).padStart(8, "0")} as byte-order magic`,
    wanted: "0x1a2b3c4d in either order",
    at: 8,
  };
}

function checkLength(
  type: number,
  byteLength: number,
  maxPacketBytes: number,
): Fault | undefined {
  const least = leastBytes[type] ?? emptyBlockBytes;
  if (byteLength < least || byteLength % 4 !== 0) {
    return wrongLength(byteLength, `a multiple of 4, at least ${least}`, 4);
  }
  const most = mostBytes(type, maxPacketBytes);
  return byteLength > most
    ? wrongLength(byteLength, `at most ${most}`, 4)
    : undefined;
}

function mostBytes(type: number, maxPacketBytes: number): number {
  switch (type) {
    case BlockType.section:
    case BlockType.interface:
      return maxDescriptionBytes;
    case BlockType.packet:
    case BlockType.simplePacket:
    case BlockType.enhancedPacket:
      return maxPacketBytes;
    default:
      return Infinity;
  }
}

function readBlock(
  bytes: Uint8Array,
  at: number,
  byteLength: number,
  section: Section,
): PacketRecord | Section | Fault | undefined {
  const type = readUint32(bytes, at, section.littleEndian);
  if (type === BlockType.section) return readSection(bytes, at, byteLength);
  const fault = checkTrailer(bytes, at, byteLength, section.littleEndian);
  if (fault !== undefined) return fault;
  switch (type) {
    case BlockType.interface:
      return readInterface(bytes, at, byteLength, section);
    case BlockType.enhancedPacket:
      return readEnhanced(bytes, at, byteLength, section);
    case BlockType.simplePacket:
      return readSimple(bytes, at, byteLength, section);
    case BlockType.packet:
      return readObsolete(bytes, at, byteLength, section);
  }
}

/** A block says its length at both of its ends. */
function checkTrailer(
  bytes: Uint8Array,
  at: number,
  byteLength: number,
  littleEndian: boolean,
): Fault | undefined {
  const last = byteLength - 4;
  const again = readUint32(bytes, at + last, littleEndian);
  return again === byteLength
    ? undefined
    : wrongLength(again, `${byteLength}, as at its beginning`, last);
}

function readSection(
  bytes: Uint8Array,
  at: number,
  byteLength: number,
): Section | Fault {
  const littleEndian = readUint32(bytes, at + 8, true) === byteOrderMagic;
  const fault = checkTrailer(bytes, at, byteLength, littleEndian);
  if (fault !== undefined) return fault;
  const major = readUint16(bytes, at + 12, littleEndian);
  if (major === 1) return { littleEndian, interfaces: [] };
  const minor = readUint16(bytes, at + 14, littleEndian);
  return {
    found: `version ${major}.${minor} of pcapng`,
    wanted: "1.0",
    at: 12,
  };
}

function readInterface(
  bytes: Uint8Array,
  at: number,
  byteLength: number,
  { littleEndian, interfaces }: Section,
): Fault | undefined {
  if (interfaces.length === maxInterfaces) {
    return {
      found: "another interface",
      wanted: `at most ${maxInterfaces}`,
      at: 0,
    };
  }
  interfaces.push({
    linkType: readUint16(bytes, at + 8, littleEndian),
    snapBytes: readUint32(bytes, at + 12, littleEndian),
    ...readTimeOptions(bytes, at + 16, at + byteLength - 4, littleEndian),
  });
}

const optionCodes = { end: 0, resolution: 9, offset: 14 } as const;

/** How the timestamps of an interface count. */
function readTimeOptions(
  bytes: Uint8Array,
  from: number,
  end: number,
  littleEndian: boolean,
): Pick<Interface, "ticksPerMs" | "offsetMs"> {
  let ticksPerMs = defaultTicksPerMs;
  let offsetMs = 0;
  let at = from;
  while (at + 4 <= end) {
    const code = readUint16(bytes, at, littleEndian);
    const byteLength = readUint16(bytes, at + 2, littleEndian);
    const value = at + 4;
    at = value + byteLength + 3 - (byteLength + 3) % 4;
    if (code === optionCodes.end || at > end) break;
    if (code === optionCodes.resolution && byteLength === 1) {
      ticksPerMs = readResolution(bytes[value]!);
    } else if (code === optionCodes.offset && byteLength === 8) {
      offsetMs = 1000 * readInt64(bytes, value, littleEndian);
    }
  }
  return { ticksPerMs, offsetMs };
}

/** A negative power of ten, or of two if the highest bit is set. */
function readResolution(byte: number): number {
  const base = byte < 0x80 ? 10 : 2;
  return base ** (byte & 0x7f) / 1000;
}

function readInt64(
  bytes: Uint8Array,
  at: number,
  littleEndian: boolean,
): number {
  const high = readUint32(bytes, littleEndian ? at + 4 : at, littleEndian);
  const low = readUint32(bytes, littleEndian ? at : at + 4, littleEndian);
  return (high | 0) * 2 ** 32 + low;
}

function readEnhanced(
  bytes: Uint8Array,
  at: number,
  byteLength: number,
  section: Section,
): PacketRecord | Fault {
  const index = readUint32(bytes, at + 8, section.littleEndian);
  return readTimed(bytes, at, byteLength, section, index);
}

function readObsolete(
  bytes: Uint8Array,
  at: number,
  byteLength: number,
  section: Section,
): PacketRecord | Fault {
  const index = readUint16(bytes, at + 8, section.littleEndian);
  return readTimed(bytes, at, byteLength, section, index);
}

/** What the two kinds of packet with a time have in common. */
function readTimed(
  bytes: Uint8Array,
  at: number,
  byteLength: number,
  { littleEndian, interfaces }: Section,
  index: number,
): PacketRecord | Fault {
  const on = interfaces[index];
  if (on === undefined) return unknownInterface(index, interfaces.length);
  const captured = readUint32(bytes, at + 20, littleEndian);
  if (captured > byteLength - 32) {
    return tooLong(captured, byteLength - 32, 20);
  }
  const high = readUint32(bytes, at + 12, littleEndian);
  const low = readUint32(bytes, at + 16, littleEndian);
  return {
    bytes,
    at: at + 28,
    end: at + 28 + captured,
    wireBytes: readUint32(bytes, at + 24, littleEndian),
    linkType: on.linkType,
    timeMs: (high * 2 ** 32 + low) / on.ticksPerMs + on.offsetMs,
  };
}

/** A packet with nothing but its length, of the first interface. */
function readSimple(
  bytes: Uint8Array,
  at: number,
  byteLength: number,
  { littleEndian, interfaces }: Section,
): PacketRecord | Fault {
  const on = interfaces[0];
  if (on === undefined) return unknownInterface(0, 0);
  const wireBytes = readUint32(bytes, at + 8, littleEndian);
  const captured = Math.min(wireBytes, on.snapBytes || Infinity);
  if (captured > byteLength - 16) return tooLong(captured, byteLength - 16, 8);
  return {
    bytes,
    at: at + 12,
    end: at + 12 + captured,
    wireBytes,
    linkType: on.linkType,
    timeMs: undefined,
  };
}

function unknownInterface(index: number, count: number): Fault {
  return {
    found: `a packet of interface ${index}`,
    wanted: `one of the ${count} that are described`,
    at: 8,
  };
}

function tooLong(captured: number, room: number, at: number): Fault {
  return {
    found: `a packet of ${captured} bytes`,
    wanted: `at most the ${room} of its block`,
    at,
  };
}
