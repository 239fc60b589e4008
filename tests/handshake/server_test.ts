import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import type {
  ProtocolErrorCode,
  ProtocolRule,
} from "../../lib/error/protocol_rule.ts";
import {
  protocolError,
  protocolRules,
} from "../../lib/error/protocol_rules.ts";
import type { ProtocolError } from "../../lib/error/protocol_error.ts";
import {
  parseResponseHead,
  type RequestHead,
} from "../../lib/handshake/head.ts";
import {
  headerElements,
  type HeaderListInit,
  headerValues,
} from "../../lib/handshake/headers.ts";
import { serializeResponseHead } from "../../lib/handshake/serialize_head.ts";
import {
  acceptRequest,
  checkRequest,
  refuseRequest,
  requestFaults,
  type WebSocketRequest,
} from "../../lib/handshake/server.ts";
import {
  acceptExtensions,
  noExtensions,
} from "../../lib/extension/negotiate.ts";
import { extensionOf } from "../extension/codecs.ts";
import { utf8 } from "../support/hex.ts";
import { assertPure } from "../support/purity.ts";
import { assertInvalid } from "../support/violations.ts";
import { frozen } from "./frozen.ts";
import { accept, goodRequest, key, withHeader } from "./handshake_heads.ts";

function assertValid(head: RequestHead, name: string): WebSocketRequest {
  const result = assertPure(name, checkRequest, head);
  assert(
    result.status === "valid",
    `${name}: ${result.status === "invalid" && result.error.message}`,
  );
  return result.request;
}

Deno.test("checkRequest() gives what the client asks for (R26)", () => {
  const head: RequestHead = {
    ...goodRequest,
    target: "/chat?room=1",
    headers: [
      ...goodRequest.headers,
      ["Origin", "http://example.com"],
      ["Sec-WebSocket-Protocol", "chat, superchat"],
      ["X-Unknown", "1"],
    ],
  };
  assertEquals(assertValid(head, "checkRequest()"), {
    resourceName: "/chat?room=1",
    host: "server.example.com",
    origin: "http://example.com",
    key,
    protocols: ["chat", "superchat"],
    headers: head.headers,
  });
});

Deno.test("checkRequest() does not need Origin, subprotocols or anything more (R27)", () => {
  const request = assertValid(goodRequest, "checkRequest()");
  assertEquals(request.origin, undefined);
  assertEquals(request.protocols, []);
});

const accepted: readonly { name: string; head: RequestHead }[] = [
  {
    name: "headers in another order (R26)",
    head: { ...goodRequest, headers: goodRequest.headers.toReversed() },
  },
  {
    name: "names in upper case (R23)",
    head: {
      ...goodRequest,
      headers: goodRequest.headers
        .map(([name, value]) => [name.toUpperCase(), value] as const),
    },
  },
  {
    name: "names in lower case (R23)",
    head: {
      ...goodRequest,
      headers: goodRequest.headers
        .map(([name, value]) => [name.toLowerCase(), value] as const),
    },
  },
  {
    name: "Upgrade in another case (R26)",
    head: withHeader(goodRequest, "Upgrade", "WebSocket"),
  },
  {
    name: "Upgrade as a list (R26)",
    head: withHeader(goodRequest, "Upgrade", "h2c, websocket"),
  },
  {
    name: "Upgrade over two lines (R26)",
    head: withHeader(goodRequest, "Upgrade", "h2c", "WEBSOCKET"),
  },
  {
    name: "Connection in another case (R26)",
    head: withHeader(goodRequest, "Connection", "upgrade"),
  },
  {
    name: "Connection as a list (R26)",
    head: withHeader(goodRequest, "Connection", "keep-alive, Upgrade"),
  },
  {
    name: "Connection as a list with tabs and empty elements (R26)",
    head: withHeader(goodRequest, "Connection", ",keep-alive\t,, UPGRADE ,"),
  },
  {
    name: "Connection over two lines (R26)",
    head: withHeader(goodRequest, "Connection", "keep-alive", "Upgrade"),
  },
  {
    name: "a later version of HTTP (R26)",
    head: { ...goodRequest, httpVersion: "1.2" },
  },
  {
    name: "a body of no bytes",
    head: withHeader(goodRequest, "Content-Length", "0"),
  },
  {
    name: "a host with a port (R9)",
    head: withHeader(goodRequest, "Host", "example.com:8080"),
  },
  {
    name: "a host in IPv6 (R9)",
    head: withHeader(goodRequest, "Host", "[::1]:8080"),
  },
  {
    name: "unknown headers (R26)",
    head: withHeader(goodRequest, "X", "1", "2", "", "\xff"),
  },
  {
    name: "extensions, which are not judged here (R28)",
    head: withHeader(
      goodRequest,
      "Sec-WebSocket-Extensions",
      "permessage-deflate",
      "x; y=1",
    ),
  },
];

