/** How a server that is attacked listens: what carries its WebSockets. */
import { connectWebSocket, type WebSocketConnection } from "@sluice/websocket";
import { http2Listener, http2Session } from "@sluice/websocket/transport/http2";
import { listenNode } from "@sluice/websocket/transport/node";
import type { Listener, ListenOptions } from "@sluice/websocket/transport/node";
import http2 from "node:http2";
import {
  authority,
  certificate,
  certificateKey,
} from "../../support/certificate.ts";

/** TCP, TLS by Deno, TLS by `node:tls`, or HTTP/2 by `node:http2`. */
export type Carrying = "tcp" | "tls" | "node-tls" | "http2";

const tls = { cert: certificate, key: certificateKey };
const place = { hostname: "127.0.0.1", port: 0 };

/** How long `node:tls` waits for a client. */
export const tlsTimeoutMs = 2_000;

/** What is given to `serveWebSocket`, once somebody listens. */
export async function listeningBy(
  carrying: Carrying,
): Promise<ListenOptions | { readonly listener: Listener }> {
  switch (carrying) {
    case "tcp":
      return place;
    case "tls":
      return { ...place, ...tls };
    case "node-tls":
      return { listener: await listenNode({ ...place, ...tls, tlsTimeoutMs }) };
    case "http2":
      return { listener: await listenHttp2() };
  }
}

async function listenHttp2(): Promise<Listener> {
  const http = http2.createServer({
    settings: { enableConnectProtocol: true },
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const { port } = http.address() as { port: number };
  return http2Listener(http, { address: `127.0.0.1:${port}` });
}

/** A client's connection to such a server, and what it goes over. */
export interface Carried extends Disposable {
  readonly connection: WebSocketConnection;
}

/** Connects as somebody does who means no harm. */
export async function connectBy(
  carrying: Carrying,
  port: number,
): Promise<Carried> {
  const url = `127.0.0.1:${port}/`;
  if (carrying !== "http2") {
    const scheme = carrying === "tcp" ? "ws" : "wss";
    const connection = await connectWebSocket(`${scheme}://${url}`, {
      caCerts: [authority],
    });
    return { connection, [Symbol.dispose]: () => {} };
  }
  const session = http2.connect(`http://${url}`);
  // What goes wrong is seen on the connection.
  session.on("error", () => {});
  const carrier = http2Session(session);
  const connection = await connectWebSocket(`ws://${url}`, { carrier });
  return { connection, [Symbol.dispose]: () => session.destroy() };
}
