import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import type { ConnectionOptions } from "../../lib/connection/connection.ts";
import { requireConnectionOptions } from "../../lib/connection/connection.ts";
import { ProtocolError } from "../../lib/error/protocol_error.ts";
import type { ProtocolErrorCode } from "../../lib/error/protocol_rule.ts";
import type { ExtensionCodec } from "../../lib/extension/extension.ts";
import type { NegotiatedExtensions } from "../../lib/extension/negotiate.ts";
import { type FrameInit, Opcode } from "../../lib/frame/frame.ts";
import { memoryTransports } from "../../lib/transport/memory.ts";
import { hex, utf8 } from "../support/hex.ts";
import { seededRandom } from "../support/random.ts";
import { concatenated } from "../support/splits.ts";
import { collect, idle, standing } from "../stream/streams.ts";
import {
  binaryFrame,
  closeFrame,
  continuation,
  fromPeerOf,
  pingFrame,
  pongFrame,
  roles,
  textFrame,
} from "../session/sessions.ts";
import {
  closeBoth,
  connectionWithPeer,
  joinedConnections,
  opened,
  openWith,
  pause,
  type RawPeer,
  rawPeer,
  readAll,
  until,
  within,
} from "./connections.ts";

/** Has the peer hang up, and waits for the end. */
async function hangUp(
  { connection, peer }: ReturnType<typeof connectionWithPeer>,
): Promise<void> {
  peer.close();
  readAll(connection).catch(() => {});
  await within(connection.closed, "the end");
}

Deno.test("openConnection() carries text and bytes both ways, in order", async () => {
  const [client, server] = joinedConnections();
  const messages = ["Hello", "", hex("00ff"), "😀☺é", hex("")];
  for (const message of messages) assertEquals(client.send(message), true);
  for (const message of messages) {
    const data = await within(server.receive(), "a message");
    assertEquals(data, message);
    server.send(data!);
  }
  for (const message of messages) {
    assertEquals(await within(client.receive(), "an answer"), message);
  }
  await closeBoth(client, server);
});

Deno.test("openConnection() says what the handshake settled", async () => {
  const [own, other] = memoryTransports();
  const connection = openWith(own, {
    ...opened("client"),
    protocol: "chat",
    headers: [["X-Served-By", "a"]],
  });
  assertEquals(connection.protocol, "chat");
  assertEquals(connection.extensions, "");
  assertEquals(connection.headers, [["X-Served-By", "a"]]);
  assertEquals(connection.bufferedBytes, 0);
  assertEquals(connection.latencyMs, undefined);
  other.close();
  await within(connection.closed, "the end");
});

Deno.test("openConnection() copies what it sends (R45)", async () => {
  const { connection, peer } = connectionWithPeer("server");
  const data = utf8("abc");
  connection.send(data);
  data.fill(0);
  assertEquals(await peer.hear(1), ["binary abc"]);
  await hangUp({ connection, peer });
});

Deno.test("openConnection() gives messages that nothing writes to any more", async () => {
  const { connection, peer } = connectionWithPeer("server");
  await peer.say(binaryFrame(hex("01")), binaryFrame(hex("02")));
  const first = await connection.receive() as Uint8Array;
  const second = await connection.receive() as Uint8Array;
  await peer.say(binaryFrame(new Uint8Array(100).fill(9)));
  await connection.receive();
  assertEquals([first, second], [hex("01"), hex("02")]);
  await hangUp({ connection, peer });
});

for (const role of roles) {
  Deno.test(`openConnection() as a ${role} begins with the bytes left over from the handshake`, async () => {
    const leftover = fromPeerOf(role, textFrame("first"), pingFrame("1"));
    const { connection, peer } = connectionWithPeer(role, {}, { leftover });
    assertEquals(await within(connection.receive(), "a message"), "first");
    assertEquals(await peer.hear(1), ["pong 1"]);
    await hangUp({ connection, peer });
  });
}

Deno.test("for await gives every message, and ends with the connection", async () => {
  const [client, server] = joinedConnections();
  const reading = readAll(server);
  for (const text of ["a", "b", "c"]) client.send(text);
  client.close();
  assertEquals(await within(reading, "the messages"), ["a", "b", "c"]);
  assertEquals((await within(client.closed, "the end")).wasClean, true);
  await within(server.closed, "the end");
});

