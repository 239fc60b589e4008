import { concatAll } from "../bytes/chunks.ts";
import { describe, requireBytes, requireInteger } from "../error/require.ts";
import { parseAddress } from "./address.ts";
import type { Endpoint, Side } from "./capture_event.ts";
import {
  type CaptureFormat,
  captureHeader,
  captureRecord,
} from "./capture_file.ts";
import { uint16 } from "./integers.ts";
import { ipPacket, type PacketEnd } from "./ip_packet.ts";
import { TcpFlag } from "./tcp_segment.ts";

/** What {@linkcode createCaptureWriter} writes. */
export interface CaptureWriterOptions {
  /**
   * The format of the capture.
   *
   * @default {"pcapng"}
   */
  readonly format?: CaptureFormat;
}

/** The connection that {@linkcode CaptureWriter.connection} is to write. */
export interface CaptureConnectionOptions {
  /** Who begins it. */
  readonly client: Endpoint;
  /** The other end, with an address of the same version of IP. */
  readonly server: Endpoint;
  /**
   * The sequence number of the client's SYN, below 2^32.
   *
   * @default {0}
   */
  readonly clientSequence?: number;
  /**
   * The same for the server.
   *
   * @default {0}
   */
  readonly serverSequence?: number;
}

/**
 * Writes one TCP connection into a capture. Each function gives the bytes of
 * whole packets in a new array, to be put behind those before. Times are in
 * milliseconds since 1970-01-01 UTC, and kept to the microsecond.
 *
 * All of them throw a `RangeError` if the time is not one from 0 to 2^32
 * seconds, and a `TypeError` after `close` or `reset`.
 */
export interface CaptureConnection {
  /** The handshake: SYN, SYN and ACK, ACK. */
  open(timeMs: number): Uint8Array<ArrayBuffer>;
  /**
   * Bytes that one side sends, in segments of at most 65,000, each of which the
   * other acknowledges. `bytes` is copied.
   *
   * @throws {TypeError} If `bytes` is not a `Uint8Array`, or `from` is neither
   * `"client"` nor `"server"`.
   */
  data(
    from: Side,
    bytes: Uint8Array,
    timeMs: number,
  ): Uint8Array<ArrayBuffer>;
  /**
   * The end: FIN of this side, FIN of the other, ACK.
   *
   * @throws {TypeError} If `from` is neither `"client"` nor `"server"`.
   */
  close(from: Side, timeMs: number): Uint8Array<ArrayBuffer>;
  /**
   * The end at once: RST of this side.
   *
   * @throws {TypeError} If `from` is neither `"client"` nor `"server"`.
   */
  reset(from: Side, timeMs: number): Uint8Array<ArrayBuffer>;
}

/** Writes one capture. */
export interface CaptureWriter {
  /** What the capture begins with. */
  readonly header: Uint8Array<ArrayBuffer>;
  /**
   * A connection in it. Several may be written at once, their packets in any
   * order.
   *
   * @throws {RangeError} If an address is none, the two are not of one version
   * of IP, or a port or a sequence number is out of its range.
   */
  connection(options: CaptureConnectionOptions): CaptureConnection;
}

/**
 * Makes a writer of network captures, which Wireshark reads: TCP connections
 * that never were, packet by packet, with right numbers and checksums.
 *
 * Nothing is kept but the sequence numbers.
 *
 * Source: {@link https://datatracker.ietf.org/doc/html/draft-ietf-opsawg-pcap | the draft on pcap},
 * {@link https://datatracker.ietf.org/doc/html/draft-ietf-opsawg-pcapng | on pcapng} and
 * {@link https://www.rfc-editor.org/rfc/rfc9293#section-3.5 | RFC 9293 §3.5}.
 *
 * @param options Which format.
 * @throws {TypeError} If the format is neither `"pcap"` nor `"pcapng"`.
 *
 * @example A Ping on its own, for Wireshark to look at
 * ```ts
 * import { createCaptureWriter } from "@sluice/websocket/capture";
 * import { isCapture } from "@sluice/websocket/capture";
 * import { assert } from "@std/assert";
 *
 * const writer = createCaptureWriter({ format: "pcap" });
 * const connection = writer.connection({
 *   client: { address: "::1", port: 50000 },
 *   server: { address: "::1", port: 80 },
 * });
 *
 * const file = new Blob([
 *   writer.header,
 *   connection.open(0),
 *   connection.data("server", Uint8Array.of(0x89, 0x00), 1.5),
 *   connection.close("client", 2),
 * ]);
 *
 * assert(isCapture(await file.bytes()));
 * ```
 */
export function createCaptureWriter(
  options: CaptureWriterOptions = {},
): CaptureWriter {
  const { format = "pcapng" } = options;
  if (format !== "pcap" && format !== "pcapng") {
    throw new TypeError(
      `Cannot create capture writer: found format ${
        describe(format)
      }, wanted "pcap" or "pcapng"`,
    );
  }
  return {
    header: captureHeader(format),
    connection: (options) => createConnection(format, options),
  };
}

/** One side of a connection that is written. */
interface WrittenSide {
  readonly end: PacketEnd;
  /** The number of what it sends next. */
  sequence: number;
}

