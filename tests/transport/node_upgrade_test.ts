import { assertEquals } from "@std/assert";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { acceptWebSocket } from "../../lib/connection/accept.ts";
import { connectWebSocket } from "../../lib/connection/connect.ts";
import { serveWebSocket } from "../../lib/connection/serve.ts";
import {
  upgradeListener,
  upgradeTransport,
} from "../../lib/transport/node_upgrade.ts";
import { dialRaw, requestText, within } from "../connection/connections.ts";
import { hex } from "../support/hex.ts";

async function listen(server: http.Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

async function close(server: http.Server): Promise<void> {
  server.closeAllConnections?.();
  await new Promise<void>((resolve) => server.close(() => resolve()));
}

Deno.test("a port is shared with an HTTP server, which goes on serving pages", async () => {
  const pages = http.createServer((request, response) => {
    response.end(`page ${request.url}`);
  });
  const server = serveWebSocket({ listener: upgradeListener(pages) }, {
    message: (connection, data) => connection.send(data),
  });
  const port = await listen(pages);
  const page = await fetch(`http://127.0.0.1:${port}/a`);
  assertEquals(await page.text(), "page /a");
  const connection = await connectWebSocket(`ws://127.0.0.1:${port}/b`);
  connection.send("Hello");
  assertEquals(await within(connection.receive(), "the echo"), "Hello");
  const large = new Uint8Array(300_000).fill(7);
  connection.send(large);
  assertEquals(await within(connection.receive(), "the echo"), large);
  await within(server.shutdown(), "the shutdown");
  assertEquals((await connection.closed).closeCode, 1001);
  // Only the WebSockets are gone.
  const other = await fetch(`http://127.0.0.1:${port}/c`);
  assertEquals(await other.text(), "page /c");
  await close(pages);
});

Deno.test("what came behind the request is read as what follows it", async () => {
  const pages = http.createServer();
  await using _server = serveWebSocket({ listener: upgradeListener(pages) }, {
    message: (connection, data) => connection.send(data),
  });
  const port = await listen(pages);
  const peer = await dialRaw(`127.0.0.1:${port}`);
  await peer.write(Uint8Array.of(
    ...new TextEncoder().encode(requestText()),
    ...hex("89 80 00 00 00 00"),
  ));
  await within(peer.head(), "the answer");
  assertEquals((await within(peer.hear(1), "the Pong")).length, 1);
  peer.close();
  await close(pages);
});

Deno.test("requests are judged as strictly as any, and can be left to others", async () => {
  const pages = http.createServer();
  const taken: string[] = [];
  await using _server = serveWebSocket({
    listener: upgradeListener(pages, {
      filter: ({ url }) => url !== "/theirs",
    }),
    onError: () => {},
  }, { open: (_, { resourceName }) => void taken.push(resourceName) });
  pages.on("upgrade", (request, socket, head) => {
    if (request.url !== "/theirs") return;
    acceptWebSocket(upgradeTransport(request, socket, head)).then((one) => {
      one.send("theirs");
    });
  });
  const port = await listen(pages);
  const bad = await dialRaw(`127.0.0.1:${port}`);
  await bad.write(
    requestText().replace(
      /Sec-WebSocket-Version: 13/i,
      "Sec-WebSocket-Version: 8",
    ),
  );
  assertEquals((await bad.head()).includes(" 426 "), true);
  bad.close();
  const theirs = await connectWebSocket(`ws://127.0.0.1:${port}/theirs`);
  assertEquals(await theirs.receive(), "theirs");
  assertEquals(taken, []);
  theirs.close();
  await theirs.closed;
  await close(pages);
});

Deno.test("a request that nobody takes is answered, and its reset harms nobody", async () => {
  const pages = http.createServer();
  await using _server = serveWebSocket({
    listener: upgradeListener(pages, { filter: () => false }),
  }, {});
  const port = await listen(pages);
  const first = await dialRaw(`127.0.0.1:${port}`);
  await first.write(requestText());
  assertEquals(
    (await within(first.head(), "the answer")).includes(" 404 "),
    true,
  );
  first.close();
  await close(pages);
});
