import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  acceptWebSocket,
  type AcceptWebSocketOptions,
  acceptWithHooks,
  requireAcceptOptions,
} from "../../lib/connection/accept.ts";
import type { WebSocketConnection } from "../../lib/connection/connection.ts";
import { ProtocolError } from "../../lib/error/protocol_error.ts";
import type { ProtocolErrorCode } from "../../lib/error/protocol_rule.ts";
import { memoryTransports } from "../../lib/transport/memory.ts";
import { accept } from "../handshake/handshake_heads.ts";
import { fromPeerOf, pingFrame, textFrame } from "../session/sessions.ts";
import { utf8 } from "../support/hex.ts";
import { extensionOf, prefixing } from "../extension/codecs.ts";
import { byteByByte, concatenated } from "../support/splits.ts";
import { joinedEnds, standing } from "../stream/streams.ts";
import {
  pause,
  type RawPeer,
  rawPeer,
  readAll,
  requestText,
  until,
  within,
} from "./connections.ts";

interface Accepting {
  readonly peer: RawPeer;
  readonly accepting: Promise<WebSocketConnection>;
  /** Whether the server has closed its end. */
  readonly isClosed: () => boolean;
}

/** A client that has sent `request`, and a server that is at it. */
function ask(
  request: string | Uint8Array,
  options?: AcceptWebSocketOptions,
): Accepting {
  const [own, other] = memoryTransports();
  let isClosed = false;
  const accepting = acceptWebSocket({
    ...own,
    close: () => {
      isClosed = true;
      own.close();
    },
  }, options);
  accepting.catch(() => {});
  const peer = rawPeer(other, "server");
  peer.write(request).catch(() => {});
  return { peer, accepting, isClosed: () => isClosed };
}

/** The HTTP answer to a request that opens no WebSocket, and the error. */
async function refusal(
  request: string | Uint8Array,
  options?: AcceptWebSocketOptions,
): Promise<{ status: number; text: string; error: unknown }> {
  const { peer, accepting, isClosed } = ask(request, options);
  const text = await peer.readText();
  peer.close();
  const error = await within(accepting, "the end").then(
    () => undefined,
    (error) => error,
  );
  assert(isClosed(), "the connection is closed");
  return { status: Number(text.slice(9, 12)), text, error };
}

async function finish(
  { peer, accepting }: Pick<Accepting, "peer" | "accepting">,
): Promise<void> {
  peer.close();
  const connection = await accepting;
  readAll(connection).catch(() => {});
  await within(connection.closed, "the end");
}

Deno.test("acceptWebSocket() answers a request with 101, and speaks (R35)", async () => {
  const asked = ask(requestText());
  const head = await asked.peer.head();
  assertEquals(head.split("\r\n")[0], "HTTP/1.1 101 Switching Protocols");
  assert(head.includes(`Sec-WebSocket-Accept: ${accept}\r\n`));
  assert(!/protocol:|extensions:/i.test(head));
  const connection = await asked.accepting;
  assertEquals([connection.protocol, connection.extensions], ["", ""]);
  assert(connection.headers.some(([name]) => name === "Sec-WebSocket-Key"));
  await asked.peer.say(textFrame("a"));
  assertEquals(await connection.receive(), "a");
  connection.send("b");
  assertEquals(await asked.peer.hear(1), ["text b"]);
  await finish(asked);
});

Deno.test("acceptWebSocket() takes a head byte by byte, and frames that come with it", async () => {
  const wire = concatenated([
    utf8(requestText()),
    fromPeerOf("server", textFrame("early"), pingFrame("1")),
  ]);
  for (const chunks of [[wire], byteByByte(wire)]) {
    const [own, other] = memoryTransports();
    const accepting = acceptWebSocket(own);
    const peer = rawPeer(other, "server");
    for (const chunk of chunks) await peer.write(chunk);
    await peer.head();
    assertEquals(await peer.hear(1), ["pong 1"]);
    assertEquals(await (await accepting).receive(), "early");
    await finish({ peer, accepting });
  }
});

interface RefusedCase {
  readonly name: string;
  readonly request: string;
  readonly status: number;
  readonly code: ProtocolErrorCode;
  readonly options?: AcceptWebSocketOptions;
}

