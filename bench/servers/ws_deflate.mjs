/**
 * An echo with `ws` on Node that compresses: `ws_deflate.mjs PORT zlib on|off`.
 * Run in the folder that `ws` is installed in. Text goes back as the buffer that
 * `ws` hands out.
 */
import "./report_usage.mjs";
import { createRequire } from "node:module";
import process from "node:process";

const { WebSocketServer } = createRequire(`${process.cwd()}/`)("ws");
const isReset = process.argv[4] === "off";

const server = new WebSocketServer({
  host: "127.0.0.1",
  port: Number(process.argv[2]),
  perMessageDeflate: {
    threshold: 0,
    zlibDeflateOptions: { level: 6 },
    serverNoContextTakeover: isReset,
    clientNoContextTakeover: isReset,
  },
});
server.on("connection", (socket) => {
  socket.on("message", (data, binary) => socket.send(data, { binary }));
  socket.on("error", () => {});
});
