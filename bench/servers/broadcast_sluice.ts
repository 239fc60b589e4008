/** Sends every message to all who are connected, as the README does it. */
import "./report_usage.mjs";
import { createBroadcast, serveWebSocket } from "@sluice/websocket";
import { permessageDeflate } from "@sluice/websocket/deflate";

const [port, extension] = Deno.args;
const everybody = createBroadcast();
serveWebSocket({
  hostname: "127.0.0.1",
  port: Number(port),
  extensions: extension === "deflate" ? [permessageDeflate()] : [],
}, {
  open: (connection) => everybody.add(connection),
  message: (_, data) => everybody.send(data),
});
