/**
 * The network of Deno: TCP, TLS and Unix sockets.
 *
 * @example
 * ```ts
 * import { acceptWebSocket } from "@sluice/websocket/connection";
 * import { connectWebSocket } from "@sluice/websocket/connection";
 * import { listenDeno } from "@sluice/websocket/transport/deno";
 * import { assertEquals } from "@std/assert";
 *
 * const listener = listenDeno({ hostname: "127.0.0.1", port: 0 });
 * const accepting = listener.accept().then((client) => acceptWebSocket(client!));
 * const client = await connectWebSocket(`ws://${listener.address}/`);
 * const server = await accepting;
 *
 * server.send("Hello");
 * assertEquals(await client.receive(), "Hello");
 * client.close();
 * await server.closed;
 * listener.close();
 * ```
 *
 * @module
 */
import type { WebSocketUrl } from "../handshake/client.ts";
import { denoTransport } from "./deno.ts";
import {
  alpnProtocols,
  type DialOptions,
  formatAddress,
  type ListenOptions,
  requireDialOptions,
  requireListenOptions,
} from "./dial_options.ts";
import { openTunnel, proxyAddress, requireProxy } from "./proxy.ts";
import type { Listener, Transport } from "./transport.ts";

export { type DenoConn, denoTransport } from "./deno.ts";
export type { DialOptions, Listener, ListenOptions, Transport };

/** As Deno's functions want it. */
const alpn = [...alpnProtocols];

/**
 * Connects to a server on Deno: TCP, TLS, a Unix socket, through a proxy, which
 * `signal` lets go of.
 */
export async function dialDeno(
  url: WebSocketUrl,
  options: DialOptions,
  signal?: AbortSignal,
): Promise<Transport> {
  const { unixPath, proxy } = options;
  requireDialOptions(url, options);
  if (unixPath !== undefined) {
    return denoTransport(
      await Deno.connect({ transport: "unix", path: unixPath }),
    );
  }
  const caCerts = [...options.caCerts ?? []];
  const through = proxy === undefined ? undefined : requireProxy(proxy);
  const { hostname, port, secure } = url;
  const tls = { hostname, caCerts, alpnProtocols: alpn };
  if (through !== undefined) {
    const conn = await connectThroughProxy(through, url, signal);
    return denoTransport(secure ? await Deno.startTls(conn, tls) : conn);
  }
  if (secure) return denoTransport(await Deno.connectTls({ ...tls, port }));
  const given = signal === undefined ? {} : { signal };
  return denoTransport(
    withoutDelay(await Deno.connect({ hostname, port, ...given })),
  );
}

/** A connection to a proxy that leads to the server. */
async function connectThroughProxy(
  proxy: URL,
  url: WebSocketUrl,
  signal: AbortSignal | undefined,
): Promise<Deno.TcpConn> {
  const conn = await Deno.connect(proxyAddress(proxy));
  const transport = denoTransport(conn);
  // Byte by byte: what follows the head may be the server's TLS already.
  const byte = new Uint8Array(1);
  const read = () => transport.read(byte);
  await openTunnel({ ...transport, read }, proxy, url, signal);
  return conn;
}

/** Small frames go out at once, not when the last has been acknowledged. */
function withoutDelay(conn: Deno.TcpConn): Deno.TcpConn {
  conn.setNoDelay(true);
  return conn;
}

/** Listens on Deno: TCP, TLS or a Unix socket. */
export function listenDeno(options: ListenOptions): Listener {
  const { port = 0, hostname, unixPath, cert, key } = options;
  requireListenOptions(options);
  if (unixPath !== undefined) {
    return toListener(
      Deno.listen({ transport: "unix", path: unixPath }),
      unixPath,
      (conn) => conn,
    );
  }
  const address = hostname === undefined ? { port } : { port, hostname };
  if (cert !== undefined && key !== undefined) {
    const listener = Deno.listenTls({
      ...address,
      cert,
      key,
      alpnProtocols: alpn,
    });
    return toListener(listener, addressOf(listener.addr), (conn) => conn);
  }
  const listener = Deno.listen(address);
  return toListener(listener, addressOf(listener.addr), withoutDelay);
}

function addressOf({ hostname, port }: Deno.NetAddr): string {
  return formatAddress(hostname, port);
}

function toListener<Conn extends Deno.Conn>(
  listener: Deno.Listener<Conn, Deno.Addr>,
  address: string,
  prepare: (conn: Conn) => Conn,
): Listener {
  return {
    address,
    accept: async () => {
      while (true) {
        try {
          return denoTransport(prepare(await listener.accept()));
        } catch (error) {
          if (error instanceof Deno.errors.BadResource) return null;
          if (error instanceof Deno.errors.Interrupted) return null;
          // One client that went away, or one that failed at TLS.
          if (isOfOneClient(error)) continue;
          throw error;
        }
      }
    },
    close: () => listener.close(),
  };
}

function isOfOneClient(error: unknown): boolean {
  return error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.ConnectionAborted ||
    error instanceof Deno.errors.NotConnected ||
    error instanceof Deno.errors.InvalidData;
}
