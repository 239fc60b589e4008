import type net from "node:net";
import { requireLimit } from "../error/require.ts";
import { createClientQueue } from "./client_queue.ts";
import {
  alpnProtocols,
  formatAddress,
  type ListenOptions,
  requireListenOptions,
} from "./dial_options.ts";
import { nodeTransport } from "./node.ts";
import { nodeNet, nodeTls } from "./node_builtins.ts";
import type { Listener } from "./transport.ts";

/**
 * As long as a handshake may take by default: nginx has 60 s for what comes before
 * the request, Node 120 s for TLS.
 */
const defaultTlsTimeoutMs = 10_000;

/** Node's timers take no more than this. */
const longestMs = 2 ** 31 - 1;

/** Where a server listens on Node or Bun. */
export interface ListenNodeOptions extends ListenOptions {
  /**
   * How long a client may take for TLS, in milliseconds, before it is hung up on:
   * no other limit holds for it, since nobody hears of it before. `Infinity` for no
   * limit.
   *
   * @default {10000}
   */
  readonly tlsTimeoutMs?: number;
}

/**
 * Listens on Node or Bun: TCP, TLS or a Unix socket.
 *
 * @example
 * ```ts
 * import { connectWebSocket, serveWebSocket } from "@sluice/websocket/connection";
 * import { listenNode } from "@sluice/websocket/transport/node";
 * import { assertEquals } from "@std/assert";
 *
 * const listener = await listenNode({ hostname: "127.0.0.1", port: 0 });
 * await using server = serveWebSocket({ listener }, {
 *   message: (connection, data) => connection.send(data),
 * });
 *
 * await using connection = await connectWebSocket(`ws://${server.address}/`);
 * connection.send("Hello");
 * assertEquals(await connection.receive(), "Hello");
 * ```
 *
 * @param options Where, and how long TLS may take.
 * @returns The listener, once it listens.
 * @throws {TypeError} (rejects) If the options cannot be used together.
 * @throws {RangeError} (rejects) If `tlsTimeoutMs` is no time.
 * @throws {Error} (rejects) With the `code` of Node's error, if somebody else
 * listens there.
 */
export async function listenNode(
  options: ListenNodeOptions,
): Promise<Listener> {
  requireListenOptions(options);
  const { cert, key, unixPath, port = 0, hostname } = options;
  const { tlsTimeoutMs = defaultTlsTimeoutMs } = options;
  requireLimit(tlsTimeoutMs, "Cannot listen", "tlsTimeoutMs", 1);
  const server = cert === undefined || key === undefined
    ? nodeNet().createServer({ allowHalfOpen: true })
    : nodeTls().createServer({
      cert,
      key,
      allowHalfOpen: true,
      ALPNProtocols: [...alpnProtocols],
      handshakeTimeout: Math.min(tlsTimeoutMs, longestMs),
    });
  const queue = createClientQueue();
  const event = cert === undefined ? "connection" : "secureConnection";
  server.on(event, (socket: net.Socket) => {
    if (unixPath === undefined) socket.setNoDelay(true);
    queue.put(nodeTransport(socket));
  });
  // One client that fails at TLS is no reason to stop. Nobody but us hangs up on who
  // takes too long for it.
  server.on("tlsClientError", (_, socket: net.Socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    const done = () => {
      server.off("error", reject);
      resolve();
    };
    if (unixPath !== undefined) server.listen(unixPath, done);
    else if (hostname === undefined) server.listen(port, done);
    else server.listen(port, hostname, done);
  });
  server.on("error", () => {});
  const at = server.address() as net.AddressInfo;
  return {
    address: unixPath ?? formatAddress(at.address, at.port),
    accept: queue.take,
    close: () => {
      server.close();
      queue.close();
    },
  };
}