Deno.test("checkRequest() takes every form that a right request has", () => {
  for (const { name, head } of accepted) assertValid(head, name);
});

const targets: readonly (readonly [
  target: string,
  resourceName: string | undefined,
])[] = [
  ["/", "/"],
  ["/chat", "/chat"],
  ["/chat?room=1", "/chat?room=1"],
  ["/chat?", "/chat?"],
  ["/?a/b?c", "/?a/b?c"],
  ["/a%20b%23", "/a%20b%23"],
  ["/a//b/../c", "/a//b/../c"],
  ["//example.com/x", "//example.com/x"],
  ["http://example.com/chat?room=1", "/chat?room=1"],
  ["https://example.com/chat", "/chat"],
  ["HTTP://EXAMPLE.COM/Chat", "/Chat"],
  ["http://example.com:8080/chat", "/chat"],
  ["http://example.com", "/"],
  ["http://example.com?room=1", "/?room=1"],
  ["*", undefined],
  ["", undefined],
  ["chat", undefined],
  ["?room=1", undefined],
  ["example.com:443", undefined],
  ["ws://example.com/chat", undefined],
  ["ftp://example.com/chat", undefined],
  ["http:chat", undefined],
  ["http:///", undefined],
  ["http://", undefined],
  ["/chat#top", undefined],
  ["/chat#", undefined],
  ["http://example.com/chat#top", undefined],
];

Deno.test("checkRequest() takes a path or an absolute URI for a target (R2, R8)", () => {
  for (const [target, resourceName] of targets) {
    const head = { ...goodRequest, target };
    if (resourceName === undefined) {
      const at = { code: "wrong-target", offset: 0 } as const;
      assertInvalid(checkRequest(head), at, target);
    } else {
      assertEquals(
        assertValid(head, target).resourceName,
        resourceName,
        target,
      );
    }
  }
});

const protocolLists: readonly (readonly [
  lines: readonly string[],
  protocols: readonly string[] | undefined,
])[] = [
  [[], []],
  [["chat"], ["chat"]],
  [["chat, superchat"], ["chat", "superchat"]],
  [["superchat,chat"], ["superchat", "chat"]],
  [["chat", "superchat, v2"], ["chat", "superchat", "v2"]],
  [["a", "b", "c"], ["a", "b", "c"]],
  [[",chat,, superchat ,"], ["chat", "superchat"]],
  [["chat, CHAT"], ["chat", "CHAT"]],
  [["v1.chat~!#$%&'*+-^_`|"], ["v1.chat~!#$%&'*+-^_`|"]],
  [[""], undefined],
  [[" , "], undefined],
  [["chat, chat"], undefined],
  [["chat", "chat"], undefined],
  [["chat, v 2"], undefined],
  [["chat;v=2"], undefined],
  [['"chat"'], undefined],
  [["chat/2"], undefined],
  [["caf\xe9"], undefined],
  [["chat\xa0"], undefined],
];