Deno.test("for await may be left and taken up again", async () => {
  const [client, server] = joinedConnections();
  for (const text of ["a", "b", "c"]) client.send(text);
  for await (const data of server) {
    assertEquals(data, "a");
    break;
  }
  const more: unknown[] = [];
  for await (const data of server) {
    more.push(data);
    if (more.length === 2) break;
  }
  assertEquals(more, ["b", "c"]);
  await closeBoth(client, server);
});

Deno.test("for await throws when the peer breaks a rule, after what came before", async () => {
  const { connection, peer } = connectionWithPeer("server");
  const wire = concatenated([fromPeerOf("server", textFrame("a")), hex("83")]);
  await peer.write(concatenated([wire, hex("80")]));
  const seen: unknown[] = [];
  await assertRejects(
    async () => {
      for await (const data of connection) seen.push(data);
    },
    ProtocolError,
    "Cannot read frame",
  );
  assertEquals(seen, ["a"]);
  await hangUp({ connection, peer });
});

Deno.test("readable gives the messages, and closes when the peer does", async () => {
  const [client, server] = joinedConnections();
  client.send("a");
  client.send(hex("01"));
  client.close();
  const { items, error } = await collect(server.readable);
  assertEquals([items, error], [["a", hex("01")], undefined]);
  await closeBoth(client, server);
});

Deno.test("readable errors when the peer breaks a rule, or goes without a Close (R67)", async () => {
  const cases: [ProtocolErrorCode, (peer: RawPeer) => unknown][] = [
    ["unexpected-continuation", (peer) => peer.say(continuation(hex("")))],
    ["missing-close", (peer) => peer.close()],
  ];
  for (const [code, act] of cases) {
    const { connection, peer } = connectionWithPeer("client");
    await act(peer);
    const { error } = await collect(connection.readable);
    assert(error instanceof ProtocolError);
    assertEquals(error.code, code);
    await hangUp({ connection, peer });
  }
});

Deno.test("cancelling readable closes the connection", async () => {
  const [client, server] = joinedConnections();
  await client.readable.cancel();
  const { closeCode, wasClean } = await within(server.closed, "the end");
  assertEquals([closeCode, wasClean], [1000, true]);
  await closeBoth(client, server);
});

Deno.test("writable sends, and closes the connection with 1000 when it closes", async () => {
  const [client, server] = joinedConnections();
  const writer = client.writable.getWriter();
  await writer.write("a");
  await writer.write(hex("01"));
  const reading = readAll(server);
  await within(writer.close(), "the close");
  assertEquals(await within(reading, "the messages"), ["a", hex("01")]);
  assertEquals((await client.closed).closeCode, 1000);
  await closeBoth(client, server);
});

Deno.test("aborting writable closes the connection with 1011", async () => {
  const [client, server] = joinedConnections();
  await client.writable.abort(new Error("no more"));
  assertEquals((await within(server.closed, "the end")).closeCode, 1011);
  await closeBoth(client, server);
});

Deno.test("readable piped to writable is an echo", async () => {
  const [client, server] = joinedConnections();
  const piping = server.readable.pipeTo(server.writable);
  for (const text of ["a", "b"]) {
    client.send(text);
    assertEquals(await within(client.receive(), "the echo"), text);
  }
  client.close();
  readAll(client).catch(() => {});
  await within(piping, "the pipe");
  await closeBoth(client, server);
});

Deno.test("who does not read stops the peer, with a bounded number of bytes in between (R76)", async () => {
  const [client, server] = joinedConnections({
    server: { maxBufferedBytes: 10_000 },
    transports: { maxBufferedBytes: 1_000 },
  });
  const message = new Uint8Array(1_000);
  let sent = 0;
  const writer = client.writable.getWriter();
  const sending = (async () => {
    while (sent < 2_000) {
      await writer.write(message);
      sent += 1;
    }
  })();
  await pause(30);
  const stopped = sent;
  await pause(20);
  assertEquals(sent, stopped, "it has stopped");
  // The client's own 1 MiB, and little more.
  assert(sent < 1_100, `${sent} messages of 1000 bytes`);
  const reading = (async () => {
    for (let count = 0; count < 2_000; count++) await server.receive();
  })();
  await within(Promise.all([sending, reading]), "the rest");
  assertEquals(sent, 2_000);
  writer.releaseLock();
  await closeBoth(client, server);
});

