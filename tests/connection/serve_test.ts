import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { connectWebSocket } from "../../lib/connection/connect.ts";
import type {
  ConnectionClosed,
  WebSocketConnection,
} from "../../lib/connection/connection.ts";
import {
  serveWebSocket,
  type ServeWebSocketOptions,
  type WebSocketHandler,
  type WebSocketHandlers,
  type WebSocketServer,
} from "../../lib/connection/serve.ts";
import { ProtocolError } from "../../lib/error/protocol_error.ts";
import type { ProtocolErrorCode } from "../../lib/error/protocol_rule.ts";
import { memoryTransports } from "../../lib/transport/memory.ts";
import type { Transport } from "../../lib/transport/transport.ts";
import {
  closeFrame,
  continuation,
  fromPeerOf,
  pingFrame,
  textFrame,
} from "../session/sessions.ts";
import { hex, utf8 } from "../support/hex.ts";
import { byteByByte, concatenated } from "../support/splits.ts";
import { standing } from "../stream/streams.ts";
import {
  dialOpen,
  dialRaw,
  pause,
  type RawPeer,
  rawPeer,
  requestText,
  until,
  within,
} from "./connections.ts";

interface Serving extends AsyncDisposable {
  readonly server: WebSocketServer;
  readonly errors: unknown[];
}

/** A server on a free port, which keeps its errors. */
function serve(
  handler: WebSocketHandler | WebSocketHandlers,
  options: ServeWebSocketOptions = {},
): Serving {
  const errors: unknown[] = [];
  const server = serveWebSocket({
    hostname: "127.0.0.1",
    closeTimeoutMs: 50,
    onError: (error) => void errors.push(error),
    ...options,
  }, handler);
  return {
    server,
    errors,
    [Symbol.asyncDispose]: () =>
      within(server.shutdown(), "the shutdown", 3_000),
  };
}

const echo: WebSocketHandlers = {
  message: (connection, data) => void connection.send(data),
};

/** Checks that the server still does what it is for. */
async function assertStillServes({ server }: Serving): Promise<void> {
  const peer = await dialOpen(server.address);
  await peer.say(textFrame("still there?"), closeFrame(1000));
  assertEquals(await peer.hear(2), ["text still there?", "close 1000"]);
  peer.close();
}

Deno.test("serveWebSocket() hands a connection to a function", async () => {
  const targets: string[] = [];
  await using serving = serve(async (connection, request) => {
    targets.push(request.resourceName);
    for await (const data of connection) connection.send(data);
  });
  const { server } = serving;
  await using client = await connectWebSocket(`ws://${server.address}/a?b`);
  for (const message of ["a", hex("0102"), ""]) {
    client.send(message);
    assertEquals(await within(client.receive(), "the echo"), message);
  }
  assertEquals(targets, ["/a?b"]);
  assertEquals(server.connections.size, 1);
});

Deno.test("serveWebSocket() calls functions with what happens, in order", async () => {
  const log: unknown[] = [];
  await using serving = serve({
    open: (_, { resourceName }) => void log.push(`open ${resourceName}`),
    message: (_, data) => void log.push(data),
    ping: (_, data) => void log.push(data),
    close: (_, { closeCode }) => void log.push(closeCode),
  });
  const peer = await dialOpen(serving.server.address);
  await peer.say(textFrame("a"), pingFrame("1"), textFrame("b"));
  assertEquals(await peer.hear(1), ["pong 1"]);
  await peer.say(closeFrame(4000));
  assertEquals(await peer.hearAll(), ["close 4000"]);
  peer.close();
  await until(() => log.length === 5, "the close");
  assertEquals(log, ["open /chat?room=1", "a", utf8("1"), "b", 4000]);
  assertEquals(serving.errors, []);
  assertEquals(serving.server.connections.size, 0);
});

for (const kind of ["TCP", "memory"]) {
  Deno.test(`serveWebSocket() calls open before it calls with messages that come with the head (${kind})`, async () => {
    const log: unknown[] = [];
    const accepted = memoryClients();
    await using serving = serve({
      open: () => void log.push("open"),
      message: (_, data) => void log.push(data),
    }, kind === "TCP" ? {} : { listener: accepted.listener });
    const peer = kind === "TCP"
      ? await dialRaw(serving.server.address)
      : accepted.dial();
    await peer.write(concatenated([
      utf8(requestText()),
      fromPeerOf("server", textFrame("a"), pingFrame("1")),
    ]));
    await peer.head();
    assertEquals(await peer.hear(1), ["pong 1"]);
    await until(() => log.length === 2, "both");
    assertEquals(log, ["open", "a"]);
    peer.close();
  });
}