Deno.test("checkRequest() reads the subprotocols over all lines (R14, R28)", () => {
  for (const [lines, protocols] of protocolLists) {
    const name = JSON.stringify(lines);
    const head = withHeader(goodRequest, "Sec-WebSocket-Protocol", ...lines);
    if (protocols === undefined) {
      const at = { code: "malformed-protocols", offset: 0 } as const;
      assertInvalid(checkRequest(head), at, name);
    } else {
      assertEquals(assertValid(head, name).protocols, protocols, name);
    }
  }
});

/** One thing that is wrong with a request that is right otherwise. */
interface BrokenRequest {
  readonly name: string;
  readonly head: RequestHead;
  readonly code: ProtocolErrorCode;
  readonly httpStatus: number;
}

function brokenBy(
  code: ProtocolErrorCode,
  httpStatus: number,
  rows: readonly (readonly [name: string, head: RequestHead])[],
): BrokenRequest[] {
  return rows.map(([name, head]) => ({ name, head, code, httpStatus }));
}

const brokenRequests: readonly BrokenRequest[] = [
  ...brokenBy("not-an-upgrade", 426, [
    ["no Upgrade (R26)", withHeader(goodRequest, "Upgrade")],
    ["an empty Upgrade (R26)", withHeader(goodRequest, "Upgrade", "")],
    ["another Upgrade (R26)", withHeader(goodRequest, "Upgrade", "h2c")],
    [
      "an Upgrade that begins so (R26)",
      withHeader(goodRequest, "Upgrade", "websocket2"),
    ],
    [
      "a version after it (R26)",
      withHeader(goodRequest, "Upgrade", "websocket/13"),
    ],
    ["a browser that opens a page (R26)", {
      ...goodRequest,
      headers: [["Host", "a"], ["Accept", "text/html"]],
    }],
  ]),
  ...brokenBy("wrong-method", 400, [
    ["POST (R26)", { ...goodRequest, method: "POST" }],
    ["HEAD (R26)", { ...goodRequest, method: "HEAD" }],
    ["CONNECT (R26)", { ...goodRequest, method: "CONNECT" }],
    ["OPTIONS *", { ...goodRequest, method: "OPTIONS", target: "*" }],
    ["get, since methods have a case (R26)", { ...goodRequest, method: "get" }],
  ]),
  ...brokenBy("wrong-http-version", 400, [
    ["HTTP/1.0 (R26)", { ...goodRequest, httpVersion: "1.0" }],
    ["HTTP/0.9 (R26)", { ...goodRequest, httpVersion: "0.9" }],
  ]),
  ...brokenBy("wrong-target", 400, [
    ["no path (R8)", { ...goodRequest, target: "*" }],
    ["a fragment (R2)", { ...goodRequest, target: "/#a" }],
    ["another scheme (R8)", { ...goodRequest, target: "file:///etc" }],
    ...["p", ".b/x", "@b/x", "*", "a:80"].map((target) =>
      [
        `${target} in a request for a page (RFC 9112 §3.2)`,
        { ...goodRequest, target, headers: [["Host", "a"]] },
      ] as const
    ),
  ]),
  ...brokenBy("wrong-host", 400, [
    ["no Host (R26)", withHeader(goodRequest, "Host")],
    [
      "no Host in a request for a page (RFC 9112 §3.2)",
      { ...goodRequest, headers: [] },
    ],
    ["two Hosts (R25)", withHeader(goodRequest, "Host", "a", "b")],
    ["the same Host twice (R25)", withHeader(goodRequest, "Host", "a", "a")],
    ["an empty Host (R25)", withHeader(goodRequest, "Host", "")],
    ["a list of hosts (R25)", withHeader(goodRequest, "Host", "a, b")],
    ["a list without spaces (R25)", withHeader(goodRequest, "Host", "a,b")],
    ["a space in it (R25)", withHeader(goodRequest, "Host", "a b")],
    ["a path in it (R25)", withHeader(goodRequest, "Host", "a/b")],
    ["a query in it (R25)", withHeader(goodRequest, "Host", "a?b")],
    ["a fragment in it (R25)", withHeader(goodRequest, "Host", "a#b")],
    ["a user in it (R25)", withHeader(goodRequest, "Host", "me@a")],
  ]),
  ...brokenBy("unexpected-body", 400, [
    ["a body", withHeader(goodRequest, "Content-Length", "1")],
    [
      "two lengths",
      withHeader(goodRequest, "Content-Length", "0", "5"),
    ],
    ["a length that is none", withHeader(goodRequest, "Content-Length", "")],
    ["chunks", withHeader(goodRequest, "Transfer-Encoding", "chunked")],
  ]),
  ...brokenBy("missing-connection-upgrade", 400, [
    ["no Connection (R26)", withHeader(goodRequest, "Connection")],
    [
      "another Connection (R26)",
      withHeader(goodRequest, "Connection", "keep-alive"),
    ],
    [
      "no token but a part of one (R26)",
      withHeader(goodRequest, "Connection", "Upgrade-Insecure, noupgrade"),
    ],
  ]),
  ...brokenBy("unsupported-version", 426, [
    ["no version (R26)", withHeader(goodRequest, "Sec-WebSocket-Version")],
    ...["", "8", "7", "0", "12", "14", "013", "13.0", "+13", "13, 8", "255"]
      .map((version) =>
        [
          `version ${JSON.stringify(version)} (R31)`,
          withHeader(goodRequest, "Sec-WebSocket-Version", version),
        ] as const
      ),
  ]),
  ...brokenBy("duplicate-header", 400, [
    [
      "the version twice (R28)",
      withHeader(goodRequest, "Sec-WebSocket-Version", "13", "13"),
    ],
    [
      "two versions (R28)",
      withHeader(goodRequest, "Sec-WebSocket-Version", "13", "8"),
    ],
    [
      "the key twice (R28)",
      withHeader(goodRequest, "Sec-WebSocket-Key", key, key),
    ],
    [
      "two keys (R28)",
      withHeader(
        goodRequest,
        "Sec-WebSocket-Key",
        key,
        "AAAAAAAAAAAAAAAAAAAAAA==",
      ),
    ],
  ]),
  ...brokenBy("wrong-key", 400, [
    ["no key (R26)", withHeader(goodRequest, "Sec-WebSocket-Key")],
    ["an empty key (R26)", withHeader(goodRequest, "Sec-WebSocket-Key", "")],
    [
      "a key of 15 bytes (R26)",
      withHeader(goodRequest, "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25j"),
    ],
    [
      "a key of 17 bytes (R26)",
      withHeader(goodRequest, "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQE="),
    ],
    [
      "a key that is no base64 (R26)",
      withHeader(goodRequest, "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25j-Q=="),
    ],
    [
      "two keys in one line (R26)",
      withHeader(goodRequest, "Sec-WebSocket-Key", `${key}, ${key}`),
    ],
  ]),
  ...brokenBy("malformed-extensions", 400, [
    [
      "no extension in the list (R73)",
      withHeader(goodRequest, "Sec-WebSocket-Extensions", ""),
    ],
    [
      "an extension that is no token (R73)",
      withHeader(goodRequest, "Sec-WebSocket-Extensions", "a, b c"),
    ],
    [
      "a parameter that never ends (R73)",
      withHeader(goodRequest, "Sec-WebSocket-Extensions", 'a; b="1'),
    ],
  ]),
  ...brokenBy("malformed-protocols", 400, [
    [
      "no subprotocol in the list (R14)",
      withHeader(goodRequest, "Sec-WebSocket-Protocol", ""),
    ],
    [
      "a subprotocol twice (R14)",
      withHeader(goodRequest, "Sec-WebSocket-Protocol", "a", "a"),
    ],
  ]),
];

