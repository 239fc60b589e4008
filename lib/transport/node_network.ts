/**
 * The network of Node and Bun, by `node:net` and `node:tls`: TCP, TLS and Unix
 * sockets; and a server of `node:http` whose port is shared.
 *
 * @example A WebSocket beside an ordinary HTTP server, on one port
 * ```ts
 * import { connectWebSocket, serveWebSocket } from "@sluice/websocket/connection";
 * import { upgradeListener } from "@sluice/websocket/transport/node";
 * import { createServer } from "node:http";
 * import { assertEquals } from "@std/assert";
 *
 * const http = createServer((_, response) => response.end("a page"));
 * await using server = serveWebSocket({ listener: upgradeListener(http) }, {
 *   message: (connection, data) => connection.send(data),
 * });
 * await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
 * const { port } = http.address() as { port: number };
 *
 * const page = await fetch(`http://127.0.0.1:${port}/`);
 * assertEquals(await page.text(), "a page");
 *
 * const connection = await connectWebSocket(`ws://127.0.0.1:${port}/`);
 * connection.send("Hello");
 * assertEquals(await connection.receive(), "Hello");
 * connection.close();
 * await connection.closed;
 * http.close();
 * ```
 *
 * @module
 */
import type net from "node:net";
import type tls from "node:tls";
import type { WebSocketUrl } from "../handshake/client.ts";
import {
  alpnProtocols,
  type DialOptions,
  formatAddress,
  type ListenOptions,
  requireDialOptions,
  requireListenOptions,
} from "./dial_options.ts";
import { createClientQueue } from "./client_queue.ts";
import { nodeTransport } from "./node.ts";
import { openTunnel, proxyAddress, requireProxy } from "./proxy.ts";
import type { Listener, Transport } from "./transport.ts";

export { type NodeSocket, nodeTransport } from "./node.ts";
export {
  type OnUpgrade,
  upgradeListener,
  type UpgradeListenerOptions,
  type UpgradeRequest,
  type UpgradeServer,
  upgradeTransport,
} from "./node_upgrade.ts";
export type { DialOptions, Listener, ListenOptions, Transport };

/**
 * A module of Node's by its name; not imported, since this file is also in bundles
 * for browsers, which have none.
 */
function builtin<Module>(name: string): Module {
  const { process } = globalThis as {
    process?: { getBuiltinModule?: (name: string) => unknown };
  };
  const found = process?.getBuiltinModule?.(name);
  if (found !== undefined) return found as Module;
  throw new TypeError(
    `Cannot use ${name}: found no such module in this runtime, wanted Node 20.16, ` +
      "Bun or Deno; or give a carrier or a listener",
  );
}

const nodeNet = () => builtin<typeof net>("node:net");
const nodeTls = () => builtin<typeof tls>("node:tls");

/**
 * How long a client may take for TLS, in milliseconds: nobody knows of it before,
 * so that no other limit holds for it.
 */
const tlsTimeoutMs = 10_000;

/** Whether this runtime has `node:net`. */
export function hasNodeNetwork(): boolean {
  try {
    return typeof nodeNet().connect === "function";
  } catch {
    return false;
  }
}

/**
 * Connects to a server on Node or Bun: TCP, TLS, a Unix socket, through a proxy,
 * which `signal` lets go of.
 *
 * @param url Where to.
 * @param options How.
 * @throws {TypeError} (rejects) If the options cannot be used together.
 */
export async function dialNode(
  url: WebSocketUrl,
  options: DialOptions,
  signal?: AbortSignal,
): Promise<Transport> {
  const { unixPath, proxy } = options;
  requireDialOptions(url, options);
  const { hostname, port, secure } = url;
  if (unixPath !== undefined) {
    return nodeTransport(await connect({ path: unixPath }, signal));
  }
  if (proxy !== undefined) {
    const through = requireProxy(proxy);
    const { hostname: host, port } = proxyAddress(through);
    const socket = await connect({ host, port }, signal);
    const tunnel = nodeTransport(socket);
    const rest = await openTunnel(tunnel, through, url, signal);
    // With TLS the client speaks first, so that nothing can have come yet.
    return secure
      ? nodeTransport(await secured(url, options, signal, socket))
      : withLeftover(tunnel, rest);
  }
  return nodeTransport(
    secure
      ? await secured(url, options, signal)
      : await connect({ host: hostname, port }, signal),
  );
}

