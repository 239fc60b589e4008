import { assert, assertEquals } from "@std/assert";
import type { Role } from "../../lib/frame/frame.ts";
import {
  createFrameDissector,
  type FrameDissector,
} from "../../lib/inspect/frame_dissector.ts";
import {
  createHandshakeDissector,
  type HandshakeDissector,
} from "../../lib/inspect/handshake_dissector.ts";
import {
  createMessageDissector,
  noCoding,
} from "../../lib/inspect/message_dissector.ts";
import type { DissectedItem } from "../../lib/inspect/item.ts";
import {
  createStreamDissector,
  type StreamDissector,
  type StreamDissectorOptions,
} from "../../lib/inspect/stream_dissector.ts";
import { goodRequest, withHeader } from "../handshake/handshake_heads.ts";
import { hex, utf8 } from "../support/hex.ts";
import { byteByByte, concatenated } from "../support/splits.ts";
import {
  assertCovers,
  lineOf,
  only,
  requestBytes,
  responseBytes,
} from "./conversations.ts";

function createFrames(from: Role | undefined, offset: number): FrameDissector {
  let count = 0;
  const nextNumber = () => count += 1;
  const messagesOf = (from: Role) =>
    createMessageDissector({
      from,
      coding: noCoding,
      limits: {},
      maxShownBytes: 10,
      nextNumber,
    });
  return createFrameDissector({
    from,
    offset,
    messages: { client: messagesOf("client"), server: messagesOf("server") },
    allowedRsv: 0,
    maxPayloadBytes: Infinity,
    maxShownBytes: 10,
    nextNumber,
  });
}

function create(
  from?: Role,
  handshake: HandshakeDissector = createHandshakeDissector([], ""),
  options: Partial<StreamDissectorOptions> = {},
): StreamDissector {
  return createStreamDissector({
    from,
    handshake,
    limits: {},
    requireHandshake: false,
    createFrames: (offset) => createFrames(from, offset),
    ...options,
  });
}

/** The next bytes, and what is found in them. */
async function take(
  stream: StreamDissector,
  ...chunks: readonly Uint8Array[]
): Promise<readonly DissectedItem[]> {
  const items: DissectedItem[] = [];
  for (const chunk of chunks) {
    stream.push(chunk);
    items.push(...await stream.advance());
  }
  return items;
}

async function takeAll(
  stream: StreamDissector,
  ...chunks: readonly Uint8Array[]
): Promise<readonly DissectedItem[]> {
  return [...await take(stream, ...chunks), ...await stream.end()];
}

const request = requestBytes();
const response = responseBytes();
const hi = hex("81 02 4869");
const maskedHi = hex("81 82 00000000 4869");

interface StreamCase {
  readonly name: string;
  readonly from?: Role;
  readonly bytes: Uint8Array;
  readonly options?: Partial<StreamDissectorOptions>;
  readonly lines: readonly string[];
  /** Why what was not read was not. */
  readonly why?: string;
}

const end = request.length + response.length;