/** A listener whose clients are joined in memory. */
function memoryClients() {
  const waiting: (Transport | null)[] = [];
  let changed = Promise.withResolvers<void>();
  const put = (transport: Transport | null) => {
    waiting.push(transport);
    changed.resolve();
    changed = Promise.withResolvers();
  };
  return {
    dial: (): RawPeer => {
      const [own, other] = memoryTransports();
      put(own);
      return rawPeer(other, "server");
    },
    listener: {
      address: "memory",
      accept: async () => {
        while (waiting.length === 0) await changed.promise;
        return waiting.shift()!;
      },
      close: () => put(null),
    },
  };
}

Deno.test("serveWebSocket() takes clients from any listener", async () => {
  const { listener, dial } = memoryClients();
  await using serving = serve(echo, { listener });
  assertEquals(serving.server.address, "memory");
  const peer = dial();
  await peer.write(requestText());
  await peer.head();
  await peer.say(textFrame("a"));
  assertEquals(await peer.hear(1), ["text a"]);
  peer.close();
});

Deno.test("serveWebSocket() serves many at once", async () => {
  await using serving = serve(echo);
  const peers = await Promise.all(
    Array.from({ length: 20 }, () => dialOpen(serving.server.address)),
  );
  assertEquals(serving.server.connections.size, 20);
  await Promise.all(peers.map((peer, at) => peer.say(textFrame(`${at}`))));
  for (const [at, peer] of peers.entries()) {
    assertEquals(await peer.hear(1), [`text ${at}`]);
    peer.close();
  }
});

Deno.test("serveWebSocket() answers every message before a Close in the same chunk (R56)", async () => {
  await using serving = serve(echo);
  const peer = await dialOpen(serving.server.address);
  await peer.say(textFrame("a"), textFrame("b"), textFrame("c"), closeFrame());
  assertEquals(await peer.hearAll(), [
    "text a",
    "text b",
    "text c",
    "close 1005",
  ]);
  peer.close();
});

interface ThrowCase {
  readonly name: string;
  readonly handler: WebSocketHandler | WebSocketHandlers;
}

const boom = () => {
  throw new Error("boom");
};
const throwCases: readonly ThrowCase[] = [
  { name: "a function", handler: boom },
  {
    name: "an async function",
    handler: () => Promise.reject(new Error("boom")),
  },
  { name: "open", handler: { open: boom } },
  {
    name: "message",
    handler: {
      message: (_, data) => {
        if (data === "boom") boom();
      },
    },
  },
  {
    name: "an async message",
    handler: {
      message: (_, data) => data === "boom" ? pause(1).then(boom) : undefined,
    },
  },
  { name: "ping", handler: { ping: boom } },
];

for (const { name, handler } of throwCases) {
  Deno.test(`serveWebSocket() closes with 1011 when ${name} throws, that connection only`, async () => {
    const accepted: WebSocketConnection[] = [];
    const { open = () => {}, ...others } = typeof handler === "function"
      ? { open: handler }
      : handler;
    let count = 0;
    await using serving = serve({
      ...others,
      open: (connection, request) => {
        accepted.push(connection);
        count += 1;
        if (count === 2) return open(connection, request);
      },
    });
    const first = await dialOpen(serving.server.address);
    const second = await dialOpen(serving.server.address);
    await second.say(textFrame("boom"), pingFrame("1"));
    const lines = await second.hearAll();
    assert(lines.includes("close 1011"), `${lines}`);
    second.close();
    assertEquals(serving.errors.map(String), ["Error: boom"]);
    await first.say(pingFrame("2"));
    if (name !== "ping") assertEquals(await first.hear(1), ["pong 2"]);
    first.close();
  });
}

Deno.test("serveWebSocket() tells onError what close throws, and goes on", async () => {
  await using serving = serve({ ...echo, close: boom });
  const peer = await dialOpen(serving.server.address);
  await peer.say(closeFrame(1000));
  await peer.hearAll();
  peer.close();
  await until(() => serving.errors.length > 0, "the error");
  await assertStillServes(serving);
});

