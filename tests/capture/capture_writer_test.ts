import { assertEquals, assertThrows } from "@std/assert";
import {
  type CaptureConnectionOptions,
  type CaptureFormat,
  createCaptureWriter,
  type Side,
} from "../../lib/capture/mod.ts";
import { forEachSeed } from "../support/random.ts";
import { concatenated } from "../support/splits.ts";
import { inShort, readPieces, recordsOf, seenIn } from "./support.ts";

const formats: readonly CaptureFormat[] = ["pcap", "pcapng"];
const client = { address: "192.0.2.1", port: 50000 };
const server = { address: "192.0.2.2", port: 80 };

for (const format of formats) {
  Deno.test(`createCaptureWriter() writes ${format} that is read`, () => {
    forEachSeed((random) => {
      const writer = createCaptureWriter({ format });
      const connection = writer.connection({
        client,
        server,
        clientSequence: random.integer(0, 2 ** 32 - 1),
        serverSequence: random.pick([0, 2 ** 32 - 1]),
      });
      const sent: Record<Side, number[]> = { client: [], server: [] };
      const pieces = [writer.header, connection.open(1.5)];
      for (let turn = random.integer(0, 10); turn > 0; turn--) {
        const from = random.pick<Side>(["client", "server"]);
        const bytes = random.bytes(random.integer(0, 100));
        sent[from].push(...bytes);
        pieces.push(connection.data(from, bytes, 2.001));
      }
      const isReset = random.chance(0.5);
      pieces.push(
        isReset ? connection.reset("server", 3) : connection.close("server", 3),
      );
      const events = readPieces([concatenated(pieces)]);
      const how = isReset ? "reset" : "fin";
      assertEquals(seenIn(events), [{ ...sent, gaps: [], how }]);
      const times = events.map((event) => "timeMs" in event && event.timeMs);
      assertEquals(new Set(times), new Set([1.5, ...times.slice(1, -1), 3]));
      assertEquals(times.slice(1, -1).every((time) => time === 2.001), true);
    });
  });

  Deno.test(`createCaptureWriter() cuts long bytes, ${format}`, () => {
    const writer = createCaptureWriter({ format });
    const connection = writer.connection({
      client: { address: "::1", port: 1 },
      server: { address: "::1", port: 2 },
    });
    const bytes = new Uint8Array(130_001).map((_, at) => at);
    const events = readPieces([
      writer.header,
      connection.open(0),
      connection.data("server", bytes, 0),
    ]).filter((event) => event.type === "data");
    const lengths = events.map((event) => event.bytes.length);
    assertEquals(lengths, [65_000, 65_000, 1]);
    const joined = new Uint8Array(events.flatMap(({ bytes }) => [...bytes]));
    assertEquals(joined, bytes);
  });
}

Deno.test("createCaptureWriter() writes pcapng unless it is told otherwise", () => {
  assertEquals(
    createCaptureWriter().header,
    createCaptureWriter({ format: "pcapng" }).header,
  );
});

Deno.test("a connection is opened with three packets and closed with three", () => {
  const { header, connection } = createCaptureWriter({ format: "pcap" });
  const { open, data, close } = connection({ client, server });
  const count = (bytes: Uint8Array) =>
    recordsOf(Uint8Array.from([...header, ...bytes])).length - 1;
  assertEquals(count(open(0)), 3);
  assertEquals(count(data("client", Uint8Array.of(1), 0)), 2);
  assertEquals(count(data("client", new Uint8Array(0), 0)), 0);
  assertEquals(count(close("client", 0)), 3);
});

Deno.test("several connections are written at once", () => {
  const writer = createCaptureWriter();
  const one = writer.connection({ client, server });
  const two = writer.connection({ client: { ...client, port: 5 }, server });
  const bytes = new TextEncoder().encode("a");
  assertEquals(
    inShort(readPieces([
      writer.header,
      one.open(0),
      two.open(0),
      one.data("client", bytes, 0),
      two.data("server", bytes, 0),
      two.close("server", 0),
      one.reset("client", 0),
    ])),
    [
      "0 open",
      "1 open",
      "0 client a",
      "1 server a",
      "1 close fin",
      "0 close reset",
    ],
  );
});

/** Mistakes of the caller, and what is said of them. */
const wrong: readonly [CaptureConnectionOptions, message: string][] = [
  [
    { client: { address: "localhost", port: 1 }, server },
    'found client.address = "localhost", wanted an IP address',
  ],
  [
    { client, server: { address: "192.0.2.1", port: 65536 } },
    "found server.port = 65536, wanted an integer from 0 to 65535",
  ],
  [
    { client, server: { address: "::1", port: 80 } },
    "found 192.0.2.1 and ::1, wanted addresses of one version of IP",
  ],
  [
    { client, server, clientSequence: 2 ** 32 },
    "found clientSequence = 4294967296, wanted an integer from 0 to 4294967295",
  ],
  [
    { client, server, serverSequence: -1 },
    "found serverSequence = -1, wanted an integer from 0 to 4294967295",
  ],
];

for (const [options, message] of wrong) {
  Deno.test(`connection() does not write: ${message}`, () => {
    assertThrows(
      () => createCaptureWriter().connection(options),
      RangeError,
      `Cannot write connection: ${message}`,
    );
  });
}

Deno.test("createCaptureWriter() knows two formats", () => {
  assertThrows(
    () => createCaptureWriter({ format: "snoop" as CaptureFormat }),
    TypeError,
    'found format "snoop", wanted "pcap" or "pcapng"',
  );
});

Deno.test("a connection writes nothing after its end, or at no time", () => {
  const connection = createCaptureWriter().connection({ client, server });
  for (const timeMs of [-1, NaN, 2 ** 32 * 1000]) {
    assertThrows(() => connection.open(timeMs), RangeError, "found timeMs = ");
  }
  assertThrows(
    () => connection.data("me" as Side, new Uint8Array(1), 0),
    TypeError,
    'found from = "me", wanted "client" or "server"',
  );
  assertThrows(
    () => connection.data("client", "text" as unknown as Uint8Array, 0),
    TypeError,
    "wanted a Uint8Array",
  );
  connection.close("client", 0);
  assertThrows(
    () => connection.reset("client", 0),
    TypeError,
    "found it closed",
  );
});