Deno.test("a limit of messages stops the peer, too (R76)", async () => {
  const { connection, peer } = connectionWithPeer("server", {
    maxBufferedMessages: 3,
  }, { transports: { maxBufferedBytes: 10 } });
  let sent = 0;
  const sending = (async () => {
    for (; sent < 50; sent++) await peer.say(textFrame("a"));
  })();
  await idle();
  await idle();
  assert(sent < 20, `${sent} messages`);
  for (let count = 0; count < 50; count++) {
    assertEquals(await within(connection.receive(), "a message"), "a");
  }
  await sending;
  await hangUp({ connection, peer });
});

Deno.test("a peer that does not read makes writes wait, and drained() too", async () => {
  const { connection, peer } = connectionWithPeer("server", {
    maxBufferedBytes: 1_000,
  }, { transports: { maxBufferedBytes: 100 } });
  const message = "x".repeat(600);
  connection.send(message);
  connection.send(message);
  assert(connection.bufferedBytes > 1_000);
  const drained = connection.drained();
  const writer = connection.writable.getWriter();
  const writing = writer.write(message);
  assertEquals((await standing(drained)).status, "pending");
  assertEquals((await standing(writing)).status, "pending");
  await peer.hear(3);
  await within(Promise.all([drained, writing]), "room");
  assertEquals(connection.bufferedBytes, 0);
  writer.releaseLock();
  await hangUp({ connection, peer });
});

Deno.test("drained() does not wait when there is room, nor after the end", async () => {
  const { connection, peer } = connectionWithPeer("server");
  connection.send("a");
  await within(connection.drained(), "room");
  await hangUp({ connection, peer });
  await within(connection.drained(), "nothing");
});

Deno.test("two sides that send large messages at the same time both receive them", async () => {
  for (const server of [{}, { maxBufferedBytes: 1_000 }]) {
    const [client, other] = joinedConnections({ client: server, server });
    const big = seededRandom(3).bytes(1_500_000);
    client.send(big);
    other.send(big);
    const both = Promise.all([client.receive(), other.receive()]);
    const [a, b] = await within(both, "the messages");
    assertEquals((a as Uint8Array).length, big.length);
    assertEquals(String((b as Uint8Array).slice(-99)), String(big.slice(-99)));
    await closeBoth(client, other);
  }
});

/** Chunks of a text that is long enough to be cut anywhere. */
function textChunks(): string[] {
  const text = "ab😀é☺".repeat(3_000);
  return text.match(/[\s\S]{1,1001}/g)!;
}

Deno.test("sendFrom() and receiveStream() pass a message piece by piece (R53, R60)", async () => {
  const [client, server] = joinedConnections({
    server: { delivery: "pieces", maxBufferedBytes: 5_000 },
    client: { maxBufferedBytes: 5_000 },
    transports: { maxBufferedBytes: 1_000 },
  });
  const chunks = textChunks();
  assert(chunks.some((chunk) => /[\ud800-\udbff]$/.test(chunk)));
  const sending = client.sendFrom("text", chunks);
  const message = await within(server.receiveStream(), "the message");
  assert(message?.type === "text");
  const { items, error } = await collect<string>(message.readable);
  assertEquals(error, undefined);
  assert(items.join("") === chunks.join(""));
  assert(items.every((item) => item.isWellFormed()), "cut between characters");
  await within(sending, "the message");
  await closeBoth(client, server);
});

Deno.test("sendFrom() does not wait for the messages that wait for it", async () => {
  for (const sender of ["client", "server"] as const) {
    const options = { maxBufferedBytes: 1_000 };
    const pair = joinedConnections({ client: options, server: options });
    const [from, to] = sender === "client" ? pair : pair.toReversed();
    const sending = from!.sendFrom("text", ["a", "b", "c"]);
    const after = "x".repeat(5_000);
    from!.send(after);
    assertEquals(await within(to!.receive(), "the pieces"), "abc");
    assertEquals(await within(to!.receive(), "what waited"), after);
    await within(sending, "the end of the pieces");
    await closeBoth(...pair);
  }
});

