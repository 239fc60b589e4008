import {
  appendChunk,
  type Chunks,
  joinChunks,
  noChunks,
} from "../bytes/chunks.ts";
import type { BinaryMessage, TextMessage } from "./message.ts";

/**
 * What has come of a message that is gathered whole, as an immutable value:
 * the characters of a text, or the bytes of a binary message.
 */
export interface Gathered {
  /** Empty for a binary message. */
  readonly text: string;
  /** Empty for a text. */
  readonly bytes: Chunks;
}

/** Nothing has come yet. */
export const nothing: Gathered = { text: "", bytes: noChunks };

/**
 * `gathered` with one more piece. A piece of bytes is kept as it is, unless it is
 * the smaller part of its buffer: then a copy is, so that what waits takes no more
 * memory than twice its size.
 */
export function gather(
  gathered: Gathered,
  data: string | Uint8Array,
): Gathered {
  return typeof data === "string"
    ? { ...gathered, text: gathered.text + data }
    : { ...gathered, bytes: appendChunk(gathered.bytes, withoutRest(data)) };
}

function withoutRest(data: Uint8Array): Uint8Array {
  return data.length * 2 < data.buffer.byteLength ? new Uint8Array(data) : data;
}

/**
 * The message that `gathered` and its last piece make. The data of a message
 * in one piece is that piece; otherwise it is a new array.
 */
export function finish(
  type: "text" | "binary",
  gathered: Gathered,
  last: string | Uint8Array,
): TextMessage | BinaryMessage {
  if (type === "text") return { type, data: gathered.text + last };
  const data = last as Uint8Array;
  if (gathered === nothing) return { type, data };
  const { bytes } = gather(gathered, data);
  const joined = joinChunks(bytes);
  // A single piece among empty ones is not ours to hand out a second time.
  const shared = bytes.before === undefined;
  return { type, data: shared ? new Uint8Array(joined) : joined };
}
