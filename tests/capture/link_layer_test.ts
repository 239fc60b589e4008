import { assertEquals } from "@std/assert";
import { findIp } from "../../lib/capture/link_layer.ts";
import { hex } from "../support/hex.ts";

const addresses = "000000000000 000000000000";
const cooked = "0004 0001 0006 000000000000 0000";
const cooked2 = "0000 00000001 0001 00 06 0000000000000000";

/** The registry of link types; `ipAt` counts from the start of the packet. */
const cases: readonly [
  name: string,
  linkType: number,
  packet: string,
  ipAt: number | undefined,
][] = [
  ["Ethernet", 1, `${addresses} 0800 45`, 14],
  ["Ethernet with IPv6", 1, `${addresses} 86dd 60`, 14],
  ["Ethernet with ARP", 1, `${addresses} 0806 00`, undefined],
  ["Ethernet with a length", 1, `${addresses} 0026 4242 03`, undefined],
  ["Ethernet with a tag of 802.1Q", 1, `${addresses} 8100 0001 0800 45`, 18],
  [
    "Ethernet with a tag of 802.1ad around another",
    1,
    `${addresses} 88a8 0002 8100 0001 86dd 60`,
    22,
  ],
  ["Ethernet that ends in a tag", 1, `${addresses} 8100 00`, undefined],
  ["Ethernet that ends before its type", 1, `${addresses} 08`, undefined],
  ["Linux cooked", 113, `${cooked} 0800 45`, 16],
  ["Linux cooked with a tag", 113, `${cooked} 8100 0001 86dd 60`, 20],
  ["Linux cooked that is cut", 113, cooked, undefined],
  ["Linux cooked 2", 276, `0800 ${cooked2} 45`, 20],
  ["Linux cooked 2 with IPv6", 276, `86dd ${cooked2} 60`, 20],
  ["Linux cooked 2 with a tag", 276, `8100 ${cooked2} 0001 0800 45`, 24],
  ["Linux cooked 2 with ARP", 276, `0806 ${cooked2} 00`, undefined],
  ["Linux cooked 2 that is cut", 276, "0800 0000", undefined],
  ["BSD loopback, little-endian", 0, "02000000 45", 4],
  ["BSD loopback, big-endian", 0, "00000002 45", 4],
  ["BSD loopback of Darwin with IPv6", 0, "1e000000 60", 4],
  ["BSD loopback of FreeBSD with IPv6", 0, "1c000000 60", 4],
  ["BSD loopback of OpenBSD", 108, "00000018 60", 4],
  ["BSD loopback with something else", 0, "07000000 00", undefined],
  ["BSD loopback that is cut", 0, "0200", undefined],
  ["IP itself", 101, "45", 0],
  ["IP itself by another number", 12, "45", 0],
  ["IP itself of OpenBSD", 14, "45", 0],
  ["IPv4 itself", 228, "45", 0],
  ["IPv6 itself", 229, "60", 0],
  ["IEEE 802.11", 105, "45", undefined],
];

for (const [name, linkType, packet, ipAt] of cases) {
  Deno.test(`findIp() looks through ${name}`, () => {
    // Two bytes before and behind, which are not of the packet.
    const bytes = hex(`0800 ${packet} 0800`);
    const end = bytes.length - 2;
    const wireBytes = end - 2;
    const record = { bytes, at: 2, end, wireBytes, linkType, timeMs: 0 };
    assertEquals(findIp(record), ipAt === undefined ? ipAt : ipAt + 2);
  });
}