Deno.test("sendFrom() takes a stream, and is stopped by who does not read it", async () => {
  const [client, server] = joinedConnections({
    server: { delivery: "pieces", maxBufferedBytes: 10_000 },
    client: { maxBufferedBytes: 10_000 },
    transports: { maxBufferedBytes: 1_000 },
  });
  let pulled = 0;
  const source = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      pulled += 1;
      controller.enqueue(new Uint8Array(1_000).fill(pulled));
      if (pulled === 300) controller.close();
    },
  }, { highWaterMark: 0 });
  const sending = client.sendFrom("binary", source);
  const message = await within(server.receiveStream(), "the message");
  await pause(20);
  assert(pulled < 60, `${pulled} chunks of 1000 bytes`);
  assert(message?.type === "binary");
  const { items } = await within(
    collect<Uint8Array>(message.readable),
    "the rest",
  );
  const byteLength = items.reduce((sum, { length }) => sum + length, 0);
  assertEquals(byteLength, 300_000);
  await within(sending, "the message");
  await closeBoth(client, server);
});

Deno.test("messages sent while another is sent in pieces come after it (R49)", async () => {
  const [client, server] = joinedConnections();
  const gate = Promise.withResolvers<void>();
  async function* source() {
    yield "first ";
    await gate.promise;
    yield "message";
  }
  const sending = client.sendFrom("text", source());
  await idle();
  client.send("second");
  assert(client.bufferedBytes > 0, "it waits");
  assert(await within(client.ping(), "the Pong") >= 0, "Pings do not wait");
  gate.resolve();
  await within(sending, "the message");
  assertEquals(await within(server.receive(), "it"), "first message");
  assertEquals(await within(server.receive(), "it"), "second");
  await closeBoth(client, server);
});

Deno.test("sendFrom() that fails closes the connection with 1011", async () => {
  const [client, server] = joinedConnections();
  await assertRejects(
    () =>
      client.sendFrom(
        "text",
        (function* () {
          yield "a";
          throw new Error("no more");
        })(),
      ),
    Error,
    "no more",
  );
  const { closeCode, error } = await within(server.closed, "the end");
  assertEquals([closeCode, error], [1011, undefined]);
  await closeBoth(client, server);
});

Deno.test("receiveStream() gives message after message, and undefined at the end", async () => {
  const { connection, peer } = connectionWithPeer("server", {
    delivery: "pieces",
  });
  await peer.say(
    textFrame("a", false),
    pingFrame("1"),
    continuation(utf8("b")),
    binaryFrame(hex("01")),
    textFrame(""),
    closeFrame(1000),
  );
  const all: unknown[] = [];
  for (;;) {
    const message = await within(connection.receiveStream(), "a message");
    if (message === undefined) break;
    const { items } = await collect<unknown>(message.readable);
    all.push([message.type, items]);
  }
  assertEquals(all, [
    ["text", ["a", "b"]],
    ["binary", [hex("01")]],
    ["text", []],
  ]);
  assertEquals(await peer.hear(2), ["pong 1", "close 1000"]);
  await hangUp({ connection, peer });
});

Deno.test("receiveStream() errors inside a text as soon as it cannot be UTF-8 (R61)", async () => {
  const { connection, peer } = connectionWithPeer("client", {
    delivery: "pieces",
  });
  // A frame of 1000 bytes, of which the third is wrong; no more of it comes.
  await peer.write(concatenated([hex("81 7e 03e8"), hex("61 62 ff")]));
  const message = await within(connection.receiveStream(), "the message")
    .catch((error: unknown) => error);
  const error = message instanceof Error ? message : (await collect<unknown>(
    (message as { readable: ReadableStream<unknown> }).readable,
  )).error;
  assert(error instanceof ProtocolError);
  assertEquals([error.code, error.offset], ["invalid-utf8", 6]);
  const [close] = await peer.hearAll();
  assert(close?.startsWith("close 1007 "));
  await hangUp({ connection, peer });
});

Deno.test("receiveStream() rejects on a connection that delivers whole messages", async () => {
  const { connection, peer } = connectionWithPeer("server");
  await assertRejects(
    () => connection.receiveStream(),
    TypeError,
    'wanted one opened with delivery: "pieces"',
  );
  await peer.say(textFrame("a"));
  assertEquals(await within(connection.receive(), "a message"), "a");
  await hangUp({ connection, peer });
});

Deno.test("receive() rejects on a connection that delivers pieces, rather than wait for ever", async () => {
  const { connection, peer } = connectionWithPeer("server", {
    delivery: "pieces",
  });
  await peer.say(textFrame("a"));
  try {
    await assertRejects(
      () => within(connection.receive(), "an answer", 50),
      TypeError,
    );
  } finally {
    peer.close();
    await within(connection.closed, "the end");
  }
});

