import type { Transport } from "./transport.ts";

/** What a socket of Node can do that a transport needs; any `Duplex` can. */
export interface NodeSocket {
  /** Calls `listener` with what comes. */
  on(event: "data", listener: (chunk: Uint8Array) => void): unknown;
  /** Calls `listener` when the peer has ended, or the socket is closed. */
  on(event: "end" | "close", listener: () => void): unknown;
  /** Calls `listener` when the socket fails. */
  on(event: "error", listener: (error: Error) => void): unknown;
  /** Gives nothing more, until `resume`. */
  pause(): unknown;
  /** Goes on. */
  resume(): unknown;
  /** Writes, and calls `done` when the array may be written to again. */
  write(bytes: Uint8Array, done: (error?: Error | null) => void): unknown;
  /** Ends our half. */
  end(done: () => void): unknown;
  /** Ends both halves at once. */
  destroy(): unknown;
  /** Sends what is written at once; not every socket can. */
  setNoDelay?(noDelay: boolean): unknown;
}

/** What waits unread before the socket is told to pause, in bytes. */
const mostWaitingBytes = 64 * 1024;

/**
 * A socket of `node:net` or `node:tls`, on Node, Bun or Deno, as a transport.
 *
 * The socket is to be made with `allowHalfOpen`, or the peer's end ends ours too.
 * It is paused while nobody reads.
 *
 * @example
 * ```ts
 * import { nodeTransport } from "@sluice/websocket/transport/node";
 * import { createServer, connect } from "node:net";
 * import { assertEquals } from "@std/assert";
 *
 * const server = createServer({ allowHalfOpen: true });
 * await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
 * const { port } = server.address() as { port: number };
 * const accepting = new Promise<typeof a>((resolve) =>
 *   server.once("connection", (socket) => resolve(nodeTransport(socket)))
 * );
 * const a = nodeTransport(connect({ port, host: "127.0.0.1", allowHalfOpen: true }));
 * const b = await accepting;
 *
 * await a.write(Uint8Array.of(1, 2, 3));
 * assertEquals(await b.read(), Uint8Array.of(1, 2, 3));
 *
 * a.close();
 * b.close();
 * server.close();
 * ```
 *
 * @param socket An open socket, from now on the transport's.
 * @param leftover What has been read of it already.
 */
export function nodeTransport(
  socket: NodeSocket,
  leftover: Uint8Array = new Uint8Array(0),
): Transport {
  const chunks: Uint8Array[] = leftover.length === 0 ? [] : [leftover];
  let waitingBytes = leftover.length;
  let isEnded = false;
  let isPaused = true;
  let failure: Error | undefined;
  let waiting: PromiseWithResolvers<Uint8Array | null> | undefined;

  const settle = (): void => {
    if (waiting === undefined) return;
    if (failure !== undefined) waiting.reject(failure);
    else waiting.resolve(null);
    waiting = undefined;
  };
  socket.on("data", (data: Uint8Array) => {
    // A Buffer is no array like others: its slice() is a view.
    const chunk = new Uint8Array(data.buffer, data.byteOffset, data.length);
    if (waiting !== undefined) {
      waiting.resolve(chunk);
      waiting = undefined;
      return;
    }
    chunks.push(chunk);
    waitingBytes += chunk.length;
    if (waitingBytes <= mostWaitingBytes) return;
    isPaused = true;
    socket.pause();
  });
  const end = (): void => {
    isEnded = true;
    settle();
  };
  socket.on("end", end);
  socket.on("close", end);
  socket.on("error", (error: Error) => {
    failure ??= error;
    end();
  });
  // To listen for data is to let it flow, and nobody reads yet.
  socket.pause();
  return {
    read: () => {
      const chunk = chunks.shift();
      if (chunk !== undefined) {
        waitingBytes -= chunk.length;
        return Promise.resolve(chunk);
      }
      if (failure !== undefined) return Promise.reject(failure);
      if (isEnded) return Promise.resolve(null);
      waiting = Promise.withResolvers();
      if (isPaused) socket.resume();
      isPaused = false;
      return waiting.promise;
    },
    write: (bytes) =>
      new Promise((resolve, reject) => {
        socket.write(bytes, (error) => error ? reject(error) : resolve());
      }),
    closeWrite: () =>
      new Promise((resolve) => {
        socket.end(() => resolve());
      }),
    close: () => {
      // Whoever waits is told, also where the runtime says nothing of it.
      isEnded = true;
      chunks.length = 0;
      settle();
      socket.destroy();
    },
  };
}
