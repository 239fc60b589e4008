import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  connectWebSocket,
  type ConnectWebSocketOptions,
} from "../../lib/connection/connect.ts";
import { acceptWebSocket } from "../../lib/connection/accept.ts";
import { ProtocolError } from "../../lib/error/protocol_error.ts";
import type { ProtocolErrorCode } from "../../lib/error/protocol_rule.ts";
import type { ResponseHead } from "../../lib/handshake/head.ts";
import { serveWebSocket } from "../../lib/connection/serve.ts";
import type { HeaderList } from "../../lib/handshake/headers.ts";
import {
  type ConnectSession,
  connectSession,
} from "../../lib/transport/connect_session.ts";
import {
  type ConnectRequest,
  connectTransport,
} from "../../lib/transport/connect_transport.ts";
import { memoryTransports } from "../../lib/transport/memory.ts";
import type { Transport } from "../../lib/transport/transport.ts";
import { closeFrame, fromPeerOf, textFrame } from "../session/sessions.ts";
import {
  authority,
  certificate,
  certificateKey,
} from "../support/certificate.ts";
import { utf8 } from "../support/hex.ts";
import { concatenated } from "../support/splits.ts";
import { extensionOf, prefixing } from "../extension/codecs.ts";
import { joinedEnds, standing } from "../stream/streams.ts";
import {
  pause,
  type RawPeer,
  rawPeer,
  responseText,
  serveRaw,
  until,
  within,
} from "./connections.ts";

const url = "ws://server.example.com/chat?room=1";

/** Connects in memory to a server that knows no rules. */
function dial(options: ConnectWebSocketOptions = {}, to = url) {
  const [own, other] = memoryTransports();
  const connecting = connectWebSocket(to, { ...options, carrier: own });
  connecting.catch(() => {});
  return { connecting, peer: rawPeer(other, "client") };
}

Deno.test("connectWebSocket() asks as RFC 6455 §4.1 wants it (R8–R14)", async () => {
  const { connecting, peer } = dial({
    protocols: ["a", "b"],
    headers: [["Authorization", "Basic x"], ["Cookie", "c=1"]],
  });
  const request = await peer.head();
  const [first, ...lines] = request.trimEnd().split("\r\n");
  assertEquals(first, "GET /chat?room=1 HTTP/1.1");
  const key = /^Sec-WebSocket-Key: (.*)\r$/m.exec(request)?.[1];
  assertEquals(atob(key!).length, 16);
  for (
    const line of [
      "Host: server.example.com",
      "Upgrade: websocket",
      "Connection: Upgrade",
      "Sec-WebSocket-Version: 13",
      "Authorization: Basic x",
      "Cookie: c=1",
    ]
  ) assert(lines.includes(line), `${line} in ${request}`);
  assert(/^Sec-WebSocket-Protocol: a, b\r$/m.test(request), request);
  await peer.write(await responseText(request, "Sec-WebSocket-Protocol: b"));
  const connection = await within(connecting, "the connection");
  assertEquals(connection.protocol, "b");
  assert(connection.headers.some(([name]) => name === "Sec-WebSocket-Accept"));
  peer.close();
  await within(connection.closed, "the end");
});

Deno.test("connectWebSocket() sends nothing before it has the answer (R16), and a fresh key (R11)", async () => {
  const keys = new Set<string>();
  for (let count = 0; count < 3; count++) {
    const { connecting, peer } = dial();
    const request = await peer.head();
    keys.add(/^Sec-WebSocket-Key: (.*)\r$/m.exec(request)![1]!);
    const more = peer.transport.read();
    assertEquals((await standing(more)).status, "pending");
    peer.close();
    await assertRejects(() => within(connecting, "it"), ProtocolError);
    await more;
  }
  assertEquals(keys.size, 3);
});

