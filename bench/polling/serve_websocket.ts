/** Delivers updates by WebSocket, as the README writes a server. */
import { serveWebSocket } from "@sluice/websocket";
import { openFeed, port } from "./serve.ts";

const server = serveWebSocket({ hostname: "127.0.0.1", port }, {});

openFeed((update) => {
  for (const connection of server.connections) connection.send(update);
});
