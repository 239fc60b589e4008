import { assert, assertEquals, assertThrows } from "@std/assert";
import { FacadeWebSocket } from "../../lib/facade/web_socket.ts";
import { serveWebSocket } from "../../lib/connection/serve.ts";
import type { WebSocketConnection } from "../../lib/connection/connection.ts";
import {
  pause,
  type RawPeer,
  responseText,
  serveRaw,
  until,
  within,
} from "../connection/connections.ts";
import { closeFrame, textFrame } from "../session/sessions.ts";
import {
  once,
  record,
  socketWithServer,
  type WebSocketClass,
} from "./sockets.ts";

/** Ours, and what it is to be like. */
const classes: { readonly name: "ours" | "Deno's"; is: WebSocketClass }[] = [
  { name: "ours", is: FacadeWebSocket },
  { name: "Deno's", is: globalThis.WebSocket },
];

/** Where Deno's does otherwise than the standard. */
interface Deviation {
  readonly lines: readonly string[];
  readonly why: string;
}

/** What a server does, what a program does, and what comes of it. */
interface Scenario {
  readonly name: string;
  /** After the handshake. */
  readonly serve?: (peer: RawPeer) => Promise<unknown>;
  /** In place of the answer to the handshake. */
  readonly answer?: (peer: RawPeer, request: string) => Promise<unknown>;
  readonly act?: (socket: WebSocket, lines: string[]) => void;
  readonly lines: readonly string[];
  readonly deviation?: Deviation;
}

const abnormal = (...before: string[]) => [
  ...before,
  "error while closed",
  "close unclean 1006 while closed",
];
/** Said of every connection that failed. */
const zeroFor1006 = (...before: string[]): Deviation => ({
  lines: [...before, "error while closed", "close unclean 0 while closed"],
  why: "gives 0 where the standard has 1006",
});