Deno.test("ping() waits for its answer, and tells how long it took", async () => {
  const { connection, peer } = connectionWithPeer("server");
  const first = connection.ping();
  const second = connection.ping(utf8("mine"));
  const [one, two] = await peer.hear(2);
  assertEquals(two, "ping mine");
  await pause(10);
  await peer.say(pongFrame("unasked"), pongFrame("mine"));
  const latencies = await within(Promise.all([first, second]), "the Pongs");
  for (const latency of latencies) assert(latency >= 5, `${latency} ms`);
  assertEquals(connection.latencyMs, latencies[1]);
  assert(one?.startsWith("ping"));
  await hangUp({ connection, peer });
});

Deno.test("ping() is answered by the answer to a later Ping of the heartbeat (R58, R59)", async () => {
  const { connection, peer } = connectionWithPeer("client", {
    heartbeat: { intervalMs: 5, timeoutMs: 1_000 },
  });
  const pinging = connection.ping();
  const [first, second] = await peer.hear(2);
  assert(first !== "ping" && second === "ping", `${first}, ${second}`);
  // Who is busy answers the latest alone (§5.5.3).
  await peer.say(pongFrame());
  assert(await within(pinging, "the answer") >= 0);
  await hangUp({ connection, peer });
});

Deno.test("ping() rejects when the connection ends before its answer", async () => {
  const { connection, peer } = connectionWithPeer("server");
  const pinging = connection.ping();
  peer.close();
  await assertRejects(() => within(pinging, "it"), Error, "has ended");
  await connection.closed;
});

Deno.test("ping() throws for more than 125 bytes, and on a closed connection (R54)", async () => {
  const { connection, peer } = connectionWithPeer("server");
  assertThrows(() => connection.ping(new Uint8Array(126)), RangeError);
  connection.close();
  assertThrows(() => connection.ping(), TypeError);
  await hangUp({ connection, peer });
  assertThrows(() => connection.ping(), TypeError);
});

Deno.test("a heartbeat makes the latency known, and ends a dead connection with 1008", async () => {
  const { connection, peer } = connectionWithPeer("client", {
    heartbeat: { intervalMs: 5, timeoutMs: 20 },
    closeTimeoutMs: 10,
  });
  assertEquals(await peer.hear(1), ["ping"]);
  await peer.say(pongFrame());
  await until(() => connection.latencyMs !== undefined, "the latency");
  const { error, wasClean, closeCode } = await within(
    connection.closed,
    "the end",
  );
  assertEquals([error?.code, wasClean, closeCode], [
    "heartbeat-timeout",
    false,
    1006,
  ]);
  assert((await peer.hearAll()).at(-1)?.startsWith("close 1008 "));
  await assertRejects(() => connection.receive(), ProtocolError);
});

Deno.test("two connections keep each other alive by their heartbeats", async () => {
  const options: ConnectionOptions = {
    heartbeat: { intervalMs: 5, timeoutMs: 1_000 },
    idleTimeoutMs: 1_000,
  };
  const [client, server] = joinedConnections({
    client: options,
    server: options,
  });
  await until(
    () => client.latencyMs !== undefined && server.latencyMs !== undefined,
    "a Pong each",
  );
  await closeBoth(client, server);
  assertEquals((await client.closed).wasClean, true);
});

Deno.test("a silent peer is ended by the idle time-out, from the beginning", async () => {
  const { connection, peer } = connectionWithPeer("server", {
    idleTimeoutMs: 10,
    closeTimeoutMs: 5,
    heartbeat: false,
  });
  const { error } = await within(connection.closed, "the end");
  assertEquals(error?.code, "idle-timeout");
  assert((await peer.hearAll())[0]?.startsWith("close 1008 "));
});

interface ClosingCase {
  readonly name: string;
  readonly closeCode?: number;
  readonly reason?: string;
  readonly wanted: { readonly closeCode: number; readonly reason: string };
}

const closingCases: readonly ClosingCase[] = [
  { name: "nothing", wanted: { closeCode: 1000, reason: "" } },
  {
    name: "1001",
    closeCode: 1001,
    wanted: { closeCode: 1001, reason: "" },
  },
  {
    name: "a reason of 123 bytes",
    closeCode: 4999,
    reason: "é".repeat(61) + "x",
    wanted: { closeCode: 4999, reason: "é".repeat(61) + "x" },
  },
  {
    name: "no code",
    closeCode: 1005,
    wanted: { closeCode: 1005, reason: "" },
  },
];

