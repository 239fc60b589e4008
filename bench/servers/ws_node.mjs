/**
 * An echo with `ws` on Node. Run in the folder that `ws` is installed in.
 *
 * Text goes back as the buffer that `ws` hands out, and never becomes a string:
 * that is how its own documentation echoes, and is to its advantage.
 */
import "./report_usage.mjs";
import { createRequire } from "node:module";
import process from "node:process";

const { WebSocketServer } = createRequire(`${process.cwd()}/`)("ws");

const server = new WebSocketServer({
  host: "127.0.0.1",
  port: Number(process.argv[2]),
  perMessageDeflate: false,
});
server.on("connection", (socket) => {
  socket.on("message", (data, binary) => socket.send(data, { binary }));
  // The benchmark's clients hang up without a Close.
  socket.on("error", () => {});
});