Deno.test("shutdown() closes every connection with 1001, waits for them and for their handlers (R71)", async () => {
  const closed: ConnectionClosed[] = [];
  let isDrained = false;
  const { server } = serve(async (connection) => {
    for await (const _ of connection);
    closed.push(await connection.closed);
    await pause(10);
    isDrained = true;
  }, { closeTimeoutMs: 1_000 });
  const peers = [
    await dialOpen(server.address),
    await dialOpen(server.address),
  ];
  const shutdown = server.shutdown();
  for (const peer of peers) {
    assertEquals(await peer.hear(1), ["close 1001"]);
  }
  assertEquals((await standing(shutdown)).status, "pending");
  for (const peer of peers) {
    await peer.say(textFrame("last words"), closeFrame(1001));
    assertEquals(await peer.hearAll(), []);
    peer.close();
  }
  await within(Promise.all([shutdown, server.finished]), "the shutdown");
  assertEquals(closed.map(({ wasClean }) => wasClean), [true, true]);
  assert(isDrained);
  assertEquals(server.connections.size, 0);
});

Deno.test("shutdown() takes another code, no more clients, and a second call", async () => {
  const { server } = serve(echo);
  const peer = await dialOpen(server.address);
  const shutdown = server.shutdown({ closeCode: 1012, reason: "restart" });
  const again = server.shutdown();
  assertEquals(await peer.hear(1), ["close 1012 restart"]);
  peer.close();
  await within(Promise.all([shutdown, again]), "the shutdown");
  const late = await dialRaw(server.address).then((peer) => {
    peer.close();
    return "connected";
  }, () => "refused");
  assertEquals(late, "refused");
});

Deno.test("shutdown() does not wait for who does not answer, nor for who never asked", async () => {
  const { server, errors } = serve(echo, { closeTimeoutMs: 20 });
  const silent = await dialRaw(server.address);
  await silent.write("GET / HTT");
  const deaf = await dialOpen(server.address);
  await within(server.shutdown(), "the shutdown");
  assertEquals(await deaf.hearAll(), ["close 1001"]);
  assertEquals(await silent.readText(), "");
  for (const peer of [silent, deaf]) peer.close();
  assertEquals(errors.filter((error) => !(error instanceof ProtocolError)), []);
});

Deno.test("await using shuts a server down", async () => {
  let address = "";
  {
    await using server = serveWebSocket({ hostname: "127.0.0.1" }, echo);
    address = server.address;
  }
  const late = await dialRaw(address).then((peer) => {
    peer.close();
    return "connected";
  }, () => "refused");
  assertEquals(late, "refused");
});

Deno.test("serveWebSocket() throws when somebody else listens there", async () => {
  await using serving = serve(echo);
  const { port } = new URL(`http://${serving.server.address}`);
  assertThrows(
    () => serveWebSocket({ hostname: "127.0.0.1", port: Number(port) }, echo),
    Deno.errors.AddrInUse,
  );
});

Deno.test("serveWebSocket() answers plain requests by http, and WebSockets beside them", async () => {
  await using serving = serve(echo, {
    http: ({ url }) => new Response(new URL(url).pathname),
  });
  const response = await fetch(`http://${serving.server.address}/health`);
  assertEquals([response.status, await response.text()], [200, "/health"]);
  await assertStillServes(serving);
});

interface MisbehaviourCase {
  readonly name: string;
  readonly act: (peer: RawPeer) => Promise<void>;
  /** What onError is told. */
  readonly code: ProtocolErrorCode;
  /** Whether the handshake is made before. */
  readonly open?: boolean;
}

