import {
  assert,
  assertEquals,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import type {
  ProtocolErrorCode,
  ProtocolRule,
} from "../../lib/error/protocol_rule.ts";
import { protocolRules } from "../../lib/error/protocol_rules.ts";
import {
  checkResponse,
  createRequest,
  type CreateRequestOptions,
  parseWebSocketUrl,
  responseFaults,
} from "../../lib/handshake/client.ts";
import type { ResponseHead } from "../../lib/handshake/head.ts";
import {
  headerElements,
  type HeaderListInit,
  headerValues,
} from "../../lib/handshake/headers.ts";
import { checkRequest } from "../../lib/handshake/server.ts";
import { noExtensions } from "../../lib/extension/negotiate.ts";
import { assertPure } from "../support/purity.ts";
import { assertInvalid } from "../support/violations.ts";
import { extensionOf } from "../extension/codecs.ts";
import { frozen } from "./frozen.ts";
import { accept, goodResponse, key, withHeader } from "./handshake_heads.ts";

/** `secure`, `hostname`, `port`, `host` and `resourceName`. */
type UrlParts = readonly [boolean, string, number, string, string];

const urls: readonly (readonly [url: string, rule: string, parts: UrlParts])[] =
  [
    ["ws://example.com/", "R1", [
      false,
      "example.com",
      80,
      "example.com",
      "/",
    ]],
    ["wss://example.com/", "R1", [
      true,
      "example.com",
      443,
      "example.com",
      "/",
    ]],
    ["WS://EXAMPLE.com/Chat", "R1", [
      false,
      "example.com",
      80,
      "example.com",
      "/Chat",
    ]],
    ["WsS://example.com/", "R1", [
      true,
      "example.com",
      443,
      "example.com",
      "/",
    ]],
    ["ws://a:80/", "R9", [false, "a", 80, "a", "/"]],
    ["wss://a:443/", "R9", [true, "a", 443, "a", "/"]],
    ["ws://a:443/", "R9", [false, "a", 443, "a:443", "/"]],
    ["wss://a:80/", "R9", [true, "a", 80, "a:80", "/"]],
    ["ws://a:/", "R1", [false, "a", 80, "a", "/"]],
    ["ws://a:65535/", "R9", [false, "a", 65535, "a:65535", "/"]],
    ["ws://127.0.0.1:3000/", "R1", [
      false,
      "127.0.0.1",
      3000,
      "127.0.0.1:3000",
      "/",
    ]],
    ["ws://[::1]/", "R1", [false, "::1", 80, "[::1]", "/"]],
    ["wss://[2001:DB8::1]:8443/a", "R1", [
      true,
      "2001:db8::1",
      8443,
      "[2001:db8::1]:8443",
      "/a",
    ]],
    ["ws://münchen.example/", "R4", [
      false,
      "xn--mnchen-3ya.example",
      80,
      "xn--mnchen-3ya.example",
      "/",
    ]],
    ["ws://例え.jp:81/", "R4", [
      false,
      "xn--r8jz45g.jp",
      81,
      "xn--r8jz45g.jp:81",
      "/",
    ]],
    ["ws://a", "R3", [false, "a", 80, "a", "/"]],
    ["ws://a?b=c", "R3", [false, "a", 80, "a", "/?b=c"]],
    ["ws://a/b/c;d=1", "R3", [false, "a", 80, "a", "/b/c;d=1"]],
    ["ws://a/chat?room=1&x=a/b?c", "R3", [
      false,
      "a",
      80,
      "a",
      "/chat?room=1&x=a/b?c",
    ]],
    ["ws://a/chat?", "R3", [false, "a", 80, "a", "/chat"]],
    ["ws://a/é?ü=€", "R4", [false, "a", 80, "a", "/%C3%A9?%C3%BC=%E2%82%AC"]],
    ["ws://a/%C3%A9%20?%23", "R4", [false, "a", 80, "a", "/%C3%A9%20?%23"]],
    ["ws://a/b c", "R4", [false, "a", 80, "a", "/b%20c"]],
    ["ws://a/%23", "R2", [false, "a", 80, "a", "/%23"]],
  ];

Deno.test("parseWebSocketUrl() says where a URL leads (R1, R2, R3, R4, R9)", () => {
  for (const [url, rule, parts] of urls) {
    const [secure, hostname, port, host, resourceName] = parts;
    const expected = { secure, hostname, port, host, resourceName };
    assertEquals(parseWebSocketUrl(url), expected, `${url} (${rule})`);
    assertEquals(parseWebSocketUrl(new URL(url)), expected, `${url} (${rule})`);
  }
});

Deno.test("parseWebSocketUrl() keeps port 0, which is not the default (R9)", () => {
  assertEquals(parseWebSocketUrl("ws://a:0/").host, "a:0");
  assertEquals(parseWebSocketUrl("ws://a:0/").port, 0);
  assertEquals(parseWebSocketUrl("wss://a:0/").port, 0);
});

const badUrls: readonly (readonly [url: string, words: string])[] = [
  ["", "wanted an absolute URL"],
  ["/chat", "wanted an absolute URL"],
  ["chat", "wanted an absolute URL"],
  ["//example.com/chat", "wanted an absolute URL"],
  ["example.com", "wanted an absolute URL"],
  ["ws://", "wanted an absolute URL"],
  ["ws://a b/", "wanted an absolute URL"],
  ["ws://a:65536/", "wanted an absolute URL"],
  ["ws://a:x/", "wanted an absolute URL"],
  ["ws://[::1/", "wanted an absolute URL"],
  ["http://example.com/", "wanted the scheme ws or wss"],
  ["https://example.com/", "wanted the scheme ws or wss"],
  ["wsss://example.com/", "wanted the scheme ws or wss"],
  ["ftp://example.com/", "wanted the scheme ws or wss"],
  ["localhost:8080", "wanted the scheme ws or wss"],
  ["ws://a/#top", "wanted no fragment"],
  ["ws://a/#", "wanted no fragment"],
  ["ws://a?b#c", "wanted no fragment"],
  ["ws://me@a/", "wanted no user name"],
  ["ws://me:secret@a/", "wanted no user name"],
  ["wss://:secret@a/", "wanted no user name"],
];

Deno.test("parseWebSocketUrl() throws TypeError for any other URL (R1, R2)", () => {
  for (const [url, words] of badUrls) {
    const error = assertThrows(() => parseWebSocketUrl(url), TypeError, words);
    assert(error.message.includes("RFC 6455 §3"), url);
  }
});

Deno.test("createRequest() asks for the resource with the necessary headers (R8, R9, R10, R11, R12)", () => {
  for (const [url, rule, [, , , host, resourceName]] of urls) {
    const options: CreateRequestOptions = { key };
    const head = assertPure(url, createRequest, url, options);
    assertEquals(head, {
      method: "GET",
      target: resourceName,
      httpVersion: "1.1",
      headers: [
        ["Host", host],
        ["Upgrade", "websocket"],
        ["Connection", "Upgrade"],
        ["Sec-WebSocket-Key", key],
        ["Sec-WebSocket-Version", "13"],
      ],
    }, `${url} (${rule})`);
  }
});

Deno.test("createRequest() throws TypeError for a URL that leads nowhere (R1, R2)", () => {
  for (const [url, words] of badUrls) {
    assertThrows(() => createRequest(url, { key }), TypeError, words);
  }
});

Deno.test("createRequest() offers subprotocols in their order (R14)", () => {
  const table = [
    [[], []],
    [["chat"], ["chat"]],
    [["superchat", "chat", "CHAT"], ["superchat, chat, CHAT"]],
  ];
  for (const [protocols, lines] of table) {
    const head = createRequest(
      "ws://a/",
      frozen({ key, protocols: protocols! }),
    );
    const found = headerValues(head.headers, "Sec-WebSocket-Protocol");
    assertEquals(found, lines!);
  }
});

Deno.test("createRequest() throws TypeError for subprotocols that are no tokens, or repeated (R14)", () => {
  for (
    const protocols of [
      [""],
      ["chat", "chat"],
      ["chat, superchat"],
      ["v 2"],
      ["chat/2"],
      ["é"],
      ["chat\r\nX: y"],
    ]
  ) {
    assertThrows(
      () => createRequest("ws://a/", { key, protocols }),
      TypeError,
      "wanted different tokens",
    );
  }
});

Deno.test("createRequest() throws TypeError for a key that is not 16 bytes (R11)", () => {
  for (const bad of ["", "abc", `${key} `, `${key}\r\nX: y`, "AAAA"]) {
    assertThrows(
      () => createRequest("ws://a/", { key: bad }),
      TypeError,
      "wanted 16 bytes in base64",
    );
  }
});

Deno.test("createRequest() adds the caller's headers after its own (R13, R15)", () => {
  const inits: readonly HeaderListInit[] = [
    [["origin", "http://example.com"], ["x-a", "1"]],
    new Headers({ Origin: "http://example.com", "X-A": "1" }),
    { origin: "http://example.com", "x-a": "1" },
  ];
  for (const headers of inits) {
    const head = createRequest("ws://a/", { key, headers });
    assertEquals(head.headers.slice(-2), [
      ["origin", "http://example.com"],
      ["x-a", "1"],
    ]);
    assertEquals(head.headers.length, 7);
  }
});

Deno.test("createRequest() sends no Origin by itself (R13)", () => {
  const { headers } = createRequest("ws://a/", { key });
  assertEquals(headerValues(headers, "Origin"), []);
});

Deno.test("createRequest() lets a Host of the caller take the place of the URL's (R9)", () => {
  for (const name of ["Host", "host", "HOST"]) {
    const { headers } = createRequest("ws://a/", {
      key,
      headers: [[name, "b:81"]],
    });
    assertEquals(headerValues(headers, "Host"), ["b:81"]);
  }
});

Deno.test("createRequest() throws TypeError for two Hosts, which every server refuses (R8)", () => {
  const headers = [["Host", "b"], ["host", "c"]] as const;
  assertThrows(() => createRequest("ws://a/", { key, headers }), TypeError);
});

Deno.test("createRequest() throws TypeError for headers that cannot be sent (R15)", () => {
  const refused: readonly (readonly [name: string, value: string])[] = [
    ["Upgrade", "h2c"],
    ["Connection", "close"],
    ["Sec-WebSocket-Key", key],
    ["sec-websocket-version", "8"],
    ["Sec-WebSocket-Protocol", "chat"],
    ["Sec-WebSocket-Extensions", "permessage-deflate"],
    ["Content-Length", "1"],
    ["Transfer-Encoding", "chunked"],
    ["X:", "1"],
    ["X", "1\r\nY: 2"],
    ["X", "1\n"],
    ["X", "\0"],
    ["X", "€"],
  ];
  for (const header of refused) {
    assertThrows(
      () => createRequest("ws://a/", { key, headers: [header] }),
      TypeError,
      "Cannot create WebSocket request",
      JSON.stringify(header),
    );
  }
});

Deno.test("createRequest() asks in a way that checkRequest() takes (R8)", () => {
  for (const [url, rule] of urls) {
    const head = createRequest(url, { key, protocols: ["a", "b"] });
    const result = checkRequest(head);
    assert(result.status === "valid", `${url} (${rule})`);
    assertEquals(result.request.protocols, ["a", "b"]);
  }
});

const offered = extensionOf("offered", {
  rsv: 0x40,
  accepts: (parameters) => parameters.every(([name]) => name !== "bad"),
});
const other = extensionOf("other", { rsv: 0x40 });

const asked = frozen({
  key,
  protocols: ["chat", "superchat"],
  extensions: [offered, other],
});

Deno.test("checkResponse() opens the WebSocket that was asked for (R20)", async () => {
  assertEquals(await checkResponse(frozen(goodResponse), asked), {
    status: "valid",
    extensions: noExtensions,
    protocol: "",
    headers: goodResponse.headers,
  });
});

const acceptedResponses: readonly {
  readonly name: string;
  readonly head: ResponseHead;
  readonly protocol?: string;
}[] = [
  {
    name: "Upgrade in another case (R18)",
    head: withHeader(goodResponse, "Upgrade", "WebSocket"),
  },
  {
    name: "Connection as a list (R19)",
    head: withHeader(goodResponse, "Connection", "keep-alive, upgrade"),
  },
  {
    name: "Connection over two lines (R19)",
    head: withHeader(goodResponse, "Connection", "keep-alive", "UPGRADE"),
  },
  {
    name: "names in lower case and another order (R23)",
    head: {
      ...goodResponse,
      headers: goodResponse.headers.toReversed()
        .map(([name, value]) => [name.toLowerCase(), value] as const),
    },
  },
  { name: "another reason", head: { ...goodResponse, reason: "" } },
  {
    name: "a later version of HTTP",
    head: { ...goodResponse, httpVersion: "1.2" },
  },
  {
    name: "unknown headers",
    head: withHeader(goodResponse, "Set-Cookie", "a=1", "b=2"),
  },
  {
    name: "the first subprotocol (R22)",
    head: withHeader(goodResponse, "Sec-WebSocket-Protocol", "chat"),
    protocol: "chat",
  },
  {
    name: "the last subprotocol (R22)",
    head: withHeader(goodResponse, "Sec-WebSocket-Protocol", "superchat"),
    protocol: "superchat",
  },
];

Deno.test("checkResponse() takes every form that a right answer has", async () => {
  for (const { name, head, protocol = "" } of acceptedResponses) {
    const result = await checkResponse(frozen(head), asked);
    assertEquals(
      result,
      {
        status: "valid",
        protocol,
        extensions: noExtensions,
        headers: head.headers,
      },
      name,
    );
  }
});

function brokenBy(
  code: ProtocolErrorCode,
  rows: readonly (readonly [name: string, head: ResponseHead])[],
) {
  return rows.map(([name, head]) => ({ name, head, code }));
}

const brokenResponses = [
  ...brokenBy("unexpected-status", [
    ...[100, 200, 204, 301, 400, 401, 404, 426, 500, 503].map((status) =>
      [`status ${status} (R17)`, { ...goodResponse, status }] as const
    ),
    ["HTTP/1.0 (R23)", { ...goodResponse, httpVersion: "1.0" }],
  ]),
  ...brokenBy("wrong-upgrade", [
    ["no Upgrade (R18)", withHeader(goodResponse, "Upgrade")],
    ["an empty Upgrade (R18)", withHeader(goodResponse, "Upgrade", "")],
    ["another Upgrade (R18)", withHeader(goodResponse, "Upgrade", "h2c")],
    [
      "a list, which is not equal (R18)",
      withHeader(goodResponse, "Upgrade", "websocket, h2c"),
    ],
    [
      "Upgrade twice (R18)",
      withHeader(goodResponse, "Upgrade", "websocket", "websocket"),
    ],
  ]),
  ...brokenBy("wrong-connection", [
    ["no Connection (R19)", withHeader(goodResponse, "Connection")],
    [
      "another Connection (R19)",
      withHeader(goodResponse, "Connection", "close"),
    ],
    [
      "no token but a part of one (R19)",
      withHeader(goodResponse, "Connection", "no-Upgrade"),
    ],
  ]),
  ...brokenBy("wrong-accept", [
    ["no accept (R20)", withHeader(goodResponse, "Sec-WebSocket-Accept")],
    [
      "the accept of another key (R20)",
      withHeader(
        goodResponse,
        "Sec-WebSocket-Accept",
        "EiaKGKO0E/pC8vnArob263aS3XY=",
      ),
    ],
    [
      "the accept in lower case (R20)",
      withHeader(goodResponse, "Sec-WebSocket-Accept", accept.toLowerCase()),
    ],
    [
      "the accept twice (R20)",
      withHeader(goodResponse, "Sec-WebSocket-Accept", accept, accept),
    ],
  ]),
  ...brokenBy("unrequested-extension", [
    [
      "an extension (R21)",
      withHeader(
        goodResponse,
        "Sec-WebSocket-Extensions",
        "permessage-deflate",
      ),
    ],
    [
      "an unknown one (R21)",
      withHeader(goodResponse, "Sec-WebSocket-Extensions", "x"),
    ],
    [
      "another case, which is another name (R21)",
      withHeader(goodResponse, "Sec-WebSocket-Extensions", "Offered"),
    ],
    [
      "one that was asked for, and one that was not (R21)",
      withHeader(goodResponse, "Sec-WebSocket-Extensions", "offered, x"),
    ],
  ]),
  ...brokenBy("wrong-extension", [
    [
      "an empty list (R73)",
      withHeader(goodResponse, "Sec-WebSocket-Extensions", ""),
    ],
    [
      "no list (R73)",
      withHeader(goodResponse, "Sec-WebSocket-Extensions", "offered; =1"),
    ],
    [
      "two lines (R24)",
      withHeader(
        goodResponse,
        "Sec-WebSocket-Extensions",
        "offered",
        "other",
      ),
    ],
    [
      "parameters that were not offered (R82)",
      withHeader(goodResponse, "Sec-WebSocket-Extensions", "offered; bad"),
    ],
    [
      "an extension twice (R82)",
      withHeader(goodResponse, "Sec-WebSocket-Extensions", "offered, offered"),
    ],
    [
      "two extensions with one bit (R80)",
      withHeader(goodResponse, "Sec-WebSocket-Extensions", "offered, other"),
    ],
  ]),
  ...brokenBy("unrequested-protocol", [
    [
      "another subprotocol (R22)",
      withHeader(goodResponse, "Sec-WebSocket-Protocol", "other"),
    ],
    [
      "another case (R22)",
      withHeader(goodResponse, "Sec-WebSocket-Protocol", "Chat"),
    ],
    [
      "an empty subprotocol (R33)",
      withHeader(goodResponse, "Sec-WebSocket-Protocol", ""),
    ],
    [
      "all of them (R22)",
      withHeader(goodResponse, "Sec-WebSocket-Protocol", "chat, superchat"),
    ],
    [
      "the header twice (R22)",
      withHeader(goodResponse, "Sec-WebSocket-Protocol", "chat", "chat"),
    ],
  ]),
] as const;

Deno.test("checkResponse() names the one rule that an answer breaks (R17 to R24)", async () => {
  for (const { name, head, code } of brokenResponses) {
    const result = await checkResponse(frozen(head), asked);
    const error = assertInvalid(result, { code, offset: 0 }, name);
    assertEquals(error.closeCode, 1006, name);
    assertEquals(error.httpStatus, undefined, name);
    assertStrictEquals(error.cause, head, name);
  }
});

Deno.test("responseFaults() names every rule that an answer breaks, in order, and whose value does (R17 to R22)", () => {
  const head: ResponseHead = {
    httpVersion: "1.0",
    status: 200,
    reason: "OK",
    headers: [
      ["Upgrade", "h2c"],
      ["Sec-WebSocket-Accept", "x"],
      ["sec-websocket-accept", accept],
      ["Sec-WebSocket-Protocol", "other"],
    ],
  };
  const wanted = { accept, protocols: ["chat"] };
  assertEquals(assertPure("responseFaults()", responseFaults, head, wanted), [
    ["unexpected-status", "HTTP/1.0 200 OK"],
    ["wrong-upgrade", 'Upgrade "h2c"', "Upgrade"],
    ["wrong-connection", "no Connection header", "Connection"],
    [
      "wrong-accept",
      `Sec-WebSocket-Accept "x" and "${accept}"`,
      "Sec-WebSocket-Accept",
    ],
    [
      "unrequested-protocol",
      'Sec-WebSocket-Protocol "other"',
      "Sec-WebSocket-Protocol",
    ],
  ]);
});

Deno.test("responseFaults() does not judge by what nobody knows", () => {
  const head = withHeader(
    withHeader(goodResponse, "Sec-WebSocket-Accept", "x"),
    "Sec-WebSocket-Protocol",
    "chat",
  );
  const codes = (wanted: Parameters<typeof responseFaults>[1]) =>
    responseFaults(head, wanted).map(([code]) => code);
  const protocols = ["chat"];
  assertEquals(codes({ accept, protocols }), ["wrong-accept"]);
  assertEquals(codes({ accept: "x", protocols: [] }), ["unrequested-protocol"]);
  assertEquals(codes({ accept: undefined, protocols: undefined }), []);
});

Deno.test("responseFaults() finds nothing in a right answer, and first what checkResponse() tells", async () => {
  const wanted = { accept, protocols: asked.protocols };
  for (const { name, head } of acceptedResponses) {
    assertEquals(responseFaults(head, wanted), [], name);
  }
  for (const { name, head, code } of brokenResponses) {
    const result = await checkResponse(head, asked);
    assert(result.status === "invalid", name);
    const [first] = responseFaults(head, wanted);
    // The rules of extensions are judged apart.
    const isOfExtensions = code === "unrequested-extension" ||
      code === "wrong-extension";
    assertEquals(first?.[0], isOfExtensions ? undefined : code, name);
  }
});

Deno.test("checkResponse() refuses an accept of another length (R20)", async () => {
  const accepts = ["", key, `${accept}=`, `${accept}, ${accept}`, "\xe9"];
  for (const other of accepts) {
    const head = withHeader(goodResponse, "Sec-WebSocket-Accept", other);
    const at = { code: "wrong-accept", offset: 0 } as const;
    assertInvalid(await checkResponse(head, asked), at, other);
  }
});

Deno.test("checkResponse() has a test for each of its rules", () => {
  const rules = Object.entries(protocolRules) as [
    ProtocolErrorCode,
    ProtocolRule,
  ][];
  const tested = new Set(brokenResponses.map(({ code }) => code));
  for (const [code, { action }] of rules) {
    if (action === "Cannot accept WebSocket response") {
      assert(tested.has(code), code);
    }
  }
});

Deno.test("checkResponse() takes no subprotocol when none was asked for (R22)", async () => {
  const head = withHeader(goodResponse, "Sec-WebSocket-Protocol", "chat");
  for (const none of [{ key }, { key, protocols: [] }]) {
    const at = { code: "unrequested-protocol", offset: 0 } as const;
    assertInvalid(await checkResponse(head, none), at, "nothing asked");
  }
});

Deno.test("checkResponse() gives the extensions that the server accepted (R21, R74)", async () => {
  for (const value of ["offered", "other; a=1; b", 'offered; x="1"']) {
    const head = withHeader(goodResponse, "Sec-WebSocket-Extensions", value);
    const result = await checkResponse(frozen(head), asked);
    assert(result.status === "valid", value);
    assertEquals(result.extensions.header, value.replaceAll('"', ""));
    assertEquals(result.extensions.rsv, 0x40);
    assert(result.extensions.open() !== undefined);
  }
  const head = withHeader(goodResponse, "Sec-WebSocket-Extensions", "offered");
  const at = { code: "unrequested-extension", offset: 0 } as const;
  assertInvalid(await checkResponse(head, { key }), at, "nothing asked");
});

Deno.test("createRequest() offers extensions in one line, or none (R15, R79)", () => {
  const lines = (extensions?: string) =>
    createRequest("ws://example.com/", { key, extensions }).headers
      .filter(([name]) => name === "Sec-WebSocket-Extensions");
  assertEquals(lines("a; b=1, a"), [
    ["Sec-WebSocket-Extensions", "a; b=1, a"],
  ]);
  assertEquals(lines(), []);
});

Deno.test("checkResponse() says with which status the server refused (R17)", async () => {
  const head = { ...goodResponse, status: 404, reason: "Not Found" };
  const result = await checkResponse(head, asked);
  assert(result.status === "invalid");
  const { message } = result.error;
  assert(message.includes("HTTP/1.1 404 Not Found"), message);
});

Deno.test("checkResponse() throws TypeError for a key that is not a string", async () => {
  await assertRejects(
    () => checkResponse(goodResponse, { key: undefined as unknown as string }),
    TypeError,
  );
});

Deno.test("checkResponse() hands over the versions that a server lists, and speaks no other than 13 (R36)", async () => {
  const head = {
    httpVersion: "1.1",
    status: 426,
    reason: "Upgrade Required",
    headers: [["Sec-WebSocket-Version", "8, 7"]],
  } as const;
  const result = await checkResponse(head, { key });
  assert(result.status === "invalid");
  assertEquals(result.error.code, "unexpected-status");
  const { headers } = result.error.cause as typeof head;
  assertEquals(headerElements(headers, "Sec-WebSocket-Version"), ["8", "7"]);
});
