import { appendChunk, joinChunks, noChunks } from "../bytes/chunks.ts";
import { protocolError } from "../error/protocol_rules.ts";
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
  while (true) {
    const chunk = await read();
    if (chunk === null) throw truncated(received.byteLength);
    const before = received.byteLength;
    received = appendChunk(received, chunk);
    if (received.byteLength < bytesNeeded) continue;
    if (!isWorthLooking(before, chunk)) continue;
    const bytes = joinChunks(received);
    const result = parse(bytes);
    if (result.status === "invalid") throw result.error;
    if (result.status === "complete") {
      return { head: result.head, rest: bytes.subarray(result.bytesRead) };
    }
    bytesNeeded = result.bytesNeeded;
  }
}

/**
 * Whether a head of more than a few hundred bytes is to be looked at again: when
 * a line has ended, or a kilobyte is full. Looking at every byte would take
 * quadratic time of who sends them one by one.
 */
export function isWorthLooking(before: number, chunk: Uint8Array): boolean {
  const kilobytes = (byteLength: number) => Math.floor(byteLength / 1024);
  return before < 1024 || chunk.includes(0x0a) ||
    kilobytes(before) !== kilobytes(before + chunk.length);
}

function truncated(byteLength: number): ProtocolError {
  return protocolError("truncated-head", {
    found: `the end of the stream after ${byteLength} bytes`,
    offset: byteLength,
  });
}