for (const { name, wanted, ...init } of closingCases) {
  for (const who of roles) {
    Deno.test(`close() of a ${who} with ${name} is what both sides see (R66, R67)`, async () => {
      const [client, server] = joinedConnections();
      const closer = who === "client" ? client : server;
      closer.close(init);
      closer.close({ closeCode: 4000, reason: "too late" });
      for (const { closed } of [client, server]) {
        assertEquals(await within(closed, "the end"), {
          ...wanted,
          wasClean: true,
          error: undefined,
        });
      }
      assertEquals(client.send("late"), false);
      assertEquals(await client.receive(), undefined);
      client.close();
    });
  }
}

Deno.test("close() throws for what cannot be sent, and leaves the connection open (R72)", async () => {
  const [client, server] = joinedConnections();
  for (
    const init of [
      { closeCode: 1006 },
      { closeCode: 999 },
      { closeCode: 5000 },
      { reason: "x".repeat(124) },
      { closeCode: 1005, reason: "why" },
    ]
  ) {
    assertThrows(() => client.close(init), RangeError);
  }
  client.send("still open");
  assertEquals(await within(server.receive(), "a message"), "still open");
  await closeBoth(client, server);
});

Deno.test("close() throws for what other libraries take, and would say nothing here", async () => {
  const [client, server] = joinedConnections();
  for (const init of [4000, "bye", true]) {
    const close = () => client.close(init as unknown as { reason: string });
    assertThrows(close, TypeError, `found ${JSON.stringify(init)}, wanted {`);
  }
  await closeBoth(client, server);
});

Deno.test("both sides may close at once (R57)", async () => {
  const [client, server] = joinedConnections();
  client.close({ closeCode: 3001 });
  server.close({ closeCode: 3002 });
  const closed = await within(
    Promise.all([client.closed, server.closed]),
    "the end",
  );
  assertEquals(closed.map(({ closeCode }) => closeCode), [3002, 3001]);
  assertEquals(closed.map(({ wasClean }) => wasClean), [true, true]);
});

Deno.test("messages that come after our Close are still received (R65)", async () => {
  const { connection, peer } = connectionWithPeer("client");
  connection.close();
  await peer.hear(1);
  await peer.say(textFrame("late"), closeFrame(1000));
  assertEquals(await within(connection.receive(), "the message"), "late");
  assertEquals(await within(connection.receive(), "the end"), undefined);
  await hangUp({ connection, peer });
  assertEquals((await connection.closed).wasClean, true);
});

Deno.test("messages before a Close can be read, and answered, after it came (R56)", async () => {
  const { connection, peer } = connectionWithPeer("server");
  await peer.say(textFrame("a"), textFrame("b"), closeFrame(1000));
  await idle();
  const answering = (async () => {
    for await (const data of connection) connection.send(`re: ${data}`);
  })();
  assertEquals(await peer.hear(3), ["text re: a", "text re: b", "close 1000"]);
  await within(answering, "the end");
  await hangUp({ connection, peer });
});

Deno.test("messages before a Close can be answered by onMessage, too (R56)", async () => {
  const { connection, peer } = connectionWithPeer("server", {}, {
    hooks: {
      onMessage: (connection, data) => void connection.send(`re: ${data}`),
    },
  });
  await peer.say(textFrame("a"), textFrame("b"), closeFrame(1000));
  assertEquals(await peer.hear(3), ["text re: a", "text re: b", "close 1000"]);
  await hangUp({ connection, peer });
});

for (const role of roles) {
  Deno.test(`a Close is answered though the ${role} took a message and comes for no more (R56)`, async () => {
    const { connection, peer } = connectionWithPeer(role);
    await peer.say(textFrame("a"));
    assertEquals(await within(connection.receive(), "a message"), "a");
    await peer.say(closeFrame(1000));
    assertEquals(await peer.hear(1), ["close 1000"]);
    await hangUp({ connection, peer });
  });

  Deno.test(`a Close is answered though the ${role} never reads its messages (R56)`, async () => {
    const { connection, peer } = connectionWithPeer(role);
    try {
      await peer.say(textFrame("a"), closeFrame(1000));
      assertEquals(await peer.hear(1), ["close 1000"]);
    } finally {
      await hangUp({ connection, peer });
    }
  });
}