const change = (from: string, to: string) => requestText().replace(from, to);

const refusedCases: readonly RefusedCase[] = [
  {
    name: "what is no HTTP (R25)",
    request: "\x16\x03\x01 hello\r\n\r\n",
    status: 400,
    code: "malformed-head",
  },
  {
    name: "POST (R26)",
    request: change("GET", "POST"),
    status: 400,
    code: "wrong-method",
  },
  {
    name: "HTTP/1.0 (R26)",
    request: change("HTTP/1.1", "HTTP/1.0"),
    status: 400,
    code: "wrong-http-version",
  },
  {
    name: "a request without Host (R26)",
    request: change("Host: server.example.com\r\n", ""),
    status: 400,
    code: "wrong-host",
  },
  {
    name: "a plain request (R26)",
    request: "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    status: 426,
    code: "not-an-upgrade",
  },
  {
    name: "a key of 15 bytes (R26)",
    request: change("dGhlIHNhbXBsZSBub25jZQ==", "AAAAAAAAAAAAAAAAAAAA"),
    status: 400,
    code: "wrong-key",
  },
  {
    name: "two keys (R28)",
    request: requestText("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="),
    status: 400,
    code: "duplicate-header",
  },
  {
    name: "version 8 (R31)",
    request: change("Version: 13", "Version: 8"),
    status: 426,
    code: "unsupported-version",
  },
  {
    name: "an Origin of somebody else (R30, R75)",
    request: requestText("Origin: https://elsewhere.example"),
    status: 403,
    code: "refused-origin",
  },
  {
    name: "a head over the limit (R76)",
    request: requestText(`X: ${"x".repeat(300)}`),
    options: { maxHeadBytes: 300 },
    status: 431,
    code: "head-too-large",
  },
  {
    name: "more headers than the limit (R76)",
    request: requestText(),
    options: { maxHeaders: 4 },
    status: 431,
    code: "head-too-large",
  },
  {
    name: "a head that never ends, over the default limit (R76)",
    request: `GET / HTTP/1.1\r\nX: ${"x".repeat(60_000)}`,
    status: 431,
    code: "head-too-large",
  },
];

for (const { name, request, options, status, code } of refusedCases) {
  Deno.test(`acceptWebSocket() answers ${name} with ${status}`, async () => {
    const refused = await refusal(request, options);
    assertEquals(refused.status, status, refused.text);
    assert(/\r\nConnection: .*\bclose\r\n/i.test(refused.text), refused.text);
    assert(refused.error instanceof ProtocolError, `${refused.error}`);
    assertEquals(refused.error.code, code);
    if (status !== 426) return;
    assert(/\r\nUpgrade: websocket\r\n/i.test(refused.text), refused.text);
    if (code !== "unsupported-version") return;
    assert(/\r\nSec-WebSocket-Version: 13\r\n/i.test(refused.text));
  });
}

Deno.test("acceptWebSocket() rejects when the client goes inside the head", async () => {
  const { peer, accepting } = ask("GET / HT");
  await peer.transport.closeWrite();
  const text = await peer.readText();
  assert(text.startsWith("HTTP/1.1 400 "), text);
  peer.close();
  const { code } = await assertRejects(() => accepting, ProtocolError);
  assertEquals(code, "truncated-head");
});

Deno.test("acceptWebSocket() answers a client that never finishes its head with 408", async () => {
  const { status, error } = await refusal("GET / HT", {
    handshakeTimeoutMs: 10,
  });
  assertEquals(status, 408);
  assert(error instanceof ProtocolError && error.code === "handshake-timeout");
});

Deno.test("acceptWebSocket() gives up in time also while authorize does not answer", async () => {
  const gate = Promise.withResolvers<undefined>();
  const { peer, accepting, isClosed } = ask(requestText(), {
    authorize: () => gate.promise,
    handshakeTimeoutMs: 10,
  });
  try {
    await peer.readText();
    peer.close();
    const { code } = await assertRejects(
      () => within(accepting, "the error", 500),
      ProtocolError,
    );
    assertEquals(code, "handshake-timeout");
    await until(isClosed, "the end of the connection");
  } finally {
    gate.resolve(undefined);
    await Promise.allSettled([accepting]);
  }
});

