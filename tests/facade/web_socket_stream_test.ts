import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  acceptWebSocket,
  type AcceptWebSocketOptions,
} from "../../lib/connection/accept.ts";
import { serveWebSocket } from "../../lib/connection/serve.ts";
import type { WebSocketClassOptions } from "../../lib/facade/opening.ts";
import {
  createWebSocketStreamClass,
  WebSocketStream,
} from "../../lib/facade/web_socket_stream.ts";
import { WebSocketError } from "../../lib/facade/web_socket_error.ts";
import {
  memoryTransports,
  type MemoryTransportsOptions,
} from "../../lib/transport/memory.ts";
import {
  pause,
  rawPeer,
  readAll,
  responseText,
  until,
  within,
} from "../connection/connections.ts";
import { closeFrame, textFrame } from "../session/sessions.ts";
import { standing } from "../stream/streams.ts";

/** A stream in memory, and the other end of its transport. */
function begin(
  options: WebSocketClassOptions = {},
  transports?: MemoryTransportsOptions,
) {
  const [own, other] = memoryTransports(transports);
  const Bound = createWebSocketStreamClass({ ...options, carrier: () => own });
  return { stream: new Bound("ws://a.example/"), other };
}

/** The same, open, with the connection of its server. */
async function opened(
  options: WebSocketClassOptions = {},
  more: {
    readonly server?: AcceptWebSocketOptions;
    readonly transports?: MemoryTransportsOptions;
  } = {},
) {
  const { stream, other } = begin(options, more.transports);
  const server = await acceptWebSocket(other, more.server);
  const { readable, writable } = await within(stream.opened, "the opening");
  const [reader, writer] = [readable.getReader(), writable.getWriter()];
  reader.closed.catch(() => {});
  writer.closed.catch(() => {});
  return { stream, server, reader, writer };
}

/** The same, with a peer that knows no rules. */
async function openedWithPeer() {
  const { stream, other } = begin({ closeTimeoutMs: 20 });
  const peer = rawPeer(other, "client");
  await peer.write(await responseText(await peer.head()));
  const { readable, writable } = await within(stream.opened, "the opening");
  const [reader, writer] = [readable.getReader(), writable.getWriter()];
  reader.closed.catch(() => {});
  writer.closed.catch(() => {});
  return { stream, peer, reader, writer };
}

/** The error that a promise rejects with. */
async function failureOf(promise: Promise<unknown>): Promise<WebSocketError> {
  const error = await within(promise.then(() => undefined, (e) => e), "it");
  assert(error instanceof WebSocketError, `${error}`);
  return error;
}

Deno.test("WebSocketStream opens over TCP, and says what was agreed on", async () => {
  await using server = serveWebSocket(
    { hostname: "127.0.0.1", protocols: ["alpha"] },
    { message: (connection, data) => connection.send(data) },
  );
  const stream = new WebSocketStream(`http://${server.address}/x`, {
    protocols: ["beta", "alpha"],
  });
  assertEquals(stream.url, `ws://${server.address}/x`);
  assertEquals(String(stream), "[object WebSocketStream]");
  const { readable, writable, protocol, extensions } = await stream.opened;
  assertEquals([protocol, extensions], ["alpha", ""]);
  const sent = ["Hello", Uint8Array.of(1, 2)];
  await ReadableStream.from(sent).pipeTo(writable, { preventClose: true });
  const received: unknown[] = [];
  for await (const chunk of readable) {
    received.push(chunk);
    if (received.length === 2) stream.close({ closeCode: 3456, reason: "bye" });
  }
  assertEquals(received, sent);
  assertEquals(await stream.closed, { closeCode: 3456, reason: "bye" });
});

Deno.test("WebSocketStream refuses what leads nowhere, at once", () => {
  const refused = (...given: unknown[]) => {
    const Any = WebSocketStream as unknown as new (
      ...given: unknown[]
    ) => unknown;
    return assertThrows(() => new Any(...given), Error);
  };
  for (const url of ["invalid:", "/chat", "ws://a/#x"]) {
    assertEquals(refused(url).name, "SyntaxError");
  }
  assertEquals(
    refused("ws://a/", { protocols: ["a", "a"] }).name,
    "SyntaxError",
  );
  for (const options of [true, { protocols: "hi" }, { signal: "x" }]) {
    assert(refused("ws://a/", options) instanceof TypeError);
  }
  assert(refused() instanceof TypeError);
});

