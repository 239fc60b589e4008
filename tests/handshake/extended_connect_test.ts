import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import type { ProtocolErrorCode } from "../../lib/error/protocol_rule.ts";
import {
  protocolError,
  protocolRules,
} from "../../lib/error/protocol_rules.ts";
import {
  acceptExtensions,
  offerExtensions,
} from "../../lib/extension/negotiate.ts";
import {
  acceptConnectRequest,
  checkConnectRequest,
  checkConnectResponse,
  createConnectRequest,
  refuseConnectRequest,
  toConnectResponse,
} from "../../lib/handshake/extended_connect.ts";
import type {
  ConnectRequestHead,
  ConnectResponseHead,
} from "../../lib/handshake/fields.ts";
import {
  parseRequestFields,
  parseResponseFields,
  serializeRequestFields,
  serializeResponseFields,
} from "../../lib/handshake/fields.ts";
import {
  type HeaderListInit,
  headerValues,
} from "../../lib/handshake/headers.ts";
import { acceptRequest } from "../../lib/handshake/server.ts";
import { extensionOf } from "../extension/codecs.ts";
import { assertPure } from "../support/purity.ts";
import { assertInvalid } from "../support/violations.ts";
import { goodRequest, key, withHeader } from "./handshake_heads.ts";
import { checkRequest } from "../../lib/handshake/server.ts";

/** A request with nothing in it that is not necessary (RFC 8441 §5). */
const goodConnect: ConnectRequestHead = {
  method: "CONNECT",
  protocol: "websocket",
  scheme: "https",
  authority: "server.example.com",
  path: "/chat",
  headers: [["sec-websocket-version", "13"]],
};

const goodAnswer: ConnectResponseHead = { status: 200, headers: [] };

Deno.test("checkConnectRequest() gives what checkRequest() gives, without a key", () => {
  const more = [
    ["origin", "http://example.com"],
    ["sec-websocket-protocol", "chat, superchat"],
  ] as const;
  const headers = [...goodConnect.headers, ...more];
  const head = { ...goodConnect, path: "/chat?room=1", headers };
  const result = assertPure("CONNECT", checkConnectRequest, head);
  assert(result.status === "valid");
  assertEquals(result.request, {
    resourceName: "/chat?room=1",
    host: "server.example.com",
    origin: "http://example.com",
    key: undefined,
    protocols: ["chat", "superchat"],
    headers,
  });
  const upgrade = checkRequest({
    ...goodRequest,
    target: "/chat?room=1",
    headers: [...goodRequest.headers, ...more],
  });
  assert(upgrade.status === "valid");
  const same = { key: undefined, headers: [] };
  assertEquals(
    { ...result.request, ...same },
    { ...upgrade.request, ...same },
  );
});

const accepted: readonly (readonly [string, ConnectRequestHead])[] = [
  ["nothing more than is necessary", goodConnect],
  ["without TLS", { ...goodConnect, scheme: "http" }],
  ["Host as well", withHeader(goodConnect, "host", "SERVER.example.com")],
  [
    "Host instead",
    withHeader({ ...goodConnect, authority: undefined }, "host", "a"),
  ],
  ["TE with trailers", withHeader(goodConnect, "te", "trailers")],
  ["a body of no bytes", withHeader(goodConnect, "content-length", "0")],
  [
    "a key, which nobody looks at (RFC 8441 §5)",
    withHeader(goodConnect, "sec-websocket-key", "none", "none"),
  ],
];

Deno.test("checkConnectRequest() takes every form that a right request has", () => {
  for (const [name, head] of accepted) {
    const result = assertPure(name, checkConnectRequest, head);
    assertEquals(result.status, "valid", name);
  }
});

