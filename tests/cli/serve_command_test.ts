import { assertEquals, assertStringIncludes } from "@std/assert";
import { connectWebSocket } from "../../lib/connection/connect.ts";
import { run, start } from "./terminals.ts";

Deno.test("sluice serve sends everything back, and tells who comes and goes", async () => {
  const serving = start("serve", "--listen", "0", "--protocol", "chat");
  const url = `ws://127.0.0.1:${await serving.port()}/room`;
  const connection = await connectWebSocket(url, { protocols: ["chat"] });
  assertEquals(connection.protocol, "chat");
  connection.send("Hello");
  assertEquals(await connection.receive(), "Hello");
  connection.close({ closeCode: 4000, reason: "bye" });
  await connection.closed;
  await serving.terminal.seen("connection 1: closed, 4000 bye");
  assertStringIncludes(serving.terminal.notes(), "connection 1: open, /room\n");
  assertEquals(await serving.stop(), 0);
});

Deno.test("sluice serve --broadcast passes messages on to all others", async () => {
  const serving = start("serve", "--broadcast", "--quiet", "--listen", "0");
  const url = `ws://127.0.0.1:${await serving.port()}/`;
  const [a, b, c] = await Promise.all(
    [url, url, url].map((url) => connectWebSocket(url)),
  );
  a!.send("to all");
  assertEquals(await b!.receive(), "to all");
  assertEquals(await c!.receive(), "to all");
  b!.send("back");
  // Nothing of its own came before.
  assertEquals(await a!.receive(), "back");
  assertEquals(await serving.stop(), 0);
  await Promise.all([a, b, c].map((one) => one!.closed));
  assertEquals(serving.terminal.notes(), "");
});

Deno.test("sluice serve says when the port is somebody else's", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const port = String(listener.addr.port);
  const { code, notes } = await run(["serve", "--listen", port]);
  assertEquals(code, 3);
  assertStringIncludes(notes, "choose another --listen");
});

Deno.test("sluice serve takes no port without its option", async () => {
  const { code, notes } = await run(["serve", "3431"]);
  assertEquals(code, 2);
  assertStringIncludes(notes, 'found "3431", wanted options only');
});
