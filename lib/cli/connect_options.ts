import {
  connectWebSocket,
  type ConnectWebSocketOptions,
} from "../connection/connect.ts";
import type { WebSocketConnection } from "../connection/connection.ts";
import { permessageDeflate } from "../deflate/mod.ts";
import { parseWebSocketUrl, type WebSocketUrl } from "../handshake/client.ts";
import { dial } from "../transport/dial.ts";
import {
  type CommandOptions,
  type Given,
  isGiven,
  stringOf,
  stringsOf,
} from "./command.ts";
import type { LiveDissection } from "./live_dissection.ts";
import { type Terminal, UnreachableError, UsageError } from "./terminal.ts";
import { watchedTransport } from "./watched_transport.ts";

/** How a client connects: the same for every command that does. */
export const connectOptions: CommandOptions = {
  protocol: {
    type: "string",
    value: "NAME",
    multiple: true,
    help: "a subprotocol to offer; may be given again",
  },
  header: {
    type: "string",
    value: "LINE",
    short: "H",
    multiple: true,
    help: 'a header for the request, such as "Cookie: a=b"',
  },
  "no-deflate": { type: "boolean", help: "do not offer compression" },
  ca: {
    type: "string",
    value: "FILE",
    help: "certificates to trust, in PEM, for wss:",
  },
  proxy: { type: "string", value: "URL", help: "an HTTP proxy to go through" },
  unix: { type: "string", value: "PATH", help: "a Unix socket to connect to" },
};

/** The URL on a command line. */
export function urlOf({ positionals }: Given, command: string): string {
  const [url, ...rest] = positionals;
  if (url !== undefined && rest.length === 0) return url;
  throw new UsageError(
    `Cannot ${command}: found ${
      url === undefined ? "no URL" : `${positionals.length} arguments`
    }, wanted one URL, such as ws://127.0.0.1:3000/`,
  );
}

/**
 * Connects as the command line says.
 *
 * @param live Sees all the bytes of the connection, if it is given.
 * @throws {UnreachableError} If there is no connection, whatever the reason.
 */
export async function connectAs(
  given: Given,
  url: string,
  { signal }: Terminal,
  live?: LiveDissection,
): Promise<WebSocketConnection> {
  const options = { ...requireOptions(given), signal };
  const target = requireUrl(url);
  try {
    if (live === undefined) return await connectWebSocket(url, options);
    const carrier = await dial(target, options, signal);
    return await connectWebSocket(url, {
      ...options,
      carrier: watchedTransport(carrier, live),
    });
  } catch (error) {
    // What was seen until then is to be written first.
    await live?.end();
    throw new UnreachableError(describeFailure(url, error));
  }
}

function requireUrl(url: string): WebSocketUrl {
  try {
    return parseWebSocketUrl(url);
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function requireOptions(given: Given): ConnectWebSocketOptions {
  const [ca, proxy, unixPath] = ["ca", "proxy", "unix"]
    .map((name) => stringOf(given, name));
  return {
    protocols: stringsOf(given, "protocol"),
    headers: stringsOf(given, "header").map(parseHeader),
    extensions: isGiven(given, "no-deflate") ? [] : [permessageDeflate()],
    ...ca === undefined ? {} : { caCerts: [readCertificates(ca)] },
    ...proxy === undefined ? {} : { proxy },
    ...unixPath === undefined ? {} : { unixPath },
  };
}

function parseHeader(line: string): readonly [string, string] {
  const colon = line.indexOf(":");
  if (colon > 0) {
    return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
  }
  throw new UsageError(
    `Cannot read --header: found ${JSON.stringify(line)}, wanted a name, a ` +
      'colon and a value, such as "Cookie: a=b"',
  );
}

function readCertificates(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    throw new UnreachableError(
      `Cannot read ${path}: ${(error as Error).message}`,
    );
  }
}

/** Why there is no connection, and what to do where that can be told. */
function describeFailure(url: string, error: unknown): string {
  const { message } = error as Error;
  // Errors of our own say what could not be done.
  if (message.startsWith("Cannot ")) return message;
  const advice = error instanceof Deno.errors.ConnectionRefused
    ? "; is the server running, and on that port?"
    : "";
  return `Cannot connect to ${url}: ${message}${advice}`;
}