Deno.test("connectWebSocket() gives the frames that come with the answer", async () => {
  const { connecting, peer } = dial();
  const request = await peer.head();
  await peer.write(concatenated([
    utf8(await responseText(request)),
    fromPeerOf("client", textFrame("early"), closeFrame(1001)),
  ]));
  const connection = await within(connecting, "the connection");
  assertEquals(await connection.receive(), "early");
  assertEquals(await connection.receive(), undefined);
  assertEquals(await peer.hear(1), ["close 1001"]);
  peer.close();
  await within(connection.closed, "the end");
});

Deno.test("connectWebSocket() offers extensions, and uses those that the server accepted (R15, R42, R74)", async () => {
  const extensions = [
    extensionOf("star", { rsv: 0x20, codec: () => prefixing(0x2a) }),
    extensionOf("other", { offers: [[["x", "1"]], []] }),
  ];
  const answers = [
    [["Sec-WebSocket-Extensions: star; y=2"], "star; y=2", "text *b"],
    [[], "", "text b"],
  ] as const;
  for (const [lines, accepted, sent] of answers) {
    const { connecting, peer } = dial({ extensions });
    const request = await peer.head();
    const offer = "Sec-WebSocket-Extensions: star, other; x=1, other\r\n";
    assert(request.includes(offer), request);
    await peer.write(await responseText(request, ...lines));
    const connection = await connecting;
    assertEquals(connection.extensions, accepted);
    connection.send("b");
    assertEquals(await peer.hear(1), [sent]);
    const rsv2 = accepted !== "";
    const said = textFrame(rsv2 ? "*a" : "a");
    await peer.say({ ...said, rsv2 });
    assertEquals(await within(connection.receive(), "the message"), "a");
    peer.close();
    connection.receive().catch(() => {});
    await within(connection.closed, "the end");
  }
});

interface WrongCase {
  readonly name: string;
  readonly lines?: readonly string[];
  readonly replace?: readonly [RegExp, string];
  readonly options?: ConnectWebSocketOptions;
  readonly code: ProtocolErrorCode;
}

const wrongCases: readonly WrongCase[] = [
  {
    name: "another status (R17)",
    replace: [/101 Switching Protocols/, "200 OK"],
    code: "unexpected-status",
  },
  {
    name: "no Upgrade (R18)",
    replace: [/Upgrade: websocket\r\n/, ""],
    code: "wrong-upgrade",
  },
  {
    name: "no Connection: Upgrade (R19)",
    replace: [/Connection: Upgrade/, "Connection: close"],
    code: "wrong-connection",
  },
  {
    name: "a wrong Sec-WebSocket-Accept (R20)",
    replace: [/Accept: ..../, "Accept: AAAA"],
    code: "wrong-accept",
  },
  {
    name: "an extension that was not asked for (R21)",
    lines: ["Sec-WebSocket-Extensions: permessage-deflate"],
    code: "unrequested-extension",
  },
  {
    name: "an extension twice (R82)",
    lines: ["Sec-WebSocket-Extensions: star, star"],
    options: { extensions: [extensionOf("star")] },
    code: "wrong-extension",
  },
  {
    name: "parameters that were not offered (R82)",
    lines: ["Sec-WebSocket-Extensions: star; x"],
    options: { extensions: [extensionOf("star", { accepts: () => false })] },
    code: "wrong-extension",
  },
  {
    name: "a subprotocol that was not asked for (R22)",
    lines: ["Sec-WebSocket-Protocol: c"],
    options: { protocols: ["a"] },
    code: "unrequested-protocol",
  },
  {
    name: "no HTTP (R25)",
    replace: [/HTTP\/1.1/, "SPDY/1"],
    code: "malformed-head",
  },
  {
    name: "a head over the limit (R76)",
    lines: [`X: ${"x".repeat(400)}`],
    options: { maxHeadBytes: 400 },
    code: "head-too-large",
  },
  {
    name: "more headers than the limit (R76)",
    options: { maxHeaders: 2 },
    code: "head-too-large",
  },
];