/** A transport of which something has been read already. */
function withLeftover(transport: Transport, leftover: Uint8Array): Transport {
  let rest: Uint8Array | undefined = leftover;
  return {
    ...transport,
    read: () => {
      if (rest === undefined || rest.length === 0) return transport.read();
      const bytes = rest;
      rest = undefined;
      return Promise.resolve(bytes);
    },
  };
}

/** A connection, once it is there. */
function connect(
  to: { readonly host: string; readonly port: number } | {
    readonly path: string;
  },
  signal: AbortSignal | undefined,
): Promise<net.Socket> {
  const socket = nodeNet().connect({ ...to, allowHalfOpen: true });
  if (!("path" in to)) socket.setNoDelay(true);
  return opened(socket, "connect", signal);
}

/** A connection with TLS, once its handshake is done. */
function secured(
  { hostname, port }: WebSocketUrl,
  { caCerts }: DialOptions,
  signal: AbortSignal | undefined,
  socket?: net.Socket,
): Promise<tls.TLSSocket> {
  const { connect, rootCertificates } = nodeTls();
  const isName = nodeNet().isIP(hostname) === 0;
  const secure = connect({
    host: hostname,
    port,
    ALPNProtocols: [...alpnProtocols],
    // An address is no server name (RFC 6066 §3).
    ...isName ? { servername: hostname } : {},
    ...caCerts === undefined ? {} : { ca: [...rootCertificates, ...caCerts] },
    ...socket === undefined ? {} : { socket },
  });
  secure.allowHalfOpen = true;
  secure.setNoDelay(true);
  return opened(secure, "secureConnect", signal);
}

/** Waits until a socket can be used; one that cannot is destroyed. */
function opened<Opened extends net.Socket>(
  socket: Opened,
  event: "connect" | "secureConnect",
  signal: AbortSignal | undefined,
): Promise<Opened> {
  return new Promise((resolve, reject) => {
    const giveUp = () => socket.destroy(new Error("Cannot connect: aborted"));
    const stop = () => {
      socket.off("error", fail);
      socket.off("close", close);
      signal?.removeEventListener("abort", giveUp);
    };
    const fail = (error: Error) => {
      stop();
      socket.on("error", () => {});
      reject(error);
    };
    const close = () => fail(new Error("Cannot connect: the peer hung up"));
    socket.once("error", fail);
    socket.once("close", close);
    socket.once(event, () => {
      stop();
      resolve(socket.pause());
    });
    signal?.addEventListener("abort", giveUp);
  });
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
 * @param options Where.
 * @returns The listener, once it listens.
 * @throws {TypeError} (rejects) If the options cannot be used together.
 * @throws {Error} (rejects) With the `code` of Node's error, if somebody else
 * listens there.
 */
export async function listenNode(options: ListenOptions): Promise<Listener> {
  requireListenOptions(options);
  const { cert, key, unixPath, port = 0, hostname } = options;
  const server = cert === undefined || key === undefined
    ? nodeNet().createServer({ allowHalfOpen: true })
    : nodeTls().createServer({
      cert,
      key,
      allowHalfOpen: true,
      ALPNProtocols: [...alpnProtocols],
      handshakeTimeout: tlsTimeoutMs,
    });
  const queue = createClientQueue();
  const event = cert === undefined ? "connection" : "secureConnection";
  server.on(event, (socket: net.Socket) => {
    if (unixPath === undefined) socket.setNoDelay(true);
    queue.put(nodeTransport(socket));
  });
  // One client that fails at TLS is no reason to stop.
  server.on("tlsClientError", () => {});
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
