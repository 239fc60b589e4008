/**
 * Connects, and sends back every message that it gets until the server closes.
 *
 *     deno run --allow-net examples/echo_client.ts ws://127.0.0.1:3000/
 */
import { connectWebSocket } from "@sluice/websocket";
import { permessageDeflate } from "@sluice/websocket/deflate";
import { parseArgs } from "node:util";

const { values, positionals: [url] } = parseArgs({
  allowPositionals: true,
  options: {
    "no-deflate": { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});
if (values.help || url === undefined) {
  console.log(`Usage: echo_client.ts URL [--no-deflate]

  URL           such as ws://127.0.0.1:3000/
  --no-deflate  do not offer compression`);
  Deno.exit(values.help ? 0 : 2);
}

const extensions = values["no-deflate"] ? [] : [permessageDeflate()];
const connection = await connectWebSocket(url, { extensions });
for await (const message of connection) {
  connection.send(message);
  // Waits while the server does not read, so that nothing piles up here.
  await connection.drained();
}

const { closeCode, reason } = await connection.closed;
console.log(`Closed by the server: ${closeCode} ${reason}`.trimEnd());