for (const { name, lines = [], replace, options, code } of wrongCases) {
  Deno.test(`connectWebSocket() rejects ${name}, and hangs up`, async () => {
    const { connecting, peer } = dial(options);
    const right = await responseText(await peer.head(), ...lines);
    const answer = replace === undefined ? right : right.replace(...replace);
    await peer.write(answer);
    const error = await assertRejects(
      () => within(connecting, "the error"),
      ProtocolError,
    );
    assertEquals(error.code, code);
    assertEquals(await peer.readText(), "", "nothing but the end");
    if (code !== "unexpected-status") return;
    assertEquals((error.cause as ResponseHead).status, 200);
  });
}

Deno.test("connectWebSocket() rejects URLs and options that cannot be used, before it connects (R1, R2)", async () => {
  for (
    const [wrong, options] of [
      ["ftp://a/", {}],
      ["http://a/", {}],
      ["ws://a/#b", {}],
      ["no URL", {}],
      ["ws://a/", { protocols: ["a", "a"] }],
      ["ws://a/", { protocols: ["a b"] }],
      ["ws://a/", { headers: [["Bad\r\nName", "x"]] }],
      ["ws://a/", { headers: [["Upgrade", "x"]] }],
    ] as [string, ConnectWebSocketOptions][]
  ) {
    const { connecting, peer } = dial(options, wrong);
    await assertRejects(
      () => within(connecting, "it"),
      Error,
      "Cannot",
      `${wrong} ${JSON.stringify(options)}`,
    );
    peer.close();
  }
});

Deno.test("connectWebSocket() gives up a server that never answers", async () => {
  const { connecting, peer } = dial({ handshakeTimeoutMs: 10 });
  const { code } = await assertRejects(
    () => within(connecting, "the time-out"),
    ProtocolError,
  );
  assertEquals(code, "handshake-timeout");
  await peer.head();
  assertEquals(await peer.readText(), "");
});

Deno.test("connectWebSocket() gives up when its signal aborts, before and during the handshake", async () => {
  await assertRejects(
    () =>
      connectWebSocket(url, { signal: AbortSignal.abort(new Error("never")) }),
    Error,
    "never",
  );
  const controller = new AbortController();
  const { connecting, peer } = dial({ signal: controller.signal });
  await peer.head();
  controller.abort(new Error("enough"));
  await assertRejects(() => within(connecting, "it"), Error, "enough");
  assertEquals(await peer.readText(), "");
});

Deno.test("connectWebSocket() closes with 1001 when its signal aborts later", async () => {
  const controller = new AbortController();
  const { connecting, peer } = dial({ signal: controller.signal });
  await peer.write(await responseText(await peer.head()));
  const connection = await within(connecting, "the connection");
  controller.abort();
  assertEquals(await peer.hear(1), ["close 1001"]);
  peer.close();
  await within(connection.closed, "the end");
});

Deno.test("connectWebSocket() takes byte streams for a carrier", async () => {
  const [near, far] = joinedEnds();
  const accepting = acceptWebSocket(far);
  const client = await connectWebSocket(url, { carrier: near });
  const server = await accepting;
  client.send("a");
  assertEquals(await within(server.receive(), "a message"), "a");
  server.close();
  assertEquals((await within(client.closed, "the end")).wasClean, true);
  assertEquals((await within(server.closed, "the end")).wasClean, true);
});

/** A server of HTTP that gives each request its answer. */
function serveHeads(
  answer: (request: string, peer: RawPeer) => string | Promise<string>,
) {
  const requests: string[] = [];
  const server = serveRaw(async (peer) => {
    const request = await peer.head();
    requests.push(request);
    await peer.write(await answer(request, peer));
  });
  return { server, requests };
}

const moved = (location: string, status = 302) =>
  `HTTP/1.1 ${status} Moved\r\nLocation: ${location}\r\n` +
  "Content-Length: 0\r\n\r\n";

