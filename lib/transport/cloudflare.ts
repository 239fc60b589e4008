/**
 * The sockets of Cloudflare Workers as transports, for clients: a Worker is
 * called, and does not listen.
 *
 * @example As in a Worker, with a server in place of the network
 * ```ts
 * import { acceptWebSocket, connectWebSocket } from "@sluice/websocket/connection";
 * import {
 *   type CloudflareConnect,
 *   dialCloudflare,
 * } from "@sluice/websocket/transport/cloudflare";
 * import { assertEquals } from "@std/assert";
 *
 * // In a Worker: import { connect } from "cloudflare:sockets";
 * const up = new TransformStream<Uint8Array>();
 * const down = new TransformStream<Uint8Array>();
 * const accepting = acceptWebSocket({
 *   readable: up.readable,
 *   writable: down.writable,
 * });
 * const connect: CloudflareConnect = () => ({
 *   readable: down.readable,
 *   writable: up.writable,
 *   opened: Promise.resolve(),
 *   close: () => Promise.resolve(),
 * });
 *
 * const url = "wss://example.com/";
 * const connection = await connectWebSocket(url, {
 *   carrier: await dialCloudflare(connect, url),
 * });
 * connection.send("Hello");
 * assertEquals(await (await accepting).receive(), "Hello");
 * connection.close();
 * await connection.closed;
 * ```
 *
 * @module
 */
import type { ByteStreams } from "../stream/byte_streams.ts";
import { parseWebSocketUrl } from "../handshake/client.ts";
import { streamsTransport } from "./streams.ts";
import type { Transport } from "./transport.ts";

export type { ByteStreams, Transport };

/** What `connect` of `cloudflare:sockets` gives. */
export interface CloudflareSocket extends ByteStreams {
  /** Resolves when the connection is there. */
  readonly opened: Promise<unknown>;
  /** Ends the connection. */
  close(): Promise<void>;
}

/** `connect` of `cloudflare:sockets`. */
export type CloudflareConnect = (
  address: { hostname: string; port: number },
  options: { secureTransport: "on" | "off"; allowHalfOpen: boolean },
) => CloudflareSocket;

/**
 * A socket of Cloudflare as a transport.
 *
 * @param socket An open socket, from now on the transport's.
 */
export function cloudflareTransport(socket: CloudflareSocket): Transport {
  const transport = streamsTransport(socket);
  return {
    ...transport,
    close: () => {
      transport.close();
      socket.close().catch(() => {});
    },
  };
}

/**
 * Connects to the server of a `ws:` or `wss:` URL from a Worker.
 *
 * @param connect The function of `cloudflare:sockets`.
 * @param url Where to.
 * @throws {TypeError} (rejects) If the URL is none of a WebSocket.
 * @throws {Error} (rejects) What `connect` says if there is no connection.
 */
export async function dialCloudflare(
  connect: CloudflareConnect,
  url: string | URL,
): Promise<Transport> {
  const { hostname, port, secure } = parseWebSocketUrl(url);
  const socket = connect(
    // An IPv6 address stands in brackets here.
    { hostname: hostname.includes(":") ? `[${hostname}]` : hostname, port },
    { secureTransport: secure ? "on" : "off", allowHalfOpen: true },
  );
  await socket.opened;
  return cloudflareTransport(socket);
}
