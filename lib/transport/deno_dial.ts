import type { WebSocketUrl } from "../handshake/client.ts";
import { denoTransport, withoutDelay } from "./deno.ts";
import {
  alpnProtocols,
  type DialOptions,
  requireDialOptions,
} from "./dial_options.ts";
import { openTunnel, proxyAddress, requireProxy } from "./proxy.ts";
import type { Transport } from "./transport.ts";

/**
 * Connects to a server on Deno: TCP, TLS, a Unix socket, through a proxy, which
 * `signal` lets go of.
 *
 * @param url Where to.
 * @param options How.
 * @param signal Aborts when nobody waits any more.
 * @throws {TypeError} (rejects) If the options cannot be used together.
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
  const tls = { hostname, caCerts, alpnProtocols: [...alpnProtocols] };
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
