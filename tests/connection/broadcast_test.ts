import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  type BroadcastOptions,
  createBroadcast,
} from "../../lib/connection/broadcast.ts";
import { connectWebSocket } from "../../lib/connection/connect.ts";
import type { WebSocketConnection } from "../../lib/connection/connection.ts";
import { serveWebSocket } from "../../lib/connection/serve.ts";
import { permessageDeflate } from "../../lib/deflate/permessage_deflate.ts";
import {
  closeBoth,
  connectionWithPeer,
  joinedConnections,
  until,
  within,
} from "./connections.ts";

/** So many pairs of a client and a server, the servers in one broadcast. */
function joinedBroadcast(count: number, options?: BroadcastOptions) {
  const everybody = createBroadcast(options);
  const clients: WebSocketConnection[] = [];
  const servers: WebSocketConnection[] = [];
  for (let index = 0; index < count; index++) {
    const [client, server] = joinedConnections();
    clients.push(client);
    servers.push(server);
    everybody.add(server);
  }
  const end = () => closeBoth(...clients, ...servers);
  return { everybody, clients, servers, end };
}

/** A server whose client reads nothing: so much is written, and no more. */
function unread(bufferBytes = 1000) {
  return connectionWithPeer("server", {
    heartbeat: false,
    closeTimeoutMs: 20,
  }, { transports: { maxBufferedBytes: bufferBytes } });
}

Deno.test("a broadcast sends text and bytes to all, and says to how many", async () => {
  const { everybody, clients, end } = joinedBroadcast(3);
  const nobody = { skipped: 0, closed: 0 };
  assertEquals(everybody.send("Hello"), { sent: 3, ...nobody });
  const bytes = Uint8Array.of(1, 2, 3);
  everybody.send(bytes);
  bytes.fill(9);
  for (const client of clients) {
    assertEquals(await client.receive(), "Hello");
    assertEquals(await client.receive(), Uint8Array.of(1, 2, 3));
  }
  await end();
});

Deno.test("a broadcast keeps its order among what a connection sends itself", async () => {
  const { everybody, clients, servers, end } = joinedBroadcast(2);
  for (let turn = 0; turn < 3; turn++) {
    servers[0]!.send(`own ${turn}`);
    everybody.send(`all ${turn}`);
  }
  const heard = [];
  for (let count = 0; count < 6; count++) {
    heard.push(await clients[0]!.receive());
  }
  assertEquals(
    heard,
    [0, 1, 2].flatMap((turn) => [`own ${turn}`, `all ${turn}`]),
  );
  await end();
});

Deno.test("a broadcast waits for the end of a message in pieces", async () => {
  const { everybody, clients, servers, end } = joinedBroadcast(2);
  const sending = servers[0]!.sendFrom("text", ["a", "b"]);
  everybody.send("all");
  await sending;
  assertEquals(await clients[0]!.receive(), "ab");
  assertEquals(await clients[0]!.receive(), "all");
  assertEquals(await clients[1]!.receive(), "all");
  await end();
});

Deno.test("a broadcast leaves out who is excepted", async () => {
  const { everybody, clients, servers, end } = joinedBroadcast(2);
  assertEquals(everybody.send("a", { except: servers[0]! }).sent, 1);
  everybody.send("b");
  assertEquals(await clients[0]!.receive(), "b");
  assertEquals(await clients[1]!.receive(), "a");
  await end();
});

Deno.test("a broadcast knows who is in it", async () => {
  const { everybody, clients, servers, end } = joinedBroadcast(2);
  assertEquals([...everybody], servers);
  everybody.add(servers[0]!);
  assertEquals(everybody.size, 2, "nobody is there twice");
  assertEquals(everybody.delete(servers[0]!), true);
  assertEquals(everybody.delete(servers[0]!), false);
  assertEquals([everybody.has(servers[0]!), everybody.size], [false, 1]);
  everybody.send("b");
  servers[0]!.send("own");
  assertEquals(await clients[0]!.receive(), "own");
  await end();
});

Deno.test("a broadcast counts bytes, also of a text that is not ASCII", () => {
  const { connection } = unread();
  const everybody = createBroadcast({ maxBufferedBytes: 1000 });
  everybody.add(connection);
  assertEquals(everybody.send("あ".repeat(200)).sent, 1);
  assertEquals(connection.bufferedBytes, 600);
  assertEquals(everybody.send("あ".repeat(200)).skipped, 1);
  connection.close();
});

Deno.test("a broadcast lets go of who is closed, and does not count who is closing", async () => {
  const { everybody, clients, servers, end } = joinedBroadcast(2);
  servers[0]!.close();
  assertEquals(everybody.send("late").sent, 1);
  await within(clients[0]!.closed, "the end");
  await until(() => everybody.size === 1, "the connection to be let go");
  const [late] = joinedConnections();
  late.close();
  everybody.add(late);
  await end();
  await until(() => everybody.size === 0, "all to be let go");
});