const brokenRequests: readonly (readonly [
  name: string,
  head: ConnectRequestHead,
  code: ProtocolErrorCode,
  httpStatus: number,
])[] = [
  [
    "GET",
    { ...goodConnect, method: "GET", protocol: undefined },
    "not-extended-connect",
    400,
  ],
  [
    "GET with :protocol",
    { ...goodConnect, method: "GET" },
    "not-extended-connect",
    400,
  ],
  [
    "a CONNECT for a proxy",
    { ...goodConnect, protocol: undefined },
    "not-extended-connect",
    400,
  ],
  [
    "another protocol",
    { ...goodConnect, protocol: "connect-udp" },
    "unknown-connect-protocol",
    501,
  ],
  [
    "another case",
    { ...goodConnect, protocol: "WebSocket" },
    "unknown-connect-protocol",
    501,
  ],
  ["no scheme", { ...goodConnect, scheme: undefined }, "wrong-scheme", 400],
  ["wss", { ...goodConnect, scheme: "wss" }, "wrong-scheme", 400],
  ["no path", { ...goodConnect, path: undefined }, "wrong-target", 400],
  ["no absolute path", { ...goodConnect, path: "*" }, "wrong-target", 400],
  ["a fragment", { ...goodConnect, path: "/#a" }, "wrong-target", 400],
  [
    "no authority",
    { ...goodConnect, authority: undefined },
    "wrong-authority",
    400,
  ],
  ["a user", { ...goodConnect, authority: "me@a" }, "wrong-authority", 400],
  ["an empty one", { ...goodConnect, authority: "" }, "wrong-authority", 400],
  [
    "another Host",
    withHeader(goodConnect, "host", "other"),
    "wrong-authority",
    400,
  ],
  [
    "two Hosts",
    withHeader({ ...goodConnect, authority: undefined }, "host", "a", "b"),
    "wrong-authority",
    400,
  ],
  ...[
    ["connection", "Upgrade"],
    ["connection", ""],
    ["upgrade", "websocket"],
    ["keep-alive", "timeout=5"],
    ["proxy-connection", "keep-alive"],
    ["transfer-encoding", "chunked"],
    ["te", "gzip"],
  ].map(([name, value]) =>
    [
      `${name}: ${value}`,
      withHeader(goodConnect, name!, value!),
      "forbidden-header",
      400,
    ] as const
  ),
  [
    "a body",
    withHeader(goodConnect, "content-length", "1"),
    "unexpected-body",
    400,
  ],
  [
    "two origins",
    withHeader(goodConnect, "origin", "a", "b"),
    "duplicate-header",
    400,
  ],
  [
    "no version",
    withHeader(goodConnect, "sec-websocket-version"),
    "unsupported-version",
    426,
  ],
  [
    "version 8",
    withHeader(goodConnect, "sec-websocket-version", "8"),
    "unsupported-version",
    426,
  ],
  [
    "a subprotocol twice",
    withHeader(goodConnect, "sec-websocket-protocol", "a", "a"),
    "malformed-protocols",
    400,
  ],
  [
    "no extension in the list",
    withHeader(goodConnect, "sec-websocket-extensions", ""),
    "malformed-extensions",
    400,
  ],
];

Deno.test("checkConnectRequest() names the one rule that a request breaks (R25)", () => {
  for (const [name, head, code, httpStatus] of brokenRequests) {
    const result = assertPure(name, checkConnectRequest, head);
    const error = assertInvalid(result, { code, offset: 0 }, name);
    assertEquals(error.httpStatus, httpStatus, name);
    assertStrictEquals(error.cause, head, name);
  }
});

Deno.test("every rule of extended CONNECT has a test", () => {
  const tested = new Set<string>([
    ...brokenRequests.map(([, , code]) => code),
    ...brokenAnswers.map(([, , code]) => code),
  ]);
  for (const [code, { action }] of Object.entries(protocolRules)) {
    if (/extended CONNECT/.test(action)) assert(tested.has(code), code);
  }
});

const request = {
  resourceName: "/",
  host: "a",
  origin: undefined,
  key: undefined,
  protocols: ["chat"],
  headers: [],
};

Deno.test("acceptConnectRequest() answers 200 with names in lower case", () => {
  const extensions = acceptExtensions(["offered"], [
    extensionOf("offered"),
  ]);
  const head = acceptConnectRequest(request, {
    protocol: "chat",
    extensions,
    headers: { "Set-Cookie": "a=b" },
  });
  assertEquals(head, {
    status: 200,
    headers: [
      ["sec-websocket-protocol", "chat"],
      ["sec-websocket-extensions", extensions.header],
      ["set-cookie", "a=b"],
    ],
  });
  assertEquals(assertPure("none", acceptConnectRequest, request), goodAnswer);
});

const forbidden: readonly HeaderListInit[] = [
  { Connection: "close" },
  { Upgrade: "h2c" },
  { "Keep-Alive": "timeout=5" },
  { "Proxy-Connection": "close" },
  { "Transfer-Encoding": "chunked" },
  { "Sec-WebSocket-Accept": "a" },
  { TE: "gzip" },
  { "a\r\nb": "c" },
];

Deno.test("headers that are for one connection are not sent (RFC 9113 §8.2.2)", () => {
  for (const headers of forbidden) {
    const name = JSON.stringify(headers);
    assertThrows(
      () => acceptConnectRequest(request, { headers }),
      TypeError,
      "Cannot accept WebSocket request: found",
      name,
    );
    assertThrows(
      () => createConnectRequest("wss://a/", { headers }),
      TypeError,
      "Cannot create WebSocket request: found",
      name,
    );
  }
});

Deno.test("acceptConnectRequest() takes no subprotocol that was not on offer", () => {
  assertThrows(
    () => acceptConnectRequest(request, { protocol: "mail" }),
    TypeError,
    'found protocol "mail"',
  );
});

Deno.test("a request without a key is not answered as one of HTTP/1.1", async () => {
  const error = await acceptRequest(request).catch((error) => error);
  assert(error instanceof TypeError);
  assert(error.message.includes("acceptConnectRequest"), error.message);
  assertEquals((await acceptRequest({ ...request, key })).status, 101);
});

