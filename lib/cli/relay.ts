import type { Role } from "../frame/frame.ts";

/** Told of what passes through a relay. */
export interface RelayListener {
  /** Bytes were passed on; they are not to be kept. */
  readonly onBytes: (from: Role, bytes: Uint8Array) => Promise<void> | void;
  /** One side has ended its half. */
  readonly onEnd: (from: Role) => void;
}

const bufferBytes = 64 * 1024;

/**
 * Passes bytes on between a client and a server, both ways, until both have ended
 * or one of them is gone; then both connections are closed. What a side sends is
 * read only as fast as the other takes it.
 */
export async function relay(
  client: Deno.Conn,
  server: Deno.Conn,
  listener: RelayListener,
): Promise<void> {
  try {
    await Promise.all([
      pump("client", client, server, listener),
      pump("server", server, client, listener),
    ]);
  } catch {
    // One of them is gone: there is nobody to tell but the other.
  } finally {
    for (const conn of [client, server]) closeOnce(conn);
  }
}

/** One direction, until its end is passed on. */
async function pump(
  from: Role,
  source: Deno.Conn,
  target: Deno.Conn,
  { onBytes, onEnd }: RelayListener,
): Promise<void> {
  const buffer = new Uint8Array(bufferBytes);
  try {
    while (true) {
      const length = await source.read(buffer);
      if (length === null) break;
      const bytes = buffer.subarray(0, length);
      // First of all what it is for; then what is shown of it.
      await writeAll(target, bytes);
      await onBytes(from, bytes);
    }
    await target.closeWrite();
  } finally {
    onEnd(from);
  }
}

async function writeAll(conn: Deno.Conn, bytes: Uint8Array): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    written += await conn.write(bytes.subarray(written));
  }
}

/** Closes a connection that may be closed already. */
export function closeOnce(conn: { close(): void }): void {
  try {
    conn.close();
  } catch {
    // It was.
  }
}