const misbehaviours: readonly MisbehaviourCase[] = [
  {
    name: "never finishes its head",
    open: false,
    act: async (peer) => {
      await peer.write("GET / HTTP/1.1\r\nHost: a\r\n");
      assert((await peer.readText()).startsWith("HTTP/1.1 408 "));
    },
    code: "handshake-timeout",
  },
  {
    name: "says nothing at all",
    open: false,
    act: async (peer) =>
      assert((await peer.readText()).startsWith("HTTP/1.1 408 ")),
    code: "handshake-timeout",
  },
  {
    name: "sends its head too slowly",
    open: false,
    act: async (peer) => {
      let isGone = false;
      for (const byte of byteByByte(utf8(requestText()))) {
        if (isGone) break;
        await peer.write(byte).catch(() => isGone = true);
        await pause(2);
      }
    },
    code: "handshake-timeout",
  },
  {
    name: "hangs up inside its head",
    open: false,
    act: async (peer) => {
      await peer.write("GET / HTTP/1.1\r\nHo");
      peer.close();
      await pause(1);
    },
    code: "truncated-head",
  },
  {
    name: "sends a head without an end",
    open: false,
    act: async (peer) => {
      await peer.write(`GET / HTTP/1.1\r\nX: ${"x".repeat(70_000)}`);
      assert((await peer.readText()).startsWith("HTTP/1.1 431 "));
      peer.close();
    },
    code: "head-too-large",
  },
  {
    name: "goes without a Close",
    act: (peer) => Promise.resolve(peer.close()),
    code: "missing-close",
  },
  {
    name: "half-closes inside a frame",
    act: async (peer) => {
      await peer.write(fromPeerOf("server", textFrame("abc")).subarray(0, 7));
      await peer.transport.closeWrite();
      assertEquals(await peer.hearAll(), []);
    },
    code: "missing-close",
  },
  {
    name: "does not mask",
    act: async (peer) => {
      await peer.write(hex("81 01 61"));
      const [close] = await peer.hearAll();
      assert(close?.startsWith("close 1002 Cannot read frame"), close);
    },
    code: "unmasked-client-frame",
  },
  {
    name: "sends text that is no UTF-8, and more",
    act: async (peer) => {
      await peer.write(concatenated([
        fromPeerOf("server", { opcode: 1, payload: hex("ff") }),
        fromPeerOf("server", pingFrame("1"), closeFrame(1000)),
      ]));
      const [close, ...more] = await peer.hearAll();
      assert(close?.startsWith("close 1007 "), close);
      assertEquals(more, []);
    },
    code: "invalid-utf8",
  },
  {
    name: "sends more than a message may hold",
    act: async (peer) => {
      await peer.write(hex("82 ff 0000000001000001"));
      const [close] = await peer.hearAll();
      assert(close?.startsWith("close 1009 "), close);
    },
    code: "frame-too-large",
  },
  {
    name: "sends a continuation of nothing",
    act: async (peer) => {
      await peer.say(continuation(hex("01")));
      const [close] = await peer.hearAll();
      assert(close?.startsWith("close 1002 "), close);
    },
    code: "unexpected-continuation",
  },
  {
    name: "is silent, and answers no Ping",
    act: async (peer) => {
      const [ping, close] = await peer.hearAll();
      assertEquals(ping, "ping");
      assert(close?.startsWith("close 1008 "), close);
    },
    code: "heartbeat-timeout",
  },
];

for (const { name, act, code, open = true } of misbehaviours) {
  Deno.test(`a client that ${name} costs a server that one connection, and an error that names the rule`, async () => {
    await using serving = serve(echo, {
      handshakeTimeoutMs: 40,
      heartbeat: { intervalMs: 15, timeoutMs: 15 },
      closeTimeoutMs: 20,
    });
    const { address } = serving.server;
    const peer = open ? await dialOpen(address) : await dialRaw(address);
    try {
      await act(peer);
      await until(() => serving.errors.length > 0, "the error");
    } finally {
      peer.close();
    }
    const [error] = serving.errors;
    assert(error instanceof ProtocolError, `${error}`);
    assertEquals(error.code, code);
    await until(() => serving.server.connections.size === 0, "its end");
    await assertStillServes(serving);
  });
}

Deno.test("a client that sends one byte at a time is served like any other", async () => {
  await using serving = serve(echo);
  const peer = await dialRaw(serving.server.address);
  const wire = concatenated([
    utf8(requestText()),
    fromPeerOf("server", textFrame("slow"), pingFrame("1")),
  ]);
  for (const byte of byteByByte(wire)) await peer.write(byte);
  await peer.head();
  assertEquals((await peer.hear(2)).sort(), ["pong 1", "text slow"]);
  assertEquals(serving.errors, []);
  peer.close();
});

