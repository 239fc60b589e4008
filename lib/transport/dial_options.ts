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
  /**
   * The TCP port; 0 picks a free one.
   *
   * @default {0}
   */
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
export const alpnProtocols: readonly string[] = ["http/1.1"];

/** Throws unless a URL can be dialled with these options. */
export function requireDialOptions(
  { secure }: { readonly secure: boolean },
  { unixPath }: DialOptions,
): void {
  if (unixPath === undefined || !secure) return;
  throw new TypeError(
    "Cannot connect: found a wss: URL with unixPath, wanted ws:, since TLS " +
      "goes over TCP here",
  );
}

/** Throws unless one can listen with these options. */
export function requireListenOptions(
  { unixPath, cert, key }: ListenOptions,
): void {
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
}

/** A host and a port as a URL has them. */
export function formatAddress(hostname: string, port: number): string {
  return hostname.includes(":")
    ? `[${hostname}]:${port}`
    : `${hostname}:${port}`;
}
