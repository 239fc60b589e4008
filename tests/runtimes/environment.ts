import type { Carrier, Listener } from "@sluice/websocket";

/** Something that a check needs of a runtime. */
export type Need =
  | "TCP client"
  | "TLS client"
  | "TCP server"
  | "TLS server"
  | "Unix socket"
  | "node:http"
  | "node:http2"
  | "zlib";

/** A server of `node:http` that has a port, and serves pages. */
export interface HttpServer {
  /** Its WebSockets. */
  readonly listener: Listener;
  /** Where it listens. */
  readonly port: number;
  readonly close: () => Promise<void>;
}

/** A server of `node:http2`, and a session with it. */
export interface Http2Pair {
  /** The WebSockets of the server. */
  readonly listener: Listener;
  /** What carries a client's WebSockets. */
  readonly carrier: Carrier;
  readonly port: number;
  readonly close: () => Promise<void>;
}

/** What a runtime has, in the terms of the library. */
export interface Environment {
  /** An echo that runs elsewhere, over TCP and over TLS. */
  readonly echo: { readonly plain: string; readonly secure: string };
  /** The certificate to trust for it, and a certificate to serve with. */
  readonly tls: {
    readonly authority: string;
    readonly cert: string;
    readonly key: string;
  };
  /** Connects to a URL where the library cannot do so by itself. */
  readonly carry?: (url: string) => Promise<Carrier>;
  /** Listens; with TLS if there is a certificate. */
  readonly listen?: (options: {
    readonly port?: number;
    readonly hostname?: string;
    readonly unixPath?: string;
    readonly cert?: string;
    readonly key?: string;
  }) => Promise<Listener>;
  /** Serves pages on a port that is shared. */
  readonly serveHttp?: (page: string) => Promise<HttpServer>;
  /** Serves HTTP/2 in the clear, and connects to it. */
  readonly serveHttp2?: () => Promise<Http2Pair>;
  /** A path for a Unix socket. */
  readonly unixPath?: string;
  /** What it cannot do, and why. */
  readonly lacks: Partial<Record<Need, string>>;
}