Deno.test("WebSocketStream reads strings, and bytes that are its reader's own", async () => {
  const { stream, server, reader } = await opened();
  server.send("é");
  server.send(Uint8Array.of(1, 2));
  assertEquals(await reader.read(), { done: false, value: "é" });
  const { value } = await reader.read();
  assert(value instanceof Uint8Array);
  assertEquals([value, value.buffer.byteLength], [Uint8Array.of(1, 2), 2]);
  stream.close();
  await server.receive();
  await stream.closed;
});

Deno.test("WebSocketStream writes bytes as binary, anything else as text", async () => {
  const { stream, server, writer } = await opened();
  const chunks: [unknown, string | Uint8Array][] = [
    ["text", "text"],
    [Uint8Array.of(1).buffer, Uint8Array.of(1)],
    [new DataView(Uint8Array.of(2, 3).buffer, 1), Uint8Array.of(3)],
    [7, "7"],
    [new Blob(["x"]), "[object Blob]"],
  ];
  for (const [chunk, message] of chunks) {
    await writer.write(chunk as string);
    assertEquals(await server.receive(), message);
  }
  stream.close();
  await server.receive();
  await stream.closed;
});

for (
  const [name, chunk] of [
    ["cannot be text", { toString: () => ({}) }],
    ["is shared", new Uint8Array(new SharedArrayBuffer(4))],
    ["may be resized", new ArrayBuffer(4, { maxByteLength: 8 })],
  ] as const
) {
  Deno.test(`WebSocketStream rejects to write what ${name}`, async () => {
    const { stream, server, writer } = await opened();
    const writing = writer.write(chunk as ArrayBuffer);
    await assertRejects(() => writing, TypeError);
    stream.close();
    await server.receive();
    await stream.closed;
  });
}

Deno.test("WebSocketStream.close() says to the peer what it is given", async () => {
  const cases = [
    [undefined, 1005, ""],
    [{}, 1005, ""],
    [{ reason: "" }, 1005, ""],
    [{ reason: "bye" }, 1000, "bye"],
    [{ closeCode: 3456, reason: "pizza" }, 3456, "pizza"],
  ] as const;
  for (const [info, closeCode, reason] of cases) {
    const { stream, server } = await opened();
    stream.close(info);
    assertEquals(await server.receive(), undefined);
    assertEquals(await within(stream.closed, "it"), { closeCode, reason });
    const { closeCode: seen } = await server.closed;
    assertEquals(seen, closeCode);
    stream.close({ closeCode: 4000 });
  }
});

Deno.test("WebSocketStream.close() refuses what cannot be sent", async () => {
  const { stream, server } = await opened();
  for (const closeCode of [999, 1001, 2999, 5000]) {
    const error = assertThrows(() => stream.close({ closeCode }), DOMException);
    assertEquals(error.name, "InvalidAccessError");
  }
  const reason = ".".repeat(124);
  const error = assertThrows(() => stream.close({ reason }), DOMException);
  assertEquals(error.name, "SyntaxError");
  for (const info of [true, { closeCode: -1 }, { closeCode: 65536 }]) {
    assertThrows(() => stream.close(info as object), TypeError);
  }
  stream.close();
  await server.receive();
  await stream.closed;
});

Deno.test("WebSocketStream.close() while connecting fails both promises", async () => {
  const { stream, other } = begin();
  stream.close({ closeCode: 4000 });
  const [first, second] = await Promise.all([
    failureOf(stream.opened),
    failureOf(stream.closed),
  ]);
  assertEquals([first.closeCode, second.closeCode], [1006, 1006]);
  assert((first.cause as Error).message.includes("closed before"));
  assertEquals(await within(readToEnd(other), "the end"), undefined);
  other.close();
});

async function readToEnd(
  transport: { read(): Promise<Uint8Array | null> },
): Promise<void> {
  while (await transport.read() !== null);
}

