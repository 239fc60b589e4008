/** What a server on Node or Bun needs of the library, in one bundle. */
export { serveWebSocket } from "@sluice/websocket/connection";
export { listenNode } from "@sluice/websocket/transport/node";
