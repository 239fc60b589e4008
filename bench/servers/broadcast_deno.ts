/** Sends every message to all who are connected, with what Deno has built in. */
import "./report_usage.mjs";

const everybody = new Set<WebSocket>();
Deno.serve({
  hostname: "127.0.0.1",
  port: Number(Deno.args[0]),
  onListen: () => {},
}, (request) => {
  const { socket, response } = Deno.upgradeWebSocket(request);
  socket.binaryType = "arraybuffer";
  socket.onopen = () => everybody.add(socket);
  socket.onmessage = ({ data }) => {
    for (const other of everybody) other.send(data);
  };
  socket.onclose = () => everybody.delete(socket);
  // The benchmark's clients hang up without a Close.
  socket.onerror = () => {};
  return response;
});
