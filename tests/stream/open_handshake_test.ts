import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import { ProtocolError } from "../../lib/error/protocol_error.ts";
import {
  parseRequestHead,
  parseResponseHead,
} from "../../lib/handshake/head.ts";
import { headerValues } from "../../lib/handshake/headers.ts";
import {
  serializeRequestHead,
  serializeResponseHead,
} from "../../lib/handshake/serialize_head.ts";
import {
  acceptHandshake,
  type AcceptHandshakeOptions,
  requestHandshake,
  type RequestHandshakeOptions,
} from "../../lib/stream/open_handshake.ts";
import {
  accept,
  goodRequest,
  goodResponse,
  withHeader,
} from "../handshake/handshake_heads.ts";
import { latin1 } from "../handshake/head_cases.ts";
import { hex, utf8 } from "../support/hex.ts";
import { byteByByte, concatenated } from "../support/splits.ts";
import { assertViolation } from "../support/violations.ts";
import {
  collect,
  countingSource,
  idle,
  joinedEnds,
  recordingSink,
  standing,
} from "./streams.ts";

const request = serializeRequestHead(goodRequest);
const response = serializeResponseHead(goodResponse);

/** The nonce whose key is the one of RFC 6455 §1.3. */
const nonce = utf8("the sample nonce");

/** A stream that gives these bytes and then neither more nor an end. */
function unending(
  ...pieces: readonly Uint8Array[]
): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start: (controller) => {
      for (const piece of pieces) controller.enqueue(piece);
    },
  });
}

Deno.test("acceptHandshake() answers a request however it is cut (R26, R35)", async () => {
  for (const pieces of [[request], byteByByte(request)]) {
    const sink = recordingSink();
    const readable = unending(...pieces);
    const opened = await acceptHandshake({ readable, writable: sink.writable });
    assertEquals(latin1(sink.text()), response);
    assertEquals(opened.protocol, "");
    assertEquals(opened.request.resourceName, "/chat");
    assertEquals(opened.request.headers, goodRequest.headers);
    assertStrictEquals(opened.readable, readable);
    assertEquals(readable.locked, false);
    assertEquals(sink.writable.locked, false);
    assertEquals(sink.isClosed(), false);
  }
});

Deno.test("acceptHandshake() leaves the bytes after the request to the reader (R16)", async () => {
  const frames = hex("81 82 00000000 4869");
  const sink = recordingSink();
  const { readable } = await acceptHandshake({
    readable: ReadableStream.from([concatenated([request, frames]), frames]),
    writable: sink.writable,
  });
  const { items } = await collect(readable);
  assertEquals(concatenated(items), concatenated([frames, frames]));
});

Deno.test("acceptHandshake() answers as it is told, with subprotocol and headers (R33, R35)", async () => {
  const head = withHeader(
    goodRequest,
    "Sec-WebSocket-Protocol",
    "chat, superchat",
  );
  const sink = recordingSink();
  const { protocol } = await acceptHandshake({
    readable: unending(serializeRequestHead(head)),
    writable: sink.writable,
  }, {
    answer: ({ protocols }) => ({
      protocol: protocols[1],
      headers: { "Set-Cookie": "a=1" },
    }),
  });
  assertEquals(protocol, "superchat");
  const answer = parseResponseHead(latin1(sink.text()));
  assert(answer.status === "complete");
  const { headers } = answer.head;
  assertEquals(headerValues(headers, "sec-websocket-protocol"), ["superchat"]);
  assertEquals(headerValues(headers, "set-cookie"), ["a=1"]);
});

const withRest = concatenated([request, hex("8900")]);

Deno.test("acceptHandshake() takes no chunk after the one that ends the request (R76)", async () => {
  for (const first of [request, withRest]) {
    const source = countingSource((index) => index === 0 ? first : hex("8a00"));
    const { readable } = await acceptHandshake({
      readable: source.readable,
      writable: recordingSink().writable,
    });
    await idle();
    assertEquals(source.taken(), 1);
    await readable.cancel();
  }
});

Deno.test("acceptHandshake() keeps back-pressure behind bytes that are left over (R76)", async () => {
  const source = countingSource((index) =>
    index === 0 ? withRest : hex("8a00")
  );
  const { readable } = await acceptHandshake({
    readable: source.readable,
    writable: recordingSink().writable,
  });
  const reader = readable.getReader();
  assertEquals((await reader.read()).value, hex("8900"));
  await idle();
  assert(source.taken() <= 2, `${source.taken()} taken`);
  assertEquals((await reader.read()).value, hex("8a00"));
  await idle();
  assert(source.taken() <= 3, `${source.taken()} taken`);
  await reader.cancel();
});