const cases: readonly StreamCase[] = [
  { name: "nothing", bytes: hex(""), lines: [] },
  {
    name: "frames alone",
    bytes: hi,
    lines: [
      "frame 1 server text whole 0+2+2",
      "message 2 server whole plain 1: Hi",
    ],
  },
  {
    name: "a handshake, and frames of both sides after it (R35, R41)",
    bytes: concatenated([request, response, hex("89 80 00000000 8a 00")]),
    lines: [
      `head client 0+${request.length}`,
      `head server ${request.length}+${response.length}`,
      `frame 1 client ping whole ${end}+6+0`,
      `frame 2 server pong whole ${end + 6}+2+0`,
    ],
  },
  {
    name: "an answer alone, and frames after it",
    from: "server",
    bytes: concatenated([response, hex("89 00")]),
    lines: [
      `head server 0+${response.length}`,
      `frame 1 server ping whole ${response.length}+2+0`,
    ],
  },
  {
    name: "TLS",
    bytes: hex("16 0301 0005 0102030405"),
    lines: ["unread either 0+10"],
    why: "not WebSocket but TLS, which hides it: capture where it ends, " +
      "or before",
  },
  {
    name: "HTTP/2",
    from: "client",
    bytes: utf8("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    lines: ["unread client 0+24"],
    why: "HTTP/2, which is not read here",
  },
  {
    name: "HTTP that opens no WebSocket (R17)",
    from: "server",
    bytes: utf8("HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno"),
    lines: ["head server 0+45", "unread server 45+2"],
    why: "HTTP: no WebSocket was opened",
  },
  {
    name: "frames where a handshake is wanted",
    bytes: hi,
    options: { requireHandshake: true },
    lines: ["unread either 0+4"],
    why: "no handshake at the beginning of the stream",
  },
  {
    name: "a handshake where one is wanted",
    bytes: concatenated([request, response, hex("8a 00")]),
    options: { requireHandshake: true },
    lines: [
      `head client 0+${request.length}`,
      `head server ${request.length}+${response.length}`,
      `frame 1 server pong whole ${end}+2+0`,
    ],
  },
  {
    name: "part of what may be a method",
    from: "client",
    bytes: utf8("PO"),
    lines: ["unread client 0+2"],
    why: "too few bytes to tell what they begin",
  },
  {
    name: "part of a head",
    from: "client",
    bytes: utf8("GET / HTTP/1.1\r\nHost"),
    lines: ["unread client 0+20"],
    why: "the beginning of an HTTP head",
  },
  {
    name: "a head that is none (R25)",
    from: "client",
    bytes: utf8("GET /\r\n\r\nGET"),
    lines: ["violation client malformed-head 0", "unread client 0+12"],
    why: "what follows a head that could not be read",
  },
  {
    name: "a byte that no head has (R25)",
    from: "client",
    bytes: utf8("GET / HTTP/1.1\r\nHost: a\u0000b\r\n\r\n"),
    lines: ["violation client malformed-head 23", "unread client 0+29"],
    why: "what follows a head that could not be read",
  },
  {
    name: "a head over the limit (R76)",
    from: "client",
    bytes: request,
    options: { limits: { maxHeadBytes: 50 } },
    lines: [
      "violation client head-too-large 0",
      `unread client 0+${request.length}`,
    ],
    why: "what follows a head that could not be read",
  },
  {
    name: "more headers than are wanted (R76)",
    from: "client",
    bytes: request,
    options: { limits: { maxHeaders: 4 } },
    lines: [
      "violation client head-too-large 0",
      `unread client 0+${request.length}`,
    ],
    why: "what follows a head that could not be read",
  },
  {
    name: "what follows a rule that was broken (R68)",
    from: "server",
    bytes: concatenated([hi, hex("83 00 8a 00")]),
    lines: [
      "frame 1 server text whole 0+2+2",
      "message 2 server whole plain 1: Hi",
      "frame 3 server reserved broken 4+2+0",
      "violation server reserved-opcode 4",
      "unread server 6+2",
    ],
    why: "what follows the rule that was broken",
  },
  {
    name: "frames that came before the answer, which never comes",
    from: "client",
    bytes: concatenated([request, maskedHi]),
    lines: [
      `head client 0+${request.length}`,
      `frame 1 client text whole ${request.length}+6+2`,
      "message 2 client whole plain 1: Hi",
    ],
  },
];

Deno.test("a stream is read from its beginning, whatever that is, cut anywhere", async () => {
  for (const { name, from, bytes, options, lines, why } of cases) {
    for (const chunks of [[bytes], byteByByte(bytes)]) {
      const items = await takeAll(create(from, undefined, options), ...chunks);
      assertEquals(items.map(lineOf), lines, name);
      assertCovers(items, bytes.length, name);
      const [unread] = only(items, "unread");
      assertEquals(unread?.why, why, name);
    }
  }
});

Deno.test("a client's frames are held until the answer says what they are", async () => {
  for (
    const [answer, types] of [
      ["open", "frame message"],
      ["none", "frame message"],
      ["refused", ""],
    ] as const
  ) {
    const handshake = createHandshakeDissector([], "");
    const client = create("client", handshake);
    const heads = await take(client, request, maskedHi);
    assertEquals(heads.map(({ type }) => type), ["head"]);
    handshake.setAnswer(answer);
    const items = await client.advance();
    assertEquals(items.map(({ type }) => type).join(" "), types, answer);
    assertCovers(
      [...heads, ...items, ...await client.end()],
      request.length + maskedHi.length,
      answer,
    );
  }
});

Deno.test("what is held for an answer is bounded, and read without one then (R76)", async () => {
  const client = create("client");
  await take(client, request);
  const chunk = concatenated([
    hex("82 fe 03f8 00000000"),
    new Uint8Array(0x3f8),
  ]);
  assertEquals(chunk.length, 1024);
  for (let count = 0; count < 16; count++) {
    assertEquals(await take(client, chunk), []);
  }
  const items = await take(client, chunk);
  assertEquals(only(items, "frame").length, 17);
});

Deno.test("a server that speaks in a tunnel is read when the client has asked for something there (R6)", async () => {
  const handshake = createHandshakeDissector([], "");
  const client = create("client", handshake);
  const server = create("server", handshake);
  const connect = utf8("CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n");
  const opened = utf8("HTTP/1.1 200 OK\r\n\r\n");
  await take(client, concatenated([connect, request, maskedHi]));
  const before = await take(server, concatenated([opened, response, hi]));
  assertEquals(before.map(lineOf), ["head server 0+19"]);
  const asked = await client.advance();
  assertEquals(asked.map(lineOf), [
    `head client ${connect.length}+${request.length}`,
  ]);
  const answered = await server.advance();
  assertEquals(answered.map(({ type }) => type), ["head", "frame", "message"]);
  assertEquals(only(answered, "violation"), []);
  const rest = await client.advance();
  assertEquals(rest.map(({ type }) => type), ["frame", "message"]);
});

Deno.test("TLS in a tunnel is not read, on either side (R6)", async () => {
  const handshake = createHandshakeDissector([], "");
  const client = create("client", handshake);
  const server = create("server", handshake);
  const connect = utf8("CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n");
  const opened = utf8("HTTP/1.1 200 OK\r\n\r\n");
  await take(client, connect);
  await take(server, opened);
  await take(client, hex("16 0301 0001 00"));
  await take(server, hex("16 0303 0001 00"));
  for (
    const [stream, offset] of [[client, connect], [server, opened]] as const
  ) {
    const [item] = await stream.end();
    assertEquals(item?.type, "unread");
    assertEquals(item!.offset, offset.length);
  }
});

Deno.test("what is wrong with a head that is not the first is told where it stands in the stream (R25)", async () => {
  const early = utf8("HTTP/1.1 100 Continue\r\n\r\n");
  const bad = utf8("HTTP/1.1 101 a\r\nUp\u0001grade: b\r\n\r\n");
  for (const chunks of [[early, bad], byteByByte(concatenated([early, bad]))]) {
    const items = await takeAll(create("server"), ...chunks);
    const [violation] = only(items, "violation");
    const offset = early.length + 18;
    assertEquals(violation!.offset, offset);
    assert(violation!.message.endsWith(`(RFC 9112 §2, byte ${offset})`));
    const { around } = violation!;
    assertEquals(around.bytes[offset - around.offset], 1);
    assertCovers(items, early.length + bad.length, "all");
  }
});

Deno.test("a rule that is broken in frames that were held is shown among its bytes", async () => {
  const handshake = createHandshakeDissector([], "");
  const client = create("client", handshake);
  const bad = hex("83 80 01020304");
  const many = Array.from({ length: 200 }, () => maskedHi);
  await take(client, request, bad, ...many);
  handshake.setAnswer("open");
  const items = await client.advance();
  const [{ around, offset }] = only(items, "violation") as [
    ReturnType<typeof only<"violation">>[number],
  ];
  assertEquals(offset, request.length);
  assertEquals(around.offset, offset - 16);
  assertEquals(
    around.bytes.slice(0, 24),
    concatenated([request.slice(-16), bad, maskedHi.slice(0, 2)]),
  );
});

Deno.test("a violation in a frame shows the bytes before it and after it, from the chunks that held them", async () => {
  const stream = concatenated([
    ...Array.from({ length: 20 }, () => hi),
    hex(
      "81 05 6162ff6364 8900",
    ),
  ]);
  const offset = 20 * hi.length + 4;
  for (const size of [1, 7, stream.length]) {
    const chunks = Array.from(
      { length: Math.ceil(stream.length / size) },
      (_, at) => stream.slice(at * size, (at + 1) * size),
    );
    const items = await takeAll(create("server"), ...chunks);
    const [violation] = only(items, "violation");
    assertEquals(violation!.offset, offset);
    const { around } = violation!;
    assertEquals(around.offset, offset - 16);
    const known = around.bytes.length;
    assert(known >= 17 && known <= 32);
    assertEquals(
      around.bytes,
      stream.slice(around.offset, around.offset + known),
    );
    assertCovers(items, stream.length, `${size}`);
  }
});

interface LossCase {
  readonly name: string;
  readonly before: Uint8Array;
  readonly lines: readonly string[];
  readonly covered: number;
}

const losses: readonly LossCase[] = [
  { name: "at the beginning", before: hex(""), lines: [], covered: 0 },
  {
    name: "between frames",
    before: hi,
    lines: [],
    covered: 4,
  },
  {
    name: "inside a frame of a message (R51)",
    before: hex("81 00 01 05 6162"),
    lines: [
      "frame 3 server text cut 2+2+2",
      "message 4 server cut plain 1: ab",
    ],
    covered: 6,
  },
  {
    name: "inside a header",
    before: hex("81"),
    lines: ["unread server 0+1"],
    covered: 1,
  },
  {
    name: "inside a head",
    before: utf8("HTTP/1.1 101 Swi"),
    lines: ["unread server 0+16"],
    covered: 16,
  },
];

Deno.test("after bytes that are missing nothing is read, and all is counted", async () => {
  for (const { name, before, lines, covered } of losses) {
    const stream = create("server");
    const found = await take(stream, before);
    const lost = stream.lose(10);
    const expected = [...lines, `unread server ${covered}+10`];
    assertEquals(lost.map(lineOf), expected, name);
    const after = await take(stream, hi);
    assertEquals(after, [], name);
    assertEquals(stream.lose(5), [], "a second time");
    const rest = await stream.end();
    assertEquals(rest.map(lineOf), [`unread server ${covered + 10}+9`], name);
    const items = [...found, ...lost, ...rest];
    assertCovers(items, covered + 19, name);
  }
});

Deno.test("bytes that are missing after a rule was broken are not read either", async () => {
  const stream = create("server");
  await take(stream, hex("83 00"));
  assertEquals(stream.lose(10), []);
  assertEquals((await stream.end()).map(lineOf), ["unread server 2+10"]);
});

Deno.test("nothing is missing where no bytes are", async () => {
  const stream = create("server");
  await take(stream, hex("81 02 48"));
  assertEquals(stream.lose(0), []);
  const items = await takeAll(stream, hex("69"));
  assertEquals(items.map(lineOf), [
    "frame 1 server text whole 0+2+2",
    "message 2 server whole plain 1: Hi",
  ]);
});

Deno.test("what waits for more is a copy of the chunk that it came in", async () => {
  const handshake = createHandshakeDissector([], "");
  const client = create("client", handshake);
  const all = concatenated([request, maskedHi]);
  const reused = new Uint8Array(7);
  const items: DissectedItem[] = [];
  for (let at = 0; at < all.length; at += reused.length) {
    const piece = all.subarray(at, at + reused.length);
    reused.set(piece);
    items.push(...await take(client, reused.subarray(0, piece.length)));
    reused.fill(0xff);
  }
  handshake.setAnswer("open");
  items.push(...await client.advance());
  assertEquals(items.map(lineOf), [
    `head client 0+${request.length}`,
    `frame 1 client text whole ${request.length}+6+2`,
    "message 2 client whole plain 1: Hi",
  ]);
});

Deno.test("a head that comes byte by byte is not looked at for every byte of it", async () => {
  let looks = 0;
  const limits = {
    get maxHeadBytes() {
      looks += 1;
      return 200_000;
    },
  };
  const long = requestBytes(withHeader(goodRequest, "X", "a".repeat(100_000)));
  const client = create("client", undefined, { limits });
  const items = await take(client, ...byteByByte(long));
  assertEquals(items.map(lineOf), [`head client 0+${long.length}`]);
  assert(looks < 1_500, `${looks} looks at ${long.length} bytes`);
});
