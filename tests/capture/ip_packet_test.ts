import { assertEquals } from "@std/assert";
import { internetChecksum } from "../../lib/capture/checksum.ts";
import { readIp } from "../../lib/capture/ip.ts";
import { ipPacket } from "../../lib/capture/ip_packet.ts";
import { readTcp } from "../../lib/capture/tcp_segment.ts";
import { hex } from "../support/hex.ts";
import { assertPure } from "../support/purity.ts";
import { forEachSeed } from "../support/random.ts";

Deno.test("ipPacket() writes IPv4 with TCP", () => {
  const packet = ipPacket({
    source: { address: hex("c0000201"), port: 50000 },
    destination: { address: hex("c0000202"), port: 80 },
    sequence: 1,
    acknowledgment: 2,
    flags: 0x18,
    options: [],
    payload: hex("616263"),
  });
  const header = "4500 002b 0000 4000 4006 b6c9 c0000201 c0000202";
  assertEquals(packet.subarray(0, 20), hex(header));
  const tcp = "c350 0050 00000001 00000002 5018 ffff";
  assertEquals(packet.subarray(20, 36), hex(tcp));
  // ffff - (c000 + 0201 + c000 + 0202 + 0006 + 0017, and the words of the segment)
  assertEquals(packet.subarray(36), hex("a3bf 0000 616263"));
});

Deno.test("ipPacket() writes what is read, with right checksums", () => {
  forEachSeed((random) => {
    const addressBytes = random.pick([4, 16]);
    const end = () => ({
      address: random.bytes(addressBytes),
      port: random.integer(0, 65535),
    });
    const fields = {
      source: end(),
      destination: end(),
      sequence: random.integer(0, 2 ** 32 - 1),
      acknowledgment: random.integer(0, 2 ** 32 - 1),
      flags: random.integer(0, 255),
      options: random.pick([[], [1, 1, 1, 1]]),
      payload: random.bytes(random.integer(0, 50)),
    };
    const packet = assertPure("ipPacket", ipPacket, fields);
    const ip = readIp(packet, 0, packet.length, packet.length)!;
    assertEquals(ip.payloadEnd, packet.length);
    assertEquals(
      packet.subarray(ip.addressAt, ip.addressAt + 2 * addressBytes),
      Uint8Array.from([
        ...fields.source.address,
        ...fields.destination.address,
      ]),
    );
    const tcp = readTcp(packet, ip, packet.length)!;
    assertEquals(tcp.sourcePort, fields.source.port);
    assertEquals(tcp.destinationPort, fields.destination.port);
    assertEquals(tcp.sequence, fields.sequence);
    assertEquals(tcp.acknowledgment, fields.acknowledgment);
    assertEquals(tcp.flags, fields.flags);
    assertEquals(packet.subarray(tcp.payloadAt), fields.payload);
    // What has its checksum in it sums up to nothing.
    const segment = packet.subarray(ip.payloadAt);
    const pseudo = Uint8Array.from([
      ...fields.source.address,
      ...fields.destination.address,
      segment.length >>> 8,
      segment.length & 0xff,
      0,
      6,
    ]);
    assertEquals(internetChecksum([pseudo, segment]), 0);
    if (addressBytes === 4) {
      assertEquals(internetChecksum([packet.subarray(0, 20)]), 0);
    }
  });
});
