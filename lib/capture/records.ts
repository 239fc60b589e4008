import { appendBytes } from "../bytes/append_bytes.ts";
import { noBytes } from "../bytes/chunks.ts";
import { magicBytes, readMagic } from "./magic.ts";
import { pcapFormat } from "./pcap.ts";
import { pcapngFormat } from "./pcapng.ts";
import {
  type Fault,
  isFault,
  isFormat,
  type PacketRecord,
  type RecordFormat,
} from "./record.ts";

/** The packets of a capture that comes in chunks. */
export interface RecordReader {
  /**
   * Takes the next chunk, cut anywhere, and gives each packet that it completes
   * to `take`. Nothing is kept of the chunk but copies. A fault ends it all: it
   * is not to be called again.
   */
  read(
    chunk: Uint8Array,
    take: (packet: PacketRecord) => void,
  ): Fault | undefined;
  /** What the end of the capture at this place means: perhaps a fault. */
  end(): Fault | undefined;
  /** Where in the capture the record begins that a fault was found in. */
  readonly offset: number;
}

/** How a step over the records went: how many bytes it took, or would need. */
type Progress =
  | { readonly taken: number }
  | { readonly needed: number }
  | Fault;

/**
 * Makes a reader of the packets of one capture.
 *
 * @param maxPacketBytes The longest record of a packet that is read.
 */
export function createRecordReader(maxPacketBytes: number): RecordReader {
  let format: RecordFormat = unknownFormat(maxPacketBytes);
  // The bytes of a record that is not whole yet, how many are worth another
  // look, and how much of a record that nobody wants is still to come.
  let waiting: Uint8Array = noBytes;
  let needed = format.headBytes;
  let unskipped = 0;
  let offset = 0;

  const advance = (
    bytes: Uint8Array,
    at: number,
    take: (packet: PacketRecord) => void,
  ): Progress => {
    const available = bytes.length - at;
    if (available < format.headBytes) return { needed: format.headBytes };
    const extent = format.measure(bytes, at);
    if (isFault(extent)) return extent;
    const { byteLength, skipped } = extent;
    if (skipped) {
      const taken = Math.min(byteLength, available);
      unskipped = byteLength - taken;
      return { taken };
    }
    if (available < byteLength) return { needed: byteLength };
    const answer = format.read(bytes, at, byteLength);
    if (answer !== undefined) {
      if (isFault(answer)) return answer;
      if (isFormat(answer)) format = answer;
      else take(answer);
    }
    return { taken: byteLength };
  };

  /** Goes on with the record that has begun, and says where in the chunk. */
  const complete = (
    chunk: Uint8Array,
    take: (packet: PacketRecord) => void,
  ): number | Fault => {
    let at = 0;
    while (waiting.length > 0) {
      const end = at + needed - waiting.length;
      waiting = appendBytes(waiting, chunk.subarray(at, end), needed);
      if (waiting.length < needed) return chunk.length;
      at = end;
      const progress = advance(waiting, 0, take);
      if ("found" in progress) return progress;
      if ("needed" in progress) {
        needed = progress.needed;
      } else {
        offset += progress.taken;
        // Only a magic takes nothing: the bytes are read as what it says.
        if (progress.taken > 0) waiting = noBytes;
        needed = format.headBytes;
      }
    }
    return at;
  };

  const skip = (byteLength: number): number => {
    const skipped = Math.min(unskipped, byteLength);
    unskipped -= skipped;
    offset += skipped;
    return skipped;
  };

  return {
    read: (chunk, take) => {
      const begun = complete(chunk, take);
      if (typeof begun === "object") return begun;
      let at = begun + skip(chunk.length - begun);
      while (at < chunk.length) {
        const progress = advance(chunk, at, take);
        if ("found" in progress) return progress;
        if ("needed" in progress) {
          needed = progress.needed;
          waiting = appendBytes(noBytes, chunk.subarray(at), needed);
          return undefined;
        }
        at += progress.taken;
        offset += progress.taken;
      }
      return undefined;
    },
    end: () => endOf(format, waiting.length, needed, unskipped),
    get offset() {
      return offset;
    },
  };
}

/** What has to come first: the magic of a format. */
function unknownFormat(maxPacketBytes: number): RecordFormat {
  return {
    headBytes: magicBytes,
    measure: () => ({ byteLength: 0, skipped: false }),
    read: (bytes, at) => {
      const magic = readMagic(bytes, at);
      if (magic === undefined) return unknownMagic(bytes, at);
      return magic.format === "pcap"
        ? pcapFormat(magic, maxPacketBytes)
        : pcapngFormat(maxPacketBytes);
    },
  };
}

const wantedMagic = "the magic of pcap or pcapng";

function unknownMagic(bytes: Uint8Array, at: number): Fault {
  const digits = Array.from(
    bytes.subarray(at, at + magicBytes),
    (byte) => byte.toString(16).padStart(2, "0"),
  );
  return { found: digits.join(" "), wanted: wantedMagic, at: 0 };
}

function endOf(
  { headBytes }: RecordFormat,
  waitingBytes: number,
  needed: number,
  unskipped: number,
): Fault | undefined {
  const found = "the end of the capture";
  if (headBytes === magicBytes) {
    return { found, wanted: wantedMagic, at: waitingBytes };
  }
  if (unskipped > 0) {
    return { found, wanted: `${unskipped} more bytes of a record`, at: 0 };
  }
  if (waitingBytes === 0) return undefined;
  return {
    found: `${found} ${waitingBytes} bytes into a record`,
    wanted: `at least ${needed} bytes of it`,
    at: waitingBytes,
  };
}