Deno.test("a client that stops reading is held back, with a bounded number of bytes (R76)", async () => {
  const connections: WebSocketConnection[] = [];
  let received = 0;
  await using serving = serve({
    open: (connection) => void connections.push(connection),
    message: (connection, data) => {
      received += data.length;
      connection.send(data);
    },
  }, { maxBufferedBytes: 100_000, heartbeat: false, closeTimeoutMs: 20 });
  const peer = await dialOpen(serving.server.address);
  const chunk = fromPeerOf("server", {
    opcode: 2,
    payload: new Uint8Array(50_000),
  });
  let sent = 0;
  let isStopped = false;
  const flooding = (async () => {
    // Far more than the kernel holds.
    while (sent < 2_000 && !isStopped) {
      await peer.write(chunk).catch(() => isStopped = true);
      sent += 1;
    }
  })();
  let before = -1;
  while (before !== received || received === 0) {
    before = received;
    await pause(40);
  }
  assert(sent < 2_000, `${sent} messages of 50 kB were taken`);
  assert(connections[0]!.bufferedBytes < 400_000);
  await assertStillServes(serving);
  isStopped = true;
  peer.close();
  await within(flooding, "the flood");
});

Deno.test("a client that floods with Pings is answered, and others meanwhile", async () => {
  await using serving = serve(echo, { heartbeat: false });
  const peer = await dialOpen(serving.server.address);
  const pings = fromPeerOf(
    "server",
    ...Array.from({ length: 200 }, () => pingFrame("x".repeat(125))),
  );
  let isStopped = false;
  const flooding = (async () => {
    while (!isStopped) {
      await peer.write(pings).catch(() => isStopped = true);
      // All of this is in one process, which is to get to the rest.
      await pause(0);
    }
  })();
  const listening = (async () => {
    while (!isStopped) await peer.transport.read().catch(() => null);
  })();
  await assertStillServes(serving);
  const [connection] = serving.server.connections;
  assert((connection?.bufferedBytes ?? 0) < 200_000);
  isStopped = true;
  await within(flooding, "the flood");
  peer.close();
  await within(listening, "the end");
});

Deno.test("a client that sends after its Close is not listened to (R68)", async () => {
  const seen: unknown[] = [];
  await using serving = serve({ message: (_, data) => void seen.push(data) });
  const peer = await dialOpen(serving.server.address);
  await peer.say(textFrame("a"), closeFrame(1000));
  assertEquals(await peer.hearAll(), ["close 1000"]);
  for (let count = 0; count < 5; count++) {
    await peer.say(textFrame("late"), pingFrame()).catch(() => {});
  }
  peer.close();
  await until(() => serving.server.connections.size === 0, "the end");
  assertEquals([seen, serving.errors], [["a"], []]);
});

Deno.test("a client that does not hang up is hung up on (R57)", async () => {
  await using serving = serve(echo, { closeTimeoutMs: 20 });
  const peer = await dialOpen(serving.server.address);
  await peer.say(closeFrame(1000));
  assertEquals(await peer.hearAll(), ["close 1000"]);
  await until(() => serving.server.connections.size === 0, "the end");
  peer.close();
});

Deno.test("an authorize that throws costs one connection, which does not stay open", async () => {
  await using serving = serve(echo, { authorize: boom });
  const peer = await dialRaw(serving.server.address);
  await peer.write(requestText());
  const text = await peer.readText();
  peer.close();
  assert(text.startsWith("HTTP/1.1 500 "), text);
  await until(() => serving.errors.length > 0, "the error");
  assertEquals(serving.errors.map(String), ["Error: boom"]);
});

Deno.test("serveWebSocket() goes on after a client that could not be accepted", async () => {
  const { listener, dial } = memoryClients();
  let count = 0;
  await using serving = serve(echo, {
    listener: {
      ...listener,
      accept: () => {
        count += 1;
        // Such as too many open files, which passes.
        if (count === 1) {
          return Promise.reject(new Error("Too many open files"));
        }
        return listener.accept();
      },
    },
  });
  const finished = await standing(serving.server.finished);
  assertEquals(finished.status, "pending");
  const peer = dial();
  await peer.write(requestText());
  assert((await peer.head()).startsWith("HTTP/1.1 101 "));
  peer.close();
});

Deno.test("serveWebSocket() speaks with Deno's own client", async () => {
  await using serving = serve({
    message: (connection, data) => {
      if (data === "close") {
        connection.close({ closeCode: 4001, reason: "bye" });
      } else connection.send(data);
    },
  }, { protocols: ["b"], origins: "any" });
  const socket = new WebSocket(`ws://${serving.server.address}/`, ["a", "b"]);
  socket.binaryType = "arraybuffer";
  const messages: unknown[] = [];
  const closed = Promise.withResolvers<CloseEvent>();
  socket.onclose = (event) => closed.resolve(event);
  socket.onmessage = ({ data }) => {
    messages.push(typeof data === "string" ? data : new Uint8Array(data));
    if (messages.length === 3) socket.send("close");
  };
  socket.onopen = () => {
    for (const data of ["Hello 😀", new Uint8Array(70_000).fill(7), ""]) {
      socket.send(data);
    }
  };
  const { code, reason, wasClean } = await within(closed.promise, "the end");
  assertEquals(messages, ["Hello 😀", new Uint8Array(70_000).fill(7), ""]);
  assertEquals([code, reason, wasClean], [4001, "bye", true]);
  assertEquals(socket.protocol, "b");
});

