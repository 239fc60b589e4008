import { concat } from "../bytes/chunks.ts";
import { serializeRequestHead } from "../handshake/serialize_head.ts";
import { createClientQueue } from "./client_queue.ts";
import { type NodeSocket, nodeTransport } from "./node.ts";
import type { Listener, Transport } from "./transport.ts";

/** What is needed of a request of `node:http`. */
export interface UpgradeRequest {
  /** Such as `"GET"`. */
  readonly method?: string | undefined;
  /** The request target. */
  readonly url?: string | undefined;
  /** Such as `"1.1"`. */
  readonly httpVersion: string;
  /** Names and values in turn, in order, as they were sent. */
  readonly rawHeaders: readonly string[];
}

/** What is needed of a server of `node:http` or `node:https`. */
export interface UpgradeServer {
  /** Calls `listener` with each request for an upgrade. */
  on(event: "upgrade", listener: OnUpgrade): unknown;
  /** Stops that. */
  off(event: "upgrade", listener: OnUpgrade): unknown;
  /** How many listeners there are. */
  listenerCount(event: "upgrade"): number;
}

/** What `node:http` calls with a request for an upgrade. */
export type OnUpgrade = (
  request: UpgradeRequest,
  socket: NodeSocket,
  head: Uint8Array,
) => void;

/** How {@linkcode upgradeListener} shares a server. */
export interface UpgradeListenerOptions {
  /**
   * Which requests to take; all of them by default. Others are left to other
   * listeners of the server, and answered with 404 if there are none.
   */
  readonly filter?: (request: UpgradeRequest) => boolean;
  /**
   * Where the server listens, for `server.address`; it may not listen yet.
   *
   * @default {"upgrade"}
   */
  readonly address?: string;
}

/**
 * A connection whose request `node:http` has read, as a transport for
 * `acceptWebSocket`: what was read can be read again.
 *
 * The handshake judges the request as strictly as any other. A request that is not
 * one of HTTP by our rules, though by Node's, gives a transport that has come to
 * its end.
 *
 * @param request The first argument of the `upgrade` event.
 * @param socket The second one, from now on the transport's.
 * @param head The third one: what was read behind the request.
 */
export function upgradeTransport(
  request: UpgradeRequest,
  socket: NodeSocket,
  head: Uint8Array,
): Transport {
  const bytes = serialize(request);
  if (bytes !== undefined) return nodeTransport(socket, concat(bytes, head));
  const transport = nodeTransport(socket);
  transport.close();
  return transport;
}

/** The request as it came, or nothing if it cannot have come like that. */
function serialize(
  { method = "GET", url = "/", httpVersion, rawHeaders }: UpgradeRequest,
): Uint8Array | undefined {
  const headers: [string, string][] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    headers.push([rawHeaders[at]!, rawHeaders[at + 1]!]);
  }
  try {
    return serializeRequestHead({ method, target: url, httpVersion, headers });
  } catch {
    return undefined;
  }
}

/**
 * Leaves a request to other listeners; where there are none, nobody else would
 * answer it. Node has no handler for errors of the socket any more, and one that
 * nobody handles would end the process.
 */
function leave(server: UpgradeServer, socket: NodeSocket): void {
  socket.on("error", () => socket.destroy());
  if (server.listenerCount("upgrade") > 1) return;
  socket.write(
    new TextEncoder().encode(
      "HTTP/1.1 404 Not Found\r\nConnection: close\r\n" +
        "Content-Length: 0\r\n\r\n",
    ),
    () => socket.end(() => socket.destroy()),
  );
}

/**
 * The WebSockets of a server of `node:http` or `node:https` as a listener for
 * `serveWebSocket`: both share a port, and ordinary requests are served as before.
 *
 * Closing the listener does not close the server, which then takes a request for a
 * WebSocket for one for a page.
 *
 * @example
 * ```ts
 * import { connectWebSocket, serveWebSocket } from "@sluice/websocket/connection";
 * import { upgradeListener } from "@sluice/websocket/transport/node";
 * import { createServer } from "node:http";
 * import { assertEquals } from "@std/assert";
 *
 * const http = createServer((_, response) => response.end("a page"));
 * const listener = upgradeListener(http, {
 *   filter: ({ url }) => url === "/chat",
 * });
 * const server = serveWebSocket({ listener }, {
 *   message: (connection, data) => connection.send(data),
 * });
 * await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
 * const { port } = http.address() as { port: number };
 *
 * const connection = await connectWebSocket(`ws://127.0.0.1:${port}/chat`);
 * connection.send("Hello");
 * assertEquals(await connection.receive(), "Hello");
 *
 * await server.shutdown();
 * http.close();
 * ```
 *
 * @param server A server, which may listen already.
 * @param options Which requests to take.
 */
export function upgradeListener(
  server: UpgradeServer,
  options: UpgradeListenerOptions = {},
): Listener {
  const { filter = () => true, address = "upgrade" } = options;
  const queue = createClientQueue();
  const take: OnUpgrade = (request, socket, head) => {
    if (!filter(request)) return leave(server, socket);
    socket.setNoDelay?.(true);
    queue.put(upgradeTransport(request, socket, head));
  };
  server.on("upgrade", take);
  return {
    address,
    accept: queue.take,
    close: () => {
      server.off("upgrade", take);
      queue.close();
    },
  };
}