Deno.test("connectWebSocket() refuses redirects unless it is asked to follow them (R17, R29)", async () => {
  const { server, requests } = serveHeads(() => moved("/elsewhere"));
  await using _ = server;
  const connecting = connectWebSocket(`ws://${server.address}/`);
  const { code } = await assertRejects(() => connecting, ProtocolError);
  assertEquals([code, requests.length], ["unexpected-status", 1]);
});

for (const status of [301, 302, 303, 307, 308]) {
  Deno.test(`connectWebSocket() follows a ${status} on the same host, with its headers`, async () => {
    const { server, requests } = serveHeads((request) =>
      request.startsWith("GET /a ")
        ? moved("b?c=d", status)
        : responseText(request)
    );
    await using _ = server;
    const connection = await connectWebSocket(`ws://${server.address}/a`, {
      maxRedirects: 1,
      headers: { Authorization: "secret" },
      protocols: [],
    });
    assert(requests[1]?.startsWith("GET /b?c=d "));
    assert(requests[1]?.includes("\r\nAuthorization: secret\r\n"));
    connection.close();
    await server[Symbol.asyncDispose]();
    await within(connection.closed, "the end");
  });
}

Deno.test("connectWebSocket() follows no more redirects than it may, and none that leads nowhere", async () => {
  const places: Record<string, string> = {
    loop: "/loop",
    ftp: "ftp://a/",
    port: "http://h:99999/",
    user: "http://me@h/",
  };
  const { server, requests } = serveHeads((request) => {
    const place = places[/^GET \/(\w+) /.exec(request)![1]!];
    return place === undefined ? "HTTP/1.1 302 Found\r\n\r\n" : moved(place);
  });
  await using _ = server;
  for (const path of [...Object.keys(places), "none"]) {
    requests.length = 0;
    // What a server says is no mistake of the caller's.
    const error = await assertRejects(
      () =>
        connectWebSocket(`ws://${server.address}/${path}`, { maxRedirects: 3 }),
      ProtocolError,
    );
    assertEquals(error.code, "unexpected-status", path);
    assertEquals(requests.length, path === "loop" ? 4 : 1, path);
  }
});

Deno.test("connectWebSocket() leaves the fragment of a redirect to who shows pages", async () => {
  const { server, requests } = serveHeads((request) =>
    request.startsWith("GET /a ") ? moved("/b?c#d") : responseText(request)
  );
  const connection = await connectWebSocket(`ws://${server.address}/a`, {
    maxRedirects: 1,
  });
  assert(requests[1]?.startsWith("GET /b?c HTTP/1.1\r\n"), requests[1]);
  await server[Symbol.asyncDispose]();
  await within(connection.closed, "the end");
});

Deno.test("connectWebSocket() takes no secrets to another host", async () => {
  const { server: last, requests } = serveHeads((request) =>
    responseText(request)
  );
  const { server: first } = serveHeads(() =>
    moved(`http://${last.address}/there`)
  );
  await using _ = first;
  const connection = await connectWebSocket(`ws://${first.address}/`, {
    maxRedirects: 1,
    headers: [["AUTHORIZATION", "secret"], ["Cookie", "c"], ["X-Tag", "kept"]],
  });
  assert(!/authorization|cookie/i.test(requests[0]!), requests[0]);
  assert(requests[0]?.includes("X-Tag: kept"), requests[0]);
  await last[Symbol.asyncDispose]();
  await within(connection.closed, "the end");
});