const scenarios: readonly Scenario[] = [
  {
    name: "the peer closes",
    serve: (peer) => peer.say(textFrame("a"), closeFrame(4000, "bye")),
    lines: [
      "open while open",
      "message a while open",
      "close clean 4000 bye while closed",
    ],
  },
  {
    name: "the peer closes without a code",
    serve: (peer) => peer.say(closeFrame()),
    lines: ["open while open", "close clean 1005 while closed"],
  },
  {
    name: "we close, with a code and a reason",
    serve: async (peer) => {
      assertEquals(await peer.hear(1), ["close 3000 bye"]);
      await peer.say(closeFrame(3000, "bye"));
    },
    act: (socket, lines) => {
      socket.onopen = () => {
        socket.close(3000, "bye");
        lines.push(`state ${socket.readyState}`);
        socket.close(3001);
        socket.close(1000, "again");
      };
    },
    lines: ["open while open", "state 2", "close clean 3000 bye while closed"],
  },
  {
    name: "we close, and a code is clamped",
    serve: async (peer) => {
      assertEquals(await peer.hear(1), ["close 1000"]);
      await peer.say(closeFrame(1000));
    },
    act: (socket) => socket.onopen = () => socket.close(1000.4),
    lines: ["open while open", "close clean 1000 while closed"],
  },
  {
    name: "we close, and the peer answers with another code",
    serve: async (peer) => {
      await peer.hear(1);
      await peer.say(closeFrame(4001, "own"));
    },
    act: (socket) => socket.onopen = () => socket.close(1000),
    lines: ["open while open", "close clean 4001 own while closed"],
  },
  {
    name: "we close without a code, which is a Close without a body",
    serve: async (peer) => {
      assertEquals(await peer.hear(1), ["close 1005"]);
      await peer.say(closeFrame());
    },
    act: (socket) => socket.onopen = () => socket.close(),
    lines: ["open while open", "close clean 1005 while closed"],
  },
  {
    name: "a message comes while we close",
    serve: async (peer) => {
      await peer.hear(1);
      await peer.say(textFrame("late"), closeFrame(1000));
    },
    act: (socket) => socket.onopen = () => socket.close(1000),
    lines: ["open while open", "close clean 1000 while closed"],
    deviation: {
      lines: [
        "open while open",
        "message late while closing",
        "close clean 1000 while closed",
      ],
      why:
        "gives messages while closing: the standard returns when the state " +
        "is not OPEN",
    },
  },
  {
    name: "we close while messages come together",
    serve: async (peer) => {
      await peer.say(textFrame("a"), textFrame("b"), textFrame("c"));
      assertEquals(await peer.hear(1), ["close 3000"]);
      await peer.say(closeFrame(3000));
    },
    act: (socket) => socket.onmessage = () => socket.close(3000),
    lines: [
      "open while open",
      "message a while open",
      "close clean 3000 while closed",
    ],
    deviation: {
      lines: [
        "open while open",
        "message a while open",
        "message b while closing",
        "message c while closing",
        "close clean 3000 while closed",
      ],
      why: "gives messages while closing",
    },
  },
  {
    name: "the connection drops",
    serve: async (peer) => {
      await peer.say(textFrame("a"));
      await pause(5);
    },
    lines: abnormal("open while open", "message a while open"),
    deviation: zeroFor1006("open while open", "message a while open"),
  },
  {
    name: "the connection drops while we close",
    serve: (peer) => peer.hear(1),
    act: (socket) => socket.onopen = () => socket.close(1000),
    lines: abnormal("open while open"),
    deviation: {
      lines: ["open while open", "close clean 1005 while closed"],
      why: "takes the end of TCP for an answer to its Close",
    },
  },
  {
    name: "the peer breaks a rule",
    serve: async (peer) => {
      await peer.write(Uint8Array.of(0x83, 0));
      await peer.readText();
    },
    lines: abnormal("open while open"),
    deviation: zeroFor1006("open while open"),
  },
  {
    name: "the peer sends what is no UTF-8",
    serve: async (peer) => {
      await peer.write(Uint8Array.of(0x81, 1, 0xff));
      await peer.readText();
    },
    lines: abnormal("open while open"),
    deviation: zeroFor1006("open while open"),
  },
  {
    name: "the server refuses",
    answer: (peer) =>
      peer.write("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"),
    lines: abnormal(),
    deviation: zeroFor1006(),
  },
  {
    name: "the server hangs up on the request",
    answer: async () => {},
    lines: abnormal(),
    deviation: zeroFor1006(),
  },
  {
    name: "we close while connecting",
    answer: () => pause(5),
    act: (socket, lines) => {
      socket.close();
      lines.push(`state ${socket.readyState}`);
    },
    lines: abnormal("state 2"),
    deviation: zeroFor1006("state 2"),
  },
  {
    name: "we close while the server takes its time",
    answer: () => pause(40),
    act: (socket) => void setTimeout(() => socket.close(3000, "late"), 10),
    lines: abnormal(),
    deviation: zeroFor1006(),
  },
  {
    name: "what is sent while closing and after is only counted",
    serve: async (peer) => {
      assertEquals(await peer.hear(2), ["text é", "close 1000"]);
      await peer.say(closeFrame(1000));
    },
    act: (socket, lines) => {
      const send = (data: string | BufferSource) => {
        socket.send(data);
        lines.push(`${socket.bufferedAmount} buffered`);
      };
      socket.onopen = () => {
        send("é");
        socket.close(1000);
        send("abc");
      };
      socket.onclose = () => {
        send(new Uint8Array(4));
        send(new Uint8Array(4).buffer);
      };
    },
    lines: [
      "open while open",
      "2 buffered",
      "5 buffered",
      "close clean 1000 while closed",
      "7 buffered",
      "11 buffered",
    ],
    deviation: {
      lines: [
        "open while open",
        "2 buffered",
        "0 buffered",
        "close clean 1000 while closed",
        "0 buffered",
        "0 buffered",
      ],
      why:
        "counts only while open: the standard has bufferedAmount grow with " +
        "each call of send()",
    },
  },
  {
    name: "handlers keep their places among the listeners",
    serve: (peer) => peer.say(closeFrame(1000)),
    act: (socket, lines) => {
      socket.onclose = () => lines.push("first");
      socket.addEventListener("close", () => lines.push("listener"));
      socket.onclose = () => lines.push("in place of the first");
      socket.onopen = () => lines.push("never");
      socket.onopen = null;
    },
    lines: [
      "open while open",
      "close clean 1000 while closed",
      "in place of the first",
      "listener",
    ],
  },
  {
    name: "who waits after the open event misses no message",
    answer: async (peer, request) => {
      const head = new TextEncoder().encode(await responseText(request));
      // In one packet.
      await peer.write(Uint8Array.of(...head, 0x81, 1, 0x61, 0x81, 1, 0x62));
      await peer.say(closeFrame(1000));
      await peer.hear(1);
    },
    act: async (socket, lines) => {
      await new Promise((resolve) => socket.onopen = resolve);
      for (let left = 50; left > 0; left--) await undefined;
      socket.onmessage = async ({ data }) => {
        for (let left = 50; left > 0; left--) await undefined;
        lines.push(`done with ${data}`);
      };
    },
    lines: [
      "open while open",
      "message a while open",
      "done with a",
      "message b while open",
      "done with b",
      "close clean 1000 while closed",
    ],
    deviation: {
      lines: [
        "open while open",
        "message a while open",
        "message b while open",
        "close clean 1000 while closed",
      ],
      why: "gives events that come together without a task for each",
    },
  },
];