Deno.test("acceptWebSocket() names the rule that was broken, however long the client takes to hang up", async () => {
  const { peer, accepting } = ask("no HTTP\r\n\r\n", {
    handshakeTimeoutMs: 10,
  });
  await pause(20);
  peer.close();
  const { code } = await assertRejects(
    () => within(accepting, "the error"),
    ProtocolError,
  );
  assertEquals(code, "malformed-head");
});

Deno.test("acceptWebSocket() gives up when its signal aborts", async () => {
  const controller = new AbortController();
  const { peer, accepting, isClosed } = ask("GET / HT", {
    signal: controller.signal,
  });
  assertEquals((await standing(accepting)).status, "pending");
  controller.abort(new Error("shutting down"));
  await assertRejects(() => within(accepting, "it"), Error, "shutting down");
  assert(isClosed());
  peer.close();
});

interface OriginCase {
  readonly origin: string;
  readonly origins?: AcceptWebSocketOptions["origins"];
  readonly welcome: boolean;
}

const own = "http://server.example.com";
const originCases: readonly OriginCase[] = [
  { origin: own, welcome: true },
  { origin: "https://SERVER.example.com:443", welcome: true },
  { origin: "http://server.example.com:8080", welcome: false },
  { origin: "null", welcome: false },
  {
    origin: "https://a.example",
    origins: ["https://A.example"],
    welcome: true,
  },
  { origin: own, origins: ["https://a.example"], welcome: false },
  { origin: "https://a.example", origins: "any", welcome: true },
  {
    origin: "https://a.example",
    origins: (origin, { resourceName }) =>
      origin === "https://a.example" && resourceName === "/chat?room=1",
    welcome: true,
  },
  { origin: own, origins: () => false, welcome: false },
];

for (const { origin, origins, welcome } of originCases) {
  const policy = typeof origins === "function" ? "a function" : origins;
  Deno.test(`acceptWebSocket() ${welcome ? "accepts" : "refuses"} Origin ${origin} by ${policy ?? "default"} (R30, R75)`, async () => {
    const request = requestText(`Origin: ${origin}`);
    const options = origins === undefined ? {} : { origins };
    if (!welcome) {
      return assertEquals((await refusal(request, options)).status, 403);
    }
    const asked = ask(request, options);
    assert((await asked.peer.head()).startsWith("HTTP/1.1 101"));
    await finish(asked);
  });
}

const offer = "Sec-WebSocket-Protocol: a, b";
const protocolCases = [
  { protocols: ["b", "a"], chosen: "b" },
  { protocols: ["c"], chosen: "" },
  { protocols: undefined, chosen: "" },
  { protocols: (offered: readonly string[]) => offered.at(-1), chosen: "b" },
  { protocols: () => undefined, chosen: "" },
] as const;

for (const { protocols, chosen } of protocolCases) {
  const policy = typeof protocols === "function" ? "a function" : protocols;
  Deno.test(`acceptWebSocket() chooses "${chosen}" among a and b by ${policy} (R33)`, async () => {
    const options = protocols === undefined ? {} : { protocols };
    const asked = ask(requestText(offer), options);
    const head = await asked.peer.head();
    const line = /^sec-websocket-protocol: (.*)\r$/im.exec(head)?.[1];
    assertEquals(line ?? "", chosen);
    assertEquals((await asked.accepting).protocol, chosen);
    await finish(asked);
  });
}

for (
  const headers of [
    [["Set-Cookie", "a=1"], ["Set-Cookie", "b=2"]] as const,
    () => [["Set-Cookie", "a=1"], ["Set-Cookie", "b=2"]] as const,
  ]
) {
  Deno.test(`acceptWebSocket() adds headers from a ${typeof headers} to its answer`, async () => {
    const asked = ask(requestText(), { headers });
    const head = await asked.peer.head();
    assert(head.includes("Set-Cookie: a=1\r\nSet-Cookie: b=2\r\n"), head);
    await finish(asked);
  });
}

