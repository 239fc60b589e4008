import { requireBytes } from "../error/require.ts";
import type { CaptureEvent, CapturePlace } from "./capture_event.ts";
import { captureLimits, type CaptureReaderOptions } from "./capture_limits.ts";
import {
  type Connections,
  createConnections,
  endConnections,
  takeCaptured,
} from "./connections.ts";
import { readIp } from "./ip.ts";
import { findIp } from "./link_layer.ts";
import type { Fault, PacketRecord } from "./record.ts";
import { createRecordReader } from "./records.ts";
import { readTcp } from "./tcp_segment.ts";

/** Reads one capture, step by step. */
export interface CaptureReader {
  /**
   * Takes the next bytes of the capture, cut anywhere, and gives what they say.
   *
   * The events are the same however the capture is cut, but for where the bytes
   * of a `data` lie: they are a view into `chunk`, or an array of their own.
   * Nothing else of `chunk` is kept: once the events are done with, its buffer
   * may be used again. After `broken`, or after the end, there are none.
   *
   * @throws {TypeError} If `chunk` is not a `Uint8Array`.
   */
  read(chunk: Uint8Array): CaptureEvent[];
  /**
   * Takes the end of the capture, and gives what was held until then: the bytes
   * behind gaps, and a `close` for each connection that is still open. A capture
   * that ends inside a packet is `broken`.
   */
  end(): CaptureEvent[];
  /** How many bytes have been taken. */
  readonly bytesRead: number;
  /** How many packets have been read, of whatever kind. */
  readonly packets: number;
  /** How many of them were TCP. */
  readonly tcpPackets: number;
}

/** What a reader knows. */
interface Reading {
  readonly connections: Connections;
  packets: number;
  tcpPackets: number;
  timeMs: number;
}

/**
 * Makes a reader of network captures, pcap and pcapng, that gives the bytes of
 * the TCP connections in them: in order, each once, with what is missing.
 *
 * Memory is bounded by the options, whatever the capture is, and time is linear
 * in it. No capture makes it throw: what can be read is given, and then where
 * and why it cannot be read further.
 *
 * **Captures** of either byte order, in micro- or nanoseconds; pcapng with
 * several sections and interfaces. **Link types**: Ethernet with VLAN tags,
 * Linux cooked 1 and 2, the loopback of the BSDs, and IP itself. Packets of
 * another link type, or of something other than TCP over IP, are passed over.
 *
 * **What is missing.** Bytes that come early are held. Those before them become
 * a `gap` when a limit is reached, when the capture or the connection ends, or
 * when the receiver has acknowledged them and, after that, more than
 * `maxReorderedPackets` packets of the connection have come. What a snapshot
 * length cut off becomes a `gap` at once, as does all but the first fragment of
 * an IP packet once it is missed. Of bytes that come twice, the first count.
 * Checksums are not looked at: most are filled in after the capture.
 *
 * Source: {@link https://datatracker.ietf.org/doc/html/draft-ietf-opsawg-pcap | the draft on pcap},
 * {@link https://datatracker.ietf.org/doc/html/draft-ietf-opsawg-pcapng | on pcapng},
 * {@link https://www.tcpdump.org/linktypes.html | the registry of link types},
 * {@link https://www.rfc-editor.org/rfc/rfc791 | RFC 791},
 * {@link https://www.rfc-editor.org/rfc/rfc8200 | RFC 8200} and
 * {@link https://www.rfc-editor.org/rfc/rfc9293 | RFC 9293}.
 *
 * @param options How much to keep.
 * @throws {RangeError} If an option is out of its range.
 *
 * @example Bytes that a client sent
 * ```ts
 * import {
 *   createCaptureReader,
 *   createCaptureWriter,
 * } from "@sluice/websocket/capture";
 * import { assertEquals } from "@std/assert";
 *
 * const writer = createCaptureWriter();
 * const connection = writer.connection({
 *   client: { address: "192.0.2.1", port: 50000 },
 *   server: { address: "192.0.2.2", port: 80 },
 * });
 *
 * const reader = createCaptureReader();
 * const events = [
 *   ...reader.read(writer.header),
 *   ...reader.read(connection.open(0)),
 *   ...reader.read(connection.data("client", Uint8Array.of(1, 2, 3), 5)),
 *   ...reader.end(),
 * ];
 *
 * assertEquals(events.map(({ type }) => type), ["open", "data", "close"]);
 * assertEquals(events[1], {
 *   type: "data",
 *   id: 0,
 *   from: "client",
 *   bytes: Uint8Array.of(1, 2, 3),
 *   offset: 0,
 *   packet: 4,
 *   timeMs: 5,
 * });
 * ```
 */
export function createCaptureReader(
  options: CaptureReaderOptions = {},
): CaptureReader {
  const limits = captureLimits(options, "Cannot create capture reader");
  const records = createRecordReader(limits.maxPacketBytes);
  let events: CaptureEvent[] = [];
  let bytesRead = 0;
  let isDone = false;
  const emit = (event: CaptureEvent) => void events.push(event);
  const reading: Reading = {
    connections: createConnections(limits, emit),
    packets: 0,
    tcpPackets: 0,
    timeMs: 0,
  };
  const take = (packet: PacketRecord) => takePacket(reading, packet);

  const finish = (fault: Fault | undefined): void => {
    isDone = true;
    endConnections(reading.connections, placeOf(reading));
    if (fault !== undefined) emit(brokenEvent(fault, records.offset));
  };

  const takeEvents = (): CaptureEvent[] => {
    const taken = events;
    events = [];
    return taken;
  };

  return {
    read: (chunk) => {
      requireBytes(chunk, "Cannot read capture");
      if (isDone) return [];
      bytesRead += chunk.length;
      const fault = records.read(chunk, take);
      if (fault !== undefined) finish(fault);
      return takeEvents();
    },
    end: () => {
      if (!isDone) finish(records.end());
      return takeEvents();
    },
    get bytesRead() {
      return bytesRead;
    },
    get packets() {
      return reading.packets;
    },
    get tcpPackets() {
      return reading.tcpPackets;
    },
  };
}

/** Looks through the layers of a packet for TCP. */
function takePacket(reading: Reading, packet: PacketRecord): void {
  reading.packets += 1;
  reading.timeMs = packet.timeMs ?? reading.timeMs;
  const at = findIp(packet);
  if (at === undefined) return;
  const { bytes, end } = packet;
  const ip = readIp(
    bytes,
    at,
    end,
    Math.max(end, packet.at + packet.wireBytes),
  );
  if (ip === undefined) return;
  const segment = readTcp(bytes, ip, end);
  if (segment === undefined) return;
  reading.tcpPackets += 1;
  const place = placeOf(reading);
  takeCaptured(reading.connections, { bytes, ip, segment, place });
}

function placeOf({ packets, timeMs }: Reading): CapturePlace {
  return { packet: packets, timeMs };
}

function brokenEvent(
  { found, wanted, at }: Fault,
  recordOffset: number,
): CaptureEvent {
  const offset = recordOffset + at;
  const message =
    `Cannot read capture: found ${found} at byte ${offset}, wanted ${wanted}`;
  return { type: "broken", message, offset };
}