for (const scenario of scenarios) {
  const { name, serve, act, deviation } = scenario;
  for (const { name: whose, is } of classes) {
    const differs = whose === "Deno's" && deviation !== undefined;
    const title = differs ? `${name}; it ${deviation.why}` : name;
    Deno.test(`WebSocket, ${whose}: ${title}`, async () => {
      const answer = scenario.answer ?? (async (peer, request) => {
        await peer.write(await responseText(request));
        await serve?.(peer);
      });
      const serving: Promise<unknown>[] = [];
      await using server = serveRaw(async (peer) => {
        // Who is closed while connecting may not have asked.
        const request = await peer.head().catch(() => "");
        serving.push(answer(peer, request));
        await serving.at(-1)!.catch(() => {});
        peer.close();
      });
      const socket = new is(`ws://${server.address}/`);
      const { lines, closed } = record(socket);
      act?.(socket, lines);
      await within(closed, "the close event", 3_000);
      await within(Promise.all(serving), "the server");
      assertEquals(lines, differs ? deviation.lines : scenario.lines);
    });
  }
}

for (const { name: whose, is } of classes) {
  Deno.test(`WebSocket, ${whose}: what it says of itself while it goes on`, async () => {
    await using server = serveWebSocket({
      hostname: "127.0.0.1",
      protocols: ["b"],
    }, {
      message: (connection, data) => connection.send(data),
    });
    const url = `http://${server.address}/a?b=é`;
    const socket = new is(url, ["a", "b"]);
    const seen = () => [
      socket.readyState,
      socket.protocol,
      socket.extensions,
      socket.bufferedAmount,
      socket.binaryType,
    ];
    assertEquals(socket.url, `ws://${server.address}/a?b=%C3%A9`);
    assertEquals(seen(), [0, "", "", 0, "blob"]);
    assertEquals(String(socket), "[object WebSocket]");
    const before = assertThrows(() => socket.send("x"), DOMException);
    assertEquals(before.name, "InvalidStateError");
    assertEquals([socket.onopen, socket.onclose], [null, null]);
    const open = await once(socket, "open");
    assertEquals([open.constructor.name, open.target], ["Event", socket]);
    assertEquals(seen(), [1, "b", "", 0, "blob"]);

    // What is no binary type is let go.
    socket.binaryType = "text" as BinaryType;
    assertEquals(socket.binaryType, "blob");
    socket.send(Uint8Array.of(0, 1, 2).subarray(1));
    const { data: blob, origin } = await once(socket, "message");
    assert(blob instanceof Blob);
    assertEquals([await blob.bytes(), blob.type], [Uint8Array.of(1, 2), ""]);
    // Deno's has the whole URL for an origin.
    if (whose === "ours") assertEquals(origin, `ws://${server.address}`);
    socket.binaryType = "arraybuffer";
    socket.send(new DataView(Uint8Array.of(3).buffer));
    assertEquals((await once(socket, "message")).data, Uint8Array.of(3).buffer);
    socket.send(new Blob(["é"]));
    assertEquals(
      (await once(socket, "message")).data,
      new TextEncoder().encode("é").buffer,
    );
    socket.send("");
    assertEquals((await once(socket, "message")).data, "");
    socket.send(7 as unknown as string);
    assertEquals((await once(socket, "message")).data, "7");
    socket.send("\ud83d");
    assertEquals((await once(socket, "message")).data, "\ufffd");

    socket.close(1000);
    assertEquals(seen(), [2, "b", "", 0, "arraybuffer"]);
    const close = await once(socket, "close");
    assert(close instanceof CloseEvent);
    assertEquals(seen(), [3, "b", "", 0, "arraybuffer"]);
    socket.close();
    assertEquals(socket.readyState, 3);
  });

  Deno.test(`WebSocket, ${whose}: the constructor refuses with a SyntaxError, before anything is sent`, () => {
    const cases: [string, string | string[]][] = [
      ["/chat", []],
      ["", []],
      ["ftp://127.0.0.1/", []],
      ["ws://127.0.0.1:1/#x", []],
      ["ws://127.0.0.1:1/", ["a", "a"]],
      ["ws://127.0.0.1:1/", ["echo", "Echo"]],
      ["ws://127.0.0.1:1/", "a b"],
      ["ws://127.0.0.1:1/", ""],
    ];
    for (const [url, protocols] of cases) {
      const error = assertThrows(() => new is(url, protocols), DOMException);
      assertEquals(error.name, "SyntaxError", `${url} ${protocols}`);
    }
    const WithoutUrl = is as unknown as new () => WebSocket;
    assertThrows(() => new WithoutUrl(), TypeError);
  });

  Deno.test(`WebSocket, ${whose}: close() refuses codes and reasons that may not be sent, in every state`, async () => {
    await using server = serveWebSocket({ hostname: "127.0.0.1" }, {});
    const socket = new is(`ws://${server.address}/`);
    const refusals = () => {
      const cases: [number, string, string][] = [
        [0, "", "InvalidAccessError"],
        [999, "", "InvalidAccessError"],
        [1001, "", "InvalidAccessError"],
        [1005, "", "InvalidAccessError"],
        [2999, "", "InvalidAccessError"],
        [5000, "", "InvalidAccessError"],
        [1e9, "", "InvalidAccessError"],
        [NaN, "", "InvalidAccessError"],
        [1000, "x".repeat(124), "SyntaxError"],
        [1000, "é".repeat(62), "SyntaxError"],
      ];
      for (const [code, reason, name] of cases) {
        const error = assertThrows(
          () => socket.close(code, reason),
          DOMException,
        );
        assertEquals(error.name, name, `${code} ${reason}`);
      }
    };
    refusals();
    await once(socket, "open");
    refusals();
    assertEquals(socket.readyState, 1);
    socket.close(1000, "é".repeat(61));
    refusals();
    const { code, reason } = await once(socket, "close");
    assertEquals([code, reason], [1000, "é".repeat(61)]);
    refusals();
  });

  Deno.test(`WebSocket, ${whose}: constants and members are where a program looks for them`, () => {
    const names = ["CONNECTING", "OPEN", "CLOSING", "CLOSED"];
    // On the prototype Deno's has getters, which refuse to be asked there.
    for (const target of whose === "ours" ? [is, is.prototype] : [is]) {
      const constants = target as unknown as Record<string, number>;
      assertEquals(names.map((name) => constants[name]), [0, 1, 2, 3]);
      assertThrows(() => constants.OPEN = 7, TypeError);
    }
    assertEquals(is.name, "WebSocket");
    assert(is.prototype instanceof EventTarget);
    for (
      const name of [
        ...["url", "readyState", "bufferedAmount", "protocol", "extensions"],
        ...["binaryType", "onopen", "onmessage", "onerror", "onclose"],
        ...["send", "close"],
      ]
    ) {
      const member = Object.getOwnPropertyDescriptor(is.prototype, name);
      assertEquals(member?.enumerable, true, name);
      assertEquals(member?.configurable, true, name);
    }
    assertThrows(() => Reflect.get(is.prototype, "url", {}), TypeError);
  });
}

