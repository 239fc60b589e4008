import type { Transport } from "./transport.ts";

/** What a `Deno.Conn` can do that a transport needs. */
export interface DenoConn {
  /** Reads into `buffer`; `null` at the end. */
  read(buffer: Uint8Array<ArrayBuffer>): Promise<number | null>;
  /** Writes a part of `bytes`, and says how much. */
  write(bytes: Uint8Array<ArrayBuffer>): Promise<number>;
  /** Ends our half. */
  closeWrite(): Promise<void>;
  /** Ends both halves. */
  close(): void;
}

/** Enough for a short message; a connection that does not talk keeps this. */
const smallestBufferBytes = 512;

/** Larger reads gain nothing: the kernel hands over about as much. */
const largestBufferBytes = 64 * 1024;

/**
 * A connection of Deno, or of anything with its `read` and `write`, as a
 * transport.
 *
 * `conn.read` into a buffer of our own costs a fraction of `conn.readable`. The
 * buffer starts small and grows when it is filled, because ten thousand idle
 * connections keep ten thousand of them.
 *
 * @example
 * ```ts
 * import { denoTransport } from "@sluice/websocket/transport";
 * import { assertEquals } from "@std/assert";
 *
 * const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
 * const { port } = listener.addr;
 * const [a, b] = await Promise.all([
 *   Deno.connect({ hostname: "127.0.0.1", port }).then(denoTransport),
 *   listener.accept().then(denoTransport),
 * ]);
 *
 * await a.write(Uint8Array.of(1, 2, 3));
 * assertEquals(await b.read(), Uint8Array.of(1, 2, 3));
 *
 * a.close();
 * assertEquals(await b.read(), null);
 * b.close();
 * listener.close();
 * ```
 *
 * @param conn An open connection, from now on the transport's.
 */
export function denoTransport(conn: DenoConn): Transport {
  let buffer = new Uint8Array(smallestBufferBytes);
  const takeRead = (length: number | null): Uint8Array | null => {
    if (length === null) return null;
    const bytes = buffer.subarray(0, length);
    if (length === buffer.length && length < largestBufferBytes) {
      buffer = new Uint8Array(Math.min(length * 8, largestBufferBytes));
    }
    return bytes;
  };
  const writeRest = async (bytes: Uint8Array<ArrayBuffer>, from: number) => {
    let written = from;
    while (written < bytes.length) {
      written += await conn.write(bytes.subarray(written));
    }
  };
  return {
    // Chained, not awaited: this is the hot path, and a turn less each time.
    read: (room) =>
      room === undefined
        ? conn.read(buffer).then(takeRead)
        : conn.read(room).then((length) =>
          length === null ? null : room.subarray(0, length)
        ),
    write: (bytes) =>
      conn.write(bytes).then((written) =>
        written < bytes.length ? writeRest(bytes, written) : undefined
      ),
    closeWrite: () => conn.closeWrite(),
    close: () => {
      try {
        conn.close();
      } catch {
        // It was closed already, which is what is wanted.
      }
    },
  };
}

/** Small frames go out at once, not when the last has been acknowledged. */
export function withoutDelay(conn: Deno.TcpConn): Deno.TcpConn {
  conn.setNoDelay(true);
  return conn;
}