Deno.test("WebSocketStream cannot be opened, and says why", async () => {
  const { stream, other } = begin();
  const peer = rawPeer(other, "client");
  await peer.head();
  await peer.write("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
  const error = await failureOf(stream.opened);
  assertEquals(await failureOf(stream.closed), error);
  assertEquals((error.cause as { code: string }).code, "unexpected-status");
  peer.close();
});

Deno.test("WebSocketStream gives up when its signal aborts, before it is open", async () => {
  const enough = new RangeError("enough");
  let made = 0;
  const Bound = createWebSocketStreamClass({
    carrier: () => {
      made += 1;
      return memoryTransports()[0];
    },
  });
  const before = new Bound("ws://a/", { signal: AbortSignal.abort(enough) });
  assertEquals(made, 0);
  const controller = new AbortController();
  const while_ = new Bound("ws://a/", { signal: controller.signal });
  await pause(1);
  controller.abort(enough);
  for (const stream of [before, while_]) {
    for (const promise of [stream.opened, stream.closed]) {
      await assertRejects(
        () => within<unknown>(promise, "it"),
        RangeError,
        "enough",
      );
    }
  }
});

Deno.test("WebSocketStream does nothing when its signal aborts after", async () => {
  const [own, other] = memoryTransports();
  const Bound = createWebSocketStreamClass({ carrier: () => own });
  const controller = new AbortController();
  const stream = new Bound("ws://a/", { signal: controller.signal });
  const server = await acceptWebSocket(other);
  const { readable } = await stream.opened;
  controller.abort();
  server.send("still here");
  const reader = readable.getReader();
  assertEquals((await reader.read()).value, "still here");
  stream.close();
  await server.receive();
  await stream.closed;
});

Deno.test("WebSocketStream: a peer that closes ends the readable, and fails the writable", async () => {
  const { stream, peer, reader, writer } = await openedWithPeer();
  await peer.say(textFrame("a"), textFrame("b"), closeFrame(4000, "robot"));
  assertEquals(await reader.read(), { done: false, value: "a" });
  assertEquals(await reader.read(), { done: false, value: "b" });
  const last = reader.read();
  await peer.hear(1);
  peer.close();
  assertEquals(await stream.closed, { closeCode: 4000, reason: "robot" });
  assertEquals((await last).done, true);
  const error = await writer.closed.then(() => undefined, (error) => error);
  assert(error instanceof DOMException, `${error}`);
  assertEquals(error.name, "InvalidStateError");
});

Deno.test("WebSocketStream: what came before a Close can be read after it", async () => {
  const { stream, peer, reader } = await openedWithPeer();
  await peer.say(textFrame("a"), textFrame("b"), closeFrame(1000));
  await peer.hear(1);
  peer.close();
  assertEquals((await stream.closed).closeCode, 1000);
  assertEquals((await reader.read()).value, "a");
  assertEquals((await reader.read()).value, "b");
  assertEquals((await reader.read()).done, true);
  await within(reader.closed, "the end");
});

Deno.test("WebSocketStream: a connection that drops fails everything with one error", async () => {
  const { stream, peer, reader, writer } = await openedWithPeer();
  const reading = failureOf(reader.read());
  peer.close();
  const error = await failureOf(stream.closed);
  assertEquals([error.name, error.closeCode, error.reason], [
    "WebSocketError",
    1006,
    "",
  ]);
  assertEquals((error.cause as { code: string }).code, "missing-close");
  assert(await reading === error);
  assert(await failureOf(writer.ready) === error);
  assert(await failureOf(writer.closed) === error);
});

Deno.test("WebSocketStream: a peer that breaks a rule is not waited for", async () => {
  const { stream, peer, reader } = await openedWithPeer();
  const reading = failureOf(reader.read());
  await peer.write(Uint8Array.of(0x83, 0));
  const error = await failureOf(stream.closed);
  assertEquals(error.closeCode, 1006);
  assertEquals((error.cause as { code: string }).code, "reserved-opcode");
  assert(await reading === error);
  peer.close();
});

Deno.test("WebSocketStream: a Close that nobody answers is not clean", async () => {
  const { stream, peer } = await openedWithPeer();
  stream.close({ closeCode: 1000 });
  const error = await failureOf(stream.closed);
  assertEquals([error.closeCode, error.cause], [1006, undefined]);
  peer.close();
});

Deno.test("WebSocketStream: a Close with messages unsent is not clean, and their write rejects", async () => {
  const { stream, other } = begin({ closeTimeoutMs: 20 }, {
    maxBufferedBytes: 64 * 1024,
  });
  const peer = rawPeer(other, "client");
  await peer.write(await responseText(await peer.head()));
  const { writable } = await stream.opened;
  const writer = writable.getWriter();
  writer.closed.catch(() => {});
  const writing = writer.write(new Uint8Array(8 * 1024 * 1024));
  writing.catch(() => {});
  await pause(5);
  await peer.say(closeFrame(4567));
  const error = await failureOf(stream.closed);
  assertEquals(error.closeCode, 4567);
  assert(error.message.endsWith("bytes were not sent"), error.message);
  const failed = await assertRejects(() => writing, DOMException);
  assertEquals(failed.name, "InvalidStateError");
  peer.close();
});

Deno.test("WebSocketStream: closing the writable closes cleanly, and waits for the peer", async () => {
  const { stream, peer, writer } = await openedWithPeer();
  const writing = writer.write("last");
  const closing = writer.close();
  assertEquals(await peer.hear(2), ["text last", "close 1005"]);
  await writing;
  assertEquals((await standing(closing)).status, "pending");
  await peer.say(closeFrame());
  peer.close();
  await within(closing, "the end");
  assertEquals(await stream.closed, { closeCode: 1005, reason: "" });
});

Deno.test("WebSocketStream: closing the writable rejects when the end is not clean", async () => {
  const { stream, peer, writer } = await openedWithPeer();
  const closing = failureOf(writer.close());
  await peer.hear(1);
  peer.close();
  assert(await closing === await failureOf(stream.closed));
});

const reasons = [
  [undefined, 1005, ""],
  [new WebSocketError("no"), 1005, ""],
  [new WebSocketError("no", { closeCode: 3333 }), 3333, ""],
  [new WebSocketError("no", { reason: "set" }), 1000, "set"],
  [new DOMException("yes", "DataCloneError"), 1005, ""],
  [{ closeCode: 4000, reason: "no error" }, 1005, ""],
] as const;

for (const [given, closeCode, reason] of reasons) {
  Deno.test(`WebSocketStream: abort and cancel with ${given} close with ${closeCode}`, async () => {
    for (const how of ["abort", "cancel"] as const) {
      const { stream, server, reader, writer } = await opened();
      // What nobody will read is not in the way.
      for (let count = 0; count < 10; count++) server.send("unread");
      await (how === "abort" ? writer.abort(given) : reader.cancel(given));
      if (how === "abort") reader.cancel();
      assertEquals(await within(readAll(server), "the end"), []);
      assertEquals(await within(stream.closed, "it"), { closeCode, reason });
    }
  });
}

Deno.test("WebSocketStream: who does not read holds the peer back", async () => {
  const { stream, server, reader } = await opened(
    { maxBufferedBytes: 0, maxBufferedMessages: 0 },
    {
      transports: { maxBufferedBytes: 0 },
      server: { maxBufferedBytes: 500_000 },
    },
  );
  // Each too long to be joined with others for one write.
  const count = 20;
  for (let sent = 0; sent < count; sent++) server.send(new Uint8Array(100_000));
  const drained = server.drained();
  await pause(5);
  assertEquals((await standing(drained)).status, "pending");
  for (let read = 0; read < count; read++) {
    assertEquals((await within(reader.read(), "a message")).done, false);
  }
  await within(drained, "the rest");
  stream.close();
  await server.receive();
  await stream.closed;
});

Deno.test("WebSocketStream: a peer that does not read holds the writer back", async () => {
  const { stream, server, writer } = await opened(
    { maxBufferedBytes: 2_000 },
    {
      transports: { maxBufferedBytes: 0 },
      server: { maxBufferedBytes: 0, maxBufferedMessages: 0 },
    },
  );
  let written = 0;
  const count = 20;
  const writing = (async () => {
    for (let sent = 0; sent < count; sent++) {
      await writer.ready;
      await writer.write(new Uint8Array(1000));
      written += 1;
    }
  })();
  await pause(5);
  assert(written < 10, `${written}`);
  for (let read = 0; read < count; read++) await server.receive();
  await within(writing, "every write");
  assertEquals(written, count);
  stream.close();
  await server.receive();
  await stream.closed;
});

Deno.test("WebSocketStream: promises that nobody looks at end no program", async () => {
  const unhandled: unknown[] = [];
  const note = (event: PromiseRejectionEvent) => {
    event.preventDefault();
    unhandled.push(event.reason);
  };
  addEventListener("unhandledrejection", note);
  const { stream } = begin();
  stream.close();
  const { stream: dropped, peer } = await openedWithPeer();
  peer.close();
  await until(() => true, "a turn");
  await pause(5);
  removeEventListener("unhandledrejection", note);
  assertEquals(unhandled, []);
  await failureOf(dropped.closed);
});

Deno.test("createWebSocketStreamClass() makes classes of the same shape, with options judged at once", () => {
  const Bound = createWebSocketStreamClass();
  assertEquals(Bound.name, "WebSocketStream");
  assert(Bound.prototype instanceof WebSocketStream);
  assertThrows(
    () => createWebSocketStreamClass({ maxMessageBytes: -1 }),
    RangeError,
  );
});