Deno.test("checkRequest() names the one rule that a request breaks (R25)", () => {
  for (const { name, head, code, httpStatus } of brokenRequests) {
    const result = assertPure(name, checkRequest, head);
    const error = assertInvalid(result, { code, offset: 0 }, name);
    assertEquals(error.httpStatus, httpStatus, name);
    assertEquals(error.closeCode, 1006, name);
    assertStrictEquals(error.cause, head, name);
  }
});

/** Wrong in every way in which a request can be, but for its Upgrade. */
const worstRequest: RequestHead = {
  method: "POST",
  target: "*",
  httpVersion: "1.0",
  headers: [
    ["Host", "a b"],
    ["Content-Length", "3"],
    ["Transfer-Encoding", "chunked"],
    ["Origin", "http://a"],
    ["origin", "http://b"],
    ["Connection", "close"],
    ["Sec-WebSocket-Version", "8"],
    ["Sec-WebSocket-Key", "x"],
    ["Sec-WebSocket-Protocol", "a, a"],
    ["Sec-WebSocket-Extensions", ";"],
  ],
};

Deno.test("requestFaults() names every rule that a request breaks, in order, and whose value does (R25, R26)", () => {
  const found = assertPure("requestFaults()", requestFaults, worstRequest);
  assertEquals(found, [
    ["wrong-host", 'Host "a b"', "Host"],
    ["wrong-target", 'target "*"'],
    ["not-an-upgrade", "no Upgrade header", "Upgrade"],
    ["wrong-method", "method POST"],
    ["wrong-http-version", "HTTP/1.0"],
    ["unexpected-body", 'Content-Length "3"', "Content-Length"],
    ["unexpected-body", 'Transfer-Encoding "chunked"', "Transfer-Encoding"],
    ["duplicate-header", 'Origin "http://a" and "http://b"', "Origin"],
    ["missing-connection-upgrade", 'Connection "close"', "Connection"],
    [
      "unsupported-version",
      'Sec-WebSocket-Version "8"',
      "Sec-WebSocket-Version",
    ],
    ["wrong-key", 'Sec-WebSocket-Key "x"', "Sec-WebSocket-Key"],
    [
      "malformed-protocols",
      'Sec-WebSocket-Protocol "a, a"',
      "Sec-WebSocket-Protocol",
    ],
    [
      "malformed-extensions",
      'Sec-WebSocket-Extensions ";"',
      "Sec-WebSocket-Extensions",
    ],
  ]);
  const nothing: RequestHead = { ...goodRequest, headers: [] };
  assertEquals(requestFaults(nothing).map(([code, found]) => [code, found]), [
    ["wrong-host", "no Host header"],
    ["not-an-upgrade", "no Upgrade header"],
    ["missing-connection-upgrade", "no Connection header"],
    ["unsupported-version", "no Sec-WebSocket-Version header"],
    ["wrong-key", "no Sec-WebSocket-Key header"],
  ]);
});

