/**
 * A client of a Socket.IO server, in as much of Engine.IO 4 and Socket.IO 5 as one
 * event needs: sends it, prints what comes, and ends with the answer.
 *
 *     deno run --allow-net examples/socket_io_client.ts \
 *       http://127.0.0.1:3000 message '"Hello"' '{"n":1}'
 *
 * Both protocols are texts that begin with a digit: Engine.IO's type of packet,
 * and, in its messages (4), Socket.IO's.
 */
import { connectWebSocket } from "@sluice/websocket";
import { parseArgs } from "node:util";

const { values, positionals: [base, event, ...texts] } = parseArgs({
  allowPositionals: true,
  options: { help: { type: "boolean", short: "h", default: false } },
});
if (values.help || base === undefined || event === undefined) {
  console.log(`Usage: socket_io_client.ts URL EVENT [JSON]...

  URL    such as http://127.0.0.1:3000
  EVENT  what to emit, with an acknowledgement
  JSON   its arguments`);
  Deno.exit(values.help ? 0 : 2);
}

const url = new URL("/socket.io/?EIO=4&transport=websocket", base);
url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
const connection = await connectWebSocket(url);
const args = texts.map((text) => JSON.parse(text));

for await (const packet of connection) {
  if (typeof packet !== "string") {
    console.log(`attachment of ${packet.length} bytes`);
  } else if (packet.startsWith("0")) {
    // Engine.IO is open; the namespace "/" is to be connected to.
    connection.send("40");
  } else if (packet === "2") {
    // Its own heartbeat, in texts: the server asks, the client answers.
    connection.send("3");
  } else if (packet.startsWith("40")) {
    connection.send(`421${JSON.stringify([event, ...args])}`);
  } else if (packet.startsWith("42") || packet.startsWith("45")) {
    console.log(`event ${packet.slice(packet.indexOf("["))}`);
  } else if (packet.startsWith("431")) {
    console.log(`answer ${packet.slice(3)}`);
    connection.send("41");
    connection.close();
  } else if (packet.startsWith("44")) {
    console.error(`refused ${packet.slice(2)}`);
    connection.close();
  }
}
