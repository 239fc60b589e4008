import type { Role } from "../frame/frame.ts";
import type { Transport } from "../transport/transport.ts";

/** Told of what passes through a relay. */
export interface RelayListener {
  /** Bytes were passed on; they are not to be kept. */
  readonly onBytes: (from: Role, bytes: Uint8Array) => Promise<void> | void;
  /** One side has ended its half. */
  readonly onEnd: (from: Role) => void;
}

/**
 * Passes bytes on between a client and a server, both ways, until both have ended
 * or one of them is gone; then both connections are closed. What a side sends is
 * read only as fast as the other takes it.
 */
export async function relay(
  client: Transport,
  server: Transport,
  listener: RelayListener,
): Promise<void> {
  const hangUp = () => {
    client.close();
    server.close();
  };
  await Promise.allSettled([
    // One of them is gone: there is nobody to tell but the other.
    pump("client", client, server, listener).catch(hangUp),
    pump("server", server, client, listener).catch(hangUp),
  ]);
  hangUp();
}

/** One direction, until its end is passed on. */
async function pump(
  from: Role,
  source: Transport,
  target: Transport,
  { onBytes, onEnd }: RelayListener,
): Promise<void> {
  try {
    while (true) {
      const bytes = await source.read();
      if (bytes === null) break;
      // First of all what it is for; then what is shown of it.
      await target.write(bytes as Uint8Array<ArrayBuffer>);
      await onBytes(from, bytes);
    }
    await target.closeWrite();
  } finally {
    onEnd(from);
  }
}
