/**
 * Socket.IO, as a server or as a client: events come back, and are acknowledged.
 *
 *     node socket_io_echo.mjs serve PORT
 *     node socket_io_echo.mjs connect URL
 */
import { createRequire } from "node:module";

const require = createRequire(`${process.env.PEERS}/package.json`);
const [what, where] = process.argv.slice(2);

if (what === "serve") {
  const { Server } = require("socket.io");
  const server = new Server(Number(where), { pingInterval: 300 });
  server.on("connection", (socket) => {
    socket.onAny((name, ...args) => {
      const answer = args.pop();
      socket.emit(name, ...args);
      answer(...args);
    });
  });
} else {
  const { io } = require("socket.io-client");
  const socket = io(where, { transports: ["websocket"] });
  socket.onAny((name, ...args) => socket.emit(name, ...args));
}