Deno.test("requestFaults() finds nothing in a right request, and first what checkRequest() tells (R25)", () => {
  for (const { name, head } of accepted) {
    assertEquals(requestFaults(head), [], name);
  }
  for (
    const { name, head } of [...brokenRequests, {
      name: "the worst",
      head: worstRequest,
    }]
  ) {
    const result = checkRequest(head);
    assert(result.status === "invalid", name);
    const [[code, found]] = requestFaults(head) as [[string, string]];
    assertEquals(code, result.error.code, name);
    assert(result.error.message.includes(`found ${found}, wanted`), name);
  }
});

const rules = Object.entries(protocolRules) as [
  ProtocolErrorCode,
  ProtocolRule,
][];

const judgedElsewhere: ProtocolErrorCode[] = [
  "refused-origin",
  "refused-request",
  "handshake-timeout",
];

Deno.test("checkRequest() has a test for each of its rules", () => {
  const tested = new Set(brokenRequests.map(({ code }) => code));
  for (const [code, { action }] of rules) {
    // Not in the head of a request, but in what a server makes of it.
    if (judgedElsewhere.includes(code)) continue;
    if (action === "Cannot accept WebSocket request") {
      assert(tested.has(code), code);
    }
  }
});

Deno.test("checkRequest() takes any transfer coding for a body, by whatever name (R25)", () => {
  // RFC 9112 §6.1: it is the header that means a body, not its value.
  for (const coding of ["gzip, chunked", "identity", "0"]) {
    const head = withHeader(goodRequest, "Transfer-Encoding", coding);
    const at = { code: "unexpected-body", offset: 0 } as const;
    assertInvalid(checkRequest(head), at, coding);
  }
});

