import { assert, assertEquals } from "@std/assert";
import {
  acceptKey,
  acceptWebSocket,
  connectWebSocket,
  decodeFrames,
  dissect,
  FrameDecoderStream,
  frameFields,
  heartbeatStreams,
  mask,
  memoryTransports,
  MessageDecoderStream,
  Opcode,
  openSession,
  parseFrame,
  parseWebSocketUrl,
  ProtocolError,
  reassemble,
  serializeFrame,
  serveWebSocket,
  type WebSocketConnection,
} from "@sluice/websocket";
import {
  createCaptureReader,
  createCaptureWriter,
} from "@sluice/websocket/capture";
import {
  pakoEngine,
  permessageDeflate,
  zlibEngine,
} from "@sluice/websocket/deflate";
import {
  createWebSocketClass,
  createWebSocketStreamClass,
} from "@sluice/websocket/facade";
import { dialNode, listenNode } from "@sluice/websocket/transport/node";
import type { Environment, Need } from "./environment.ts";

/** Something that has to be the same on every runtime. */
export interface Check {
  readonly name: string;
  /** What it needs of the runtime, beside JavaScript and the Web's own things. */
  readonly needs: readonly Need[];
  readonly run: (environment: Environment) => Promise<void> | void;
}

const hello = Uint8Array.of(
  ...[0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58],
);

function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** Two ends of a connection in memory. */
async function pair(
  extensions = [] as readonly ReturnType<typeof permessageDeflate>[],
): Promise<[WebSocketConnection, WebSocketConnection]> {
  const [a, b] = memoryTransports();
  return await Promise.all([
    connectWebSocket("ws://localhost/", { carrier: a, extensions }),
    acceptWebSocket(b, { extensions }),
  ]);
}

async function closed(...connections: readonly WebSocketConnection[]) {
  connections[0]!.close();
  const ends = await Promise.all(connections.map(({ closed }) => closed));
  assertEquals(ends.map(({ closeCode }) => closeCode), ends.map(() => 1000));
}

/** Talks with an echo about everything that there is to talk about. */
async function converse(connection: WebSocketConnection): Promise<void> {
  connection.send("wörld €");
  assertEquals(await connection.receive(), "wörld €");
  const large = Uint8Array.from({ length: 1_000_000 }, (_, at) => at % 251);
  connection.send(large);
  const echoed = await connection.receive();
  assert(echoed instanceof Uint8Array && echoed.length === large.length);
  assert(echoed.every((byte, at) => byte === large[at]));
  for (let index = 0; index < 100; index++) connection.send(`message ${index}`);
  for (let index = 0; index < 100; index++) {
    assertEquals(await connection.receive(), `message ${index}`);
  }
  await connection.sendFrom("text", ["in ", "three ", "pieces"]);
  assertEquals(await connection.receive(), "in three pieces");
  assert(await connection.ping(utf8("still there?")) >= 0);
  await closed(connection);
}

/** A client of the echo that runs elsewhere. */
async function converseWith(
  url: string,
  { carry, tls }: Environment,
  extensions = [] as readonly ReturnType<typeof permessageDeflate>[],
): Promise<void> {
  const connection = await connectWebSocket(url, {
    caCerts: [tls.authority],
    extensions,
    ...carry === undefined ? {} : { carrier: await carry(url) },
  });
  assertEquals(connection.extensions !== "", extensions.length > 0);
  await converse(connection);
}

/** A server of this runtime, and a client of this runtime. */
async function serveAndConverse(
  environment: Environment,
  listening: Parameters<NonNullable<Environment["listen"]>>[0],
): Promise<void> {
  const listener = await environment.listen!(listening);
  const server = serveWebSocket({ listener }, {
    message: (connection, data) => connection.send(data),
  });
  const { cert, unixPath } = listening;
  const secure = cert === undefined ? "ws" : "wss";
  const host = unixPath === undefined ? server.address : "localhost";
  await converse(
    await connectWebSocket(`${secure}://${host}/`, {
      caCerts: [environment.tls.authority],
      ...unixPath === undefined ? {} : { unixPath },
    }),
  );
  await server.shutdown();
}

