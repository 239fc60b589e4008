import { assertEquals, assertMatch } from "@std/assert";
import { startServer } from "./run_example.ts";

/** Deno's own WebSocket client, an implementation that is not ours. */
async function openDenoClient(url: string): Promise<WebSocket> {
  const socket = new WebSocket(url);
  socket.binaryType = "arraybuffer";
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = reject;
  });
  return socket;
}

function nextMessage(socket: WebSocket): Promise<string | Uint8Array> {
  return new Promise((resolve, reject) => {
    socket.onmessage = ({ data }) =>
      resolve(typeof data === "string" ? data : new Uint8Array(data));
    socket.onclose = ({ code, reason }) => reject(new Error(code + reason));
  });
}

function closed(socket: WebSocket): Promise<CloseEvent> {
  return new Promise((resolve) => {
    socket.onclose = resolve;
  });
}

Deno.test("echo_server.ts echoes to Deno's own WebSocket client", async () => {
  const server = await startServer("echo_server.ts");
  try {
    const socket = await openDenoClient(server.url);
    const messages = [
      "something",
      "",
      "κόσμε 🌍",
      Uint8Array.of(0, 1, 254, 255),
      new Uint8Array(0),
      "x".repeat(70_000),
      new Uint8Array(1024 * 1024).fill(7),
    ];
    for (const message of messages) {
      const answer = nextMessage(socket);
      socket.send(message);
      assertEquals(await answer, message);
    }
    const close = closed(socket);
    socket.close(4000, "bye");
    const { code, reason, wasClean } = await close;
    assertEquals({ code, reason, wasClean }, {
      code: 4000,
      reason: "bye",
      wasClean: true,
    });
  } finally {
    assertEquals(await server.stop(), "");
  }
});

/** Bytes on a raw connection, for what no proper client would send. */
async function talkRaw(url: string, ...pieces: readonly Uint8Array[]) {
  const { hostname, port } = new URL(url);
  const conn = await Deno.connect({ hostname, port: Number(port) });
  for (const piece of pieces) await conn.write(piece);
  const received: number[] = [];
  const buffer = new Uint8Array(1024);
  while (true) {
    const length = await conn.read(buffer);
    if (length === null) break;
    received.push(...buffer.subarray(0, length));
  }
  conn.close();
  const text = new TextDecoder("latin1").decode(Uint8Array.from(received));
  const headEnd = text.indexOf("\r\n\r\n") + 4;
  return { head: text.slice(0, headEnd), rest: received.slice(headEnd) };
}

const encode = (text: string) => new TextEncoder().encode(text);

const request = encode(
  "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n" +
    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
);

Deno.test("echo_server.ts tells a client that breaks a rule by its close code", async () => {
  const server = await startServer("echo_server.ts");
  const cases: [what: string, frame: number[], code: number][] = [
    ["not masked", [0x81, 0x01, 0x61], 1002],
    ["reserved opcode", [0x83, 0x80, 0, 0, 0, 0], 1002],
    ["RSV1 set", [0xc1, 0x80, 0, 0, 0, 0], 1002],
    ["not UTF-8", [0x81, 0x81, 0, 0, 0, 0, 0xff], 1007],
    ["17 MiB", [0x82, 0xff, 0, 0, 0, 0, 1, 16, 0, 0, 0, 0, 0, 0], 1009],
    ["Close of 1 byte", [0x88, 0x81, 0, 0, 0, 0, 3], 1002],
  ];
  try {
    for (const [what, frame, code] of cases) {
      const { head, rest } = await talkRaw(
        server.url,
        request,
        Uint8Array.from(frame),
      );
      assertMatch(head, /^HTTP\/1\.1 101 /, what);
      assertEquals(rest[0], 0x88, what);
      assertEquals(rest[2]! * 256 + rest[3]!, code, what);
    }
  } finally {
    const log = await server.stop();
    assertEquals(log.trim().split("\n").length, cases.length, log);
  }
});

Deno.test("echo_server.ts answers what is no WebSocket request in HTTP", async () => {
  const server = await startServer("echo_server.ts");
  try {
    const plain = await talkRaw(
      server.url,
      encode("GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    );
    assertMatch(plain.head, /^HTTP\/1\.1 426 Upgrade Required\r\n/);
    assertMatch(plain.head, /\r\nSec-WebSocket-Version: 13\r\n/);
    const garbage = await talkRaw(server.url, Uint8Array.of(22, 3, 1));
    assertMatch(garbage.head, /^HTTP\/1\.1 400 Bad Request\r\n/);
  } finally {
    await server.stop();
  }
});

Deno.test("echo_server.ts reads frames that come together with the request", async () => {
  const server = await startServer("echo_server.ts");
  try {
    const frames = Uint8Array.of(
      ...[0x81, 0x81, 0, 0, 0, 0, 0x61],
      ...[0x88, 0x80, 0, 0, 0, 0],
    );
    const { rest } = await talkRaw(
      server.url,
      Uint8Array.of(...request, ...frames),
    );
    assertEquals(rest, [0x81, 0x01, 0x61, 0x88, 0x00]);
  } finally {
    await server.stop();
  }
});
