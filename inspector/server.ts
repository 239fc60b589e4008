/**
 * One port for three things: the page, an echo, and a tunnel through which the
 * page reaches that echo with bytes of its own making.
 */
import {
  serveWebSocket,
  type WebSocketConnection,
  type WebSocketServer,
} from "@sluice/websocket";
import { permessageDeflate } from "@sluice/websocket/deflate";
import { loadPage } from "./page_files.ts";
import { openTunnel, type Tunnel } from "./tunnel.ts";

/** Where the page finds the tunnel; every other path is the echo. */
const tunnelPath = "/tunnel";

/**
 * Serves the inspector on loopback.
 *
 * @param port 0 picks a free one.
 */
export async function serveInspector(port: number): Promise<WebSocketServer> {
  const page = await loadPage();
  const tunnels = new Map<WebSocketConnection, Tunnel>();
  const server: WebSocketServer = serveWebSocket({
    hostname: "127.0.0.1",
    port,
    extensions: [permessageDeflate()],
    // A name that leads here may be somebody else's (DNS rebinding).
    authorize: ({ host }) => isLoopback(host) ? undefined : misdirected(),
    http: (request) => {
      const { host, pathname } = new URL(request.url);
      return isLoopback(host) ? page(pathname) : misdirected();
    },
    // What pages and broken frames do wrong is for the page to show.
    onError: () => {},
  }, {
    open: (connection, { resourceName }) => {
      if (resourceName !== tunnelPath) return;
      tunnels.set(connection, openTunnel(connection, portOf(server)));
    },
    message: (connection, data) => {
      const tunnel = tunnels.get(connection);
      if (tunnel === undefined) return connection.send(data);
      return tunnel.write(data);
    },
    close: (connection) => {
      tunnels.get(connection)?.close();
      tunnels.delete(connection);
    },
  });
  return server;
}

/** Whether a `Host` names this machine as such. */
function isLoopback(host: string): boolean {
  return /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?$/.test(host);
}

function misdirected(): Response {
  return new Response("Ask for 127.0.0.1\n", { status: 421 });
}

function portOf({ address }: WebSocketServer): number {
  return Number(address.slice(address.lastIndexOf(":") + 1));
}