Deno.test("a slow receiver goes without the message, and the others do not", async () => {
  const { connection: slow, peer } = unread();
  const { everybody, clients, end } = joinedBroadcast(1, {
    maxBufferedBytes: 10_000,
  });
  everybody.add(slow);
  const message = "x".repeat(900);
  const results = [];
  for (let count = 0; count < 30; count++) {
    results.push(everybody.send(message));
    assertEquals(await clients[0]!.receive(), message);
  }
  assertEquals(results[0], { sent: 2, skipped: 0, closed: 0 });
  assertEquals(results.at(-1), { sent: 1, skipped: 1, closed: 0 });
  assert(slow.bufferedBytes <= 10_000, `${slow.bufferedBytes}`);
  await end();
  peer.transport.close();
  await within(slow.closed, "the end");
});

Deno.test("a slow receiver is closed with 1013, if that is wanted", async () => {
  const { connection: slow, peer } = unread();
  const everybody = createBroadcast({
    maxBufferedBytes: 10_000,
    onSlow: "close",
  });
  everybody.add(slow);
  const message = "x".repeat(900);
  const closedAt = Array.from({ length: 30 }, () => everybody.send(message))
    .findIndex(({ closed }) => closed === 1);
  assert(closedAt > 0 && closedAt < 15, `at message ${closedAt}`);
  assertEquals(everybody.size, 0);
  const heard = await peer.hearAll();
  assertEquals(heard.length, closedAt + 1);
  assert(heard.at(-1)!.startsWith("close 1013"), heard.at(-1));
  peer.transport.close();
  await within(slow.closed, "the end");
});

Deno.test("a message longer than may wait is sent to who has nothing waiting", async () => {
  const { everybody, clients, end } = joinedBroadcast(1, {
    maxBufferedBytes: 10,
  });
  const long = "x".repeat(1000);
  assertEquals(everybody.send(long).sent, 1);
  assertEquals(everybody.send("a").skipped, 1, "in the same turn");
  assertEquals(await clients[0]!.receive(), long);
  await end();
});

Deno.test("a broadcast is compressed for who agreed to that, in one of its ways, and plain for others", async () => {
  const everybody = createBroadcast();
  const extensions = [permessageDeflate({ thresholdBytes: 0 })];
  await using server = serveWebSocket({ hostname: "127.0.0.1", extensions }, {
    open: (connection) => everybody.add(connection),
    message: (connection, data) => connection.send(data),
  });
  const clients = await Promise.all([
    [],
    [permessageDeflate()],
    [permessageDeflate({ serverNoContextTakeover: true })],
    [permessageDeflate({ serverMaxWindowBits: 10 })],
  ].map((extensions) =>
    connectWebSocket(`ws://${server.address}/`, { extensions })
  ));
  await until(() => everybody.size === 4, "all to be there");
  for (let turn = 0; turn < 5; turn++) {
    const text = `turn ${turn}, the same words again and again `.repeat(9);
    everybody.send(text);
    for (const client of clients) {
      assertEquals(await client.receive(), text);
      client.send(`own ${text}`);
      assertEquals(await client.receive(), `own ${text}`);
    }
  }
  for (const client of clients) client.close();
});

Deno.test("a broadcast among clients masks each frame with a key of its own", async () => {
  const pairs = [1, 2].map(() => joinedConnections());
  const everybody = createBroadcast();
  for (const [client] of pairs) everybody.add(client);
  everybody.send("Hello");
  for (const [, server] of pairs) {
    assertEquals(await server.receive(), "Hello");
  }
  await closeBoth(...pairs.flat());
});

Deno.test("a broadcast takes connections of somebody else's making", () => {
  const sent: unknown[] = [];
  const { connection: other } = unread();
  const foreign: WebSocketConnection = {
    ...other,
    bufferedBytes: 0,
    closed: new Promise(() => {}),
    send: (...args) => sent.push(args) > 0,
  };
  const everybody = createBroadcast();
  everybody.add(foreign);
  everybody.send("Hello", { compress: false });
  assertEquals(sent, [["Hello", { compress: false }]]);
  other.close();
});

Deno.test("createBroadcast() and what it makes throw for a caller's mistake", () => {
  assertThrows(
    () => createBroadcast({ maxBufferedBytes: -1 }),
    RangeError,
    "maxBufferedBytes",
  );
  assertThrows(
    () => createBroadcast({ onSlow: "drop" as "skip" }),
    TypeError,
    "onSlow",
  );
  const everybody = createBroadcast();
  assertThrows(
    () => everybody.send(5 as unknown as string),
    TypeError,
    "wanted a string or a Uint8Array",
  );
});
