/**
 * reconnecting-websocket with our class in place of the platform's.
 *
 * By itself, since it takes a package from npm: `deno task test:libraries`.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import imported from "reconnecting-websocket";
import { serveWebSocket } from "../../lib/connection/serve.ts";
import { WebSocket } from "../../lib/facade/mod.ts";
import { until, within } from "../connection/connections.ts";

/** The package says that it exports a default, and is the class itself. */
const Reconnecting = imported as unknown as typeof imported.default;

Deno.test("reconnecting-websocket reconnects over our WebSocket, and sends what waited", async () => {
  let clients = 0;
  await using server = serveWebSocket(
    { hostname: "127.0.0.1", onError: () => {} },
    async (connection) => {
      clients += 1;
      if (clients === 1) return connection.close({ closeCode: 1012 });
      for await (const message of connection) connection.send(message);
    },
  );
  const socket = new Reconnecting(`ws://${server.address}/`, [], {
    WebSocket,
    minReconnectionDelay: 1,
    maxReconnectionDelay: 2,
  });
  socket.binaryType = "arraybuffer";
  const codes: number[] = [];
  socket.addEventListener("close", ({ code }) => void codes.push(code));
  const opened = Promise.withResolvers<void>();
  socket.addEventListener("open", () => {
    if (clients === 2) opened.resolve();
  });
  await within(opened.promise, "the second connection", 5_000);

  const received: unknown[] = [];
  const all = new Promise<void>((resolve) => {
    socket.addEventListener("message", ({ data }) => {
      received.push(data);
      if (received.length === 2) resolve();
    });
  });
  socket.send("Hello");
  socket.send(Uint8Array.of(1, 2));
  await within(all, "the echoes");
  assertEquals(received, ["Hello", Uint8Array.of(1, 2).buffer]);
  socket.close(1000);
  await until(() => codes.length === 2, "the end");
  assertEquals(codes, [1012, 1000]);
});
