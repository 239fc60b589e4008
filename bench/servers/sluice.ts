/** An echo, as the README writes one. */
import "./report_usage.mjs";
import { serveWebSocket } from "@sluice/websocket";

serveWebSocket({ hostname: "127.0.0.1", port: Number(Deno.args[0]) }, {
  message: (connection, data) => connection.send(data),
});
