// Bundled and run by every runtime of main.ts, in pairs: a server that says where
// it listens, or a client that says what it found.

import http2 from "node:http2";
import { connectWebSocket } from "../../lib/connection/connect.ts";
import { serveWebSocket } from "../../lib/connection/serve.ts";
import { permessageDeflate } from "../../lib/deflate/permessage_deflate.ts";
import { http2Listener, http2Session } from "../../lib/transport/http2.ts";
import { upgradeListener } from "../../lib/transport/node_upgrade.ts";
import { certificate, certificateKey } from "../support/certificate.ts";

const { argv, exit } = (globalThis as unknown as {
  process: { argv: string[]; exit: (code: number) => never };
}).process;
const [role, ...rest] = argv.slice(2);

async function serve(enableConnectProtocol: boolean): Promise<void> {
  const http = http2.createServer(
    { settings: { enableConnectProtocol } },
    (request, response) => response.end(`page ${request.url}`),
  );
  const listener = http2Listener(http);
  const server = serveWebSocket({
    listener,
    extensions: [permessageDeflate()],
    protocols: ["chat"],
    onError: (error) => console.log(`error ${(error as Error).message}`),
  }, {
    open: (connection, { resourceName }) => {
      if (resourceName !== "/flood") return;
      const bytes = new Uint8Array(64 * 1024);
      for (let count = 0; count < 64; count++) connection.send(bytes);
    },
    message: (connection, data) => {
      const { connections } = server;
      if (data === "shut") server.shutdown();
      else if (data === "unsent?") {
        const unsent = [...connections].map((one) => one.bufferedBytes);
        connection.send(String(Math.max(...unsent)));
      } else connection.send(data);
    },
    close: (_, { closeCode }) => console.log(`closed ${closeCode}`),
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  console.log(`port ${(http.address() as { port: number }).port}`);
}

/** With TLS, for browsers; and for who asks by HTTP/1.1. */
async function serveSecure(allowHTTP1: boolean): Promise<void> {
  const http = http2.createSecureServer({
    settings: { enableConnectProtocol: true },
    allowHTTP1,
    cert: certificate,
    key: certificateKey,
  }, (_request, response) => {
    response.setHeader("content-type", "text/html");
    response.end("<!doctype html><title>HTTP/2</title>");
  });
  http.on("session", () => console.log("session"));
  const listeners = [
    http2Listener(http),
    upgradeListener(http as unknown as Parameters<typeof upgradeListener>[0]),
  ];
  for (const listener of listeners) {
    serveWebSocket({
      listener,
      extensions: [permessageDeflate()],
      protocols: ["chat"],
      onError: (error) => console.log(`error ${(error as Error).message}`),
    }, {
      open: (_, { key }) =>
        console.log(key === undefined ? "opened by CONNECT" : "opened by GET"),
      message: (connection, data) => connection.send(data),
      close: (_, { closeCode }) => console.log(`closed ${closeCode}`),
    });
  }
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  console.log(`port ${(http.address() as { port: number }).port}`);
}

function equal(found: unknown, wanted: unknown, what: string): void {
  if (Object.is(found, wanted)) return;
  throw new Error(`${what}: found ${found}, wanted ${wanted}`);
}

async function within<T>(promise: Promise<T>, what: string): Promise<T> {
  return await Promise.race([
    promise,
    new Promise<never>((_, reject) =>
      setTimeout(() => reject(new Error(`Waited in vain for ${what}`)), 4_000)
    ),
  ]);
}

const checks: Record<string, (port: string) => Promise<void>> = {
  "20 WebSockets and a page on one session": async (port) => {
    const session = http2.connect(`http://127.0.0.1:${port}`);
    const url = `ws://127.0.0.1:${port}/`;
    const carrier = http2Session(session);
    const open = () =>
      connectWebSocket(url, {
        carrier,
        protocols: ["chat"],
        extensions: [permessageDeflate()],
      });
    const connections = await within(
      Promise.all(Array.from({ length: 20 }, open)),
      "WebSockets",
    );
    const large = new Uint8Array(300_000).map((_, at) => at * 7919 % 251);
    for (const [at, connection] of connections.entries()) {
      equal(connection.protocol, "chat", "protocol");
      connection.send(`Hello ${at}`);
      connection.send(large);
    }
    for (const [at, connection] of connections.entries()) {
      const text = await within(connection.receive(), "text");
      equal(text, `Hello ${at}`, "the echo");
      const bytes = await within(connection.receive(), "bytes") as Uint8Array;
      equal(bytes.length, large.length, "the length");
      equal(bytes.every((byte, at) => byte === large[at]), true, "the bytes");
      await within(connection.ping(), "a Pong");
    }
    const page = session.request({ ":path": "/a" });
    let body = "";
    page.on("data", (chunk) => body += chunk);
    await within(new Promise<void>((done) => page.on("end", done)), "a page");
    equal(body, "page /a", "the page");
    for (const connection of connections) {
      connection.close({ closeCode: 4000 });
      const { closeCode, wasClean } = await within(connection.closed, "an end");
      equal(`${closeCode} ${wasClean}`, "4000 true", "the end");
    }
    session.close();
  },
  "a stream that is reset": async (port) => {
    const session = http2.connect(`http://127.0.0.1:${port}`);
    const carrier = http2Session(session);
    const url = `ws://127.0.0.1:${port}/`;
    const other = await within(connectWebSocket(url, { carrier }), "one");
    const stream = session.request({
      ":method": "CONNECT",
      ":protocol": "websocket",
      ":scheme": "http",
      ":path": "/",
      ":authority": "a",
      "sec-websocket-version": "13",
    }, { endStream: false });
    stream.on("error", () => {});
    await within(
      new Promise<unknown>((done) => stream.on("response", done)),
      "200",
    );
    stream.close(8);
    other.send("Hello");
    equal(await within(other.receive(), "the echo"), "Hello", "the echo");
    session.destroy();
    equal((await within(other.closed, "the end")).closeCode, 1006, "the end");
  },
  "a stream that nobody reads": async (port) => {
    const session = http2.connect(`http://127.0.0.1:${port}`);
    const carrier = http2Session(session);
    const url = `ws://127.0.0.1:${port}`;
    const [flooded, other] = await within(
      Promise.all([
        connectWebSocket(`${url}/flood`, { carrier, maxBufferedBytes: 1024 }),
        connectWebSocket(`${url}/`, { carrier }),
      ]),
      "both",
    );
    for (let count = 0; count < 20; count++) {
      other.send(`Hello ${count}`);
      const answer = await within(other.receive(), "the echo");
      equal(answer, `Hello ${count}`, "the echo");
    }
    other.send("unsent?");
    const unsent = Number(await within(other.receive(), "the answer"));
    equal(unsent > 3 * 1024 * 1024, true, `${unsent} bytes held back`);
    for (let count = 0; count < 64; count++) {
      const data = await within(flooded.receive(), "a message") as Uint8Array;
      equal(data.length, 64 * 1024, "the length");
    }
    for (const connection of [flooded, other]) {
      connection.close();
      const { wasClean } = await within(connection.closed, "the end");
      equal(wasClean, true, "the end");
    }
    session.close();
  },
  "a refusal": async (port) => {
    const session = http2.connect(`http://127.0.0.1:${port}`);
    const refused = connectWebSocket(`ws://127.0.0.1:${port}/`, {
      carrier: http2Session(session),
      headers: { Origin: "https://elsewhere.example" },
    });
    const error = await within(
      refused.then(() => undefined, (e) => e),
      "an error",
    );
    equal(error?.cause?.status, 403, "the status");
    session.close();
  },
  "a shutdown": async (port) => {
    const session = http2.connect(`http://127.0.0.1:${port}`);
    const carrier = http2Session(session);
    const url = `ws://127.0.0.1:${port}/`;
    const connection = await within(connectWebSocket(url, { carrier }), "one");
    connection.send("shut");
    const { closeCode, wasClean } = await within(connection.closed, "the end");
    equal(`${closeCode} ${wasClean}`, "1001 true", "the end");
    session.close();
  },
};

const notOffered: typeof checks = {
  "a server without extended CONNECT": async (port) => {
    const session = http2.connect(`http://127.0.0.1:${port}`);
    for (const state of ["connecting", "connected"]) {
      const refused = connectWebSocket(`ws://127.0.0.1:${port}/`, {
        carrier: http2Session(session),
      });
      const error = await within(
        refused.then(() => undefined, (e) => e),
        state,
      );
      equal(error?.code, "connect-not-offered", state);
    }
    session.close();
  },
};

async function check(table: typeof checks, port: string): Promise<void> {
  for (const [name, run] of Object.entries(table)) {
    try {
      await run(port);
      console.log(`ok ${name}`);
    } catch (error) {
      console.log(`FAILED ${name}: ${error}`);
    }
  }
  exit(0);
}

if (role === "serve") await serve(rest[0] !== "without");
else if (role === "secure") await serveSecure(rest[0] !== "alone");
else if (role === "without") await check(notOffered, rest[0]!);
else await check(checks, rest[0]!);