Deno.test("checkRequest() finds an old version before a missing key (R31)", () => {
  const head = withHeader(
    withHeader(goodRequest, "Sec-WebSocket-Version", "0"),
    "Sec-WebSocket-Key",
  );
  const at = { code: "unsupported-version", offset: 0 } as const;
  assertInvalid(checkRequest(head), at, "an old client");
});

const request: WebSocketRequest = {
  resourceName: "/chat",
  host: "server.example.com",
  origin: undefined,
  key,
  protocols: ["chat", "superchat"],
  headers: goodRequest.headers,
};

Deno.test("acceptRequest() answers with 101 and the accept key (R35)", async () => {
  assertEquals(await acceptRequest(frozen(request)), {
    httpVersion: "1.1",
    status: 101,
    reason: "Switching Protocols",
    headers: [
      ["Upgrade", "websocket"],
      ["Connection", "Upgrade"],
      ["Sec-WebSocket-Accept", accept],
    ],
  });
});

Deno.test("acceptRequest() names the chosen subprotocol, and no other (R33)", async () => {
  for (const protocol of request.protocols) {
    const { headers } = await acceptRequest(request, frozen({ protocol }));
    assertEquals(headerValues(headers, "Sec-WebSocket-Protocol"), [protocol]);
  }
  const { headers } = await acceptRequest(request, { protocol: undefined });
  assertEquals(headerValues(headers, "Sec-WebSocket-Protocol"), []);
});

Deno.test("acceptRequest() never accepts an extension by itself (R34)", async () => {
  const head = withHeader(
    goodRequest,
    "Sec-WebSocket-Extensions",
    "permessage-deflate",
  );
  const asked = assertValid(head, "with an extension");
  const { headers } = await acceptRequest(asked);
  assertEquals(headerValues(headers, "Sec-WebSocket-Extensions"), []);
});

Deno.test("acceptRequest() adds the caller's headers (R35)", async () => {
  const inits: readonly HeaderListInit[] = [
    [["Set-Cookie", "a=1"], ["Set-Cookie", "b=2"]],
    new Headers([["Set-Cookie", "a=1"], ["Set-Cookie", "b=2"]]),
  ];
  for (const headers of inits) {
    const head = await acceptRequest(request, { protocol: "chat", headers });
    assertEquals(headerValues(head.headers, "Set-Cookie"), ["a=1", "b=2"]);
    assertEquals(headerValues(head.headers, "Sec-WebSocket-Accept"), [accept]);
  }
});

Deno.test("acceptRequest() throws TypeError for a subprotocol not on offer (R33)", async () => {
  for (const protocol of ["", "other", "Chat", "chat, superchat"]) {
    await assertRejects(
      () => acceptRequest(request, { protocol }),
      TypeError,
      `found protocol ${JSON.stringify(protocol)}`,
    );
  }
  await assertRejects(
    () => acceptRequest({ ...request, protocols: [] }, { protocol: "chat" }),
    TypeError,
    "wanted one of those on offer, []",
  );
});

Deno.test("acceptRequest() throws TypeError for headers that are not the caller's (R35)", async () => {
  const refused: readonly (readonly [name: string, value: string])[] = [
    ["Upgrade", "h2c"],
    ["connection", "close"],
    ["Sec-WebSocket-Accept", accept],
    ["SEC-WEBSOCKET-PROTOCOL", "chat"],
    ["Sec-WebSocket-Extensions", "permessage-deflate"],
    ["Content-Length", "0"],
    ["Transfer-Encoding", "chunked"],
    ["X Y", "1"],
    ["X", "1\r\nY: 2"],
    ["X", "€"],
  ];
  for (const header of refused) {
    await assertRejects(
      () => acceptRequest(request, { headers: [header] }),
      TypeError,
      "Cannot accept WebSocket request",
    );
  }
});

