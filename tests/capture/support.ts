import {
  type CaptureEvent,
  createCaptureReader,
  createCaptureWriter,
  type Side,
} from "../../lib/capture/mod.ts";
import {
  captureHeader,
  captureRecord,
} from "../../lib/capture/capture_file.ts";
import type { CaptureReaderOptions } from "../../lib/capture/mod.ts";
import { ipPacket } from "../../lib/capture/ip_packet.ts";
import { TcpFlag } from "../../lib/capture/tcp_segment.ts";
import type { Random } from "../support/random.ts";

/** Everything that a capture says, read in these pieces. */
export function readPieces(
  pieces: readonly Uint8Array[],
  options: CaptureReaderOptions = {},
): CaptureEvent[] {
  const reader = createCaptureReader(options);
  const events = pieces.flatMap((piece) => reader.read(piece));
  return [...events, ...reader.end()];
}

/** What is left of a connection when it is over. */
export interface Seen {
  readonly client: number[];
  readonly server: number[];
  readonly gaps: [from: Side, offset: number, byteLength: number][];
  how: string | undefined;
}

/** The connections of a capture, by their ids. */
export function seenIn(events: readonly CaptureEvent[]): Seen[] {
  const seen: Seen[] = [];
  for (const event of events) {
    if (event.type === "broken") continue;
    const one = seen[event.id] ??= {
      client: [],
      server: [],
      gaps: [],
      how: undefined,
    };
    if (event.type === "data") one[event.from].push(...event.bytes);
    if (event.type === "close") one.how = event.how;
    if (event.type === "gap") {
      one.gaps.push([event.from, event.offset, event.byteLength]);
    }
  }
  return seen;
}

/** The packets of a classic capture in host order, and its header first. */
export function recordsOf(
  capture: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer>[] {
  const view = new DataView(capture.buffer, capture.byteOffset);
  const records = [capture.subarray(0, 24)];
  for (let at = 24; at < capture.length;) {
    const end = at + 16 + view.getUint32(at + 8, true);
    records.push(capture.subarray(at, end));
    at = end;
  }
  return records;
}

/** What both sides of a conversation send, in turns of random length. */
export interface Conversation {
  readonly client: Uint8Array;
  readonly server: Uint8Array;
  /** The header, and then the packets. */
  readonly records: Uint8Array<ArrayBuffer>[];
}

/** A conversation in a classic capture, from SYN to FIN. */
export function randomConversation(random: Random): Conversation {
  const writer = createCaptureWriter({ format: "pcap" });
  const isIpv6 = random.chance(0.5);
  const { open, data, close } = writer.connection({
    client: { address: isIpv6 ? "2001:db8::1" : "192.0.2.1", port: 50000 },
    server: { address: isIpv6 ? "2001:db8::2" : "192.0.2.2", port: 80 },
    // Numbers that wrap around soon, half of the time.
    clientSequence: random.chance(0.5) ? 2 ** 32 - 40 : random.integer(0, 1e9),
    serverSequence: random.chance(0.5) ? 2 ** 32 - 1 : random.integer(0, 1e9),
  });
  const sent: Record<Side, number[]> = { client: [], server: [] };
  const records = [writer.header, ...packets(open(0))];
  for (let turn = random.integer(1, 20); turn > 0; turn--) {
    const from = random.pick<Side>(["client", "server"]);
    const bytes = random.bytes(random.integer(1, 60));
    sent[from].push(...bytes);
    records.push(...packets(data(from, bytes, turn)));
  }
  records.push(...packets(close(random.pick(["client", "server"]), 99)));
  return {
    client: Uint8Array.from(sent.client),
    server: Uint8Array.from(sent.server),
    records,
  };
}

/** The records of a few packets without a header. */
export function packets(
  records: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer>[] {
  const header = new Uint8Array(24);
  const whole = new Uint8Array([...header, ...records]);
  return recordsOf(whole).slice(1);
}

/** A segment between 192.0.2.1:50000, the client, and 192.0.2.2:80. */
export interface Segment {
  readonly from: Side;
  readonly flags?: string;
  readonly sequence: number;
  readonly acknowledgment?: number;
  readonly text?: string;
  readonly clientPort?: number;
}

/** A capture of these segments: a header and a record for each. */
export function captureOf(
  segments: readonly Segment[],
): Uint8Array<ArrayBuffer>[] {
  return [captureHeader("pcap"), ...segments.map(toRecord)];
}

function toRecord(segment: Segment, index: number): Uint8Array<ArrayBuffer> {
  const { from, flags = "", sequence, acknowledgment, text = "" } = segment;
  const client = {
    address: Uint8Array.of(192, 0, 2, 1),
    port: segment.clientPort ?? 50000,
  };
  const server = { address: Uint8Array.of(192, 0, 2, 2), port: 80 };
  const packet = ipPacket({
    source: from === "client" ? client : server,
    destination: from === "client" ? server : client,
    sequence: sequence >>> 0,
    acknowledgment: (acknowledgment ?? 0) >>> 0,
    flags: flagsOf(flags) | (acknowledgment === undefined ? 0 : TcpFlag.ack),
    options: [],
    payload: new TextEncoder().encode(text),
  });
  return captureRecord("pcap", packet, index);
}

function flagsOf(words: string): number {
  return words.split(" ").filter((word) => word !== "")
    .reduce((sum, word) => sum | TcpFlag[word as keyof typeof TcpFlag], 0);
}

/** The events of these segments in short: `client "abc"`, `gap server 3`. */
export function story(
  segments: readonly Segment[],
  options: CaptureReaderOptions = {},
): string[] {
  return inShort(readPieces(captureOf(segments), options));
}

/** Events in a few words. */
export function inShort(events: readonly CaptureEvent[]): string[] {
  const many = events.some((event) => event.type === "open" && event.id > 0);
  return events.map((event) => {
    if (event.type === "broken") return event.message;
    const id = many ? `${event.id} ` : "";
    return `${id}${words(event)}`;
  });
}

function words(event: Exclude<CaptureEvent, { type: "broken" }>): string {
  switch (event.type) {
    case "open":
      return event.begun ? "open" : "open in the middle";
    case "data":
      return `${event.from} ${new TextDecoder().decode(event.bytes)}`;
    case "gap":
      return `gap ${event.from} ${event.byteLength}`;
    case "close":
      return `close ${event.how}`;
  }
}
