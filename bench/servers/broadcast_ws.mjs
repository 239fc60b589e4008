/**
 * Sends every message to all who are connected, as the documentation of `ws`
 * does it. Run in the folder that `ws` is installed in.
 */
import "./report_usage.mjs";
import { createRequire } from "node:module";
import process from "node:process";

const { WebSocketServer } = createRequire(`${process.cwd()}/`)("ws");

const [, , port, extension] = process.argv;
const server = new WebSocketServer({
  host: "127.0.0.1",
  port: Number(port),
  perMessageDeflate: extension === "deflate",
});
server.on("connection", (socket) => {
  socket.on("message", (data, binary) => {
    for (const other of server.clients) other.send(data, { binary });
  });
  // The benchmark's clients hang up without a Close.
  socket.on("error", () => {});
});
