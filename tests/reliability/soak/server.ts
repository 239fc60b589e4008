/**
 * The soak's server: sends back what it is sent, and judges that every message
 * is whole and the next. Answers lines on its standard input.
 */
import { answers } from "../../../bench/servers/report_usage.mjs";
import { serveWebSocket, type WebSocketConnection } from "@sluice/websocket";
import { permessageDeflate } from "@sluice/websocket/deflate";
import { createFaults } from "./faults.ts";
import { readNumbered } from "./numbered.ts";
import { residentBytes } from "./resident.ts";

const faults = createFaults();
const nextNumbers = new WeakMap<WebSocketConnection, number>();
let messages = 0;
let opened = 0;

const server = serveWebSocket({
  hostname: "127.0.0.1",
  port: Number(Deno.args[0]),
  extensions: [permessageDeflate({ level: 1 })],
  heartbeat: { intervalMs: 5_000, timeoutMs: 20_000 },
  closeTimeoutMs: 30_000,
  // Clients that break off do so in the middle of anything.
  onError: () => {},
}, {
  open: (connection) => {
    opened += 1;
    nextNumbers.set(connection, 0);
  },
  message: (connection, data) => {
    messages += 1;
    const number = nextNumbers.get(connection)!;
    nextNumbers.set(connection, number + 1);
    const found = readNumbered(data);
    if (found?.number !== number || !found.isWhole) {
      faults.note(`server: wanted ${number}, found ${JSON.stringify(found)}`);
    }
    connection.send(data);
  },
});

Object.assign(answers, {
  "state": () => ({
    connections: server.connections.size,
    opened,
    messages,
    faults: faults.all(),
  }),
  "resident": residentBytes,
});
