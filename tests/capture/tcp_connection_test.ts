import { assertEquals } from "@std/assert";
import {
  createTcpConnection,
  sideOfSender,
  sides,
} from "../../lib/capture/tcp_connection.ts";
import { type Segment, story } from "./support.ts";

const syn: Segment = { from: "client", flags: "syn", sequence: 100 };
const synAck: Segment = {
  from: "server",
  flags: "syn",
  sequence: 500,
  acknowledgment: 101,
};
const handshake: readonly Segment[] = [
  syn,
  synAck,
  { from: "client", sequence: 101, acknowledgment: 501 },
];

/** So many packets of the server that say nothing new. */
function idle(count: number, acknowledgment = 101): Segment[] {
  const packet: Segment = { from: "server", sequence: 501, acknowledgment };
  return new Array(count).fill(packet);
}

function client(sequence: number, text: string, flags = ""): Segment {
  return { from: "client", sequence, acknowledgment: 501, text, flags };
}

function server(sequence: number, text: string, flags = ""): Segment {
  return { from: "server", sequence, acknowledgment: 101, text, flags };
}

/** Segments, and what is said of them; RFC 9293 §3.5 and §3.6. */
const cases: readonly [name: string, Segment[], string[]][] = [
  ["a conversation", [
    ...handshake,
    client(101, "abc"),
    server(501, "def"),
    client(104, "", "fin"),
    server(504, "g", "fin"),
  ], ["open", "client abc", "server def", "server g", "close fin"]],
  ["bytes in a SYN", [
    { ...syn, text: "abc" },
    synAck,
    client(101, "abcde"),
  ], ["open", "client abc", "client de", "close end of capture"]],
  ["SYN twice", [syn, syn, synAck, synAck, client(101, "a")], [
    "open",
    "client a",
    "close end of capture",
  ]],
  ["no SYN of the client", [synAck, client(101, "a")], [
    "open",
    "client a",
    "close end of capture",
  ]],
  ["no SYN at all", [client(101, "a"), server(501, "b")], [
    "open in the middle",
    "client a",
    "server b",
    "close end of capture",
  ]],
  ["a SYN after the first bytes", [client(101, "a"), syn, client(102, "b")], [
    "open in the middle",
    "client a",
    "client b",
    "close end of capture",
  ]],
  ["a keep-alive at first", [
    { from: "client", sequence: 100, acknowledgment: 501 },
    { from: "server", sequence: 501, acknowledgment: 101 },
    client(101, "a"),
  ], ["open in the middle", "client a", "close end of capture"]],
  ["numbers that wrap around", [
    { from: "client", flags: "syn", sequence: -3 },
    { from: "server", flags: "syn", sequence: -1, acknowledgment: -2 },
    { from: "client", sequence: -2, acknowledgment: 0, text: "abcd" },
    { from: "client", sequence: 2, acknowledgment: 0, text: "ef" },
    { from: "server", sequence: 0, acknowledgment: 4, text: "g" },
  ], ["open", "client abcd", "client ef", "server g", "close end of capture"]],
  ["RST", [...handshake, client(101, "a"), client(102, "", "rst")], [
    "open",
    "client a",
    "close reset",
  ]],
  ["a SYN that is refused", [
    syn,
    { from: "server", flags: "rst", sequence: 0, acknowledgment: 101 },
  ], ["open", "close reset"]],
  ["a RST of another time", [
    ...handshake,
    client(2 ** 31, "", "rst"),
    client(101, "a"),
  ], ["open", "client a", "close end of capture"]],
  ["a RST that explains itself", [...handshake, client(101, "why", "rst")], [
    "open",
    "close reset",
  ]],
  ["a RST of nothing", [client(101, "", "rst")], []],
  ["stragglers after the end", [
    ...handshake,
    client(101, "", "rst"),
    server(501, "late"),
    client(101, "late"),
    server(501, "", "fin"),
  ], ["open", "close reset"]],
  ["addresses and ports that are used again", [
    ...handshake,
    client(101, "a"),
    client(102, "", "rst"),
    { ...syn, sequence: 7000 },
    { from: "client", sequence: 7001, acknowledgment: 1, text: "b" },
  ], [
    "0 open",
    "0 client a",
    "0 close reset",
    "1 open",
    "1 client b",
    "1 close end of capture",
  ]],
  ["the same while the first seems to be open", [
    ...handshake,
    client(103, "c"),
    { ...syn, sequence: 7000 },
  ], [
    "0 open",
    "0 gap client 2",
    "0 client c",
    "0 close reused",
    "1 open",
    "1 close end of capture",
  ]],
  ["the same the other way round", [
    ...handshake,
    client(101, "", "rst"),
    { from: "server", flags: "syn", sequence: 9000 },
    { from: "server", sequence: 9001, acknowledgment: 1, text: "b" },
  ], [
    "0 open",
    "0 close reset",
    "1 open",
    "1 client b",
    "1 close end of capture",
  ]],
  ["the same without the SYN", [
    ...handshake,
    client(101, "", "rst"),
    { ...synAck, sequence: 9000, acknowledgment: 7001 },
    { from: "client", sequence: 7001, acknowledgment: 9001, text: "b" },
  ], [
    "0 open",
    "0 close reset",
    "1 open",
    "1 client b",
    "1 close end of capture",
  ]],
  ["another SYN and ACK to the same SYN", [
    ...handshake,
    { ...synAck, sequence: 9000 },
    client(101, "a"),
  ], ["open", "client a", "close end of capture"]],
  ["a SYN and ACK that comes late", [
    syn,
    { from: "client", sequence: 101, acknowledgment: 504 },
    synAck,
    server(501, "def"),
  ], ["open", "server def", "close end of capture"]],
  ["two SYNs that meet", [
    syn,
    { from: "server", flags: "syn", sequence: 500 },
    client(101, "a"),
    server(501, "b"),
  ], ["open", "client a", "server b", "close end of capture"]],
  ["bytes that are lost", [
    ...handshake,
    client(104, "def"),
    ...idle(17, 107),
    client(107, "g"),
  ], [
    "open",
    "gap client 3",
    "client def",
    "client g",
    "close end of capture",
  ]],
  ["a FIN that is lost", [
    ...handshake,
    client(101, "a", "fin"),
    ...idle(20, 103),
    { from: "client", sequence: 103, acknowledgment: 502 },
  ], ["open", "client a", "close end of capture"]],
  ["lost bytes before a FIN", [
    ...handshake,
    client(104, "", "fin"),
    server(501, "", "fin"),
    ...idle(20, 105),
  ], ["open", "gap client 3", "close fin"]],
  ["lost bytes at the end", [...handshake, ...idle(20, 105)], [
    "open",
    "gap client 4",
    "close end of capture",
  ]],
];

