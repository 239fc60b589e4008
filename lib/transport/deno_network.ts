import { ProtocolError } from "../error/protocol_error.ts";
import { parseResponseHead } from "../handshake/head.ts";
import { serializeRequestHead } from "../handshake/serialize_head.ts";
import type { WebSocketUrl } from "../handshake/client.ts";
import { readHead } from "../stream/read_head.ts";
import { denoTransport } from "./deno.ts";
import type { Listener, Transport } from "./transport.ts";
import { encodeBase64 } from "@std/encoding/base64";

/** How a connection to a server is made. */
export interface DialOptions {
  /** Certificates to trust beside those of the system, in PEM, for `wss:`. */
  readonly caCerts?: readonly string[];
  /** The path of a Unix socket to connect to, whatever the URL's host is. */
  readonly unixPath?: string;
  /**
   * An HTTP proxy to go through by `CONNECT`, such as
   * `"http://user:password@proxy:8080"`.
   */
  readonly proxy?: string | URL;
}

/** Where a server listens. */
export interface ListenOptions {
  /** The TCP port; 0 picks a free one. */
  readonly port?: number;
  /** The address to listen on; every one by default. */
  readonly hostname?: string;
  /** The path of a Unix socket to listen on, in place of a port. */
  readonly unixPath?: string;
  /** The server's certificate chain in PEM: listens for TLS, with `key`. */
  readonly cert?: string;
  /** The key of that certificate in PEM. */
  readonly key?: string;
}

/** RFC 6455 is spoken over HTTP/1.1: no other protocol is to be negotiated. */
const alpnProtocols = ["http/1.1"];

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
  if (unixPath !== undefined && url.secure) {
    throw new TypeError(
      "Cannot connect: found a wss: URL with unixPath, wanted ws:, since TLS " +
        "goes over TCP here",
    );
  }
  if (unixPath !== undefined) {
    return denoTransport(
      await Deno.connect({ transport: "unix", path: unixPath }),
    );
  }
  const caCerts = [...options.caCerts ?? []];
  const through = proxy === undefined ? undefined : requireProxy(proxy);
  const { hostname, port, secure } = url;
  const tls = { hostname, caCerts, alpnProtocols };
  if (through !== undefined) {
    const conn = await connectThroughProxy(through, url, signal);
    return denoTransport(secure ? await Deno.startTls(conn, tls) : conn);
  }
  if (secure) return denoTransport(await Deno.connectTls({ ...tls, port }));
  return denoTransport(withoutDelay(await Deno.connect({ hostname, port })));
}

/** To any other than an HTTP proxy the password would go in clear. */
function requireProxy(proxy: string | URL): URL {
  const text = String(proxy);
  if (URL.canParse(text) && new URL(text).protocol === "http:") {
    return new URL(text);
  }
  throw new TypeError(
    `Cannot connect through proxy: found ${JSON.stringify(text)}, ` +
      "wanted an http: URL",
  );
}

/** A tunnel to the server (RFC 6455 §4.1, RFC 9110 §9.3.6). */
async function connectThroughProxy(
  proxy: URL,
  { hostname, port }: WebSocketUrl,
  signal: AbortSignal | undefined,
): Promise<Deno.TcpConn> {
  const host = hostname.includes(":") ? `[${hostname}]` : hostname;
  const target = `${host}:${port}`;
  const conn = await Deno.connect({
    hostname: proxy.hostname,
    port: Number(proxy.port) || 80,
  });
  const { close } = denoTransport(conn);
  signal?.addEventListener("abort", close);
  try {
    await denoTransport(conn).write(serializeRequestHead({
      method: "CONNECT",
      target,
      httpVersion: "1.1",
      headers: [["Host", target], ...credentials(proxy)],
    }));
    // Byte by byte: what follows the head may be the server's TLS already.
    const { head } = await readHead(async () => {
      const byte = new Uint8Array(1);
      return await conn.read(byte) === null ? null : byte;
    }, parseResponseHead);
    if (head.status >= 200 && head.status <= 299) return conn;
    const found = `HTTP ${head.status} ${head.reason}`.trimEnd();
    throw new ProtocolError("refused-by-proxy", {
      found,
      offset: 0,
      cause: head,
    });
  } catch (error) {
    close();
    throw error;
  } finally {
    signal?.removeEventListener("abort", close);
  }
}

/** The user of a proxy's URL as Basic authentication (RFC 7617). */
function credentials({ username, password }: URL): [string, string][] {
  if (username === "") return [];
  const pair = `${decodeURIComponent(username)}:${
    decodeURIComponent(password)
  }`;
  return [["Proxy-Authorization", `Basic ${encodeBase64(pair)}`]];
}

/** Small frames go out at once, not when the last has been acknowledged. */
function withoutDelay(conn: Deno.TcpConn): Deno.TcpConn {
  conn.setNoDelay(true);
  return conn;
}

/** Listens on Deno: TCP, TLS or a Unix socket. */
export function listenDeno(options: ListenOptions): Listener {
  const { port = 0, hostname, unixPath, cert, key } = options;
  if ((cert === undefined) !== (key === undefined)) {
    throw new TypeError(
      `Cannot listen: found ${cert === undefined ? "key" : "cert"} alone, ` +
        "wanted cert and key, or neither",
    );
  }
  if (unixPath !== undefined && cert !== undefined) {
    throw new TypeError(
      "Cannot listen: found cert with unixPath, wanted a port for TLS",
    );
  }
  if (unixPath !== undefined) {
    return toListener(
      Deno.listen({ transport: "unix", path: unixPath }),
      unixPath,
      (conn) => conn,
    );
  }
  const address = hostname === undefined ? { port } : { port, hostname };
  if (cert !== undefined && key !== undefined) {
    const listener = Deno.listenTls({ ...address, cert, key, alpnProtocols });
    return toListener(listener, addressOf(listener.addr), (conn) => conn);
  }
  const listener = Deno.listen(address);
  return toListener(listener, addressOf(listener.addr), withoutDelay);
}

function addressOf({ hostname, port }: Deno.NetAddr): string {
  return hostname.includes(":")
    ? `[${hostname}]:${port}`
    : `${hostname}:${port}`;
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
