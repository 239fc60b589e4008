import {
  appendChunk,
  type Chunks,
  joinChunks,
  noChunks,
} from "../bytes/chunks.ts";
import { frameError } from "../error/frame_rules.ts";
import type { ProtocolError } from "../error/protocol_error.ts";
import { requireBytes } from "../error/require.ts";
import type { Frame } from "./frame.ts";
import {
  headerRules,
  type ParseFrameOptions,
  parseFrames,
} from "./parse_frame.ts";

/**
 * Where in a stream of frames a decoder stands, as an immutable value: the
 * bytes of the frame that is not whole yet, and how many of them it takes.
 */
export interface FrameDecoding {
  /** How many bytes of the stream belong to frames already given out. */
  readonly offset: number;
  /** The bytes after those. */
  readonly waiting: Chunks;
  /** How many bytes have to wait before it is worth looking again. */
  readonly bytesNeeded: number;
}

/** The frames that a chunk completed, and how to go on. */
export interface DecodeFramesResult {
  /** In order; perhaps none. */
  readonly frames: readonly Frame[];
  /** Give this to the next call. */
  readonly state: FrameDecoding;
  /**
   * The rule that was broken after those frames. Nothing is to be decoded
   * after it (RFC 6455 §7.1.7).
   */
  readonly error?: ProtocolError;
}

const startOfStream: FrameDecoding = {
  offset: 0,
  waiting: noChunks,
  bytesNeeded: 2,
};

/**
 * Takes the next chunk of a stream, cut anywhere, and gives the frames that it
 * completes.
 *
 * The frames are the same however the stream is cut, and total time is linear
 * in its bytes, also when they come one by one. `state` stays what it was.
 * `chunk` is kept, not copied, so nothing may write to it afterwards; payloads
 * are views on it or on new buffers.
 *
 * Source: {@link https://www.rfc-editor.org/rfc/rfc6455#section-5.2 | RFC 6455 §5.2}.
 *
 * @param chunk The next bytes of the stream.
 * @param state What the call before returned; nothing at the start.
 * @param options As for `parseFrame`; offsets are counted here.
 * @throws {TypeError} If `chunk` is not a `Uint8Array`, or the role is unknown.
 * @throws {RangeError} If another option is out of its range.
 *
 * @example One frame in two chunks
 * ```ts
 * import { decodeFrames } from "@sluice/websocket/frame";
 * import { assertEquals } from "@std/assert";
 *
 * const first = decodeFrames(Uint8Array.of(0x81, 0x02, 0x48));
 * const second = decodeFrames(Uint8Array.of(0x69), first.state);
 *
 * assertEquals(first.frames, []);
 * assertEquals(second.frames[0]?.payload, Uint8Array.of(0x48, 0x69));
 * ```
 */
export function decodeFrames(
  chunk: Uint8Array,
  state: FrameDecoding = startOfStream,
  options: Omit<ParseFrameOptions, "streamOffset"> = {},
): DecodeFramesResult {
  requireBytes(chunk, "Cannot decode frames");
  headerRules(options);
  const waiting = appendChunk(state.waiting, chunk);
  if (waiting.byteLength < state.bytesNeeded) {
    return { frames: [], state: { ...state, waiting } };
  }
  const bytes = joinChunks(waiting);
  const { frames, bytesRead, rest } = parseFrames(bytes, {
    ...options,
    streamOffset: state.offset,
  });
  const after = {
    offset: state.offset + bytesRead,
    waiting: appendChunk(noChunks, bytes.subarray(bytesRead)),
  };
  return rest.status === "invalid"
    ? { frames, state: { ...after, bytesNeeded: 0 }, error: rest.error }
    : { frames, state: { ...after, bytesNeeded: rest.bytesNeeded } };
}

/**
 * What the end of the stream means in this state: an error when it cuts a
 * frame short, and else nothing.
 *
 * Source: {@link https://www.rfc-editor.org/rfc/rfc6455#section-7.1.5 | RFC 6455 §7.1.5}.
 *
 * @example
 * ```ts
 * import { decodeFrames, endOfFrames } from "@sluice/websocket/frame";
 * import { assertEquals } from "@std/assert";
 *
 * const { state } = decodeFrames(Uint8Array.of(0x81, 0x02, 0x48));
 *
 * assertEquals(endOfFrames(state)?.code, "truncated-frame");
 * ```
 *
 * @param state What the last {@linkcode decodeFrames} returned.
 */
export function endOfFrames(
  state: FrameDecoding = startOfStream,
): ProtocolError | undefined {
  const { byteLength } = state.waiting;
  if (byteLength === 0) return undefined;
  return frameError("truncated-frame", {
    found: `the end of the stream ${byteLength} bytes into a frame`,
    offset: state.offset + byteLength,
  });
}