Deno.test("acceptHandshake() hands on a cancellation and an error behind bytes that are left over", async () => {
  const reason = new Error("Not wanted any more");
  const { writable } = recordingSink();
  const source = countingSource(() => withRest);
  const cancelled = await acceptHandshake({
    readable: source.readable,
    writable,
  });
  await cancelled.readable.cancel(reason);
  assertEquals(source.cancelled, [reason]);

  let fail = () => {};
  const failing = new ReadableStream<Uint8Array>({
    start: (controller) => {
      controller.enqueue(withRest);
      fail = () => controller.error(reason);
    },
  });
  const opened = await acceptHandshake({ readable: failing, writable });
  fail();
  const { items, error } = await collect(opened.readable);
  assertEquals(items, [hex("8900")]);
  assertStrictEquals(error, reason);
});

Deno.test("acceptHandshake() rejects with the error of the connection", async () => {
  const reason = new Error("The connection is gone");
  const sink = recordingSink();
  const readable = new ReadableStream<Uint8Array>({
    start: (controller) => controller.error(reason),
  });
  const end = await standing(
    acceptHandshake({ readable, writable: sink.writable }),
  );
  assert(end.status === "rejected");
  assertStrictEquals(end.reason, reason);
  assertEquals(sink.text(), "");
});

Deno.test("acceptHandshake() cancels the reading when its signal aborts, and not afterwards", async () => {
  const reason = new Error("Too late");
  const during = new AbortController();
  const cancelled: unknown[] = [];
  const readable = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(request.subarray(0, 20)),
    cancel: (reason) => void cancelled.push(reason),
  });
  const { writable } = recordingSink();
  const opening = standing(
    acceptHandshake({ readable, writable }, { signal: during.signal }),
  );
  await Promise.resolve();
  during.abort(reason);
  assertEquals((await opening).status, "rejected");
  assertEquals(cancelled, [reason]);
  assertEquals(readable.locked, false);

  const afterwards = new AbortController();
  const opened = await acceptHandshake({
    readable: ReadableStream.from([withRest, hex("8a00")]),
    writable,
  }, { signal: afterwards.signal });
  afterwards.abort(reason);
  const { items, error } = await collect(opened.readable);
  assertEquals(error, undefined);
  assertEquals(concatenated(items), hex("89008a00"));
});

const refusals = [
  ["a page asked for (R26)", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", {
    code: "not-an-upgrade",
    status: 426,
  }],
  [
    "an old version (R31)",
    `GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 8\r\n\r\n`,
    { code: "unsupported-version", status: 426 },
  ],
  [
    "no key (R26)",
    `GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\r\n`,
    { code: "wrong-key", status: 400 },
  ],
  ["what is not HTTP (R25)", "\x16\x03\x01", {
    code: "malformed-head",
    status: 400,
  }],
  ["a head over the limit (R76)", `GET /${"a".repeat(200)}`, {
    code: "head-too-large",
    status: 431,
  }],
] as const;

Deno.test("acceptHandshake() refuses in HTTP and closes the writable (R25, R31)", async () => {
  for (const [name, text, { code, status }] of refusals) {
    const sink = recordingSink();
    const error = await assertRejects(
      () =>
        acceptHandshake({
          readable: unending(latin1(text)),
          writable: sink.writable,
        }, { maxHeadBytes: 150 }),
      ProtocolError,
    );
    assertEquals(error.code, code, name);
    assertEquals(sink.isClosed(), true, name);
    const bytes = latin1(sink.text());
    const answer = parseResponseHead(bytes);
    assert(answer.status === "complete", name);
    assertEquals(answer.head.status, status, name);
    const { headers } = answer.head;
    const versions = headerValues(headers, "Sec-WebSocket-Version");
    assertEquals(versions, status === 426 ? ["13"] : [], name);
    const body = bytes.subarray(answer.bytesRead);
    const [length] = headerValues(headers, "Content-Length");
    assertEquals(length, String(body.length), name);
    // The section sign is not ASCII.
    const words = error.message.replace("§", "section ");
    assertEquals(sink.text().slice(answer.bytesRead), `${words}\n`, name);
  }
});

Deno.test("acceptHandshake() refuses a request that ends too early (R25)", async () => {
  for (const held of [0, 1, request.length - 1]) {
    const sink = recordingSink();
    const error = await assertRejects(
      () =>
        acceptHandshake({
          readable: ReadableStream.from([request.subarray(0, held)]),
          writable: sink.writable,
        }),
      ProtocolError,
    );
    const found = { code: "truncated-head", offset: held } as const;
    assertViolation(error, found, `${held} bytes`);
    assertMatch(sink.text(), /^HTTP\/1\.1 400 /);
    assertEquals(sink.isClosed(), true);
  }
});

