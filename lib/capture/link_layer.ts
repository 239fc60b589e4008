import { readUint16, readUint32 } from "./integers.ts";
import type { PacketRecord } from "./record.ts";

/** The numbers of the link types whose packets are looked into. */
export const LinkType = {
  null: 0,
  ethernet: 1,
  rawOther: 12,
  rawOpenBsd: 14,
  raw: 101,
  loop: 108,
  linuxCooked: 113,
  ipv4: 228,
  ipv6: 229,
  linuxCooked2: 276,
} as const;

const etherTypes = { ipv4: 0x0800, ipv6: 0x86dd } as const;

/** The types that announce four bytes of a tag, and then another type. */
const tagTypes: readonly number[] = [0x8100, 0x88a8, 0x9100];

/**
 * The numbers of IPv4, and of IPv6 in each of the BSDs, Darwin and Linux, where
 * a loopback begins with the number of the address family.
 */
const ipFamilies: readonly number[] = [2, 10, 24, 28, 30];

/**
 * Where in its array the IP header of a packet begins; nothing if it is no
 * packet of IP, or of a link type that is not known here.
 *
 * Source: {@link https://www.tcpdump.org/linktypes.html | the registry of link types}.
 */
export function findIp(packet: PacketRecord): number | undefined {
  const { at } = packet;
  switch (packet.linkType) {
    case LinkType.ethernet:
      return afterEtherType(packet, at + 12);
    case LinkType.linuxCooked:
      return afterEtherType(packet, at + 14);
    case LinkType.linuxCooked2:
      return afterCooked2(packet);
    case LinkType.null:
    case LinkType.loop:
      return afterFamily(packet);
    case LinkType.raw:
    case LinkType.rawOther:
    case LinkType.rawOpenBsd:
    case LinkType.ipv4:
    case LinkType.ipv6:
      return at;
  }
}

/** What the type at `bytes[from]` announces, behind as many tags as there are. */
function afterEtherType(
  { bytes, end }: PacketRecord,
  from: number,
): number | undefined {
  let at = from;
  while (at + 2 <= end) {
    const type = readUint16(bytes, at);
    if (isIp(type)) return at + 2;
    if (!tagTypes.includes(type)) return undefined;
    at += 4;
  }
}

function isIp(type: number): boolean {
  return type === etherTypes.ipv4 || type === etherTypes.ipv6;
}

const cooked2Bytes = 20;

/** Its type comes first; a tag, if there is one, after all of the header. */
function afterCooked2(packet: PacketRecord): number | undefined {
  const { bytes, at, end } = packet;
  if (at + cooked2Bytes > end) return undefined;
  const type = readUint16(bytes, at);
  if (isIp(type)) return at + cooked2Bytes;
  return tagTypes.includes(type)
    ? afterEtherType(packet, at + cooked2Bytes + 2)
    : undefined;
}

/** The family is in the order of the machine, which nothing tells. */
function afterFamily({ bytes, at, end }: PacketRecord): number | undefined {
  if (at + 4 > end) return undefined;
  const isKnown = ipFamilies.includes(readUint32(bytes, at)) ||
    ipFamilies.includes(readUint32(bytes, at, true));
  return isKnown ? at + 4 : undefined;
}