Deno.test("connectWebSocket() takes no secrets from wss: to ws:", async () => {
  // The proxy leads to either server, so that both are of one host and port.
  const plain: string[] = [];
  const { server: open } = serveHeads((request) => {
    plain.push(request);
    return responseText(request);
  });
  const tls = Deno.listenTls({
    hostname: "127.0.0.1",
    port: 0,
    cert: certificate,
    key: certificateKey,
  });
  const redirecting = (async () => {
    const conn = await tls.accept();
    const peer = rawPeer(tlsTransport(conn), "client");
    await peer.head();
    await peer.write(moved("http://127.0.0.1/"));
    return conn;
  })();
  const ports: Record<string, number> = {
    "127.0.0.1:443": tls.addr.port,
    "127.0.0.1:80": open.port,
  };
  await using proxy = serveProxy((target) => ports[target]!);
  const error = await within(
    connectWebSocket("wss://127.0.0.1/", {
      proxy: `http://${proxy.address}`,
      caCerts: [authority],
      maxRedirects: 1,
      headers: { Authorization: "secret" },
    }).then((connection) => connection.close(), (error) => error),
    "the answer",
  );
  (await redirecting).close();
  tls.close();
  await open[Symbol.asyncDispose]();
  for (const request of plain) {
    assert(!/authorization/i.test(request), `${error} ${request}`);
  }
});

function tlsTransport(conn: Deno.TlsConn) {
  const buffer = new Uint8Array(4096);
  return {
    read: async () => {
      const length = await conn.read(buffer);
      return length === null ? null : buffer.subarray(0, length);
    },
    write: async (bytes: Uint8Array<ArrayBuffer>) => {
      await conn.write(bytes);
    },
    closeWrite: () => conn.closeWrite(),
    close: () => conn.close(),
  };
}