Deno.test("serveWebSocket() refuses options that nothing can be served with, before it listens", () => {
  const cases: [ServeWebSocketOptions, WebSocketHandlers][] = [
    [{ maxMessageBytes: -1 }, {}],
    [{ maxHeadBytes: NaN }, {}],
    [{ handshakeTimeoutMs: -1 }, {}],
    [{ heartbeat: { intervalMs: NaN, timeoutMs: 1 } }, {}],
  ];
  for (const [options, handlers] of cases) {
    const given = { hostname: "127.0.0.1", ...options };
    assertThrows(() => serveWebSocket(given, handlers), RangeError);
  }
  const wrong: ServeWebSocketOptions[] = [
    { cert: "a" },
    { key: "a" },
    { unixPath: "a", cert: "a", key: "a" },
  ];
  for (const options of wrong) {
    assertThrows(() => serveWebSocket(options, {}), TypeError);
  }
  assertThrows(
    () => serveWebSocket({ delivery: "pieces" }, { message: () => {} }),
    TypeError,
  );
});

Deno.test("serveWebSocket() without a message function reads on, and answers Ping and Close", async () => {
  await using serving = serve({}, { maxBufferedMessages: 4 });
  const peer = await dialOpen(serving.server.address);
  const texts = Array.from({ length: 50 }, () => textFrame("x"));
  await peer.say(...texts, pingFrame("1"), closeFrame(1000));
  assertEquals(await peer.hear(2), ["pong 1", "close 1000"]);
  peer.close();
});

Deno.test("serveWebSocket() waits for an async message function before a Close is answered (R56)", async () => {
  await using serving = serve({
    message: async (connection, data) => {
      await pause(20);
      connection.send(data);
    },
  });
  const peer = await dialOpen(serving.server.address);
  await peer.say(textFrame("a"), closeFrame(1000));
  assertEquals(await peer.hear(2), ["text a", "close 1000"]);
  peer.close();
});

Deno.test("serveWebSocket() shuts down though a handler never returns", async () => {
  const serving = serve(
    () => new Promise<void>(() => {}),
    { closeTimeoutMs: 30 },
  );
  const peer = await dialOpen(serving.server.address);
  const shutdown = serving.server.shutdown();
  assertEquals(await peer.hear(1), ["close 1001"]);
  peer.close();
  await within(shutdown, "the shutdown");
});

Deno.test("serveWebSocket() reports a broken rule once, also when a handler reads it", async () => {
  await using serving = serve(async (connection) => {
    for await (const message of connection) connection.send(message);
  });
  const peer = await dialOpen(serving.server.address);
  await peer.write(hex("81 01 61"));
  assertEquals((await peer.hear(1))[0]?.slice(0, 10), "close 1002");
  peer.close();
  await until(() => serving.server.connections.size === 0, "the end");
  assertEquals(serving.errors.length, 1, String(serving.errors));
});

Deno.test("serveWebSocket() goes on though onError throws", async () => {
  const logged: unknown[] = [];
  const { error } = console;
  console.error = (text) => void logged.push(text);
  try {
    await using serving = serve(echo, { onError: boom });
    const wrong = await dialOpen(serving.server.address);
    await wrong.write(hex("81 01 61"));
    assertEquals((await wrong.hear(1))[0]?.slice(0, 10), "close 1002");
    wrong.close();
    const right = await dialOpen(serving.server.address);
    await right.say(textFrame("a"));
    assertEquals(await right.hear(1), ["text a"]);
    right.close();
  } finally {
    console.error = error;
  }
  assertEquals(String(logged[0]), "Error: boom");
});

