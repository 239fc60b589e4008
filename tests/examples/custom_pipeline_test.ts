import { assertEquals } from "@std/assert";
import { startServer } from "./run_example.ts";

Deno.test("custom_pipeline.ts answers JSON with JSON", async () => {
  const server = await startServer("custom_pipeline.ts");
  try {
    const socket = new WebSocket(server.url);
    await new Promise((resolve) => socket.onopen = resolve);
    const answer = new Promise((resolve) => {
      socket.onmessage = ({ data }) => resolve(data);
    });
    socket.send("[1, 2, 3]");
    assertEquals(await answer, '{"sum":6}');
    const closed = new Promise<CloseEvent>((resolve) => {
      socket.onclose = resolve;
    });
    socket.close(1000);
    assertEquals((await closed).wasClean, true);
  } finally {
    assertEquals(await server.stop(), "");
  }
});
