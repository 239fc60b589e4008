import { assert, assertEquals, assertRejects } from "@std/assert";
import { EventEmitter } from "node:events";
import http2 from "node:http2";
import type { AddressInfo } from "node:net";
import {
  acceptWebSocket,
  type AcceptWebSocketOptions,
} from "../../lib/connection/accept.ts";
import { connectWebSocket } from "../../lib/connection/connect.ts";
import type { ConnectWebSocketOptions } from "../../lib/connection/connect.ts";
import type { ConnectionClosed } from "../../lib/connection/connection.ts";
import {
  serveWebSocket,
  type WebSocketHandler,
  type WebSocketHandlers,
  type WebSocketServer,
} from "../../lib/connection/serve.ts";
import { permessageDeflate } from "../../lib/deflate/permessage_deflate.ts";
import { ProtocolError } from "../../lib/error/protocol_error.ts";
import {
  type Http2ClientSession,
  http2Listener,
  type Http2ListenerOptions,
  http2Request,
  http2Session,
  http2Transport,
} from "../../lib/transport/http2.ts";
import { pause, until, within } from "../connection/connections.ts";
import {
  authority,
  certificate,
  certificateKey,
} from "../support/certificate.ts";

const settings = { enableConnectProtocol: true };
const echo: WebSocketHandlers = {
  message: (connection, data) => connection.send(data),
};

/** A server of HTTP/2 and a session with it. */
interface Joined extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  readonly session: http2.ClientHttp2Session;
  /** Opens a WebSocket on the session. */
  readonly open: (
    path?: string,
    options?: ConnectWebSocketOptions,
  ) => ReturnType<typeof connectWebSocket>;
  /** Asks for something on the session. */
  readonly ask: (
    headers: http2.OutgoingHttpHeaders,
    end?: boolean,
  ) => Promise<Answer>;
}

interface Answer {
  /** `:status` of the headers. */
  readonly status: number;
  readonly headers: http2.IncomingHttpHeaders;
  readonly body: string;
  /** What RST_STREAM said, or 0. */
  readonly rstCode: number;
}

async function join(
  http: http2.Http2Server | http2.Http2SecureServer,
  scheme: "http" | "https" = "http",
): Promise<Joined> {
  const sessions = new Set<http2.ServerHttp2Session>();
  http.on("session", (session) => sessions.add(session));
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const { port } = http.address() as AddressInfo;
  const session = http2.connect(`${scheme}://127.0.0.1:${port}`, {
    ca: authority,
  });
  session.on("error", () => {});
  const url = `${scheme === "http" ? "ws" : "wss"}://127.0.0.1:${port}`;
  return {
    port,
    url,
    session,
    open: (path = "/", options = {}) =>
      within(
        connectWebSocket(url + path, {
          carrier: http2Session(session),
          ...options,
        }),
        "the WebSocket",
        3_000,
      ),
    ask: (headers, end = true) => ask(session, headers, end),
    [Symbol.asyncDispose]: async () => {
      session.destroy();
      for (const session of sessions) session.destroy();
      await new Promise<void>((resolve) => http.close(() => resolve()));
    },
  };
}

async function ask(
  session: http2.ClientHttp2Session,
  headers: http2.OutgoingHttpHeaders,
  end: boolean,
): Promise<Answer> {
  const stream = session.request(headers, { endStream: end });
  let answer: http2.IncomingHttpHeaders = {};
  let body = "";
  stream.on("response", (headers) => answer = headers);
  stream.on("data", (chunk) => body += chunk);
  stream.on("error", () => {});
  await within(
    new Promise((resolve) => {
      stream.on("end", resolve);
      stream.on("close", resolve);
    }),
    "the answer",
    3_000,
  );
  const rstCode = stream.rstCode ?? 0;
  stream.close();
  const status = Number(answer[":status"]);
  return { status, headers: answer, body, rstCode };
}

