import type net from "node:net";
import type tls from "node:tls";
import type { WebSocketUrl } from "../handshake/client.ts";
import {
  alpnProtocols,
  type DialOptions,
  requireDialOptions,
} from "./dial_options.ts";
import { nodeTransport } from "./node.ts";
import { nodeNet, nodeTls } from "./node_builtins.ts";
import { openTunnel, proxyAddress, requireProxy } from "./proxy.ts";
import type { Transport } from "./transport.ts";

/**
 * Connects to a server on Node or Bun: TCP, TLS, a Unix socket, through a proxy,
 * which `signal` lets go of.
 *
 * @param url Where to.
 * @param options How.
 * @param signal Aborts when nobody waits any more.
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