Deno.test("acceptHandshake() names the client's fault also when the refusal cannot be sent (R25)", async () => {
  const writable = new WritableStream<Uint8Array<ArrayBuffer>>({
    write: () => Promise.reject(new Error("The connection is gone")),
  });
  const error = await assertRejects(
    () => acceptHandshake({ readable: unending(hex("16")), writable }),
    ProtocolError,
  );
  assertEquals(error.code, "malformed-head");
});

Deno.test("acceptHandshake() rejects when its answer cannot be sent", async () => {
  const reason = new Error("The connection is gone");
  const writable = new WritableStream<Uint8Array<ArrayBuffer>>({
    write: () => Promise.reject(reason),
  });
  const end = await standing(
    acceptHandshake({ readable: unending(request), writable }),
  );
  assert(end.status === "rejected");
  assertStrictEquals(end.reason, reason);
});

Deno.test("acceptHandshake() rejects when it is told to choose what is not on offer (R33)", async () => {
  const sink = recordingSink();
  await assertRejects(
    () =>
      acceptHandshake(
        { readable: unending(request), writable: sink.writable },
        {
          answer: () => ({ protocol: "chat" }),
        },
      ),
    TypeError,
    "wanted one of those on offer",
  );
  assertEquals(sink.text(), "");
});

Deno.test("acceptHandshake() rejects with the reason of its signal, before and during", async () => {
  const reason = new Error("Too late");
  for (const pieces of [[], [request.subarray(0, 30)]]) {
    for (const before of [true, false]) {
      const controller = new AbortController();
      if (before) controller.abort(reason);
      const sink = recordingSink();
      const opening = standing(
        acceptHandshake({
          readable: unending(...pieces),
          writable: sink.writable,
        }, { signal: controller.signal }),
      );
      await Promise.resolve();
      controller.abort(reason);
      const end = await opening;
      assert(end.status === "rejected");
      assertStrictEquals(end.reason, reason);
      assertEquals(sink.text(), "");
    }
  }
});

Deno.test("requestHandshake() asks for the URL and opens on the right answer (R8, R20)", async () => {
  for (const pieces of [[response], byteByByte(response)]) {
    const sink = recordingSink();
    const readable = unending(...pieces);
    const opened = await requestHandshake(
      { readable, writable: sink.writable },
      "ws://server.example.com/chat",
      { nonce },
    );
    assertEquals(latin1(sink.text()), request);
    assertEquals(opened.protocol, "");
    assertEquals(opened.headers, goodResponse.headers);
    assertStrictEquals(opened.readable, readable);
    assertEquals(readable.locked, false);
    assertEquals(sink.writable.locked, false);
    assertEquals(sink.isClosed(), false);
  }
});

Deno.test("requestHandshake() leaves the bytes after the answer to the reader (R35)", async () => {
  const frames = hex("81 02 4869");
  const { readable } = await requestHandshake(
    {
      readable: ReadableStream.from([concatenated([response, frames]), frames]),
      writable: recordingSink().writable,
    },
    "ws://a/",
    { nonce },
  );
  const { items } = await collect(readable);
  assertEquals(concatenated(items), concatenated([frames, frames]));
});

Deno.test("requestHandshake() makes up another key each time (R11)", async () => {
  const keys = new Set<string>();
  for (let round = 0; round < 5; round++) {
    const sink = recordingSink();
    await assertRejects(
      () =>
        requestHandshake({
          readable: unending(response),
          writable: sink.writable,
        }, "ws://a/"),
      ProtocolError,
    );
    const asked = parseRequestHead(latin1(sink.text()));
    assert(asked.status === "complete");
    const [key] = headerValues(asked.head.headers, "Sec-WebSocket-Key");
    keys.add(key!);
  }
  assertEquals(keys.size, 5);
});

