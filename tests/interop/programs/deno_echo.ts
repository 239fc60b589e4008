/**
 * An echo by Deno's own WebSocket, as a server or as a client:
 *
 *     deno run --allow-net deno_echo.ts serve PORT
 *     deno run --allow-net deno_echo.ts connect URL
 */
const [what, where] = Deno.args;

function echo(socket: WebSocket): void {
  socket.binaryType = "arraybuffer";
  socket.onmessage = ({ data }) => socket.send(data);
  socket.onerror = () => {};
}

if (what === "serve") {
  Deno.serve({ hostname: "127.0.0.1", port: Number(where) }, (request) => {
    const { socket, response } = Deno.upgradeWebSocket(request, {
      protocol: "echo",
    });
    echo(socket);
    return response;
  });
} else {
  echo(new WebSocket(where!, ["echo"]));
}
