import { createBroadcast } from "../connection/broadcast.ts";
import type { WebSocketConnection } from "../connection/connection.ts";
import { serveWebSocket, type WebSocketServer } from "../connection/serve.ts";
import { permessageDeflate } from "../deflate/mod.ts";
import { escapeControls } from "../error/escape_controls.ts";
import {
  type Command,
  type Given,
  isGiven,
  stringOf,
  stringsOf,
} from "./command.ts";
import { formatHostPort, parseHostPort } from "./host_port.ts";
import { ExitCode, type Terminal, UnreachableError } from "./terminal.ts";

/** `sluice serve`: a server for trying things. */
export const serveCommand: Command = {
  name: "serve",
  summary: "serve an echo, or pass each message on to all",
  usage: "[options]",
  takesArguments: false,
  details:
    `Sends every message back to who sent it; with --broadcast to everybody
else. Tells who comes and goes. For trying things: pages of any origin may
connect, so that it listens on 127.0.0.1 unless told otherwise.

Ends with Ctrl-C. Exit code: 0, 2 for a wrong command line, 3 if the port cannot
be used.`,
  options: {
    listen: {
      type: "string",
      value: "[HOST:]PORT",
      help: "where clients connect (127.0.0.1:3000); 0 picks a free port",
    },
    broadcast: { type: "boolean", help: "pass messages on to all others" },
    protocol: {
      type: "string",
      value: "NAME",
      multiple: true,
      help: "a subprotocol to accept; may be given again",
    },
    "no-deflate": { type: "boolean", help: "do not compress" },
    quiet: {
      type: "boolean",
      short: "q",
      help: "do not tell who comes and goes",
    },
  },
  examples: [
    ["sluice serve", "an echo on port 3000"],
    ["sluice serve --broadcast --listen 0.0.0.0:8080", "a chat for everybody"],
  ],
  run: serve,
};

async function serve(given: Given, terminal: Terminal): Promise<number> {
  const server = start(given, terminal);
  await terminal.write(`Serving on ws://${server.address}/\n`);
  terminal.signal.addEventListener("abort", () => server.shutdown(), {
    once: true,
  });
  await server.finished;
  return ExitCode.ok;
}

/** One that reads slower than the others write is not waited for for ever. */
const maxBufferedBytes = 16 * 1024 * 1024;

function start(given: Given, terminal: Terminal): WebSocketServer {
  const address = parseHostPort(stringOf(given, "listen") ?? "3000", "listen");
  const isBroadcast = isGiven(given, "broadcast");
  const say = (text: string) => {
    // Paths and reasons are the clients' to choose, and go to a terminal.
    if (!isGiven(given, "quiet")) terminal.note(`${escapeControls(text)}\n`);
  };
  const everybody = createBroadcast({ maxBufferedBytes, onSlow: "close" });
  const numbers = new WeakMap<WebSocketConnection, number>();
  let count = 0;
  const nameOf = (connection: WebSocketConnection) =>
    `connection ${numbers.get(connection)}`;
  try {
    return serveWebSocket({
      ...address,
      origins: "any",
      protocols: stringsOf(given, "protocol"),
      extensions: isGiven(given, "no-deflate") ? [] : [permessageDeflate()],
      onError: (error) => say(`error: ${(error as Error).message}`),
    }, {
      open: (connection, { resourceName }) => {
        numbers.set(connection, ++count);
        everybody.add(connection);
        const more = connection.extensions && `, ${connection.extensions}`;
        say(`${nameOf(connection)}: open, ${resourceName}${more}`);
      },
      message: (connection, data) => {
        if (!isBroadcast) return connection.send(data);
        everybody.send(data, { except: connection });
      },
      close: (connection, { closeCode, reason }) =>
        say(
          `${nameOf(connection)}: closed, ${closeCode}${
            reason && ` ${reason}`
          }`,
        ),
    });
  } catch (error) {
    throw new UnreachableError(
      `Cannot listen on ${formatHostPort(address)}: ${
        (error as Error).message
      }; choose another --listen`,
    );
  }
}