const wrongAnswers = [
  ["404 (R17)", "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", {
    code: "unexpected-status",
    words: "HTTP/1.1 404 Not Found",
  }],
  ["200 (R17)", "HTTP/1.1 200 OK\r\n\r\n<html>", {
    code: "unexpected-status",
    words: "HTTP/1.1 200 OK",
  }],
  ["no Upgrade (R18)", "HTTP/1.1 101 \r\nConnection: Upgrade\r\n\r\n", {
    code: "wrong-upgrade",
    words: "no Upgrade header",
  }],
  [
    "the accept of another key (R20)",
    "HTTP/1.1 101 \r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
    "Sec-WebSocket-Accept: EiaKGKO0E/pC8vnArob263aS3XY=\r\n\r\n",
    { code: "wrong-accept", words: "EiaKGKO0E/pC8vnArob263aS3XY=" },
  ],
  [
    "an extension (R21)",
    "HTTP/1.1 101 \r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
    `Sec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Extensions: x\r\n\r\n`,
    { code: "unrequested-extension", words: "x" },
  ],
  [
    "a subprotocol (R22)",
    "HTTP/1.1 101 \r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
    `Sec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Protocol: x\r\n\r\n`,
    { code: "unrequested-protocol", words: "x" },
  ],
  ["a WebSocket frame (R23)", "\x81\x02Hi", {
    code: "malformed-head",
    words: "",
  }],
  ["the greeting of another protocol (R23)", "SSH-2.0-OpenSSH_9\r\n\r\n", {
    code: "malformed-head",
    words: "SSH-2.0",
  }],
  ["a head over the limit (R76)", `HTTP/1.1 101 ${"a".repeat(300)}`, {
    code: "head-too-large",
    words: "at most 200 bytes",
  }],
] as const;

Deno.test("requestHandshake() rejects with the rule that the server broke (R17 to R24)", async () => {
  for (const [name, text, { code, words }] of wrongAnswers) {
    const error = await assertRejects(
      () =>
        requestHandshake(
          {
            readable: ReadableStream.from([latin1(text)]),
            writable: recordingSink().writable,
          },
          "ws://a/",
          { nonce, maxHeadBytes: 200 },
        ),
      Error,
    );
    assert(error instanceof ProtocolError, name);
    assertEquals(error.code, code, name);
    assert(error.message.includes(words), `${name}: ${error.message}`);
  }
});

Deno.test("requestHandshake() rejects when the stream ends before the answer does (R69)", async () => {
  for (const held of [0, 1, response.length - 1]) {
    const error = await assertRejects(
      () =>
        requestHandshake(
          {
            readable: ReadableStream.from([response.subarray(0, held)]),
            writable: recordingSink().writable,
          },
          "ws://a/",
          { nonce },
        ),
      ProtocolError,
    );
    const found = { code: "truncated-head", offset: held } as const;
    assertViolation(error, found, `${held} bytes`);
  }
});

Deno.test("A handshake that was refused leaves the streams to the caller, who has to end them", async () => {
  const sink = recordingSink();
  const cancelled: unknown[] = [];
  const source = (text: string) =>
    new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(latin1(text)),
      cancel: (reason) => void cancelled.push(reason),
    });
  const asked = source("HTTP/1.1 404 Not Found\r\n\r\nwith a body");
  await assertRejects(
    () => requestHandshake({ ...sink, readable: asked }, "ws://a/"),
    ProtocolError,
  );
  assertEquals(asked.locked, false);
  await asked.cancel("done");

  const answered = source("POST / HTTP/1.1\r\n\r\nwith a body");
  await assertRejects(
    () => acceptHandshake({ ...sink, readable: answered }),
    ProtocolError,
  );
  assertEquals(answered.locked, false);
  await answered.cancel("done");
  assertEquals(cancelled, ["done", "done"]);
});

const callersMistakes: readonly (readonly [
  url: string,
  options: RequestHandshakeOptions,
])[] = [
  ["http://a/", {}],
  ["ws://a/#b", {}],
  ["ws://a/", { protocols: ["a b"] }],
  ["ws://a/", { headers: { "X": "1\r\nY: 2" } }],
  ["ws://a/", { headers: { "Sec-WebSocket-Key": "x" } }],
];

Deno.test("requestHandshake() sends nothing when the caller is wrong (R1, R2, R14, R15)", async () => {
  for (const [url, options] of callersMistakes) {
    const sink = recordingSink();
    const streams = { readable: unending(), writable: sink.writable };
    await assertRejects(
      () => requestHandshake(streams, url, options),
      TypeError,
    );
    assertEquals(sink.text(), "", url);
  }
  const sink = recordingSink();
  const streams = { readable: unending(), writable: sink.writable };
  await assertRejects(
    () => requestHandshake(streams, "ws://a/", { nonce: nonce.subarray(1) }),
    RangeError,
  );
  assertEquals(sink.text(), "");
});

Deno.test("requestHandshake() rejects with the reason of its signal, before and during", async () => {
  const reason = new Error("Too late");
  for (const pieces of [[], [response.subarray(0, 30)]]) {
    for (const before of [true, false]) {
      const controller = new AbortController();
      if (before) controller.abort(reason);
      const opening = standing(
        requestHandshake(
          {
            readable: unending(...pieces),
            writable: recordingSink().writable,
          },
          "ws://a/",
          { nonce, signal: controller.signal },
        ),
      );
      for (let turn = 0; turn < 20; turn++) await Promise.resolve();
      controller.abort(reason);
      const end = await opening;
      assert(end.status === "rejected");
      assertStrictEquals(end.reason, reason);
    }
  }
});