/** A proxy for CONNECT, whose targets are where `portOf` says. */
function serveProxy(portOf: (target: string) => number) {
  const ends: Deno.Conn[] = [];
  const server = serveRaw(async (peer, near) => {
    const target = /^CONNECT (\S+) /.exec(await peer.head())![1]!;
    const far = await Deno.connect({
      hostname: "127.0.0.1",
      port: portOf(target),
    });
    ends.push(far);
    await peer.write("HTTP/1.1 200 OK\r\n\r\n");
    await Promise.allSettled([
      near.readable.pipeTo(far.writable, { preventClose: false }),
      far.readable.pipeTo(near.writable, { preventClose: false }),
    ]);
  });
  return {
    address: server.address,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

Deno.test("connectWebSocket() opens connections to one host one after the other (R5)", async () => {
  let open = 0;
  let most = 0;
  await using server = serveRaw(async (peer) => {
    const request = await peer.head();
    open += 1;
    most = Math.max(most, open);
    await pause(5);
    open -= 1;
    await peer.write(await responseText(request));
  });
  const connections = await within(
    Promise.all(
      Array.from(
        { length: 4 },
        () => connectWebSocket(`ws://${server.address}/`),
      ),
    ),
    "the connections",
  );
  assertEquals(most, 1);
  await server[Symbol.asyncDispose]();
  for (const { closed } of connections) await within(closed, "the end");
});

Deno.test("connectWebSocket() gives up in time also while another handshake with the host goes on", async () => {
  await using server = serveRaw(async (peer) => {
    await peer.head();
  });
  const first = new AbortController();
  const waiting = connectWebSocket(`ws://${server.address}/`, {
    signal: first.signal,
  });
  waiting.catch(() => {});
  const second = new AbortController();
  const aborted = connectWebSocket(`ws://${server.address}/`, {
    signal: second.signal,
  });
  const late = connectWebSocket(`ws://${server.address}/`, {
    handshakeTimeoutMs: 10,
  });
  // Looked at in a while.
  for (const attempt of [aborted, late]) attempt.catch(() => {});
  await pause(15);
  second.abort(new Error("enough"));
  const standings = await Promise.all([standing(aborted), standing(late)]);
  first.abort();
  await Promise.allSettled([waiting, aborted, late]);
  assertEquals(standings.map(({ status }) => status), ["rejected", "rejected"]);
});

Deno.test("connectWebSocket() is not held up by a handshake that failed", async () => {
  let count = 0;
  await using server = serveRaw(async (peer) => {
    const request = await peer.head();
    count += 1;
    if (count === 1) return peer.close();
    await peer.write(await responseText(request));
  });
  const [first, second] = await within(
    Promise.allSettled([
      connectWebSocket(`ws://${server.address}/`),
      connectWebSocket(`ws://${server.address}/`),
    ]),
    "both",
  );
  assertEquals(first.status, "rejected");
  assert(second.status === "fulfilled");
  second.value.close();
  await server[Symbol.asyncDispose]();
  await within(second.value.closed, "the end");
});

Deno.test("connectWebSocket() rejects when nobody listens (R69)", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  await assertRejects(
    () => within(connectWebSocket(`ws://127.0.0.1:${port}/`), "the error"),
    Error,
  );
});

Deno.test("connectWebSocket() lets go of a proxy that never answers", async () => {
  const gone = Promise.withResolvers<boolean>();
  await using proxy = serveRaw(async (peer) => {
    await peer.head();
    await peer.readText().then(
      () => gone.resolve(true),
      () => gone.resolve(false),
    );
  });
  const connecting = connectWebSocket("ws://server.example/", {
    proxy: `http://${proxy.address}`,
    handshakeTimeoutMs: 10,
  });
  await assertRejects(() => within(connecting, "it"), ProtocolError);
  assertEquals(
    await within(gone.promise, "the end of the connection", 3_000),
    true,
  );
});

Deno.test("connectWebSocket() speaks with a server of wss: (R7)", async () => {
  await using server = serveWebSocket({
    hostname: "127.0.0.1",
    cert: certificate,
    key: certificateKey,
  }, { message: (connection, data) => void connection.send(data) });
  const port = server.address.split(":").at(-1);
  await using connection = await connectWebSocket(`wss://127.0.0.1:${port}/`, {
    caCerts: [authority],
  });
  connection.send("over TLS");
  assertEquals(await within(connection.receive(), "the echo"), "over TLS");
});

Deno.test("connectWebSocket() trusts no certificate that it does not know (R7)", async () => {
  const errors: unknown[] = [];
  await using server = serveWebSocket({
    hostname: "127.0.0.1",
    cert: certificate,
    key: certificateKey,
    onError: (error) => errors.push(error),
  }, {});
  const port = server.address.split(":").at(-1);
  const connecting = connectWebSocket(`wss://127.0.0.1:${port}/`);
  await assertRejects(() => within(connecting, "the error"), Error);
  await until(() => errors.length > 0, "the server's error");
});

Deno.test("connectWebSocket() speaks with Deno's own server", async () => {
  const server = Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    onListen: () => {},
  }, (request) => {
    const { socket, response } = Deno.upgradeWebSocket(request, {
      protocol: "b",
    });
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => {
      if (data === "close") socket.close(4001, "bye");
      else socket.send(data);
    };
    return response;
  });
  const connection = await connectWebSocket(
    `ws://127.0.0.1:${server.addr.port}/`,
    { protocols: ["a", "b"] },
  );
  assertEquals(connection.protocol, "b");
  for (const message of ["Hello 😀", new Uint8Array(70_000).fill(7), ""]) {
    connection.send(message);
    assertEquals(await within(connection.receive(), "the echo"), message);
  }
  assert(await within(connection.ping(), "the Pong") >= 0);
  await connection.sendFrom("text", ["in ", "pieces"]);
  assertEquals(await within(connection.receive(), "the echo"), "in pieces");
  connection.send("close");
  assertEquals(await within(connection.receive(), "the end"), undefined);
  const { closeCode, reason, wasClean } = await within(
    connection.closed,
    "the end",
  );
  assertEquals([closeCode, reason, wasClean], [4001, "bye", true]);
  await server.shutdown();
});

/** A session of no HTTP at all, with what serves its streams. */
function sessionWith(
  serve: (stream: Transport & ConnectRequest) => void,
): ConnectSession & { readonly closed: () => number } {
  let closed = 0;
  return {
    closed: () => closed,
    ...connectSession((request) => {
      const [own, other] = memoryTransports();
      const answered = Promise.withResolvers<HeaderList>();
      const transport: Transport = {
        ...own,
        close: () => {
          closed += 1;
          own.close();
        },
      };
      const respond = (fields: HeaderList) => {
        answered.resolve(fields);
        return Promise.resolve();
      };
      serve({ ...other, request, respond });
      return answered.promise.then((response) => ({ response, transport }));
    }),
  };
}