Deno.test("WebSocket, ours: a reason without a code is sent with 1000, where Deno's sends it without", async () => {
  const { socket, server } = await socketWithServer();
  socket.close(undefined, "bye");
  assertEquals(await server.receive(), undefined);
  const { closeCode, reason } = await within(server.closed, "the end");
  assertEquals([closeCode, reason], [1000, "bye"]);
});

Deno.test("WebSocket, ours: a server that chose what was not asked for fails it, where Deno's stays open", async () => {
  await using server = serveRaw(async (peer) => {
    const request = await peer.head();
    const line = "Sec-WebSocket-Protocol: other";
    await peer.write(await responseText(request, line));
    await peer.readText();
  });
  const socket = new FacadeWebSocket(`ws://${server.address}/`, "chat");
  const { lines, closed } = record(socket);
  await within(closed, "the close event");
  assertEquals(lines, abnormal());
});

Deno.test("WebSocket, ours: the error event knows the rule that was broken", async () => {
  await using server = serveRaw(async (peer) => {
    await peer.write(await responseText(await peer.head()));
    await peer.write(Uint8Array.of(0x83, 0));
    await peer.readText();
  });
  const socket = new FacadeWebSocket(`ws://${server.address}/`);
  const { lines, closed } = record(socket);
  const { error, message } = await once(socket, "error") as ErrorEvent;
  assertEquals([error.code, error.message], ["reserved-opcode", message]);
  // At once, although the server has not hung up.
  await within(closed, "the end");
  assertEquals(lines, abnormal("open while open"));
});