Deno.test("refuseConnectRequest() answers every rule, with 400 in place of 426", () => {
  for (const [code, { httpStatus }] of Object.entries(protocolRules)) {
    if (httpStatus === undefined) continue;
    const error = protocolError(code as ProtocolErrorCode, {
      found: "é",
      offset: 0,
    });
    const { head, body } = assertPure(code, refuseConnectRequest, error);
    assertEquals(head.status, httpStatus === 426 ? 400 : httpStatus, code);
    const length = headerValues(head.headers, "content-length");
    assertEquals(length, [String(body.length)], code);
    const versions = headerValues(head.headers, "sec-websocket-version");
    assertEquals(versions, httpStatus === 426 ? ["13"] : [], code);
    assertEquals(headerValues(head.headers, "connection"), [], code);
    assertEquals(headerValues(head.headers, "upgrade"), [], code);
    // What cannot be sent throws.
    serializeResponseFields(head);
  }
});

Deno.test("toConnectResponse() leaves out what only HTTP/1.1 can say", () => {
  const head = {
    httpVersion: "1.1",
    status: 401,
    reason: "Unauthorized",
    headers: [
      ["Connection", "close"],
      ["Keep-Alive", "timeout=5"],
      ["WWW-Authenticate", "Basic"],
    ],
  } as const;
  assertEquals(assertPure("a 401", toConnectResponse, head), {
    status: 401,
    headers: [["www-authenticate", "Basic"]],
  });
});

Deno.test("createConnectRequest() asks as RFC 8441 §5.1 does", () => {
  const extensions = offerExtensions([extensionOf("offered")]);
  const head = assertPure(
    "wss",
    createConnectRequest,
    "wss://example.com:8443/chat?room=1",
    {
      protocols: ["chat", "superchat"],
      extensions,
      headers: { Cookie: "a=b" },
    },
  );
  assertEquals(head, {
    method: "CONNECT",
    protocol: "websocket",
    scheme: "https",
    authority: "example.com:8443",
    path: "/chat?room=1",
    headers: [
      ["sec-websocket-version", "13"],
      ["sec-websocket-protocol", "chat, superchat"],
      ["sec-websocket-extensions", extensions!],
      ["cookie", "a=b"],
    ],
  });
  assertEquals(createConnectRequest("ws://a/").scheme, "http");
  const other = createConnectRequest("ws://a/", { headers: { Host: "b" } });
  assertEquals([other.authority, other.headers.length], ["b", 1]);
  assertThrows(() => createConnectRequest("https://a/"), TypeError);
  assertThrows(
    () => createConnectRequest("ws://a/", { protocols: ["a", "a"] }),
    TypeError,
  );
  assertThrows(
    () =>
      createConnectRequest("ws://a/", {
        headers: [["Host", "a"], ["host", "b"]],
      }),
    TypeError,
  );
});

const brokenAnswers: readonly (readonly [
  name: string,
  head: ConnectResponseHead,
  code: ProtocolErrorCode,
])[] = [
  ...[101, 199, 300, 401, 500].map((status) =>
    [String(status), { ...goodAnswer, status }, "unexpected-status"] as const
  ),
  [
    "an Upgrade",
    withHeader(goodAnswer, "upgrade", "websocket"),
    "forbidden-response-header",
  ],
  [
    "a subprotocol",
    withHeader(goodAnswer, "sec-websocket-protocol", "mail"),
    "unrequested-protocol",
  ],
  [
    "two of them",
    withHeader(goodAnswer, "sec-websocket-protocol", "chat", "chat"),
    "unrequested-protocol",
  ],
  [
    "an extension",
    withHeader(goodAnswer, "sec-websocket-extensions", "other"),
    "unrequested-extension",
  ],
];

const asked = {
  protocols: ["chat"],
  extensions: [extensionOf("offered")],
};

Deno.test("checkConnectResponse() names the one rule that a response breaks", () => {
  for (const [name, head, code] of brokenAnswers) {
    const result = checkConnectResponse(head, asked);
    const error = assertInvalid(result, { code, offset: 0 }, name);
    assertStrictEquals(error.cause, head, name);
  }
});

Deno.test("checkConnectResponse() gives what the server chose", () => {
  for (const status of [200, 201, 299]) {
    const result = checkConnectResponse({ ...goodAnswer, status });
    assert(result.status === "valid");
    assertEquals([result.protocol, result.extensions.header], ["", ""]);
  }
  const headers = [
    ["sec-websocket-protocol", "chat"],
    ["sec-websocket-extensions", "offered"],
  ] as const;
  const result = checkConnectResponse({ status: 200, headers }, asked);
  assert(result.status === "valid");
  assertEquals(
    [result.protocol, result.extensions.header],
    ["chat", "offered"],
  );
});

Deno.test("both sides of an extended CONNECT agree, over fields and back", () => {
  const sent = serializeRequestFields(
    createConnectRequest("wss://example.com/a", { protocols: ["a", "b"] }),
  );
  const received = parseRequestFields(sent);
  assert(received.status === "complete");
  const checked = checkConnectRequest(received.head);
  assert(checked.status === "valid");
  const answer = serializeResponseFields(
    acceptConnectRequest(checked.request, { protocol: "b" }),
  );
  const read = parseResponseFields(answer);
  assert(read.status === "complete");
  const opened = checkConnectResponse(read.head, { protocols: ["a", "b"] });
  assert(opened.status === "valid");
  assertEquals(opened.protocol, "b");
});
