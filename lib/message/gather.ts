import { appendBytes } from "../bytes/append_bytes.ts";
import { noBytes } from "../bytes/chunks.ts";
import type { MessageProgress } from "./read_piece.ts";
import type { BinaryMessage, TextMessage } from "./message.ts";

/**
 * What has come of a message that is gathered whole, as an immutable value:
 * the characters of a text, or the bytes of a binary message.
 */
export interface Gathered {
  /** Empty for a binary message. */
  readonly text: string;
  /** Empty for a text. */
  readonly bytes: Uint8Array;
}

/** Nothing has come yet. */
export const nothing: Gathered = { text: "", bytes: noBytes };

/**
 * `gathered` with one more piece. Bytes are copied, so that a few of them do not
 * keep the chunk that they came in.
 *
 * @param expectedBytes How long the message will be, as for `appendBytes`.
 */
export function gather(
  gathered: Gathered,
  data: string | Uint8Array,
  expectedBytes: number,
): Gathered {
  return typeof data === "string"
    ? { ...gathered, text: gathered.text + data }
    : { ...gathered, bytes: appendBytes(gathered.bytes, data, expectedBytes) };
}

/** How long a message will be, or is to be taken to be while nobody knows. */
export function expectedBytes(
  { byteLength }: Pick<MessageProgress, "byteLength">,
  isLastFragment: boolean,
): number {
  return isLastFragment ? byteLength : 2 * byteLength;
}

/**
 * The message that `gathered` and its last piece make. The data of a message
 * in one piece is that piece; otherwise it is an array of its own.
 */
export function finish(
  type: "text" | "binary",
  gathered: Gathered,
  last: string | Uint8Array,
): TextMessage | BinaryMessage {
  if (type === "text") return { type, data: gathered.text + last };
  const data = last as Uint8Array;
  if (gathered === nothing) return { type, data };
  const { bytes } = gathered;
  // What was gathered is not to be handed out twice, should it be used again.
  if (data.length === 0) return { type, data: new Uint8Array(bytes) };
  return { type, data: appendBytes(bytes, data, bytes.length + data.length) };
}