Deno.test("WebSocket, ours: a close() that nobody answers ends without an error (closeTimeoutMs)", async () => {
  const { socket, server } = await socketWithServer(
    { closeTimeoutMs: 10 },
    { server: { maxBufferedMessages: 0 } },
  );
  const { lines, closed } = record(socket);
  // The server reads no more, the Close neither.
  for (let count = 0; count < 3; count++) socket.send("x");
  await until(() => socket.bufferedAmount === 0, "the messages");
  await pause(5);
  socket.close(1000);
  await within(closed, "the end");
  assertEquals(lines, ["close unclean 1006 while closed"]);
  server.close();
  while (await server.receive().catch(() => undefined) !== undefined);
});

Deno.test("WebSocket, ours: bufferedAmount falls as the peer reads, and counts a Blob that is not read yet", async () => {
  const { socket, server } = await socketWithServer({}, {
    transports: { maxBufferedBytes: 0 },
    server: { maxBufferedBytes: 0, maxBufferedMessages: 0 },
  });
  const seen: number[] = [];
  for (let count = 0; count < 8; count++) {
    socket.send(new Uint8Array(1000));
    await pause(0);
  }
  socket.send(new Blob([new Uint8Array(500)]));
  const all = socket.bufferedAmount;
  assert(all > 500 && all <= 8500, `${all}`);
  for (let count = 0; count < 9; count++) {
    await server.receive();
    await pause(1);
    seen.push(socket.bufferedAmount);
  }
  assertEquals(seen, [...seen].sort((a, b) => b - a), "it only falls");
  await until(() => socket.bufferedAmount === 0, "the rest");
  socket.close();
  assertEquals(await server.receive(), undefined);
});

Deno.test("WebSocket, ours: a listener that takes long holds the peer back", async () => {
  const { socket, server } = await socketWithServer(
    { maxBufferedBytes: 0, maxBufferedMessages: 0 },
    {
      transports: { maxBufferedBytes: 0 },
      server: { maxBufferedBytes: 1000 },
    },
  );
  let count = 0;
  socket.onmessage = () => count += 1;
  // In one turn no task of the socket's comes in between.
  for (let sent = 0; sent < 50; sent++) server.send(new Uint8Array(100));
  const drained = within(server.drained(), "the messages");
  assert(server.bufferedBytes >= 5000);
  await drained;
  await until(() => count === 50, "every message");
  socket.close();
  await server.receive();
});

