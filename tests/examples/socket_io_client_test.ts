import { assertEquals } from "@std/assert";
import { serveWebSocket } from "@sluice/websocket";
import { startExample } from "./run_example.ts";

Deno.test("socket_io_client.ts opens, keeps alive, emits, and ends with the answer", async () => {
  const got: unknown[] = [];
  await using server = serveWebSocket(
    { hostname: "127.0.0.1", origins: "any" },
    async (connection, { resourceName }) => {
      got.push(resourceName);
      connection.send('0{"sid":"a"}');
      connection.send("2");
      for await (const packet of connection) {
        got.push(packet);
        if (packet === "40") connection.send('40{"sid":"b"}');
        if (String(packet).startsWith("421")) {
          connection.send('42["news",1]');
          connection.send('431["seen"]');
        }
      }
    },
  );
  const { code, stdout, stderr } = await startExample(
    "socket_io_client.ts",
    `http://${server.address}`,
    "message",
    '"Hello"',
    '{"n":1}',
  ).finish();
  assertEquals([code, stderr], [0, ""]);
  assertEquals(stdout.trimEnd(), 'event ["news",1]\nanswer ["seen"]');
  assertEquals(got, [
    "/socket.io/?EIO=4&transport=websocket",
    "40",
    "3",
    '421["message","Hello",{"n":1}]',
    "41",
  ]);
});