Deno.test("closed never rejects, and says what went wrong", async () => {
  const { connection, peer } = connectionWithPeer("client", {
    closeTimeoutMs: 5,
  });
  await peer.write(hex("c1 00"));
  const closed = await within(connection.closed, "the end");
  assertEquals(closed.wasClean, false);
  assertEquals(closed.closeCode, 1006);
  assertEquals(closed.error?.code, "reserved-bits");
  assert((await peer.hearAll())[0]?.startsWith("close 1002 "));
});

Deno.test("await using closes, and waits until it is done", async () => {
  const { connection, peer } = connectionWithPeer("client");
  const answering = (async () => {
    const lines = await peer.hear(2);
    await peer.say(closeFrame(1000));
    await peer.transport.closeWrite();
    return lines;
  })();
  {
    await using used = connection;
    used.send("a");
  }
  assertEquals((await standing(connection.closed)).status, "fulfilled");
  assertEquals(await answering, ["text a", "close 1000"]);
});

Deno.test("a signal closes the connection with 1001 when it aborts", async () => {
  const controller = new AbortController();
  const [client, server] = joinedConnections({
    client: { signal: controller.signal },
  });
  client.send("a");
  assertEquals(await within(server.receive(), "a message"), "a");
  controller.abort();
  readAll(server).catch(() => {});
  assertEquals((await within(server.closed, "the end")).closeCode, 1001);
  assertEquals((await within(client.closed, "the end")).wasClean, true);
});

Deno.test("a signal that has aborted closes at once; one that aborts late does nothing", async () => {
  const [client, server] = joinedConnections({
    client: { signal: AbortSignal.abort() },
  });
  assertEquals((await within(server.closed, "the end")).closeCode, 1001);
  await client.closed;

  const controller = new AbortController();
  const [late, other] = joinedConnections({
    client: { signal: controller.signal },
  });
  await closeBoth(late, other);
  controller.abort();
  assertEquals((await late.closed).closeCode, 1000);
});

interface LimitCase {
  readonly name: string;
  readonly options: ConnectionOptions;
  readonly good: readonly FrameInit[];
  readonly bad: readonly FrameInit[];
  readonly code: ProtocolErrorCode;
}

const limitCases: readonly LimitCase[] = [
  {
    name: "maxFrameBytes",
    options: { maxFrameBytes: 5 },
    good: [binaryFrame(new Uint8Array(5))],
    bad: [binaryFrame(new Uint8Array(6))],
    code: "frame-too-large",
  },
  {
    name: "maxMessageBytes",
    options: { maxMessageBytes: 5 },
    good: [binaryFrame(new Uint8Array(3), false), continuation(hex("0102"))],
    bad: [binaryFrame(new Uint8Array(3), false), continuation(hex("010203"))],
    code: "message-too-large",
  },
  {
    name: "maxFragments",
    options: { maxFragments: 2 },
    good: [textFrame("", false), continuation(hex(""))],
    bad: [
      textFrame("", false),
      continuation(hex(""), false),
      continuation(hex("")),
    ],
    code: "too-many-fragments",
  },
];

for (const { name, options, good, bad, code } of limitCases) {
  Deno.test(`${name} fails one past it with 1009, not at it (R76)`, async () => {
    const { connection, peer } = connectionWithPeer("server", options);
    await peer.say(...good);
    assert(await within(connection.receive(), "a message") !== undefined);
    await peer.say(...bad);
    const error = await assertRejects(
      () => connection.receive(),
      ProtocolError,
    );
    assertEquals(error.code, code);
    assert((await peer.hear(1))[0]?.startsWith("close 1009 "));
    await hangUp({ connection, peer });
  });
}

Deno.test("requireConnectionOptions() refuses options out of range", () => {
  const wrong: ConnectionOptions[] = [
    { maxBufferedBytes: -1 },
    { maxBufferedMessages: 0.5 },
    { maxFragments: -1 },
    { closeTimeoutMs: NaN },
    { heartbeat: { intervalMs: 0, timeoutMs: 1 } },
  ];
  for (const options of wrong) {
    assertThrows(() => requireConnectionOptions(options, "server"), RangeError);
  }
});

