/** An echo that has each connection to itself and reads it by `for await`. */
import "./report_usage.mjs";
import { serveWebSocket } from "@sluice/websocket";

serveWebSocket(
  { hostname: "127.0.0.1", port: Number(Deno.args[0]) },
  async (connection) => {
    for await (const message of connection) connection.send(message);
  },
);
