/** Our client, read by `for await`. */
import { connectWebSocket } from "@sluice/websocket";
import { main } from "./echo_client.ts";

await main(async (url, onMessage) => {
  const connection = await connectWebSocket(url);
  const read = async () => {
    for await (const message of connection) onMessage(message);
  };
  read();
  return {
    send: (data) => void connection.send(data),
    close: async () => {
      connection.close();
      await connection.closed;
    },
  };
});