/** A server whose WebSockets are served, and whose pages are, too. */
async function serve(
  handlers: WebSocketHandler | WebSocketHandlers = echo,
  options: AcceptWebSocketOptions & {
    readonly listen?: Http2ListenerOptions;
    readonly onError?: (error: unknown) => void;
  } = {},
): Promise<Joined & { readonly server: WebSocketServer }> {
  const http = http2.createServer({ settings }, (request, response) => {
    response.end(`page ${request.url}`);
  });
  const { listen, ...accepting } = options;
  const listener = http2Listener(http, listen);
  const server = serveWebSocket({ listener, ...accepting }, handlers);
  const joined = await join(http);
  return {
    ...joined,
    server,
    [Symbol.asyncDispose]: async () => {
      await within(server.shutdown(), "the shutdown", 5_000);
      await joined[Symbol.asyncDispose]();
    },
  };
}

/** An extended CONNECT that is right. */
const connectHeaders = {
  ":method": "CONNECT",
  ":protocol": "websocket",
  ":scheme": "http",
  ":path": "/",
  ":authority": "a",
  "sec-websocket-version": "13",
};

Deno.test("WebSockets and pages share one connection of HTTP/2", async () => {
  await using joined = await serve();
  const { open, ask, server } = joined;
  const connections = await Promise.all(
    Array.from({ length: 20 }, (_, at) => open(`/${at}`)),
  );
  assertEquals(server.connections.size, 20);
  const large = new Uint8Array(300_000).fill(7);
  for (const [at, connection] of connections.entries()) {
    connection.send(`Hello ${at}`);
    connection.send(large);
  }
  for (const [at, connection] of connections.entries()) {
    const first = await within(connection.receive(), "the echo", 5_000);
    assertEquals(first, `Hello ${at}`);
    assertEquals(await within(connection.receive(), "the echo", 5_000), large);
  }
  const page = await ask({ ":path": "/a" });
  assertEquals(page.body, "page /a");
  for (const connection of connections) {
    connection.close({ closeCode: 4000, reason: "done" });
    const { closeCode, wasClean } = await within(connection.closed, "the end");
    assertEquals([closeCode, wasClean], [4000, true]);
  }
  await until(() => server.connections.size === 0, "the ends");
  assertEquals((await ask({ ":path": "/b" })).body, "page /b");
});

Deno.test("subprotocols, extensions, headers and TLS are as over HTTP/1.1", async () => {
  const http = http2.createSecureServer({
    settings,
    cert: certificate,
    key: certificateKey,
  });
  const requests: string[] = [];
  const server = serveWebSocket({
    listener: http2Listener(http, { address: "somewhere" }),
    protocols: ["b", "a"],
    extensions: [permessageDeflate()],
    headers: ({ resourceName }) => ({ "X-Path": resourceName }),
    authorize: ({ host, key, headers }) => {
      requests.push(`${host} ${key} ${headers.length}`);
      return undefined;
    },
  }, echo);
  assertEquals(server.address, "somewhere");
  await using joined = await join(http, "https");
  const connection = await joined.open("/chat?room=1", {
    protocols: ["a", "b"],
    extensions: [permessageDeflate()],
    headers: { "X-One": "1" },
  });
  assertEquals(connection.protocol, "b");
  assert(connection.extensions.startsWith("permessage-deflate"));
  const path = connection.headers.find(([name]) => name === "x-path");
  assertEquals(path?.[1], "/chat?room=1");
  assertEquals(requests, [`127.0.0.1:${joined.port} undefined 4`]);
  const text = "Hello ".repeat(10_000);
  connection.send(text);
  assertEquals(await within(connection.receive(), "the echo"), text);
  assertEquals(await within(connection.ping(), "the Pong") >= 0, true);
  await within(server.shutdown(), "the shutdown");
  assertEquals((await connection.closed).closeCode, 1001);
});

Deno.test("a server that does not take extended CONNECT is not asked (RFC 8441 §3)", async () => {
  const http = http2.createServer();
  let streams = 0;
  http.on("stream", (stream) => {
    streams += 1;
    stream.respond({ ":status": 200 });
    stream.end();
  });
  await using joined = await join(http);
  const refused = async (state: string) => {
    const error = await assertRejects(() => joined.open(), ProtocolError);
    assertEquals(error.code, "connect-not-offered", state);
  };
  await refused("connecting");
  await refused("connected");
  // The session is as good as before.
  assertEquals((await joined.ask({ ":path": "/" })).status, 200);
  assertEquals(streams, 1);
});

