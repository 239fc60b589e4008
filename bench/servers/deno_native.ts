/** An echo with what Deno has built in, in Rust. */
import "./report_usage.mjs";

Deno.serve({
  hostname: "127.0.0.1",
  port: Number(Deno.args[0]),
  onListen: () => {},
}, (request) => {
  const { socket, response } = Deno.upgradeWebSocket(request);
  socket.binaryType = "arraybuffer";
  socket.onmessage = ({ data }) => socket.send(data);
  // The benchmark's clients hang up without a Close.
  socket.onerror = () => {};
  return response;
});
