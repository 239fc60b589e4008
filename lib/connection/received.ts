/**
 * Which arrays came from a peer, so that nobody writes to them: sent on, as an
 * echo or a relay does, they need not be copied.
 *
 * @module
 */

/** Buffers of messages; they are let go when nobody has them any more. */
const buffers = new WeakSet<ArrayBufferLike>();

/**
 * The messages of a chunk share a buffer, so it is most often the last one again.
 * A large one is not kept for that.
 */
let lastBuffer: ArrayBufferLike | undefined;
const largestLastBytes = 64 * 1024;

/** The message that a function is being called with. */
let handled: unknown;

/** From here on a copy costs more than to remember. */
const worthRememberingBytes = 4096;

/** Notes that a message came from a peer. */
export function rememberReceived(data: string | Uint8Array): void {
  if (typeof data === "string") return;
  const { buffer } = data;
  if (buffer === lastBuffer) return;
  buffers.add(buffer);
  lastBuffer = buffer.byteLength <= largestLastBytes ? buffer : undefined;
}

/**
 * Calls a function with a message that came from a peer. A short one is known
 * for that only meanwhile, which is when most are sent on.
 */
export function handleReceived<
  Connection,
  Data extends string | Uint8Array,
  Result,
>(
  connection: Connection,
  data: Data,
  handle: (connection: Connection, data: Data) => Result,
): Result {
  if (data.length >= worthRememberingBytes) rememberReceived(data);
  handled = data;
  try {
    return handle(connection, data);
  } finally {
    handled = undefined;
  }
}

/** Whether bytes came from a peer, as far as is known. */
export function isReceived(data: Uint8Array): boolean {
  return data === handled || buffers.has(data.buffer);
}