Deno.test("a session that is connected already is used at once", async () => {
  await using joined = await serve();
  assertEquals((await joined.ask({ ":path": "/a" })).body, "page /a");
  const connection = await joined.open();
  connection.send("Hello");
  assertEquals(await within(connection.receive(), "the echo"), "Hello");
  connection.close();
  await within(connection.closed, "the end");
});

Deno.test("a stream that is reset is a connection that is lost: 1006", async () => {
  const ends: ConnectionClosed[] = [];
  const errors: unknown[] = [];
  await using joined = await serve({
    close: (_, closed) => void ends.push(closed),
  }, { onError: (error) => void errors.push(error) });
  const other = await joined.open();
  // By the client, with CANCEL and otherwise.
  for (const code of [8, 2]) {
    const stream = joined.session.request(connectHeaders, { endStream: false });
    stream.on("error", () => {});
    await within(
      new Promise((resolve) => stream.on("response", resolve)),
      "the answer",
    );
    await until(() => joined.server.connections.size === 2, "the connection");
    stream.close(code);
    await until(() => joined.server.connections.size === 1, "the end");
  }
  assertEquals(ends.map(({ closeCode }) => closeCode), [1006, 1006]);
  assertEquals(errors.length, 2);
  // By the server: what `close` of a transport does.
  const given: { close?: () => void } = {};
  const http = http2.createServer({ settings });
  http.on("stream", (stream, headers) => {
    const transport = http2Request(stream, headers);
    given.close = transport.close;
    acceptWebSocket(transport).catch(() => {});
  });
  await using served = await join(http);
  const lost = await served.open();
  given.close!();
  assertEquals((await within(lost.closed, "the end")).closeCode, 1006);
  other.close();
  assertEquals((await within(other.closed, "the end")).closeCode, 1000);
});

Deno.test("the end of the connection is the end of each of its WebSockets", async () => {
  const ends: number[] = [];
  await using joined = await serve({
    close: (_, { closeCode }) => void ends.push(closeCode),
  }, { onError: () => {} });
  const connections = await Promise.all([joined.open(), joined.open()]);
  joined.session.destroy();
  for (const { closed } of connections) {
    assertEquals((await within(closed, "the end")).closeCode, 1006);
  }
  await until(() => ends.length === 2, "the ends");
  assertEquals(ends, [1006, 1006]);
});

Deno.test("who does not read one stream holds back that one and no other", async () => {
  const sent: Promise<void>[] = [];
  let drained = false;
  await using joined = await serve({
    open: (connection, { resourceName }) => {
      if (resourceName !== "/flood") return;
      for (let count = 0; count < 64; count++) {
        connection.send(new Uint8Array(64 * 1024));
      }
      sent.push(connection.drained().then(() => void (drained = true)));
    },
    message: (connection, data) => connection.send(data),
  }, { maxBufferedBytes: 128 * 1024 });
  const flooded = await joined.open("/flood", { maxBufferedBytes: 1024 });
  const other = await joined.open("/other");
  for (let count = 0; count < 20; count++) {
    other.send(`Hello ${count}`);
    const answer = await within(other.receive(), "the echo");
    assertEquals(answer, `Hello ${count}`);
  }
  assertEquals(drained, false);
  for (let count = 0; count < 64; count++) {
    const data = await within(flooded.receive(), "a message") as Uint8Array;
    assertEquals(data.length, 64 * 1024);
  }
  await within(Promise.all(sent), "room");
  for (const connection of [flooded, other]) {
    connection.close();
    await within(connection.closed, "the end");
  }
});

