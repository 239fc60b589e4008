/**
 * An echo server on raw TCP: text and binary messages come back as they were.
 *
 *     deno run --allow-net=127.0.0.1 examples/echo_server.ts --port 3000
 */
import { serveWebSocket } from "@sluice/websocket";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "3000" },
    help: { type: "boolean", short: "h", default: false },
  },
});
if (values.help) {
  console.log("Usage: echo_server.ts [--port N]   (3000; 0 picks a free one)");
  Deno.exit();
}

const server = serveWebSocket({
  hostname: "127.0.0.1",
  port: Number(values.port),
  // Any page may talk to it: an echo has nothing to steal.
  origins: "any",
}, {
  message: (connection, data) => connection.send(data),
});

console.log(`Echoing on ws://${server.address}/`);
await server.finished;
