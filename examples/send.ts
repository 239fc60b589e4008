/**
 * Sends one text message and prints the answer.
 *
 *     deno run --allow-net examples/send.ts ws://127.0.0.1:3000/ "Hello"
 */
import { connectWebSocket } from "@sluice/websocket";
import { parseArgs } from "node:util";

const { values, positionals: [url, text] } = parseArgs({
  allowPositionals: true,
  options: { help: { type: "boolean", short: "h", default: false } },
});
if (values.help || url === undefined || text === undefined) {
  console.log('Usage: send.ts URL TEXT   (such as ws://127.0.0.1:3000/ "Hi")');
  Deno.exit(values.help ? 0 : 2);
}

await using connection = await connectWebSocket(url);
connection.send(text);
const answer = await connection.receive();
if (answer === undefined) throw new Error("The server closed unanswered");
console.log(answer);