Deno.test("requests are judged and refused as over HTTP/1.1", async () => {
  const errors: unknown[] = [];
  await using joined = await serve(echo, {
    onError: (error) => void errors.push(error),
    listen: { filter: (headers) => headers[":method"] === "CONNECT" },
    authorize: ({ resourceName }) => {
      if (resourceName === "/fault") throw new Error("a fault");
      if (resourceName !== "/secret") return undefined;
      const headers = { "WWW-Authenticate": "Basic", Connection: "close" };
      return new Response("Who is there?", { status: 401, headers });
    },
  });
  const status = async (more: http2.OutgoingHttpHeaders, end = false) => {
    const answer = await joined.ask({ ...connectHeaders, ...more }, end);
    return answer.status;
  };
  assertEquals(await status({ "sec-websocket-version": "8" }), 400);
  assertEquals(await status({ origin: "https://elsewhere.example" }), 403);
  assertEquals(await status({ ":protocol": "connect-udp" }), 501);
  assertEquals(await status({ "x-long": "x".repeat(20_000) }), 431);
  assertEquals(await status({ ":path": "/fault" }), 500);
  const secret = await joined.ask(
    { ...connectHeaders, ":path": "/secret" },
    false,
  );
  assertEquals(secret.status, 401);
  assertEquals(secret.headers["www-authenticate"], "Basic");
  assertEquals(secret.body, "Who is there?");
  await until(() => errors.length === 6, "the errors", 3_000);
  const codes = errors.map((error) =>
    error instanceof ProtocolError ? error.code : String(error)
  );
  assertEquals(codes, [
    "unsupported-version",
    "refused-origin",
    "unknown-connect-protocol",
    "head-too-large",
    "Error: a fault",
    "refused-request",
  ]);
  const error = await assertRejects(
    () => joined.open("/secret"),
    ProtocolError,
  );
  assertEquals(error.code, "unexpected-status");
  assertEquals((error.cause as { status: number }).status, 401);
  assertEquals(joined.server.connections.size, 0);
});

Deno.test("pages can be answered by serveWebSocket itself", async () => {
  const http = http2.createServer({ settings });
  await using _server = serveWebSocket({
    listener: http2Listener(http, { filter: () => true }),
    http: ({ url, method }) => new Response(`${method} ${url}`),
    onError: () => {},
  }, echo);
  await using joined = await join(http);
  const page = await joined.ask({ ":path": "/a?b", ":authority": "a.example" });
  assertEquals(page.body, "GET http://a.example/a?b");
  const head = await joined.ask({ ":method": "HEAD", ":path": "/" });
  assertEquals([head.status, head.body], [200, ""]);
  const connection = await joined.open();
  connection.close();
  await within(connection.closed, "the end");
});

Deno.test("a CONNECT that is for no WebSocket is left to others, or refused", async () => {
  const http = http2.createServer({ settings }, (_, response) => {
    response.end("page");
  });
  // Two of ours are still none of theirs.
  await using _server = serveWebSocket({ listener: http2Listener(http) }, echo);
  await using _other = serveWebSocket({
    listener: http2Listener(http, { filter: () => false }),
  }, echo);
  await using joined = await join(http);
  const proxied = { ":method": "CONNECT", ":authority": "a:443" };
  assertEquals((await joined.ask(proxied)).status, 405);
  http.on("connect", (request, response) => {
    if (request.headers[":protocol"] !== undefined) return;
    response.writeHead(403);
    response.end();
  });
  assertEquals((await joined.ask(proxied)).status, 403);
  const connection = await joined.open();
  connection.send("Hello");
  assertEquals(await within(connection.receive(), "the echo"), "Hello");
  connection.close();
  await within(connection.closed, "the end");
});

Deno.test("a server that is shut takes no more WebSockets, and serves pages", async () => {
  await using joined = await serve();
  const connection = await joined.open();
  await within(joined.server.shutdown(), "the shutdown");
  const { closeCode, wasClean } = await within(connection.closed, "the end");
  assertEquals([closeCode, wasClean], [1001, true]);
  assertEquals((await joined.ask({ ":path": "/a" })).body, "page /a");
  const error = await assertRejects(() => joined.open(), ProtocolError);
  assertEquals((error.cause as { status: number }).status, 405);
});