/** Writes and reads a refusal, and checks what is the same for all of them. */
function assertRefusal(error: ProtocolError, name: string) {
  const { head, body } = assertPure(name, refuseRequest, error);
  assertMatch(body, /^[\n -~]+$/, name);
  const bytes = serializeResponseHead(head);
  const read = parseResponseHead(bytes);
  assert(read.status === "complete", name);
  assertEquals(read.head, head, name);
  const { headers, status } = head;
  const length = headerValues(headers, "Content-Length");
  assertEquals(length, [String(utf8(body).length)], name);
  const isClosing = headerElements(headers, "Connection").includes("close");
  assertEquals(isClosing, true, name);
  assertEquals(headerValues(headers, "Sec-WebSocket-Accept"), [], name);
  return { status, headers, body, reason: head.reason };
}

Deno.test("refuseRequest() answers every rule that has a status with it (R25)", () => {
  for (const [code, { httpStatus }] of rules) {
    if (httpStatus === undefined) continue;
    const found = 'é\u{1f600}\r\n\0\t\x7f"\\ \ud800';
    const error = protocolError(code, { found, offset: 7 });
    const { status, reason, body } = assertRefusal(error, code);
    assertEquals(status, httpStatus, code);
    assert(reason !== "", `${code}: a status of ${status} without a reason`);
    assert(body.includes(protocolRules[code].wanted), code);
  }
});

Deno.test("refuseRequest() lists version and protocol in a 426, and only there (R31)", () => {
  for (const [code, { httpStatus }] of rules) {
    if (httpStatus === undefined) continue;
    const error = protocolError(code, { found: "x", offset: 0 });
    const { headers } = assertRefusal(error, code);
    const expected = httpStatus === 426 ? ["13"] : [];
    const versions = headerValues(headers, "Sec-WebSocket-Version");
    assertEquals(versions, expected, code);
    const upgrades = headerValues(headers, "Upgrade");
    assertEquals(upgrades, httpStatus === 426 ? ["websocket"] : [], code);
    // RFC 9110 §7.8: who sends Upgrade has to name it in Connection.
    const options = headerElements(headers, "Connection");
    assertEquals(options.includes("Upgrade"), httpStatus === 426, code);
  }
});

Deno.test("refuseRequest() answers each broken request (R25, R31)", () => {
  for (const { name, head, httpStatus } of brokenRequests) {
    const result = checkRequest(head);
    assert(result.status === "invalid", name);
    assertEquals(assertRefusal(result.error, name).status, httpStatus, name);
  }
});

Deno.test("refuseRequest() shows nothing of a peer's bytes that is not ASCII (R25)", () => {
  const head = withHeader(goodRequest, "Host", "\x80\xff caf\xe9");
  const result = checkRequest(head);
  assert(result.status === "invalid");
  assertRefusal(result.error, "bytes over 0x7F");
});

Deno.test("acceptRequest() answers no extension if none was accepted (R34, R74)", async () => {
  const head = withHeader(
    goodRequest,
    "Sec-WebSocket-Extensions",
    'permessage-deflate; client_max_window_bits, x; y="1"',
  );
  const checked = checkRequest(head);
  assert(checked.status === "valid");
  for (const options of [{}, { extensions: noExtensions }]) {
    const answer = await acceptRequest(checked.request, options);
    assertEquals(headerValues(answer.headers, "Sec-WebSocket-Extensions"), []);
  }
});

Deno.test("acceptRequest() answers the extensions that were accepted, in one line (R24, R34, R35, R74)", async () => {
  const values = ["a; x=1, c", "b"];
  const head = withHeader(goodRequest, "Sec-WebSocket-Extensions", ...values);
  const { headers } = await acceptRequest(assertValid(head, "extensions"), {
    extensions: acceptExtensions(values, [extensionOf("a"), extensionOf("b")]),
  });
  assertEquals(headerValues(headers, "Sec-WebSocket-Extensions"), [
    "a; x=1, b",
  ]);
});
