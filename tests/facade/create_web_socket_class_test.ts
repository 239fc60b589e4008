import { assert, assertEquals, assertThrows } from "@std/assert";
import { serveWebSocket } from "../../lib/connection/serve.ts";
import { permessageDeflate } from "../../lib/deflate/mod.ts";
import { createWebSocketClass } from "../../lib/facade/create_web_socket_class.ts";
import { FacadeWebSocket } from "../../lib/facade/web_socket.ts";
import { once, record, socketWithServer } from "./sockets.ts";
import { within } from "../connection/connections.ts";

Deno.test("createWebSocketClass() makes classes in the shape of the platform's", () => {
  const [First, Second] = [createWebSocketClass(), createWebSocketClass()];
  assert(First !== Second);
  for (const Bound of [First, Second]) {
    assertEquals([Bound.name, Bound.CLOSED], ["WebSocket", 3]);
    assert(Bound.prototype instanceof FacadeWebSocket);
    assertEquals(Bound.prototype.OPEN, 1);
  }
});

Deno.test("createWebSocketClass() binds extensions, headers and limits to every object", async () => {
  const asked: string[] = [];
  await using server = serveWebSocket({
    hostname: "127.0.0.1",
    extensions: [permessageDeflate()],
    authorize: ({ headers }) =>
      void asked.push(
        ...headers.filter(([name]) => name === "X-Key").map(([, key]) => key),
      ),
    onError: () => {},
  }, {
    message: (connection, data) => connection.send(`${data}${data}`),
  });
  class Mine extends createWebSocketClass({
    extensions: [permessageDeflate()],
    headers: { "X-Key": "secret" },
    maxMessageBytes: 10,
  }) {}
  const url = `ws://${server.address}/`;
  const sockets = [new Mine(url), new Mine(url)];
  await Promise.all(sockets.map((socket) => once(socket, "open")));
  assertEquals(asked, ["secret", "secret"]);
  const [socket, other] = sockets as [WebSocket, WebSocket];
  assertEquals(socket.extensions, "permessage-deflate");
  socket.send("12345");
  assertEquals((await once(socket, "message")).data, "1234512345");
  const { lines, closed } = record(socket);
  socket.send("123456");
  await within(closed, "the end");
  assertEquals(lines, [
    "error while closed",
    "close unclean 1006 while closed",
  ]);
  other.close();
  await once(other, "close");
});

Deno.test("createWebSocketClass() has its WebSockets go over whatever the carrier makes", async () => {
  const { socket, server } = await socketWithServer();
  assertEquals(socket.url, "ws://server.example.com/");
  server.send("Hello");
  const { data, origin } = await once(socket, "message");
  assertEquals([data, origin], ["Hello", "ws://server.example.com"]);
  socket.close();
  await server.receive();
});

Deno.test("createWebSocketClass() fails one whose carrier cannot be made", async () => {
  const Bound = createWebSocketClass({
    carrier: () => Promise.reject(new RangeError("no line")),
  });
  const socket = new Bound("ws://a/");
  const { lines, closed } = record(socket);
  const { error } = await once(socket, "error") as ErrorEvent;
  assert(error instanceof RangeError);
  await within(closed, "the end");
  assertEquals(lines, [
    "error while closed",
    "close unclean 1006 while closed",
  ]);
});

Deno.test("createWebSocketClass() judges its options at once", () => {
  assertThrows(
    () => createWebSocketClass({ maxBufferedBytes: -1 }),
    RangeError,
    "maxBufferedBytes",
  );
  assertThrows(
    () => createWebSocketClass({ headers: { "Sec-WebSocket-Key": "x" } }),
    TypeError,
    "not part of the handshake",
  );
});