/** Everything, from a byte to a server; the same on every runtime. */
export const checks: readonly Check[] = [
  {
    name: "frames, both ways",
    needs: [],
    run: () => {
      const parsed = parseFrame(hello, { role: "server" });
      assert(parsed.status === "complete");
      assertEquals(new TextDecoder().decode(parsed.frame.payload), "Hello");
      assertEquals(serializeFrame(parsed.frame), hello);
      const broken = parseFrame(Uint8Array.of(0x83, 0x00));
      assert(broken.status === "invalid");
      assert(broken.error instanceof ProtocolError);
      assertEquals(broken.error.code, "reserved-opcode");
      const { frames } = decodeFrames(hello);
      assertEquals(frames.length, 1);
    },
  },
  {
    name: "masking, of every length and offset",
    needs: [],
    run: () => {
      const key = Uint8Array.of(1, 2, 3, 4);
      for (let length = 0; length < 70; length++) {
        const bytes = Uint8Array.from({ length }, (_, at) => at);
        const masked = mask(bytes, key, length % 4);
        assertEquals(mask(masked, key, length % 4), bytes);
        if (length > 0) assertEquals(masked[0], key[length % 4]);
      }
    },
  },
  {
    name: "messages and UTF-8",
    needs: [],
    run: () => {
      const bits = { rsv1: false, rsv2: false, rsv3: false, fin: true };
      const text = (payload: Uint8Array) =>
        reassemble({ ...bits, opcode: Opcode.text, payload });
      const whole = text(utf8("κόσμε 🙂"));
      assert(whole.status === "complete");
      assertEquals(whole.message, { type: "text", data: "κόσμε 🙂" });
      assertEquals(text(Uint8Array.of(0xc3, 0x28)).status, "invalid");
    },
  },
  {
    name: "accept key (Web Crypto)",
    needs: [],
    run: async () => {
      const key = await acceptKey("dGhlIHNhbXBsZSBub25jZQ==");
      assertEquals(key, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    },
  },
  {
    name: "session, as one pure function",
    needs: [],
    run: () => assertEquals(openSession({ role: "server" }, 0).phase, "open"),
  },
  {
    name: "streams, byte by byte",
    needs: [],
    run: async () => {
      const bytes = new ReadableStream<Uint8Array<ArrayBuffer>>({
        start(controller) {
          for (const byte of hello) controller.enqueue(Uint8Array.of(byte));
          controller.close();
        },
      });
      const reader = bytes
        .pipeThrough(new FrameDecoderStream({ role: "server" }))
        .pipeThrough(new MessageDecoderStream({ role: "server" }))
        .getReader();
      const { value } = await reader.read();
      assertEquals(value, { type: "text", data: "Hello" });
      assertEquals((await reader.read()).done, true);
      assertEquals(typeof heartbeatStreams, "function");
    },
  },
  {
    name: "connection in memory",
    needs: [],
    run: async () => {
      const [client, server] = await pair();
      (async () => {
        for await (const data of server) server.send(data);
      })();
      await converse(client);
      assertEquals((await server.closed).closeCode, 1000);
    },
  },
  {
    name: "a broken rule, told as a Close",
    needs: [],
    run: async () => {
      const [a, b] = memoryTransports();
      const accepting = acceptWebSocket(b);
      const client = connectWebSocket("ws://localhost/", { carrier: a });
      const server = await accepting;
      await client;
      await a.write(Uint8Array.of(0x83, 0x80, 0, 0, 0, 0));
      const { error } = await server.closed;
      assertEquals(error?.code, "reserved-opcode");
    },
  },
  {
    name: "compression by pako",
    needs: [],
    run: async () => {
      const extension = permessageDeflate({
        engine: pakoEngine,
        thresholdBytes: 0,
      });
      const [client, server] = await pair([extension]);
      const text = "All work and no play. ".repeat(500);
      for (let count = 0; count < 3; count++) {
        client.send(text);
        assertEquals(await server.receive(), text);
        server.send(text);
        assertEquals(await client.receive(), text);
      }
      await closed(client, server);
    },
  },
  {
    name: "compression by the runtime's zlib",
    needs: ["zlib"],
    run: async () => {
      const engine = zlibEngine();
      assert(engine !== undefined, "there is no zlib that answers at once");
      const [client, server] = await pair([
        permessageDeflate({ engine, thresholdBytes: 0 }),
      ]);
      client.send("compressed ".repeat(100));
      assertEquals(await server.receive(), "compressed ".repeat(100));
      await closed(client, server);
    },
  },
  {
    name: "the inspector",
    needs: [],
    run: async () => {
      assertEquals(frameFields(hello).length, 9);
      const [frame, message] = await dissect(hello);
      assertEquals(frame?.type === "frame" && frame.opcodeName, "text");
      assertEquals(message?.type === "message" && message.text, "Hello");
    },
  },
  {
    name: "captures, both ways",
    needs: [],
    run: () => {
      const writer = createCaptureWriter();
      const { open, data, close } = writer.connection({
        client: { address: "192.0.2.1", port: 50_000 },
        server: { address: "192.0.2.2", port: 80 },
      });
      const reader = createCaptureReader();
      const parts = [writer.header, open(0), data("client", hello, 1)];
      const events = [...parts, close("client", 2)]
        .flatMap((bytes) => reader.read(bytes));
      assertEquals(events.map(({ type }) => type), ["open", "data", "close"]);
    },
  },
  {
    name: "the platform's WebSocket class",
    needs: [],
    run: async () => {
      const [a, b] = memoryTransports();
      const accepting = acceptWebSocket(b);
      const WebSocket = createWebSocketClass({ carrier: () => a });
      const socket = new WebSocket("ws://localhost/");
      socket.binaryType = "arraybuffer";
      socket.onopen = () => socket.send("Hello");
      const server = await accepting;
      assertEquals(await server.receive(), "Hello");
      const received = new Promise<MessageEvent>((resolve) => {
        socket.onmessage = resolve;
      });
      server.send(hello);
      assertEquals(new Uint8Array((await received).data), hello);
      const closing = new Promise<CloseEvent>((resolve) => {
        socket.onclose = resolve;
      });
      server.close({ closeCode: 4000, reason: "bye" });
      const { code, reason, wasClean } = await closing;
      assertEquals([code, reason, wasClean], [4000, "bye", true]);
    },
  },
  {
    name: "the shape of WebSocketStream",
    needs: [],
    run: async () => {
      const [a, b] = memoryTransports();
      const accepting = acceptWebSocket(b);
      const WebSocketStream = createWebSocketStreamClass({ carrier: () => a });
      const stream = new WebSocketStream("ws://localhost/");
      const { readable, writable } = await stream.opened;
      const server = await accepting;
      const writer = writable.getWriter();
      await writer.write("Hello");
      const text = await server.receive();
      assertEquals(text, "Hello");
      server.send("back");
      const reader = readable.getReader();
      assertEquals((await reader.read()).value, "back");
      stream.close({ closeCode: 4001, reason: "done" });
      assertEquals((await reader.read()).done, true);
      const { closeCode } = await stream.closed;
      assertEquals(closeCode, 4001);
    },
  },
  {
    name: "client over TCP",
    needs: ["TCP client"],
    run: (environment) => converseWith(environment.echo.plain, environment),
  },
  {
    name: "client over TCP, compressed",
    needs: ["TCP client"],
    run: (environment) =>
      converseWith(environment.echo.plain, environment, [permessageDeflate()]),
  },
  {
    name: "client over TLS",
    needs: ["TLS client"],
    run: (environment) => converseWith(environment.echo.secure, environment),
  },
  {
    name: "server over TCP",
    needs: ["TCP server"],
    run: (environment) =>
      serveAndConverse(environment, { hostname: "127.0.0.1", port: 0 }),
  },
  {
    name: "server over TLS",
    needs: ["TLS server"],
    run: (environment) => {
      const { cert, key } = environment.tls;
      const where = { hostname: "127.0.0.1", port: 0, cert, key };
      return serveAndConverse(environment, where);
    },
  },
  {
    name: "TLS that never begins is hung up on",
    needs: ["TLS server"],
    run: async ({ tls: { cert, key } }) => {
      const where = { hostname: "127.0.0.1", cert, key, tlsTimeoutMs: 100 };
      const listener = await listenNode(where);
      const url = parseWebSocketUrl(`ws://${listener.address}/`);
      const silent = await dialNode(url, {});
      assertEquals(await silent.read(), null);
      silent.close();
      listener.close();
    },
  },
  {
    name: "server and client over a Unix socket",
    needs: ["Unix socket"],
    run: (environment) =>
      serveAndConverse(environment, { unixPath: environment.unixPath! }),
  },
  {
    name: "a port shared with node:http",
    needs: ["node:http"],
    run: async ({ serveHttp }) => {
      const http = await serveHttp!("a page");
      const server = serveWebSocket({ listener: http.listener }, {
        message: (connection, data) => connection.send(data),
      });
      const origin = `127.0.0.1:${http.port}`;
      const page = await fetch(`http://${origin}/`);
      assertEquals(await page.text(), "a page");
      await converse(await connectWebSocket(`ws://${origin}/`));
      const again = await fetch(`http://${origin}/`);
      assertEquals(await again.text(), "a page");
      await server.shutdown();
      await http.close();
    },
  },
  {
    name: "server and client over HTTP/2",
    needs: ["node:http2"],
    run: async ({ serveHttp2 }) => {
      const http2 = await serveHttp2!();
      const server = serveWebSocket({ listener: http2.listener }, {
        message: (connection, data) => connection.send(data),
      });
      const url = `ws://127.0.0.1:${http2.port}/`;
      const { carrier } = http2;
      const connections = await Promise.all(
        [url, url, url].map((url) => connectWebSocket(url, { carrier })),
      );
      for (const connection of connections) await converse(connection);
      await server.shutdown();
      await http2.close();
    },
  },
];
