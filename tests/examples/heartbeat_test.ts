import { assertMatch } from "@std/assert";
import { startServer } from "./run_example.ts";

const request = new TextEncoder().encode(
  "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n" +
    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
);

Deno.test("heartbeat.ts drops who does not answer and keeps who does", async () => {
  const beat = ["--interval-ms", "50", "--timeout-ms", "200"];
  const server = await startServer("heartbeat.ts", ...beat);
  const { hostname, port } = new URL(server.url);
  try {
    // Deno's client answers each Ping by itself.
    const lively = new WebSocket(server.url);
    await new Promise((resolve) => lively.onopen = resolve);
    const silent = await Deno.connect({ hostname, port: Number(port) });
    await silent.write(request);

    // The silent one is hung up on.
    const buffer = new Uint8Array(1024);
    while (await silent.read(buffer).catch(() => null) !== null);
    silent.close();
    const dropped = await server.lines.next();
    assertMatch(
      dropped.value ?? "",
      /^Dropped a client: .*sign of life since a Ping/,
    );

    // The other still gets an answer, longer than its own time-out.
    const heard = new Promise((resolve) => {
      lively.onmessage = ({ data }) => resolve(data);
    });
    lively.send("still here");
    assertMatch(String(await heard), /^The last Ping took [\d.]+ ms$/);
    const closed = new Promise((resolve) => lively.onclose = resolve);
    lively.close();
    await closed;
  } finally {
    await server.stop();
  }
});