/** A connection whose peer takes nothing. */
function stalled(readable: ReadableStream<Uint8Array>) {
  const writable = new WritableStream<Uint8Array<ArrayBuffer>>({
    write: () => new Promise<void>(() => {}),
  });
  return { readable, writable };
}

Deno.test("requestHandshake() gives up on its signal while the request cannot be written", async () => {
  const reason = new Error("Too late");
  const signal = AbortSignal.abort(reason);
  const end = await standing(
    requestHandshake(stalled(unending()), "ws://a/", { signal }),
  );
  assertEquals(end.status, "rejected");
});

Deno.test("acceptHandshake() gives up on its signal while the answer cannot be written", async () => {
  const controller = new AbortController();
  const opening = acceptHandshake(stalled(unending(request)), {
    signal: controller.signal,
  });
  assertEquals((await standing(opening)).status, "pending");
  controller.abort(new Error("Too late"));
  assertEquals((await standing(opening)).status, "rejected");
});

/** What both sides want, and the subprotocol that comes of it. */
interface Meeting {
  readonly name: string;
  readonly asked: RequestHandshakeOptions;
  readonly answer: AcceptHandshakeOptions;
  readonly protocol: string;
}

const meetings: readonly Meeting[] = [
  { name: "nothing special", asked: {}, answer: {}, protocol: "" },
  {
    name: "the first subprotocol",
    asked: { protocols: ["chat", "superchat"] },
    answer: { answer: ({ protocols }) => ({ protocol: protocols[0] }) },
    protocol: "chat",
  },
  {
    name: "no subprotocol, though some are on offer",
    asked: { protocols: ["chat", "superchat"] },
    answer: {},
    protocol: "",
  },
  {
    name: "headers both ways",
    asked: { headers: { Origin: "http://a", Cookie: "b=1" } },
    answer: { answer: () => ({ headers: [["Set-Cookie", "c=2"]] }) },
    protocol: "",
  },
  {
    name: "small limits",
    asked: { maxHeadBytes: 400, maxHeaders: 5 },
    answer: { maxHeadBytes: 400, maxHeaders: 5 },
    protocol: "",
  },
];

Deno.test("requestHandshake() and acceptHandshake() open a WebSocket together (R8 to R35)", async () => {
  for (const { name, asked, answer, protocol } of meetings) {
    const [client, server] = joinedEnds();
    const [requested, accepted] = await Promise.all([
      requestHandshake(client, "ws://example.com:81/a?b", asked),
      acceptHandshake(server, answer),
    ]);
    assertEquals(requested.protocol, protocol, name);
    assertEquals(accepted.protocol, protocol, name);
    assertEquals(accepted.request.resourceName, "/a?b", name);
    assertEquals(accepted.request.host, "example.com:81", name);
    assertEquals(accepted.request.protocols, asked.protocols ?? [], name);
  }
});

Deno.test("Headers of both sides reach the other (R15, R30)", async () => {
  const { asked, answer } = meetings
    .find(({ name }) => name === "headers both ways")!;
  const [client, server] = joinedEnds();
  const [requested, accepted] = await Promise.all([
    requestHandshake(client, "ws://a/", asked),
    acceptHandshake(server, answer),
  ]);
  assertEquals(accepted.request.origin, "http://a");
  assertEquals(headerValues(accepted.request.headers, "cookie"), ["b=1"]);
  assertEquals(headerValues(requested.headers, "set-cookie"), ["c=2"]);
});

Deno.test("A server that refuses is seen by its client as such (R17, R25)", async () => {
  const [client, server] = joinedEnds();
  const accepting = acceptHandshake(server);
  accepting.catch(() => {});
  const requested = await standing(
    requestHandshake(client, "ws://a/", { headers: { Host: "a,b" } }),
  );
  // Nobody reads the body of the refusal.
  await client.readable.cancel();
  const accepted = await standing(accepting);
  assert(accepted.status === "rejected");
  assertViolation(
    accepted.reason,
    { code: "wrong-host", offset: 0 },
    "the server",
  );
  assert(requested.status === "rejected");
  const unexpected = { code: "unexpected-status", offset: 0 } as const;
  const error = assertViolation(requested.reason, unexpected, "the client");
  assert(error.message.includes("400 Bad Request"), error.message);
});
