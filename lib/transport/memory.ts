/**
 * Two ends joined in memory, for tests without a socket or a port.
 *
 * @example What a server makes of a message
 * ```ts
 * import { acceptWebSocket, connectWebSocket } from "@sluice/websocket/connection";
 * import { memoryTransports } from "@sluice/websocket/transport/memory";
 * import { assertEquals } from "@std/assert";
 *
 * const [a, b] = memoryTransports();
 * const [client, server] = await Promise.all([
 *   connectWebSocket("ws://localhost/", { carrier: a }),
 *   acceptWebSocket(b),
 * ]);
 * client.send("Hello");
 * assertEquals(await server.receive(), "Hello");
 * client.close();
 * await client.closed;
 * ```
 *
 * @module
 */
import type { Transport } from "./transport.ts";

export type { Transport };

/** How {@linkcode memoryTransports} carries bytes. */
export interface MemoryTransportsOptions {
  /**
   * How many bytes each direction holds before a write waits for the other side
   * to read.
   *
   * @default {65536}
   */
  readonly maxBufferedBytes?: number;
}

/**
 * Two transports joined in memory: what is written to one is read from the
 * other, with back-pressure. For tests of what is built on a connection,
 * without a socket or a port.
 *
 * @example
 * ```ts
 * import { memoryTransports } from "@sluice/websocket/transport";
 * import { assertEquals } from "@std/assert";
 *
 * const [a, b] = memoryTransports();
 * await a.write(Uint8Array.of(1, 2, 3));
 * await a.closeWrite();
 *
 * assertEquals(await b.read(), Uint8Array.of(1, 2, 3));
 * assertEquals(await b.read(), null);
 * ```
 *
 * @param options How much each direction holds.
 */
export function memoryTransports(
  options: MemoryTransportsOptions = {},
): [Transport, Transport] {
  const { maxBufferedBytes = 64 * 1024 } = options;
  const up = createPipe(maxBufferedBytes);
  const down = createPipe(maxBufferedBytes);
  return [end(up, down), end(down, up)];
}

/** Bytes in one direction. */
interface Pipe {
  readonly read: () => Promise<Uint8Array | null>;
  readonly write: (bytes: Uint8Array) => Promise<void>;
  /** The writer is done. */
  readonly end: () => void;
  /** The writer is gone, and waits no more; what it wrote can be read. */
  readonly abandon: () => void;
  /** The reader is gone. */
  readonly breakOff: () => void;
}

function end(outgoing: Pipe, incoming: Pipe): Transport {
  return {
    read: incoming.read,
    write: outgoing.write,
    closeWrite: () => {
      outgoing.end();
      return Promise.resolve();
    },
    close: () => {
      outgoing.abandon();
      incoming.breakOff();
    },
  };
}

function createPipe(maxBufferedBytes: number): Pipe {
  const chunks: Uint8Array[] = [];
  let bufferedBytes = 0;
  let ended = false;
  let broken = false;
  let abandoned = false;
  const isLost = () => broken || abandoned;
  const closed = () => new Error("Cannot write: the pipe is closed");
  let changed = Promise.withResolvers<void>();
  const change = () => {
    changed.resolve();
    changed = Promise.withResolvers();
  };
  return {
    read: async () => {
      while (chunks.length === 0 && !ended && !broken) await changed.promise;
      if (broken) return null;
      const chunk = chunks.shift();
      bufferedBytes -= chunk?.length ?? 0;
      change();
      return chunk ?? null;
    },
    write: async (bytes) => {
      if (ended) throw closed();
      chunks.push(new Uint8Array(bytes));
      bufferedBytes += bytes.length;
      change();
      while (bufferedBytes > maxBufferedBytes && !isLost()) {
        await changed.promise;
      }
      if (isLost()) throw closed();
    },
    end: () => {
      ended = true;
      change();
    },
    abandon: () => {
      ended = true;
      abandoned = true;
      change();
    },
    breakOff: () => {
      broken = true;
      change();
    },
  };
}