/** A segment to be written. */
interface Written {
  readonly from: Side;
  readonly flags: number;
  readonly payload?: Uint8Array;
  readonly options?: readonly number[];
}

/** The most that one segment carries. */
const segmentBytes = 65_000;

/** An option with the size of the largest segment, RFC 9293 §3.2. */
const segmentSizeOption: readonly number[] = [2, 4, ...uint16(segmentBytes)];

const { fin, syn, rst, psh, ack } = TcpFlag;

const noPayload: Uint8Array = new Uint8Array(0);

function createConnection(
  format: CaptureFormat,
  options: CaptureConnectionOptions,
): CaptureConnection {
  const sides = writtenSides(options);
  let isClosed = false;
  const write = (
    timeMs: number,
    segments: readonly Written[],
  ): Uint8Array<ArrayBuffer> => {
    requireTime(timeMs);
    if (isClosed) {
      throw new TypeError(
        `${action}: found it closed, wanted nothing after that`,
      );
    }
    return concatAll(
      segments.map((segment) =>
        captureRecord(format, packetOf(sides, segment), timeMs)
      ),
    );
  };
  const writeLast = (timeMs: number, segments: readonly Written[]) => {
    const bytes = write(timeMs, segments);
    isClosed = true;
    return bytes;
  };
  return {
    open: (timeMs) => write(timeMs, handshake),
    data: (from, bytes, timeMs) => {
      requireSide(from);
      requireBytes(bytes, action);
      return write(timeMs, dataSegments(from, bytes));
    },
    close: (from, timeMs) => {
      requireSide(from);
      return writeLast(timeMs, closing(from));
    },
    reset: (from, timeMs) => {
      requireSide(from);
      return writeLast(timeMs, [{ from, flags: rst | ack }]);
    },
  };
}

const action = "Cannot write connection";

const handshake: readonly Written[] = [
  { from: "client", flags: syn, options: segmentSizeOption },
  { from: "server", flags: syn | ack, options: segmentSizeOption },
  { from: "client", flags: ack },
];

/** The segments with these bytes, and what the other side says to each. */
function dataSegments(from: Side, bytes: Uint8Array): Written[] {
  const segments: Written[] = [];
  for (let at = 0; at < bytes.length; at += segmentBytes) {
    const payload = bytes.subarray(at, at + segmentBytes);
    const isLast = at + segmentBytes >= bytes.length;
    segments.push({ from, flags: isLast ? psh | ack : ack, payload });
    segments.push({ from: otherSide(from), flags: ack });
  }
  return segments;
}

function closing(from: Side): Written[] {
  return [
    { from, flags: fin | ack },
    { from: otherSide(from), flags: fin | ack },
    { from, flags: ack },
  ];
}

/** The packet with a segment, after which its sender is further on. */
function packetOf(
  sides: Readonly<Record<Side, WrittenSide>>,
  { from, flags, payload = noPayload, options = [] }: Written,
): Uint8Array<ArrayBuffer> {
  const source = sides[from];
  const destination = sides[otherSide(from)];
  const { sequence } = source;
  const takesNumber = (flags & (syn | fin)) !== 0 ? 1 : 0;
  source.sequence = sequence + payload.length + takesNumber >>> 0;
  return ipPacket({
    source: source.end,
    destination: destination.end,
    sequence,
    acknowledgment: (flags & ack) === 0 ? 0 : destination.sequence,
    flags,
    options,
    payload,
  });
}

function otherSide(side: Side): Side {
  return side === "client" ? "server" : "client";
}

/** The sides of a connection, as the caller describes them. */
function writtenSides(
  options: CaptureConnectionOptions,
): Readonly<Record<Side, WrittenSide>> {
  const { clientSequence = 0, serverSequence = 0 } = options;
  requireInteger(clientSequence, action, "clientSequence", 0, 2 ** 32 - 1);
  requireInteger(serverSequence, action, "serverSequence", 0, 2 ** 32 - 1);
  const client = packetEnd(options.client, "client");
  const server = packetEnd(options.server, "server");
  if (client.address.length !== server.address.length) {
    throw new RangeError(
      `${action}: found ${options.client.address} and ${options.server.address}, wanted addresses of one version of IP`,
    );
  }
  return {
    client: { end: client, sequence: clientSequence },
    server: { end: server, sequence: serverSequence },
  };
}

function packetEnd({ address, port }: Endpoint, side: Side): PacketEnd {
  requireInteger(port, action, `${side}.port`, 0, 65535);
  const bytes = parseAddress(String(address));
  if (bytes !== undefined) return { address: bytes, port };
  throw new RangeError(
    `${action}: found ${side}.address = ${
      describe(address)
    }, wanted an IP address`,
  );
}

function requireSide(from: unknown): void {
  if (from === "client" || from === "server") return;
  throw new TypeError(
    `${action}: found from = ${describe(from)}, wanted "client" or "server"`,
  );
}

function requireTime(timeMs: number): void {
  if (timeMs >= 0 && timeMs < 2 ** 32 * 1000) return;
  throw new RangeError(
    `${action}: found timeMs = ${
      describe(timeMs)
    }, wanted milliseconds below 2^32 seconds`,
  );
}
