/**
 * An echo server on raw TCP: text and binary messages come back as they were.
 *
 *     deno run --allow-net=127.0.0.1 examples/echo_server.ts --port 3000
 */
import { serveWebSocket } from "@sluice/websocket";
import { permessageDeflate } from "@sluice/websocket/deflate";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "3000" },
    "no-deflate": { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});
if (values.help) {
  console.log(`Usage: echo_server.ts [--port N] [--no-deflate]

  --port N      where to listen: 3000; 0 picks a free one
  --no-deflate  do not compress, whatever the client offers`);
  Deno.exit();
}

const server = serveWebSocket({
  hostname: "127.0.0.1",
  port: Number(values.port),
  // Any page may talk to it: an echo has nothing to steal.
  origins: "any",
  extensions: values["no-deflate"] ? [] : [permessageDeflate()],
}, {
  message: (connection, data) => connection.send(data),
});

console.log(`Echoing on ws://${server.address}/`);
await server.finished;
