import { assert, assertEquals } from "@std/assert";
import { serveWebSocket } from "../../lib/connection/serve.ts";
import { toWebSocket } from "../../lib/facade/to_web_socket.ts";
import { FacadeWebSocket } from "../../lib/facade/web_socket.ts";
import {
  connectionWithPeer,
  joinedConnections,
  within,
} from "../connection/connections.ts";
import { closeFrame, textFrame } from "../session/sessions.ts";
import { once, record } from "./sockets.ts";

for (const role of ["client", "server"] as const) {
  Deno.test(`toWebSocket() is open from the start, as a ${role}, and misses nothing that came before`, async () => {
    const { connection, peer } = connectionWithPeer(role);
    await peer.say(textFrame("a"), textFrame("b"));
    const socket = toWebSocket(connection);
    assert(socket instanceof FacadeWebSocket);
    assertEquals([socket.readyState, socket.url], [1, ""]);
    const { lines, closed } = record(socket);
    socket.send("now");
    assertEquals(await peer.hear(1), ["text now"]);
    await peer.say(closeFrame(1000, "bye"));
    assertEquals(await peer.hear(1), ["close 1000 bye"]);
    peer.close();
    await within(closed, "the end");
    assertEquals(lines, [
      "message a while open",
      "message b while open",
      "close clean 1000 bye while closed",
    ]);
  });
}

Deno.test("toWebSocket() has a URL, and an origin, when it is told", async () => {
  const [client, server] = joinedConnections();
  const url = new URL("wss://a.example:8080/chat");
  const socket = toWebSocket(client, { url });
  assertEquals(socket.url, "wss://a.example:8080/chat");
  server.send("x");
  assertEquals((await once(socket, "message")).origin, "wss://a.example:8080");
  socket.close();
  await server.receive();
  await once(socket, "close");

  const [other, end] = joinedConnections();
  const nowhere = toWebSocket(other);
  end.send("x");
  assertEquals((await once(nowhere, "message")).origin, "");
  end.close();
  await once(nowhere, "close");
});

Deno.test("toWebSocket() of both ends talks with itself", async () => {
  const [client, server] = joinedConnections().map((end) => toWebSocket(end));
  server!.onmessage = ({ data }) => server!.send(data);
  client!.binaryType = "arraybuffer";
  client!.send(Uint8Array.of(1));
  assertEquals((await once(client!, "message")).data, Uint8Array.of(1).buffer);
  client!.close(4000, "done");
  const { code, reason } = await once(server!, "close");
  assertEquals([code, reason], [4000, "done"]);
});

Deno.test("toWebSocket() tells that a connection gives pieces, which it cannot read", async () => {
  const [client, server] = joinedConnections({
    client: { delivery: "pieces" },
  });
  const socket = toWebSocket(client);
  const { lines, closed } = record(socket);
  const { message } = await once(socket, "error") as ErrorEvent;
  assertEquals(message.includes('delivery: "pieces"'), true, message);
  assertEquals(await server.receive(), undefined);
  assertEquals((await server.closed).closeCode, 1011);
  await within(closed, "the end");
  assertEquals(lines, [
    "error while closed",
    "close unclean 1006 while closed",
  ]);
});

Deno.test("toWebSocket() serves a client of the platform's own", async () => {
  await using server = serveWebSocket(
    { hostname: "127.0.0.1" },
    async (connection) => {
      const socket = toWebSocket(connection);
      socket.onmessage = async ({ data }) => socket.send(await data.bytes());
      await connection.closed;
    },
  );
  const socket = new globalThis.WebSocket(`ws://${server.address}/`);
  socket.binaryType = "arraybuffer";
  await once(socket, "open");
  socket.send(Uint8Array.of(1, 2));
  assertEquals(
    (await once(socket, "message")).data,
    Uint8Array.of(1, 2).buffer,
  );
  socket.close(1000);
  assertEquals((await once(socket, "close")).wasClean, true);
});
