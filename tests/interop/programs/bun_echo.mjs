/**
 * An echo by Bun, as a server or as a client:
 *
 *     bun bun_echo.mjs serve PORT [--deflate]
 *     bun bun_echo.mjs connect URL [--deflate]
 */
const [what, where, flag] = process.argv.slice(2);
const perMessageDeflate = flag === "--deflate";

if (what === "serve") {
  Bun.serve({
    hostname: "127.0.0.1",
    port: Number(where),
    fetch(request, server) {
      const protocol = request.headers.get("sec-websocket-protocol");
      const headers = protocol === null
        ? {}
        : { "Sec-WebSocket-Protocol": "echo" };
      if (server.upgrade(request, { headers })) return;
      return new Response("Not a WebSocket\n", { status: 426 });
    },
    websocket: {
      perMessageDeflate,
      message(socket, data) {
        socket.send(data, perMessageDeflate);
      },
    },
  });
} else {
  const socket = new WebSocket(where, {
    protocols: ["echo"],
    perMessageDeflate,
  });
  socket.binaryType = "arraybuffer";
  socket.onmessage = ({ data }) => socket.send(data);
  socket.onclose = () => process.exit();
}
