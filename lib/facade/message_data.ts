/** What may be sent: text, bytes that are ours by now, or a Blob to be read. */
export type Sendable = string | Uint8Array | Blob;

/**
 * What an application gives to `send`, as it is sent: buffers and views of any
 * kind as bytes, a Blob as it is, anything else as text.
 *
 * Source: {@link https://websockets.spec.whatwg.org/#dom-websocket-send | WebSockets Standard, send(data)},
 * and Web IDL for what is taken for text.
 *
 * @returns Bytes are a view, not a copy.
 * @throws {TypeError} If it has no form as text, or the bytes may change under
 * our hands: those of a buffer that is shared, or may be resized.
 */
export function toSendable(data: unknown): Sendable {
  if (typeof data === "string") return data;
  if (data instanceof Blob) return data;
  if (isBuffer(data)) return new Uint8Array(requireFixed(data));
  if (ArrayBuffer.isView(data)) {
    const { byteOffset, byteLength } = data;
    return new Uint8Array(requireFixed(data.buffer), byteOffset, byteLength);
  }
  return `${data}`;
}

/** How many bytes it is on its way, apart from the framing. */
export function byteLengthOf(data: Sendable): number {
  if (typeof data === "string") return encoder.encode(data).length;
  return data instanceof Blob ? data.size : data.length;
}

const encoder = new TextEncoder();

/** By its name, since there is one of them in each realm. */
function isBuffer(value: unknown): value is ArrayBuffer {
  return Object.prototype.toString.call(value) === "[object ArrayBuffer]";
}

function requireFixed(buffer: ArrayBufferLike): ArrayBuffer {
  const { resizable } = buffer as { readonly resizable?: boolean };
  if (isBuffer(buffer) && resizable !== true) return buffer;
  throw new TypeError(
    "Cannot send message: found bytes of a buffer that is shared or may be " +
      "resized, wanted a copy of them",
  );
}

/** How the bytes of a binary message are given to an application. */
export type BinaryType = "blob" | "arraybuffer";

/** A message that came, as a `MessageEvent` holds it. */
export function toEventData(
  data: string | Uint8Array,
  binaryType: BinaryType,
): string | ArrayBuffer | Blob {
  if (typeof data === "string") return data;
  const bytes = ownBytes(data);
  return binaryType === "blob" ? new Blob([bytes]) : bytes.buffer;
}

/**
 * A copy in a buffer of its own: what came shares one with its neighbours, and
 * an application may write to it, or transfer it.
 */
export function ownBytes(data: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(data);
}
