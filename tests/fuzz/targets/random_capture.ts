import {
  captureHeader,
  captureRecord,
} from "../../../lib/capture/capture_file.ts";
import { createCaptureWriter } from "../../../lib/capture/capture_writer.ts";
import { ipPacket } from "../../../lib/capture/ip_packet.ts";
import type { Random } from "../../support/random.ts";
import { joined } from "../../deflate/engines.ts";
import { blocksIn } from "../../capture/pcapng_support.ts";
import { randomConversation } from "../../capture/support.ts";
import {
  makeUp,
  randomDeflate,
  streamOf,
  undirected,
} from "../../inspect/conversations.ts";

/** A capture, or the bytes of a conversation, behind the bytes of options. */
export function randomCaptureInput(random: Random): Uint8Array {
  const isCapture = random.chance(0.6);
  const options = [
    isCapture ? 0 : 1,
    random.chance(0.5) ? 0 : random.integer(0, 255),
  ];
  const content = isCapture ? randomCapture(random) : randomTalk(random);
  return joined([Uint8Array.from(options), content]);
}

/** A packet as a record of either format, a block, or some frames. */
export function randomCapturePart(random: Random): Uint8Array {
  return random.pick([
    randomRecord,
    randomRecord,
    randomBlock,
    talkInCapture,
  ])(random);
}

function randomCapture(random: Random): Uint8Array {
  return random.pick([talkInCapture, shuffled, linked, blocks])(random);
}

/** One stream of a conversation, or both as one. */
function randomTalk(random: Random): Uint8Array {
  const { sent } = makeUp(random, randomDeflate(random), 4);
  return random.chance(0.7)
    ? undirected(sent)[0]!.bytes
    : streamOf(sent, random.pick(["client", "server"]));
}

/** A conversation of WebSocket in a capture. */
function talkInCapture(random: Random): Uint8Array {
  const { sent } = makeUp(random, randomDeflate(random), 3);
  const writer = createCaptureWriter({
    format: random.pick(["pcap", "pcapng"]),
  });
  const connection = writer.connection({
    client: { address: "192.0.2.1", port: 50000 },
    server: { address: "192.0.2.2", port: 80 },
  });
  return joined([
    writer.header,
    connection.open(0),
    ...sent.map(({ from, bytes }, at) => connection.data(from, bytes, at)),
    connection.close("client", 99),
  ]);
}

/** Packets in another order, some twice, some not at all. */
function shuffled(random: Random): Uint8Array {
  const { records: [header, ...records] } = randomConversation(random);
  for (let count = random.integer(0, 6); count > 0; count--) {
    const at = random.integer(0, records.length - 1);
    const [record] = records.splice(at, 1);
    const times = random.integer(0, 2);
    const to = random.integer(0, records.length);
    records.splice(to, 0, ...new Array(times).fill(record));
  }
  return joined([header!, ...records]);
}

/** One packet of TCP, with a sequence number near those of others. */
function randomPacket(random: Random): Uint8Array<ArrayBuffer> {
  const ends = [1, 2].map((last) => ({
    address: Uint8Array.of(192, 0, 2, last),
    port: last === 1 ? random.pick([50000, 50001]) : 80,
  }));
  if (random.chance(0.5)) ends.reverse();
  const near = () =>
    (random.pick([0, 2 ** 32 - 8]) + random.integer(0, 16)) >>> 0;
  return ipPacket({
    source: ends[0]!,
    destination: ends[1]!,
    sequence: near(),
    acknowledgment: near(),
    flags: random.pick([0x02, 0x12, 0x10, 0x18, 0x11, 0x04]),
    options: [],
    payload: random.bytes(random.integer(0, 10)),
  });
}

function randomRecord(random: Random): Uint8Array {
  const format = random.pick(["pcap", "pcapng"] as const);
  return captureRecord(format, randomPacket(random), random.integer(0, 1e6));
}

/** What stands before a packet of IP on some kinds of links. */
const links: readonly (readonly [linkType: number, bytes: number[]])[] = [
  [1, [...new Array(12).fill(0), 8, 0]],
  [1, [...new Array(12).fill(0), 0x81, 0, 0, 1, 8, 0]],
  [113, [...new Array(14).fill(0), 8, 0]],
  [276, [8, 0, ...new Array(18).fill(0)]],
  [0, [2, 0, 0, 0]],
  [108, [0, 0, 0, 2]],
  [101, []],
  [228, []],
];

/** Packets of another link than IP itself. */
function linked(random: Random): Uint8Array {
  const [linkType, before] = random.pick(links);
  const header = captureHeader("pcap").with(20, linkType & 0xff)
    .with(21, linkType >> 8);
  const packets = Array.from({ length: random.integer(1, 8) }, (_, at) => {
    const packet = joined([Uint8Array.from(before), randomPacket(random)]);
    return captureRecord("pcap", packet, at);
  });
  return joined([header, ...packets]);
}

/** A capture in blocks of either byte order. */
function blocks(random: Random): Uint8Array {
  const isLittleEndian = random.chance(0.5);
  const writer = blocksIn(isLittleEndian);
  const more = Array.from(
    { length: random.integer(1, 6) },
    () => blockIn(random, isLittleEndian),
  );
  const options = random.chance(0.3)
    ? [
      ...writer.option(9, [random.integer(0, 255)]),
      ...writer.option(14, [
        ...new Array(8).fill(random.integer(0, 3)),
      ]),
    ]
    : [];
  return joined([
    writer.section(),
    writer.interface(101, random.pick([0, 40, 65535]), options),
    ...more,
  ]);
}

function randomBlock(random: Random): Uint8Array {
  return blockIn(random, random.chance(0.5));
}

function blockIn(random: Random, isLittleEndian: boolean): Uint8Array {
  const { words, halves, block, section, interface: describe } = blocksIn(
    isLittleEndian,
  );
  const packet = Array.from(randomPacket(random));
  const { length } = packet;
  const time = words(0, random.integer(0, 1000));
  switch (random.integer(0, 6)) {
    case 0:
      return section();
    case 1:
      return describe(random.pick([101, 1, 113]));
    case 2:
      return block(3, [...words(length), ...packet]);
    case 3:
      return block(2, [
        ...halves(0, 0),
        ...time,
        ...words(length, length),
        ...packet,
      ]);
    case 4:
      return block(random.integer(7, 99), Array.from(random.bytes(8)));
    default:
      return block(6, [
        ...words(0),
        ...time,
        ...words(length, length),
        ...packet,
      ]);
  }
}