Deno.test("connectWebSocket() asks by extended CONNECT on a session, as often as wanted", async () => {
  const requests: HeaderList[] = [];
  const carrier = sessionWith(async (stream) => {
    requests.push(stream.request);
    const connection = await acceptWebSocket(connectTransport(stream, stream), {
      protocols: ["b"],
      extensions: [extensionOf("prefixing")],
    });
    for await (const message of connection) connection.send(message);
  });
  const options = {
    carrier,
    protocols: ["a", "b"],
    extensions: [extensionOf("prefixing")],
    headers: { Authorization: "Basic x" },
  };
  const connections = await within(
    Promise.all([1, 2, 3].map(() => connectWebSocket(url, options))),
    "the connections",
  );
  for (const connection of connections) {
    assertEquals(connection.protocol, "b");
    assertEquals(connection.extensions, "prefixing");
    connection.send("Hello");
    assertEquals(await within(connection.receive(), "the echo"), "Hello");
    connection.close();
    assertEquals((await within(connection.closed, "the end")).wasClean, true);
  }
  const [first] = requests;
  assertEquals(first!.slice(0, 5), [
    [":method", "CONNECT"],
    [":protocol", "websocket"],
    [":scheme", "http"],
    [":authority", "server.example.com"],
    [":path", "/chat?room=1"],
  ]);
  assert(first!.some(([name]) => name === "authorization"));
  assert(first!.every(([name]) => name !== "sec-websocket-key"));
});

Deno.test("connectWebSocket() lets a stream go whose answer breaks a rule", async () => {
  const answers: [HeaderList, ProtocolErrorCode][] = [
    [[[":status", "404"]], "unexpected-status"],
    [[["a", "b"]], "malformed-fields"],
    [[[":status", "200"], ["a", "x".repeat(20_000)]], "head-too-large"],
    [[[":status", "200"], ["upgrade", "a"]], "forbidden-response-header"],
  ];
  for (const [answer, code] of answers) {
    const carrier = sessionWith(({ respond }) => void respond(answer));
    const connecting = connectWebSocket(url, { carrier });
    const error = await assertRejects(() => connecting, ProtocolError);
    assertEquals([error.code, carrier.closed()], [code, 1]);
  }
});

Deno.test("connectWebSocket() follows redirects on a session within one host alone", async () => {
  const places = [
    ["/b", "/b"],
    ["http://server.example.com/b", "/b"],
    ["https://server.example.com/b", undefined],
    ["ws://other.example.com/b", undefined],
  ] as const;
  for (const [location, path] of places) {
    const paths: (string | undefined)[] = [];
    const carrier = sessionWith((stream) => {
      paths.push(stream.request.find(([name]) => name === ":path")?.[1]);
      if (paths.length === 2) {
        return void acceptWebSocket(connectTransport(stream, stream));
      }
      stream.respond([[":status", "302"], ["location", location]]);
    });
    const connecting = connectWebSocket(url, { carrier, maxRedirects: 1 });
    connecting.catch(() => {});
    if (path === undefined) {
      const { code } = await assertRejects(() => connecting, ProtocolError);
      assertEquals([code, paths.length], ["unexpected-status", 1], location);
    } else {
      const connection = await within(connecting, "the connection");
      assertEquals(paths[1], path, location);
      connection.close();
      await within(connection.closed, "the end");
    }
  }
});

Deno.test("connectWebSocket() follows no redirect on a connection it was given", async () => {
  const { connecting, peer } = dial({ maxRedirects: 1 });
  await peer.head();
  await peer.write(moved("/elsewhere"));
  const { code } = await assertRejects(() => connecting, ProtocolError);
  assertEquals(code, "unexpected-status");
});
