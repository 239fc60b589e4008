/** The client that Deno has built in, in Rust. */
import { main } from "./echo_client.ts";

await main(async (url, onMessage) => {
  const socket = new WebSocket(url);
  socket.binaryType = "arraybuffer";
  socket.onmessage = ({ data }) => onMessage(data);
  const closed = new Promise<void>((resolve) => {
    socket.onclose = () => resolve();
  });
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = reject;
  });
  return {
    send: (data) => socket.send(data),
    close: () => {
      socket.close();
      return closed;
    },
  };
});