Deno.test("acceptWebSocket() asks authorize, which may refuse with any Response (R29, R32, R78)", async () => {
  const { status, text, error } = await refusal(requestText(), {
    authorize: async ({ resourceName }) => {
      await pause(1);
      return Response.json({ not: resourceName }, {
        status: 401,
        statusText: "Unauthorized",
        headers: { "WWW-Authenticate": "Basic", "Connection": "keep-alive" },
      });
    },
  });
  assertEquals(status, 401);
  assert(text.startsWith("HTTP/1.1 401 Unauthorized\r\n"), text);
  assert(/\r\nwww-authenticate: Basic\r\n/i.test(text), text);
  assert(/\r\nConnection: close\r\n/.test(text) && !/keep-alive/.test(text));
  assert(text.endsWith('\r\n\r\n{"not":"/chat?room=1"}'), text);
  assert(error instanceof ProtocolError && error.code === "refused-request");

  const asked = ask(requestText(), { authorize: () => undefined });
  assert((await asked.peer.head()).startsWith("HTTP/1.1 101"));
  await finish(asked);
});

Deno.test("acceptWebSocket() has http answer what is not for a WebSocket (R17)", async () => {
  const request = "GET /health?a=1 HTTP/1.1\r\nHost: a.example\r\nX: y\r\n\r\n";
  const { status, text, error } = await refusal(request, {
    http: ({ url, method, headers }) =>
      new Response(`${method} ${url} ${headers.get("x")}`),
  });
  assertEquals(status, 200);
  const body = "GET http://a.example/health?a=1 y";
  assert(text.endsWith(`\r\n\r\n${body}`), text);
  assert(text.includes(`\r\nContent-Length: ${body.length}\r\n`), text);
  assert(error instanceof ProtocolError && error.code === "not-an-upgrade");
});

Deno.test("acceptWebSocket() does not ask http about a page of no host (RFC 9112 §3.2)", async () => {
  for (const hosts of ["", "Host: a\r\nHost: b\r\n", "Host: a b\r\n"]) {
    const { status, error } = await refusal(
      `GET / HTTP/1.1\r\n${hosts}\r\n`,
      { http: () => new Response("never") },
    );
    assertEquals(status, 400, hosts);
    assert(error instanceof ProtocolError && error.code === "wrong-host");
  }
});

Deno.test("acceptWebSocket() has http answer HTTP/1.0, which knows no Host", async () => {
  const { status, text } = await refusal("GET /health HTTP/1.0\r\n\r\n", {
    http: ({ url }) => new Response(url),
  });
  assertEquals(status, 200);
  assert(text.endsWith("\r\n\r\nhttp://localhost/health"), text);
});

Deno.test("acceptWebSocket() does not ask http about a WebSocket that is wrong", async () => {
  const { status } = await refusal(change("Version: 13", "Version: 12"), {
    http: () => new Response("never"),
  });
  assertEquals(status, 426);
});