for (const [name, segments, expected] of cases) {
  Deno.test(`a connection with ${name}`, () => {
    assertEquals(story(segments), expected);
  });
}

Deno.test("a hole is waited for as long as the option says", () => {
  for (const maxReorderedPackets of [0, 1, 5]) {
    const options = { maxReorderedPackets };
    const segments = [
      ...handshake,
      client(104, "def"),
      ...idle(1 + maxReorderedPackets, 107),
      client(101, "abc"),
    ];
    assertEquals(story(segments, options).slice(1, 3), [
      "client abc",
      "client def",
    ]);
    assertEquals(
      story(
        [...segments.slice(0, -1), ...idle(1, 107), client(101, "abc")],
        options,
      )
        .slice(1, 3),
      ["gap client 3", "client def"],
    );
  }
});

Deno.test("sideOfSender() goes by SYN, and else by the higher port", () => {
  const segment = {
    sourcePort: 80,
    destinationPort: 50000,
    sequence: 0,
    acknowledgment: 0,
    flags: 0x10,
    payloadAt: 0,
    payloadEnd: 0,
    missingBytes: 0,
  };
  assertEquals(sideOfSender(segment), "server");
  assertEquals(sideOfSender({ ...segment, flags: 0x02 }), "client");
  assertEquals(sideOfSender({ ...segment, flags: 0x12 }), "server");
  const back = { ...segment, sourcePort: 50000, destinationPort: 80 };
  assertEquals(sideOfSender(back), "client");
  assertEquals(sideOfSender({ ...back, flags: 0x12 }), "server");
});

Deno.test("createTcpConnection() knows nothing yet", () => {
  const { id, isClosed, streams } = createTcpConnection(7, () => {});
  assertEquals([id, isClosed], [7, false]);
  assertEquals(sides.map((side) => streams[side].begin), [
    undefined,
    undefined,
  ]);
});