Deno.test("a flood of Pings is answered with a bounded number of bytes (R59, R76)", async () => {
  const { connection, peer } = connectionWithPeer("server", {}, {
    transports: { maxBufferedBytes: 1_000 },
  });
  const many = Array.from({ length: 100 }, () => pingFrame("x".repeat(125)));
  const flooding = (async () => {
    for (let count = 0; count < 30; count++) await peer.say(...many);
    await peer.say(pingFrame("last"));
  })();
  await within(flooding, "the flood");
  await idle();
  assert(connection.bufferedBytes < 128 * 1024, `${connection.bufferedBytes}`);
  let count = 0;
  for (let line = ""; line !== "pong last"; count++) {
    [line] = await peer.hear(1) as [string];
  }
  assert(count < 1_500, `${count} Pongs`);
  await hangUp({ connection, peer });
});

Deno.test("onPing is told of Pings, which are answered all the same", async () => {
  const seen: string[] = [];
  const { connection, peer } = connectionWithPeer("server", {}, {
    hooks: {
      onPing: (_, data) => void seen.push(new TextDecoder().decode(data)),
    },
  });
  await peer.say(pingFrame("1"), pingFrame("2"));
  assertEquals(await peer.hear(2), ["pong 1", "pong 2"]);
  assertEquals(seen, ["1", "2"]);
  await hangUp({ connection, peer });
});

Deno.test("a peer that resets, or half-closes, costs its own connection only (R69)", async () => {
  for (const act of ["close", "closeWrite"] as const) {
    const { connection, peer } = connectionWithPeer("server");
    await peer.say(textFrame("a", false));
    await peer.transport[act]();
    const closed = await within(connection.closed, "the end");
    assertEquals(closed.closeCode, 1006, act);
    assertEquals(closed.error?.code, "missing-close", act);
    await assertRejects(() => connection.receive(), ProtocolError);
    assertEquals(await connection.receive(), undefined, "once");
    assertEquals(connection.send("late"), false);
    peer.close();
  }
});

Deno.test("an opcode of the wrong kind is the peer's fault, not ours (R39)", async () => {
  const { connection, peer } = connectionWithPeer("server");
  await peer.write(fromPeerOf("server", {
    opcode: Opcode.close,
    payload: hex("03e7"),
  }));
  const { code } = await assertRejects(
    () => connection.receive(),
    ProtocolError,
  );
  assertEquals(code, "invalid-close-code");
  await hangUp({ connection, peer });
});

/** An extension that cannot do what it is there for. */
function brokenExtension(broken: "encode" | "decode"): NegotiatedExtensions {
  const pass: ExtensionCodec = {
    encode: ({ payload }) => ({ payload, rsv: 0 }),
    decode: ({ payload }) => ({ status: "valid", payloads: [payload] }),
  };
  const fail = () => {
    throw new RangeError("out of memory");
  };
  return { header: "x", rsv: 0, open: () => ({ ...pass, [broken]: fail }) };
}

for (const broken of ["encode", "decode"] as const) {
  for (const isLeftOver of [true, false]) {
    Deno.test(
      `an extension that throws in ${broken}() closes its connection with 1011, ${
        isLeftOver ? "also with the handshake" : "later"
      }`,
      async () => {
        const [own, other] = memoryTransports();
        const frame = fromPeerOf("server", textFrame("a"));
        const leftover = isLeftOver ? frame : new Uint8Array(0);
        const errors: unknown[] = [];
        const connection = openWith(
          own,
          {
            ...opened("server", leftover),
            extensions: brokenExtension(broken),
          },
          {},
          {
            onMessage: (connection, data) => void connection.send(data),
            onError: (error) => void errors.push(String(error)),
          },
        );
        const peer = rawPeer(other, "server");
        if (!isLeftOver) await peer.say(textFrame("a"));
        const heard = peer.hearAll();
        await within(connection.closed, "the end");
        assertEquals(errors, ["RangeError: out of memory"]);
        assertEquals((await heard).at(-1), "close 1011");
      },
    );
  }
}

Deno.test("writable errors once the connection has ended, so that a pipe into it does", async () => {
  const { connection, peer } = connectionWithPeer("server");
  const source = new ReadableStream<string>({
    pull: async (controller) => {
      await pause(1);
      controller.enqueue("a");
    },
  });
  const piping = source.pipeTo(connection.writable);
  piping.catch(() => {});
  await peer.say(closeFrame(1000));
  peer.close();
  await within(connection.closed, "the end");
  await assertRejects(
    () => within(piping, "the pipe"),
    TypeError,
    "Cannot write",
  );
});