Deno.test("a server that is shut, and has no pages, refuses the stream", async () => {
  const http = http2.createServer({ settings });
  const listeners = [http2Listener(http), http2Listener(http)];
  await using joined = await join(http);
  for (const listener of listeners) listener.close();
  const { rstCode } = await joined.ask(connectHeaders, false);
  assertEquals(rstCode, 7);
  await assertRejects(() => joined.open(), Error, "REFUSED_STREAM");
  // Until somebody listens again.
  const server = serveWebSocket({ listener: http2Listener(http) }, echo);
  const connection = await joined.open();
  await within(server.shutdown(), "the shutdown");
  assertEquals((await connection.closed).closeCode, 1001);
});

Deno.test("who is not answered in time, or gives up, lets its stream go", async () => {
  const http = http2.createServer({ settings });
  const codes: number[] = [];
  http.on("stream", (stream) => {
    stream.on("error", () => {});
    stream.on("close", () => codes.push(stream.rstCode ?? 0));
  });
  await using joined = await join(http);
  const late = await assertRejects(
    () => joined.open("/", { handshakeTimeoutMs: 50 }),
    ProtocolError,
  );
  assertEquals(late.code, "handshake-timeout");
  const controller = new AbortController();
  setTimeout(() => controller.abort(new Error("enough")), 50);
  await assertRejects(
    () => joined.open("/", { signal: controller.signal }),
    Error,
    "enough",
  );
  await until(() => codes.length === 2, "the ends");
  assertEquals(codes, [8, 8]);
});

Deno.test("a server that never decides answers 408", async () => {
  await using joined = await serve(echo, {
    authorize: () => new Promise(() => {}),
    handshakeTimeoutMs: 50,
    onError: () => {},
  });
  const answer = await joined.ask(connectHeaders, false);
  assertEquals(answer.status, 408);
});

Deno.test("a session that ends before an answer is told of", async () => {
  const nowhere = http2.connect("http://127.0.0.1:1");
  nowhere.on("error", () => {});
  const carrier = http2Session(nowhere);
  for (const _time of ["while it connects", "after that"]) {
    await assertRejects(
      () => connectWebSocket("ws://127.0.0.1:1/", { carrier }),
      Error,
    );
  }
  const http = http2.createServer({ settings });
  await using joined = await join(http);
  http.on("stream", (stream) => {
    stream.on("error", () => {});
    stream.session!.destroy();
  });
  await assertRejects(() => joined.open(), Error);
});

/** A session that says what a test says; the others here are real ones. */
class FakeSession extends EventEmitter {
  connecting = false;
  closed = false;
  destroyed = false;
  remoteSettings: { enableConnectProtocol?: boolean } = {};
  pinged: ((error: Error | null) => void) | undefined;
  ping = (done: (error: Error | null) => void) => {
    this.pinged = done;
    return true;
  };
  request = () => {
    throw new Error("asked");
  };
}

function connectOn(session: FakeSession): Promise<unknown> {
  const { signal } = new AbortController();
  const joined = http2Session(session as unknown as Http2ClientSession);
  const connecting = joined.ask("ws://127.0.0.1/", {}, signal);
  connecting.catch(() => {});
  return connecting;
}

Deno.test("settings are waited for by an event while connecting, then by a Ping", async () => {
  const fresh = new FakeSession();
  fresh.connecting = true;
  const first = connectOn(fresh);
  assertEquals(fresh.pinged, undefined);
  fresh.remoteSettings = { enableConnectProtocol: true };
  fresh.emit("remoteSettings");
  await assertRejects(() => first, Error, "asked");
  assertEquals(fresh.eventNames(), []);

  const old = new FakeSession();
  const second = connectOn(old);
  old.pinged!(null);
  const error = await assertRejects(() => second, ProtocolError);
  assertEquals(error.code, "connect-not-offered");
  assertEquals(old.eventNames(), []);

  const lost = new FakeSession();
  const third = connectOn(lost);
  lost.pinged!(new Error("no answer"));
  await assertRejects(() => third, Error, "no answer");

  const gone = new FakeSession();
  gone.closed = true;
  await assertRejects(() => connectOn(gone), Error, "the session is closed");
});

