/**
 * Any pair of byte streams as a transport.
 *
 * @example A handshake and a message over two streams
 * ```ts
 * import { acceptWebSocket, connectWebSocket } from "@sluice/websocket/connection";
 * import { streamsTransport } from "@sluice/websocket/transport/streams";
 * import { assertEquals } from "@std/assert";
 *
 * const up = new TransformStream<Uint8Array>();
 * const down = new TransformStream<Uint8Array>();
 * const [client, server] = await Promise.all([
 *   connectWebSocket("ws://localhost/", {
 *     carrier: streamsTransport({ readable: down.readable, writable: up.writable }),
 *   }),
 *   acceptWebSocket(
 *     streamsTransport({ readable: up.readable, writable: down.writable }),
 *   ),
 * ]);
 * server.send("Hello");
 * assertEquals(await client.receive(), "Hello");
 * client.close();
 * await server.closed;
 * ```
 *
 * @module
 */
import type { ByteStreams } from "../stream/byte_streams.ts";
import type { Transport } from "./transport.ts";

export type { ByteStreams, Transport };

/**
 * A pair of byte streams as a transport: a `TransformStream` each way, a
 * WebTransport stream, the body of a request and a response.
 *
 * Ending our half closes `writable`; closing cancels `readable` and aborts
 * `writable`. Both streams are locked from now on.
 *
 * @example
 * ```ts
 * import { streamsTransport } from "@sluice/websocket/transport";
 * import { assertEquals } from "@std/assert";
 *
 * const transport = streamsTransport({
 *   readable: ReadableStream.from([Uint8Array.of(1, 2)]),
 *   writable: new WritableStream(),
 * });
 *
 * assertEquals(await transport.read(), Uint8Array.of(1, 2));
 * assertEquals(await transport.read(), null);
 * ```
 *
 * @param streams What the peer sends, and what it is sent.
 */
export function streamsTransport(streams: ByteStreams): Transport {
  const reader = streams.readable.getReader();
  const writer = streams.writable.getWriter();
  // Told by read() and write(); here only so that nobody misses a handler.
  reader.closed.catch(() => {});
  writer.closed.catch(() => {});
  const closed = Promise.withResolvers<never>();
  closed.promise.catch(() => {});
  return {
    read: async () => {
      const { done, value } = await reader.read();
      return done ? null : value;
    },
    // An abort waits for the write under way, which may never end.
    // Whoever reads the other end may keep what is written, so it is a copy.
    write: (bytes) =>
      Promise.race([writer.write(new Uint8Array(bytes)), closed.promise]),
    closeWrite: () => writer.close(),
    close: () => {
      closed.reject(new Error("Cannot write: the transport is closed"));
      reader.cancel().catch(() => {});
      writer.abort().catch(() => {});
    },
  };
}
