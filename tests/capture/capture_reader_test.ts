import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  type CaptureEvent,
  createCaptureReader,
  createCaptureWriter,
} from "../../lib/capture/mod.ts";
import { utf8 } from "../support/hex.ts";
import { forEachSeed, type Random } from "../support/random.ts";
import { byteByByte, concatenated, randomPieces } from "../support/splits.ts";
import { blocksIn } from "./pcapng_support.ts";
import {
  captureOf,
  inShort,
  randomConversation,
  readPieces,
  seenIn,
} from "./support.ts";

Deno.test("a capture says the same however it is cut", () => {
  forEachSeed((random) => {
    const { client, server, records } = randomConversation(random);
    const capture = concatenated(records);
    const events = readPieces([capture]);
    assertEquals(seenIn(events), [
      { client: [...client], server: [...server], gaps: [], how: "fin" },
    ]);
    assertEquals(readPieces(byteByByte(capture)), events);
    assertEquals(readPieces(randomPieces(capture, random)), events);
  });
});

Deno.test("packets in another order, or more than once, change no stream", () => {
  forEachSeed((random) => {
    const { client, server, records } = randomConversation(random);
    const [header, ...packets] = records;
    const mixed = disorder(packets, random);
    const [seen, ...others] = seenIn(readPieces([header!, ...mixed]));
    assertEquals(others, []);
    assertEquals(seen!.client, [...client]);
    assertEquals(seen!.server, [...server]);
    assertEquals(seen!.gaps, []);
  });
});

/** Each packet a few places late, but the handshake; some of them twice. */
function disorder<Packet>(packets: Packet[], random: Random): Packet[] {
  const twice = packets.flatMap((packet, at) =>
    Array.from({ length: random.chance(0.3) ? 2 : 1 }, () => ({
      packet,
      place: at + (at < 3 ? 0 : random.integer(0, 4)),
    }))
  );
  return twice.sort((a, b) => a.place - b.place).map(({ packet }) => packet);
}

Deno.test("packets that are lost become gaps, and the rest stays where it was", () => {
  forEachSeed((random) => {
    const { client, server, records } = randomConversation(random);
    // The handshake is there, so that the streams begin where they did.
    const kept = records.filter((_, at) => at < 4 || random.chance(0.7));
    const events = readPieces(kept);
    const streams = { client, server };
    const offsets = { client: 0, server: 0 };
    for (const event of events) {
      if (event.type !== "data" && event.type !== "gap") continue;
      const { from, offset } = event;
      assertEquals(offset, offsets[from]);
      if (event.type === "data") {
        const end = offset + event.bytes.length;
        assertEquals(event.bytes, streams[from].subarray(offset, end));
        offsets[from] = end;
      } else {
        offsets[from] += event.byteLength;
      }
    }
    // A FIN that is lost behind lost bytes cannot be told from one byte more.
    assert(offsets.client <= client.length + 1);
    assert(offsets.server <= server.length + 1);
    assertEquals(events.filter(({ type }) => type === "open").length, 1);
    assertEquals(events.at(-1)?.type, "close");
  });
});

/** Captures to be damaged. */
function someCapture(random: Random): Uint8Array {
  if (random.chance(0.5)) {
    return concatenated(randomConversation(random).records);
  }
  const { records } = randomConversation(random);
  const blocks = blocksIn(random.chance(0.5));
  return concatenated([
    blocks.section(),
    blocks.interface(101),
    blocks.block(5, [1, 2, 3]),
    ...records.slice(1).map((record) => {
      const packet = [...record.subarray(16)];
      const lengths = blocks.words(packet.length, packet.length);
      return blocks.block(6, [...blocks.words(0, 0, 9), ...lengths, ...packet]);
    }),
  ]);
}

function damage(capture: Uint8Array, random: Random): Uint8Array {
  const bytes = capture.slice();
  for (let count = random.integer(1, 8); count > 0; count--) {
    const at = random.integer(0, bytes.length - 1);
    bytes[at] = random.pick([0, 1, 0xff, random.integer(0, 255)]);
  }
  const length = random.chance(0.3)
    ? random.integer(0, bytes.length)
    : bytes.length;
  return bytes.subarray(0, length);
}

/** A stream as it is told: no byte twice, and none left out. */
function assertContinuous(events: readonly CaptureEvent[]): void {
  const offsets = new Map<string, number>();
  const open = new Set<number>();
  for (const event of events) {
    if (event.type === "broken") {
      assertEquals(event, events.at(-1));
      continue;
    }
    if (event.type === "open") {
      open.add(event.id);
    } else {
      assert(open.has(event.id));
    }
    if (event.type === "close") open.delete(event.id);
    if (event.type !== "data" && event.type !== "gap") continue;
    const key = `${event.id} ${event.from}`;
    const byteLength = event.type === "gap"
      ? event.byteLength
      : event.bytes.length;
    assert(byteLength > 0);
    assertEquals(event.offset, offsets.get(key) ?? 0);
    offsets.set(key, event.offset + byteLength);
  }
  assertEquals(open.size, 0);
}