Deno.test("shutdown() refuses what cannot be sent, and can be called again", async () => {
  const server = serveWebSocket({ hostname: "127.0.0.1" }, {});
  const connection = await connectWebSocket(`ws://${server.address}/`);
  for (const wrong of [{ closeCode: 5 }, { reason: "x".repeat(124) }]) {
    await assertRejects(() => server.shutdown(wrong), RangeError);
  }
  await within(server.shutdown(), "the shutdown");
  assertEquals((await connection.closed).closeCode, 1001);
});

Deno.test("what a message function's thenable rejects with closes its connection with 1011", async () => {
  const errors: unknown[] = [];
  await using server = serveWebSocket({
    hostname: "127.0.0.1",
    onError: (error) => void errors.push(error),
  }, {
    message: () => ({
      then: (_: unknown, reject: (reason: unknown) => void) => reject("no"),
    }),
  });
  const connection = await connectWebSocket(`ws://${server.address}/`);
  connection.send("a");
  assertEquals((await within(connection.closed, "the end")).closeCode, 1011);
  assertEquals(errors, ["no"]);
});

/** The first line of what each of so many clients is told, who all ask at once. */
async function askAtOnce(address: string, count: number) {
  const peers = await Promise.all(
    Array.from({ length: count }, () => dialRaw(address)),
  );
  await Promise.all(peers.map((peer) => peer.write(requestText())));
  const heads = await Promise.all(peers.map((peer) => peer.head()));
  return { peers, answers: heads.map((head) => head.slice(9, 12)) };
}

Deno.test("serveWebSocket() lets in as many as maxConnections, also of those that come at once", async () => {
  await using serving = serve({}, {
    maxConnections: 3,
    authorize: async () => {
      await pause(5);
      return undefined;
    },
  });
  const { server } = serving;
  const { peers, answers } = await askAtOnce(server.address, 10);
  assertEquals(answers.filter((answer) => answer === "101").length, 3);
  assertEquals(answers.filter((answer) => answer === "503").length, 7);
  assertEquals(server.connections.size, 3);
  // Who goes makes room for another.
  peers[answers.indexOf("101")]!.transport.close();
  await until(() => server.connections.size === 2, "room");
  const again = await askAtOnce(server.address, 2);
  assertEquals(again.answers.toSorted(), ["101", "503"]);
  for (const peer of [...peers, ...again.peers]) peer.transport.close();
});

Deno.test("serveWebSocket() counts nobody who was let in by maxConnections and refused by authorize", async () => {
  await using serving = serve({}, {
    maxConnections: 1,
    authorize: () => new Response(null, { status: 401 }),
  });
  for (let count = 0; count < 3; count++) {
    const { peers, answers } = await askAtOnce(serving.server.address, 1);
    assertEquals(answers, ["401"]);
    peers[0]!.transport.close();
  }
});

Deno.test("serveWebSocket() reports no request that http has answered", async () => {
  await using serving = serve({}, { http: () => new Response("a page") });
  const response = await fetch(`http://${serving.server.address}/`);
  assertEquals(await response.text(), "a page");
  await pause(5);
  assertEquals(serving.errors, []);
});

Deno.test("serveWebSocket() reads no more while too many messages are being dealt with", async () => {
  for (
    const [limit, most] of [
      [{ maxBufferedMessages: 10 }, 11],
      [{ maxBufferedBytes: 1000 }, 11],
    ] as const
  ) {
    const gate = Promise.withResolvers<void>();
    let count = 0;
    await using serving = serve({
      message: async () => {
        count += 1;
        await gate.promise;
      },
    }, limit);
    const peer = await dialOpen(serving.server.address);
    const frame = textFrame("x".repeat(100));
    for (let sent = 1; sent <= most; sent++) {
      await peer.say(frame);
      await until(() => count === sent, `message ${sent}`);
    }
    await peer.say(...Array.from({ length: 30 - most }, () => frame));
    await pause(20);
    assertEquals(count, most, JSON.stringify(limit));
    gate.resolve();
    await until(() => count === 30, "the others");
    peer.transport.close();
  }
});

Deno.test("serveWebSocket() reads on for a function that waits for what is to be read, whatever its message is long", async () => {
  const waited = Promise.withResolvers<number>();
  await using serving = serve({
    message: async (connection) => waited.resolve(await connection.ping()),
  }, { maxBufferedBytes: 1000 });
  await using connection = await connectWebSocket(
    `ws://${serving.server.address}/`,
  );
  connection.send("x".repeat(5000));
  assert(await within(waited.promise, "the Pong") >= 0);
});