Deno.test("fields with one name are sent one by one, whatever the name", async () => {
  const http = http2.createServer({ settings });
  const lines: string[] = [];
  const listener = http2Listener(http);
  await using _server = serveWebSocket({
    listener,
    headers: [["Set-Cookie", "a=1"], ["Set-Cookie", "b=2"]],
  }, {
    open: (_, { headers }) => void lines.push(headers.flat().join(" ")),
  });
  await using joined = await join(http);
  const connection = await joined.open("/", {
    headers: [["x-a", "1"], ["x-a", "2"], ["constructor", "3"]],
  });
  assertEquals(
    connection.headers.filter(([name]) => name === "set-cookie"),
    [["set-cookie", "a=1"], ["set-cookie", "b=2"]],
  );
  const [line = ""] = lines;
  assert(/x-a 1(,| x-a) ?2 constructor 3/.test(line), line);
  connection.close();
  await within(connection.closed, "the end");
});

/** Both ends of a stream, as transports. */
async function joinedStreams(joined: Joined, http: http2.Http2Server) {
  const server = Promise.withResolvers<http2.ServerHttp2Stream>();
  http.once("stream", (stream) => {
    stream.respond({ ":status": 200 });
    server.resolve(stream);
  });
  const own = joined.session.request({ ":method": "POST", ":path": "/" });
  const other = await within(server.promise, "the stream");
  const ends: number[] = [];
  own.on("close", () => ends.push(own.rstCode ?? 0));
  return { own: http2Transport(own), other: http2Transport(other), ends };
}

Deno.test("http2Transport() reads, writes and ends each half as TCP does", async () => {
  const http = http2.createServer();
  await using joined = await join(http);
  const { own, other } = await joinedStreams(joined, http);
  await own.write(Uint8Array.of(1, 2, 3));
  assertEquals(await within(other.read(), "bytes"), Uint8Array.of(1, 2, 3));
  await own.closeWrite();
  assertEquals(await within(other.read(), "the end"), null);
  // The other half is open still.
  await other.write(Uint8Array.of(4));
  assertEquals(await within(own.read(), "bytes"), Uint8Array.of(4));
  other.close();
  assertEquals(await within(own.read(), "the end"), null);
  own.close();
  own.close();
});

Deno.test("http2Transport() does not reset a stream whose halves both end", async () => {
  const http = http2.createServer();
  await using joined = await join(http);
  const { own, other, ends } = await joinedStreams(joined, http);
  await other.closeWrite();
  other.close();
  assertEquals(await within(own.read(), "the end"), null);
  await pause(50);
  assertEquals(ends, []);
  await own.closeWrite();
  own.close();
  await until(() => ends.length === 1, "the end");
  assertEquals(ends, [0]);
});

Deno.test("http2Transport() ends a stream that the peer has ended", async () => {
  const http = http2.createServer();
  await using joined = await join(http);
  const { own, other, ends } = await joinedStreams(joined, http);
  await own.closeWrite();
  assertEquals(await within(other.read(), "the end"), null);
  await other.write(Uint8Array.of(1));
  other.close();
  assertEquals(await within(own.read(), "bytes"), Uint8Array.of(1));
  assertEquals(await within(own.read(), "the end"), null);
  own.close();
  await until(() => ends.length === 1, "the end");
  assertEquals(ends, [0]);
});

Deno.test("http2Transport() resets a stream that is closed and still sent to", async () => {
  const http = http2.createServer();
  await using joined = await join(http);
  const { own, other, ends } = await joinedStreams(joined, http);
  await other.closeWrite();
  other.close();
  own.write(Uint8Array.of(1)).catch(() => {});
  await until(() => ends.length === 1, "the end", 500);
  assertEquals(ends, [8]);
  own.close();
});

Deno.test("http2Transport() resets a stream that the peer does not end, after a second", async () => {
  const http = http2.createServer();
  await using joined = await join(http);
  const { own, other, ends } = await joinedStreams(joined, http);
  await other.closeWrite();
  other.close();
  await pause(500);
  assertEquals(ends, []);
  await until(() => ends.length === 1, "the end", 2_000);
  assertEquals(ends, [8]);
  own.close();
});
