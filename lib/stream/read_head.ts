import { appendChunk, joinChunks, noChunks } from "../bytes/chunks.ts";
import { headError } from "../error/head_rules.ts";
import type { ProtocolError } from "../error/protocol_error.ts";
import type { HeadResult } from "../handshake/head.ts";

/** A head, and what was read beyond it. */
export interface ReadHead<Head> {
  /** The head. */
  readonly head: Head;
  /** Bytes that belong to what follows; perhaps none. */
  readonly rest: Uint8Array;
}

/**
 * Reads until `parse` has a head or an error.
 *
 * @param read Gives the next bytes, which are kept, or `null` at the end.
 * @param parse Is asked again whenever there are as many bytes as it needs.
 * @throws {ProtocolError} (rejects) What `parse` found wrong, or a stream that
 * ends before the head does.
 */
export async function readHead<Head>(
  read: () => Promise<Uint8Array | null>,
  parse: (bytes: Uint8Array) => HeadResult<Head>,
): Promise<ReadHead<Head>> {
  let received = noChunks;
  let bytesNeeded = 0;
  const isWorthLooking = createHeadWatch();
  while (true) {
    const chunk = await read();
    const isOver = chunk === null;
    if (chunk !== null) {
      received = appendChunk(received, chunk);
      if (!isWorthLooking(chunk)) continue;
      if (received.byteLength < bytesNeeded) continue;
    }
    const bytes = joinChunks(received);
    const result = parse(bytes);
    if (result.status === "invalid") throw result.error;
    if (result.status === "complete") {
      return { head: result.head, rest: bytes.subarray(result.bytesRead) };
    }
    if (isOver) throw truncated(received.byteLength);
    bytesNeeded = result.bytesNeeded;
  }
}

/** Up to here a head is looked at with every chunk. */
const shortHeadBytes = 1024;

/**
 * Makes what says, chunk after chunk, whether a head is to be looked at again: when
 * an empty line has ended, or a kilobyte is full. Looking at every byte, or at every
 * line, would take quadratic time of who sends them one by one.
 */
export function createHeadWatch(): (chunk: Uint8Array) => boolean {
  const kilobytesOf = (byteLength: number) =>
    Math.floor(byteLength / shortHeadBytes);
  let byteLength = 0;
  // Whether nothing, or a CR, came after the last LF.
  let isLineEmpty = false;
  return (chunk) => {
    const before = byteLength;
    byteLength += chunk.length;
    let isEnding = false;
    for (const byte of chunk) {
      if (byte === lineFeed) {
        isEnding ||= isLineEmpty;
        isLineEmpty = true;
      } else if (byte !== carriageReturn) isLineEmpty = false;
    }
    return isEnding || before < shortHeadBytes ||
      kilobytesOf(before) !== kilobytesOf(byteLength);
  };
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

function truncated(byteLength: number): ProtocolError {
  return headError("truncated-head", {
    found: `the end of the stream after ${byteLength} bytes`,
    offset: byteLength,
  });
}