Deno.test("no capture makes it throw, or say another thing when cut elsewhere", () => {
  forEachSeed((random) => {
    for (let round = 0; round < 8; round++) {
      const bytes = damage(someCapture(random), random);
      const options = {
        maxConnections: random.integer(1, 4),
        maxHeldBytes: random.pick([0, 600, 1e6]),
        maxTotalHeldBytes: random.pick([0, 600, 1e6]),
        maxReorderedPackets: random.integer(0, 4),
        maxPacketBytes: 1e5,
      };
      const events = readPieces([bytes], options);
      assertContinuous(events);
      assertEquals(readPieces(byteByByte(bytes), options), events);
      assertEquals(readPieces(randomPieces(bytes, random), options), events);
    }
  });
});

Deno.test("random bytes behind a header are read, or not, but never thrown at", () => {
  forEachSeed((random) => {
    const header = createCaptureWriter({
      format: random.pick(["pcap", "pcapng"]),
    }).header;
    const bytes = concatenated([header, random.bytes(300)]);
    const events = readPieces([bytes]);
    assertContinuous(events);
    assertEquals(readPieces(byteByByte(bytes)), events);
  });
});

Deno.test("a chunk may be written over once its events are done with", () => {
  const { records, client } = randomConversation({
    ...createRandom(),
    chance: () => false,
  });
  const capture = concatenated(records);
  const reader = createCaptureReader();
  const buffer = new Uint8Array(37);
  const seen: number[] = [];
  for (let at = 0; at < capture.length; at += buffer.length) {
    const part = capture.subarray(at, at + buffer.length);
    buffer.set(part);
    for (const event of reader.read(buffer.subarray(0, part.length))) {
      if (event.type === "data" && event.from === "client") {
        seen.push(...event.bytes);
      }
    }
    buffer.fill(0xff);
  }
  assertEquals(seen, [...client]);
});

function createRandom(): Random {
  let random: Random | undefined;
  forEachSeed((one) => random ??= one);
  return random!;
}

Deno.test("a broken capture closes all, says so once, and is read no further", () => {
  const reader = createCaptureReader({ maxPacketBytes: 100 });
  const [header, syn, data] = captureOf([
    { from: "client", flags: "syn", sequence: 0 },
    { from: "client", sequence: 1, acknowledgment: 1, text: "x".repeat(61) },
  ]);
  const events = [header!, syn!, data!, syn!]
    .flatMap((piece) => reader.read(piece));
  assertEquals(inShort([...events, ...reader.end()]), [
    "open",
    "close end of capture",
    "Cannot read capture: found a record of 117 bytes at byte 88, wanted at most 100",
  ]);
  assertEquals(events.at(-1), {
    type: "broken",
    message:
      "Cannot read capture: found a record of 117 bytes at byte 88, wanted at most 100",
    offset: 88,
  });
  assertEquals(reader.read(syn!), []);
  assertEquals(reader.end(), []);
});

Deno.test("a capture that ends inside a packet is broken after all else", () => {
  const capture = concatenated(captureOf([
    { from: "client", flags: "syn", sequence: 0 },
    { from: "client", sequence: 1, acknowledgment: 1, text: "abc" },
  ]));
  const events = readPieces([capture.subarray(0, -1)]);
  assertEquals(inShort(events), [
    "open",
    "close end of capture",
    "Cannot read capture: found the end of the capture 58 bytes into a record at byte 138, wanted at least 59 bytes of it",
  ]);
});

Deno.test("what is no capture is broken from the start", () => {
  assertEquals(inShort(readPieces([utf8("GET / HTTP/1.1")])), [
    "Cannot read capture: found 47 45 54 20 at byte 0, wanted the magic of pcap or pcapng",
  ]);
  assertEquals(inShort(readPieces([])), [
    "Cannot read capture: found the end of the capture at byte 0, wanted the magic of pcap or pcapng",
  ]);
});

Deno.test("a reader counts bytes and packets", () => {
  const { section, interface: describe, block, words } = blocksIn(true);
  const arp = block(6, words(0, 0, 0, 4, 4, 0x60000000));
  const capture = concatenated([section(), describe(101), arp, arp]);
  const reader = createCaptureReader();
  reader.read(capture);
  assertEquals(reader.bytesRead, capture.length);
  assertEquals([reader.packets, reader.tcpPackets], [2, 0]);
  const other = createCaptureReader();
  captureOf([{ from: "client", sequence: 0 }])
    .forEach((piece) => other.read(piece));
  assertEquals([other.packets, other.tcpPackets], [1, 1]);
});

Deno.test("a packet without a time has that of the one before", () => {
  const [, record] = captureOf([{ from: "client", sequence: 0, text: "a" }]);
  const packet = [...record!.subarray(16)];
  const { section, interface: describe, block, words } = blocksIn(true);
  const timed = block(6, words(0, 0, 5000, 0, 0));
  const simple = block(3, [...words(packet.length), ...packet]);
  const times = (blocks: Uint8Array[]) =>
    readPieces([section(), describe(101), ...blocks])
      .map((event) => "timeMs" in event ? event.timeMs : event);
  assertEquals(times([timed, simple]), [5, 5, 5]);
  assertEquals(times([simple]), [0, 0, 0]);
});

Deno.test("createCaptureReader() and read() say what the caller did wrong", () => {
  assertThrows(
    () => createCaptureReader({ maxConnections: 0 }),
    RangeError,
    "Cannot create capture reader: found maxConnections = 0, wanted",
  );
  assertThrows(
    () => createCaptureReader().read("bytes" as unknown as Uint8Array),
    TypeError,
    'Cannot read capture: found "bytes", wanted a Uint8Array',
  );
});