for (
  const [name, request] of [
    ["TRACE", "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n"],
    ["CONNECT", "CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n"],
    ["OPTIONS *", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"],
    ["a Host with a user", "GET / HTTP/1.1\r\nHost: u:p@a\r\n\r\n"],
    [
      "an absolute URI with a user",
      "GET http://u:p@a/ HTTP/1.1\r\nHost: a\r\n\r\n",
    ],
    ["UTF-8 in a header", "GET / HTTP/1.1\r\nHost: a\r\nX: €\r\n\r\n"],
  ] as const
) {
  Deno.test(`acceptWebSocket() with http answers ${name}, and hangs up (R25)`, async () => {
    const { status } = await refusal(request, {
      http: () => new Response("hi"),
    });
    assert(status >= 200 && status < 600, `${status}`);
  });
}

const boom = () => {
  throw new Error("boom");
};
const throwing: readonly [string, string, AcceptWebSocketOptions][] = [
  ["authorize throws", requestText(), { authorize: boom }],
  [
    "authorize rejects",
    requestText(),
    { authorize: () => Promise.reject(new Error("boom")) },
  ],
  ["origins throws", requestText(`Origin: ${own}`), { origins: boom }],
  ["protocols throws", requestText(offer), { protocols: boom }],
  [
    "protocols chooses what is not on offer",
    requestText(offer),
    { protocols: () => "c" },
  ],
  ["headers throws", requestText(), { headers: boom }],
  [
    "headers cannot be sent",
    requestText(),
    { headers: [["X", "a\r\nb"]] },
  ],
  ["http throws", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", { http: boom }],
];

for (const [name, request, options] of throwing) {
  Deno.test(`acceptWebSocket() hangs up, and rejects, when ${name}`, async () => {
    const { error } = await refusal(request, options);
    assert(error instanceof Error && !(error instanceof ProtocolError));
  });
}

Deno.test("acceptWebSocket() hangs up when the answer cannot be written", async () => {
  const [own, other] = memoryTransports();
  let isClosed = false;
  const broken = (): Promise<void> => Promise.reject(new Error("broken pipe"));
  const accepting = acceptWebSocket({
    ...own,
    write: broken,
    close: () => {
      isClosed = true;
      own.close();
    },
  });
  await other.write(utf8(requestText()));
  await assertRejects(() => within(accepting, "it"), Error, "broken pipe");
  assert(isClosed);
});

Deno.test("acceptWebSocket() refuses options out of range, and hangs up", async () => {
  const { peer, accepting, isClosed } = ask(requestText(), {
    maxFragments: -1,
  });
  await assertRejects(() => within(accepting, "it"), RangeError);
  assert(isClosed(), "the connection is closed");
  peer.close();
});

Deno.test("acceptWithHooks() tells the request, and calls with what comes", async () => {
  const [own, other] = memoryTransports();
  const seen: unknown[] = [];
  const options = {
    transport: own,
    options: {},
    settings: requireAcceptOptions({}),
  };
  const accepting = acceptWithHooks(options, {
    onMessage: (_, data) => void seen.push(data),
    onPing: (_, data) => void seen.push(data.length),
  });
  const peer = rawPeer(other, "server");
  await peer.write(requestText("Origin: http://server.example.com"));
  await peer.head();
  const { connection, request } = await accepting;
  assertEquals(request.resourceName, "/chat?room=1");
  assertEquals(request.origin, "http://server.example.com");
  await peer.say(textFrame("a"), pingFrame("12"));
  await peer.hear(1);
  assertEquals(seen, ["a", 2]);
  await finish({ peer, accepting: Promise.resolve(connection) });
});

Deno.test("acceptWebSocket() takes byte streams, a transport or a connection of Deno", async () => {
  const [near, far] = joinedEnds();
  const asking = far.writable.getWriter();
  const accepting = acceptWebSocket(near);
  await asking.write(utf8(requestText()));
  const reader = far.readable.getReader();
  const answer = await within(reader.read(), "the answer");
  assert(new TextDecoder().decode(answer.value).startsWith("HTTP/1.1 101"));
  const connection = await accepting;
  await asking.close();
  assertEquals((await within(connection.closed, "the end")).closeCode, 1006);
  await reader.cancel().catch(() => {});
});

Deno.test("acceptWebSocket() answers with the extensions that it can do, and uses them at once (R34, R42, R74)", async () => {
  const extensions = [
    extensionOf("star", { rsv: 0x20, codec: () => prefixing(0x2a) }),
  ];
  const lines = [
    "Sec-WebSocket-Extensions: unknown",
    "Sec-WebSocket-Extensions: star; x=1, star",
  ];
  const asked = ask(requestText(...lines), { extensions });
  const head = await asked.peer.head();
  assert(head.includes("Sec-WebSocket-Extensions: star; x=1\r\n"), head);
  const connection = await asked.accepting;
  assertEquals(connection.extensions, "star; x=1");
  await asked.peer.say({ ...textFrame("*a"), rsv2: true });
  assertEquals(await connection.receive(), "a");
  connection.send("b");
  assertEquals(await asked.peer.hear(1), ["text *b"]);
  await finish(asked);
});

Deno.test("acceptWebSocket() declines extensions that it cannot do, and goes on without (R34, R74, R81)", async () => {
  const extensions = [extensionOf("star", { accepts: () => false })];
  const request = requestText("Sec-WebSocket-Extensions: star, other");
  const asked = ask(request, { extensions });
  assert(!/extensions:/i.test(await asked.peer.head()));
  const connection = await asked.accepting;
  assertEquals(connection.extensions, "");
  await asked.peer.say(textFrame("*a"));
  assertEquals(await connection.receive(), "*a");
  await finish(asked);
});