Deno.test("WebSocket, ours: bytes that were sent or came are the program's to change", async () => {
  const { socket, server } = await socketWithServer();
  socket.binaryType = "arraybuffer";
  const bytes = Uint8Array.of(1, 2, 3);
  socket.send(bytes);
  socket.send(bytes.buffer);
  bytes.fill(9);
  assertEquals(await server.receive(), Uint8Array.of(1, 2, 3));
  assertEquals(await server.receive(), Uint8Array.of(1, 2, 3));
  server.send(Uint8Array.of(4, 5));
  const { data } = await once(socket, "message");
  socket.send(data);
  new Uint8Array(data).fill(9);
  assertEquals(await server.receive(), Uint8Array.of(4, 5));
  const [moved] = [structuredClone(data, { transfer: [data] })];
  assertEquals(new Uint8Array(moved), Uint8Array.of(9, 9));
  socket.close();
  await server.receive();
});

Deno.test("WebSocket, ours: a Blob that cannot be read fails the connection, as what cannot be sent does", async () => {
  const { socket, server } = await socketWithServer();
  const { lines, closed } = record(socket);
  const error = once(socket, "error");
  const blob = new Blob(["x"]);
  const gone = new DOMException("gone", "NotReadableError");
  blob.arrayBuffer = () => Promise.reject(gone);
  socket.send(blob);
  assertEquals(await server.receive(), undefined);
  assertEquals((await server.closed).closeCode, 1011);
  await within(closed, "the end");
  assertEquals((await error as ErrorEvent).error, gone);
  assertEquals(lines, ["error while closed", "close clean 1011 while closed"]);
  assertEquals(socket.bufferedAmount, 1);
});

Deno.test("WebSocket, ours: in place of the protocols an object is taken, as Deno, Node and Bun take one", async () => {
  const asked: (readonly [string, string])[] = [];
  await using server = serveWebSocket({
    hostname: "127.0.0.1",
    protocols: ["b"],
    authorize: ({ headers }) => void asked.push(...headers),
  }, {});
  const socket = new FacadeWebSocket(`ws://${server.address}/`, {
    protocols: ["a", "b"],
    headers: { "X-Key": "1" },
  });
  await once(socket, "open");
  assertEquals(socket.protocol, "b");
  assert(asked.some(([name, value]) => `${name}: ${value}` === "x-key: 1"));
  socket.close();
  await once(socket, "close");
  assertThrows(
    () => new FacadeWebSocket("ws://a/", { headers: { upgrade: "x" } }),
    TypeError,
    "not part of the handshake",
  );
});

Deno.test("WebSocket, ours: is what the platform's type wants", () => {
  const platform: typeof globalThis.WebSocket = FacadeWebSocket;
  const take = (socket: WebSocket) => socket.readyState;
  assertEquals(platform.OPEN, FacadeWebSocket.OPEN);
  assertEquals(typeof take, "function");
});

/** Every connection of a server, as they come. */
function serveOpen() {
  const opened: WebSocketConnection[] = [];
  const options = { hostname: "127.0.0.1", onError: () => {} };
  const server = serveWebSocket(options, {
    open: (connection) => void opened.push(connection),
  });
  return { server, opened };
}

Deno.test("WebSocket, ours: one that is closed in the moment in which it opens is never open", async () => {
  // At every microtask from the answer on, until the open event comes.
  const { server, opened } = serveOpen();
  await using _ = server;
  for (const delay of [0, 1, 2, 3, 4, 6, 8]) {
    const socket = new FacadeWebSocket(`ws://${server.address}/`);
    const { lines, closed } = record(socket);
    const before = opened.length;
    await until(() => opened.length > before, "the server");
    for (let left = delay; left > 0; left--) await undefined;
    const wasOpen = socket.readyState === 1;
    socket.close(1000);
    await within(closed, "the end");
    assertEquals(
      lines,
      wasOpen
        ? ["open while open", "close clean 1000 while closed"]
        : abnormal(),
    );
  }
});
