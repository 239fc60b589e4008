/**
 * An echo by npm `ws`, as a server or as a client:
 *
 *     node ws_echo.mjs serve PORT [--deflate]
 *     node ws_echo.mjs connect URL [--deflate]
 */
import { createRequire } from "node:module";

const { WebSocket, WebSocketServer } = createRequire(
  `${process.env.PEERS}/package.json`,
)("ws");
const [what, where, flag] = process.argv.slice(2);
const perMessageDeflate = flag === "--deflate" ? { threshold: 0 } : false;

function echo(socket) {
  socket.on("message", (data, isBinary) => {
    socket.send(data, { binary: isBinary });
  });
  socket.on("error", (error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}

if (what === "serve") {
  const server = new WebSocketServer({
    host: "127.0.0.1",
    port: Number(where),
    perMessageDeflate,
    handleProtocols: (protocols) => protocols.has("echo") ? "echo" : false,
  });
  server.on("connection", echo);
} else {
  echo(new WebSocket(where, ["echo"], { perMessageDeflate }));
}
