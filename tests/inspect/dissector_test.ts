import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { permessageDeflate } from "../../lib/deflate/permessage_deflate.ts";
import type { Extension } from "../../lib/extension/extension.ts";
import { Opcode, type Role } from "../../lib/frame/frame.ts";
import {
  createDissector,
  dissect,
  type DissectOptions,
} from "../../lib/inspect/dissector.ts";
import type { DissectedItem, Violation } from "../../lib/inspect/item.ts";
import { joined, piecesOf } from "../deflate/engines.ts";
import { extensionOf, prefixing } from "../extension/codecs.ts";
import {
  goodRequest,
  goodResponse,
  withHeader,
} from "../handshake/handshake_heads.ts";
import {
  brokenHeaderCases,
  goodFramesBefore,
} from "../support/broken_header_cases.ts";
import { hex, utf8 } from "../support/hex.ts";
import { byteByByte } from "../support/splits.ts";
import {
  assertAllCovered,
  assertCovers,
  cutAs,
  dissectAll,
  frameFrom,
  lineOf,
  only,
  requestBytes,
  responseBytes,
  type SentBytes,
  undirected,
} from "./conversations.ts";

const extensionsHeader = "Sec-WebSocket-Extensions";
const deflate = permessageDeflate();
const deflateName = "permessage-deflate";

/** The examples of RFC 6455 §5.7, and what is found in them. */
const examples: readonly (readonly [
  name: string,
  wire: Uint8Array,
  lines: readonly string[],
])[] = [
  ["an unmasked text", hex("81 05 48656c6c6f"), [
    "frame 1 server text whole 0+2+5",
    "message 1 server whole plain 1: Hello",
  ]],
  ["a masked text", hex("81 85 37fa213d 7f9f4d5158"), [
    "frame 1 client text whole 0+6+5",
    "message 1 client whole plain 1: Hello",
  ]],
  ["a text in two fragments", hex("01 03 48656c 80 02 6c6f"), [
    "frame 1 server text whole 0+2+3",
    "frame 2 server continuation whole 5+2+2",
    "message 1 server whole plain 2: Hello",
  ]],
  ["a Ping, and its Pong", hex("89 05 48656c6c6f 8a 85 37fa213d 7f9f4d5158"), [
    "frame 1 server ping whole 0+2+5",
    "frame 2 client pong whole 7+6+5",
  ]],
  ["256 bytes", joined([hex("82 7e 0100"), new Uint8Array(256)]), [
    "frame 1 server binary whole 0+4+256",
    `message 1 server whole plain 1: [${new Array(256).fill(0).join(" ")}]`,
  ]],
];

Deno.test("dissect() takes the examples of RFC 6455 §5.7 apart (R40, R44, R47)", async () => {
  for (const [name, wire, lines] of examples) {
    const copy = wire.slice();
    assertEquals((await dissect(wire)).map(lineOf), lines, name);
    assertEquals(wire, copy, `${name} was written to`);
    const cut = await dissectAll(cutAs([{ bytes: wire }], byteByByte));
    assertEquals(cut.map(lineOf), lines, `${name}, byte by byte`);
  }
  const long = joined([
    hex("82 7f 0000000000010000"),
    new Uint8Array(65_536).fill(7),
  ]);
  const [frame, message] = await dissect(long);
  assert(frame?.type === "frame" && message?.type === "message");
  assertEquals([frame.payloadLength, frame.payloadRead], [65_536, 65_536]);
  assertEquals(message.byteLength, 65_536);
});

/** A request and an answer with these extensions. */
function handshakeWith(offer: string, answer: string): SentBytes[] {
  return [
    {
      from: "client",
      bytes: requestBytes(withHeader(goodRequest, extensionsHeader, offer)),
    },
    {
      from: "server",
      bytes: responseBytes(withHeader(goodResponse, extensionsHeader, answer)),
    },
  ];
}

const request = requestBytes();
const response = responseBytes();
const handshake: readonly SentBytes[] = [
  { from: "client", bytes: request },
  { from: "server", bytes: response },
];
const hello = hex("c1 07 f248cdc9c90700");
const maskedHello = hex("c1 87 00000000 f248cdc9c90700");

function headOf(status: string, ...headers: readonly string[]): Uint8Array {
  return utf8([`HTTP/1.1 ${status}`, ...headers, "", ""].join("\r\n"));
}

interface HandshakeCase {
  readonly name: string;
  readonly sent: readonly SentBytes[];
  readonly options?: DissectOptions;
  /** Of heads who sent them, and of other items what {@linkcode lineOf} says. */
  readonly lines: readonly string[];
}

const fromClient = (bytes: Uint8Array): SentBytes => ({
  from: "client",
  bytes,
});
const fromServer = (bytes: Uint8Array): SentBytes => ({
  from: "server",
  bytes,
});

const handshakes: readonly HandshakeCase[] = [
  {
    name: "compression that both sides know (R88)",
    sent: [
      ...handshakeWith(deflateName, deflateName),
      fromServer(hello),
      fromClient(maskedHello),
    ],
    options: { extensions: [deflate] },
    lines: [
      "head client",
      "head server",
      "frame server text whole",
      "message server whole compressed 1: Hello",
      "frame client text whole",
      "message client whole compressed 1: Hello",
    ],
  },
  {
    name: "compression that is not known here (R42)",
    sent: [
      ...handshakeWith(deflateName, deflateName),
      fromServer(hello),
      fromServer(hex("81 02 4869")),
    ],
    lines: [
      "head client",
      "head server",
      "frame server text whole",
      "message server whole unknown 1: [undefined]",
      "frame server text whole",
      "message server whole plain 1: Hi",
    ],
  },
  {
    name: "an extension that nobody knows (R42)",
    sent: [
      ...handshakeWith("x-zip", "x-zip"),
      fromServer(hex("a1 01 ff 01 01 48 80 01 69")),
      fromClient(hex("d2 81 00000000 ff 89 80 00000000")),
    ],
    options: { extensions: [deflate] },
    lines: [
      "head client",
      "head server",
      "frame server text whole",
      "message server whole unknown 1: [undefined]",
      "frame server text whole",
      "frame server continuation whole",
      "message server whole plain 2: Hi",
      "frame client binary whole",
      "message client whole unknown 1: [undefined]",
      "frame client ping whole",
    ],
  },
  {
    name:
      "compression that was not offered, and is used all the same (R21, R38)",
    sent: [
      fromClient(request),
      handshakeWith("", deflateName)[1]!,
      fromServer(hello),
    ],
    options: { extensions: [deflate] },
    lines: [
      "head client",
      "head server",
      "violation server unrequested-extension",
      "frame server text broken",
      "violation server reserved-bits",
      "unread server",
    ],
  },
  {
    name: "compression where no handshake was seen, of which it is known",
    sent: [fromServer(hello), fromClient(maskedHello)],
    options: { extensions: [deflate], agreed: deflateName },
    lines: [
      "frame server text whole",
      "message server whole compressed 1: Hello",
      "frame client text whole",
      "message client whole compressed 1: Hello",
    ],
  },
  {
    name: "compression where no handshake was seen (R38)",
    sent: [fromServer(hello)],
    options: { extensions: [deflate] },
    lines: [
      "frame server text broken",
      "violation server reserved-bits",
      "unread server",
    ],
  },
  {
    name: "a refusal (R17)",
    sent: [
      fromClient(request),
      fromServer(headOf("403 Forbidden", "Content-Length: 2")),
      fromServer(utf8("no")),
    ],
    lines: ["head client", "head server", "unread server"],
  },
  {
    name: "a hint before the answer",
    sent: [
      fromClient(request),
      fromServer(headOf("103 Early Hints", "Link: </a>")),
      fromServer(response),
      fromServer(hex("89 00")),
    ],
    lines: [
      "head client",
      "head server",
      "head server",
      "frame server ping whole",
    ],
  },
  {
    name: "a tunnel, and a handshake in it (R6)",
    sent: [
      fromClient(utf8("CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n")),
      fromServer(headOf("200 Connection established")),
      ...handshake,
      fromClient(hex("89 80 00000000")),
      fromServer(hex("8a 00")),
    ],
    lines: [
      "head client",
      "head server",
      "head client",
      "head server",
      "frame client ping whole",
      "frame server pong whole",
    ],
  },
  {
    name: "a wrong accept, and a WebSocket that is opened all the same (R20)",
    sent: [
      fromClient(request),
      fromServer(responseBytes(
        withHeader(goodResponse, "Sec-WebSocket-Accept", "x"),
      )),
      fromServer(hex("89 00")),
    ],
    lines: [
      "head client",
      "head server",
      "violation server wrong-accept",
      "frame server ping whole",
    ],
  },
  {
    name: "a request that is wrong, and is answered all the same (R26)",
    sent: [
      fromClient(requestBytes(
        withHeader(goodRequest, "Sec-WebSocket-Key"),
      )),
      fromServer(response),
      fromServer(hex("89 00")),
    ],
    lines: [
      "head client",
      "violation client wrong-key",
      "head server",
      "frame server ping whole",
    ],
  },
  {
    name: "ordinary HTTP",
    sent: [
      fromClient(utf8("GET / HTTP/1.1\r\nHost: a\r\n\r\n")),
      fromServer(headOf("200 OK", "Content-Length: 2")),
      fromServer(utf8("hi")),
    ],
    lines: ["head client", "head server", "unread server"],
  },
];

/** As {@linkcode lineOf}, without numbers and places. */
function briefly(item: DissectedItem): string {
  const line = lineOf(item);
  switch (item.type) {
    case "head":
    case "unread":
      return `${item.type} ${item.from ?? "either"}`;
    case "violation":
      return `violation ${item.from} ${item.code}`;
    case "frame":
      return `frame ${item.from} ${item.opcodeName} ${item.status}`;
    case "message":
      return line.replace(/ \d+/, "");
  }
}

Deno.test("dissect() reads a handshake and what comes of it, in two streams and in one, cut anywhere", async () => {
  for (const { name, sent, options, lines } of handshakes) {
    for (const all of [sent, cutAs(sent, byteByByte)]) {
      const items = await dissectAll(all, options);
      assertEquals(items.map(briefly), lines, name);
      assertAllCovered(items, sent, name);
    }
    for (const all of [undirected(sent), cutAs(undirected(sent), byteByByte)]) {
      const items = await dissectAll(all, options);
      const expected = lines.map((line) =>
        line === "unread server" ? "unread either" : line
      );
      assertEquals(items.map(briefly), expected, `${name}, as one stream`);
      assertAllCovered(items, undirected(sent), name);
    }
  }
});

Deno.test("a tunnel is read though each side's bytes come all at once (R6)", async () => {
  const { sent } = handshakes.find(({ name }) => name.startsWith("a tunnel"))!;
  const all = (["client", "server"] as const).map((from) => ({
    from,
    bytes: joined(
      sent.filter((part) => part.from === from).map(({ bytes }) => bytes),
    ),
  }));
  const dissector = createDissector();
  const items: DissectedItem[] = [];
  for (const { bytes, from } of all) {
    items.push(...await dissector.read(bytes, from));
  }
  assertEquals(items.map(briefly).toSorted(), [
    "frame client ping whole",
    "frame server pong whole",
    "head client",
    "head client",
    "head server",
    "head server",
  ]);
  assertEquals(await dissector.end(), []);
});

/** The bytes around a violation, checked, and where it points in them. */
function pointOf({ around, offset }: Violation): number {
  const at = offset - around.offset;
  assert(at >= 0 && at <= 16, `${at}`);
  assert(around.bytes.length <= 32);
  return at;
}

Deno.test("dissect() names the rule that a header breaks, and shows the byte that breaks it (R37 to R40, R54, R68, R76)", async () => {
  for (const broken of brokenHeaderCases) {
    const { name, wire, code, section, closeCode, at } = broken;
    const { role, maxPayloadBytes, allowedRsv } = broken.options;
    const before = goodFramesBefore(broken);
    const rest = hex("89 00 ff");
    const bytes = joined([before, wire, rest]);
    const sent = [{
      bytes,
      ...role && { from: role === "client" ? "server" : "client" } as const,
    }];
    const options = {
      maxPayloadBytes: maxPayloadBytes ?? 16 * 1024 * 1024,
      ...allowedRsv && { extensions: [deflate], agreed: deflateName },
    };
    const items = await dissectAll(sent, options);
    const [violation] = only(items, "violation");
    assert(violation !== undefined, name);
    assertEquals(
      [violation.code, violation.section, violation.closeCode],
      [code, section, closeCode],
      name,
    );
    assertEquals(violation.offset, before.length + at, name);
    assert(violation.message.includes(section), name);
    const point = pointOf(violation);
    assertEquals(violation.around.bytes[point], wire[at], name);
    const index = items.indexOf(violation);
    const frame = items[index - 1];
    assert(frame?.type === "frame" && frame.status === "broken", name);
    const unread = items[index + 1];
    const end = frame.offset + frame.header.length;
    assertEquals(unread?.type, end < bytes.length ? "unread" : undefined, name);
    assertEquals(items.length, index + (end < bytes.length ? 2 : 1), name);
    assertCovers(items, bytes.length, name);
    // However it is cut, it is the same rule at the same place.
    const cut = await dissectAll(cutAs(sent, byteByByte), options);
    const [again] = only(cut, "violation");
    assertEquals([again?.code, again?.offset], [code, violation.offset], name);
    assertEquals(again!.around.bytes[pointOf(again!)], wire[at], name);
    assertCovers(cut, bytes.length, name);
  }
});

/** A rule of messages and of Closes, the stream that breaks it, and where. */
const brokenMessages = [
  ["81 00 80 00", "unexpected-continuation", 1002, 2, {}],
  ["01 00 89 00 81 00", "interleaved-message", 1002, 4, {}],
  ["81 03 61ff62", "invalid-utf8", 1007, 3, {}],
  ["01 01 e2 80 01 28", "invalid-utf8", 1007, 5, {}],
  ["88 01 03", "close-body-too-short", 1002, 2, {}],
  ["88 02 03ee", "invalid-close-code", 1002, 2, {}],
  ["88 03 03e8 ff", "invalid-close-reason", 1007, 4, {}],
  ["82 03 010203", "message-too-large", 1009, 2, { maxMessageBytes: 2 }],
  ["81 03 616263", "message-too-large", 1009, 2, { maxTextBytes: 2 }],
  ["02 00 00 00 80 00", "too-many-fragments", 1009, 6, { maxFragments: 2 }],
  ["82 03 010203", "frame-too-large", 1009, 1, { maxPayloadBytes: 2 }],
] as const;

Deno.test("dissect() names the rule that a message or a Close breaks (R49, R51, R55, R60, R72, R76)", async () => {
  for (const [wire, code, closeCode, offset, options] of brokenMessages) {
    const bytes = joined([hex(wire), hex("8a 00 8a 00")]);
    for (const cut of [[bytes], byteByByte(bytes)]) {
      const sent = cut.map(fromServer);
      const items = await dissectAll(sent, options);
      const [violation] = only(items, "violation");
      assertEquals(
        [violation?.code, violation?.closeCode, violation?.offset],
        [code, closeCode, offset],
        wire,
      );
      pointOf(violation!);
      assertEquals(violation!.from, "server");
      assertAllCovered(items, [fromServer(bytes)], wire);
      const last = items.at(-1)!;
      assertEquals(last.type, "unread", wire);
    }
  }
});

Deno.test("a rule that one side breaks does not end the reading of the other (R68)", async () => {
  const items = await dissectAll([
    ...handshake,
    fromServer(hex("83 00")),
    fromClient(hex("89 80 00000000")),
    fromServer(hex("89 00")),
  ]);
  assertEquals(items.map(briefly), [
    "head client",
    "head server",
    "frame server reserved broken",
    "violation server reserved-opcode",
    "frame client ping whole",
    "unread server",
  ]);
});

Deno.test("the mask tells who sent a frame, unless it is known (R37)", async () => {
  const unmasked = hex("89 00");
  const masked = hex("89 80 00000000");
  const table: readonly (readonly [Uint8Array, Role | undefined, string])[] = [
    [unmasked, undefined, "frame server ping whole"],
    [masked, undefined, "frame client ping whole"],
    [unmasked, "server", "frame server ping whole"],
    [masked, "client", "frame client ping whole"],
    [unmasked, "client", "frame client ping broken"],
    [masked, "server", "frame server ping broken"],
  ];
  for (const [bytes, from, line] of table) {
    const items = await dissectAll([
      { bytes, ...from === undefined ? {} : { from } },
    ]);
    assertEquals(briefly(items[0]!), line);
  }
});

Deno.test("lengths of up to 2^64 - 1 are no reason to throw or to wait (R40, R76)", async () => {
  const lengths = [
    ["0000000000010000", undefined],
    ["001fffffffffffff", undefined],
    ["0020000000000000", "frame-too-large"],
    ["7fffffffffffffff", "frame-too-large"],
    ["8000000000000000", "length-out-of-range"],
    ["ffffffffffffffff", "length-out-of-range"],
  ] as const;
  for (const [length, code] of lengths) {
    const items = await dissect(hex(`82 7f ${length} 010203`));
    const [violation] = only(items, "violation");
    assertEquals(violation?.code, code, length);
    assertCovers(items, 13, length);
    if (code === undefined) {
      assertEquals(items.map(({ type }) => type), ["frame", "message"]);
      const [frame] = only(items, "frame");
      const [message] = only(items, "message");
      assertEquals([frame?.status, frame?.payloadRead], ["cut", 3]);
      assertEquals([message?.status, message?.byteLength], ["cut", 3]);
    }
  }
});

Deno.test("bytes that are lost end the reading of their stream, and of no other", async () => {
  const dissector = createDissector();
  const items = [
    ...await dissector.read(hex("01 02 48"), "server"),
    ...await dissector.read(hex("01 81 00000000 61"), "client"),
    ...await dissector.lose(1000, "server"),
    ...await dissector.read(hex("69 89 00"), "server"),
    ...await dissector.read(hex("80 81 00000000 62"), "client"),
    ...await dissector.end(),
  ];
  assertEquals(items.map(lineOf), [
    "frame 2 client text whole 0+6+1",
    "frame 1 server text cut 0+2+1",
    "message 1 server cut plain 1: H",
    "unread server 3+1000",
    "frame 3 client continuation whole 7+6+1",
    "message 2 client whole plain 2: ab",
    "unread server 1003+3",
  ]);
});

Deno.test("of 64 MiB so much is kept as is wanted to be shown", async () => {
  const byteLength = 64 * 1024 * 1024;
  const chunk = new Uint8Array(64 * 1024).fill(0x61);
  for (const first of [0x81, 0x82]) {
    const dissector = createDissector({ maxShownBytes: 100 });
    const header = joined([Uint8Array.of(first), hex("7f 0000000004000000")]);
    const items: DissectedItem[] = [...await dissector.read(header)];
    for (let at = 0; at < byteLength; at += chunk.length) {
      items.push(...await dissector.read(chunk));
    }
    items.push(...await dissector.end());
    const [frame, message] = items;
    assertEquals(items.length, 2);
    assert(frame?.type === "frame" && message?.type === "message");
    assertEquals([frame.status, frame.payloadRead], ["whole", byteLength]);
    assertEquals([message.status, message.byteLength], ["whole", byteLength]);
    const shown = [
      frame.raw,
      frame.payload,
      message.data ?? utf8(message.text!),
    ];
    for (const bytes of shown) {
      assertEquals(bytes.length, 100);
      assert(bytes.buffer.byteLength <= 64 * 1024, "no more is kept alive");
    }
  }
});

/** Zeros, compressed: a thousandth of their length. */
function bomb(byteLength: number): Uint8Array {
  const codec = deflate.accept([])!.open();
  const payload = new Uint8Array(byteLength);
  const piece = { messageType: "binary", first: true, last: true } as const;
  const coded = codec.encode({ ...piece, payload, compress: true });
  return frameFrom("server", {
    opcode: Opcode.binary,
    rsv1: true,
    payload: coded.payload,
  });
}

Deno.test("of what is inflated no more is kept than is shown, and limits hold (R76, R98)", async () => {
  const bytes = bomb(20_000_000);
  assert(bytes.length < 25_000);
  const options = { extensions: [deflate], agreed: deflateName };
  const items = await dissect(bytes, { ...options, maxShownBytes: 10 });
  const [message] = only(items, "message");
  assertEquals(message!.byteLength, 20_000_000);
  assertEquals(message!.data, new Uint8Array(10));
  const limited = await dissect(bytes, { ...options, maxMessageBytes: 1000 });
  const [violation] = only(limited, "violation");
  assertEquals(
    [violation?.code, violation?.closeCode],
    ["message-too-large", 1009],
  );
  const ratio = {
    ...options,
    extensions: [permessageDeflate({ maxRatio: 10 })],
  };
  const [exploded] = only(await dissect(bytes, ratio), "violation");
  assertEquals(exploded?.code, "inflated-too-much");
});

Deno.test("what is given out is nothing of what came, which may be written to", async () => {
  const sent = [
    ...handshakeWith(deflateName, deflateName),
    fromServer(joined([hello, hex("82 04 01020304 88 05 03e8 627965")])),
    fromClient(hex("82 84 01020304 05060708 82 85 00000000 ff")),
  ];
  const options = { extensions: [deflate] };
  const wanted = (await dissectAll(sent, options)).map(lineOf);
  for (const size of [1, 5, 1000]) {
    const dissector = createDissector(options);
    const reused = new Uint8Array(1000);
    const items: DissectedItem[] = [];
    for (const { from, bytes } of sent) {
      for (const piece of piecesOf(bytes, size)) {
        reused.set(piece);
        const chunk = reused.subarray(0, piece.length);
        items.push(...await dissector.read(chunk, from));
        assertEquals(chunk, piece, "written to");
        reused.fill(0xee);
      }
    }
    items.push(...await dissector.end());
    assertEquals(items.map(lineOf), wanted);
  }
});

Deno.test("a chunk is read in parts, and nothing is lost between them", async () => {
  const count = 2_000;
  const one = joined([hex("82 64"), new Uint8Array(100)]);
  const frames = joined(Array.from({ length: count }, () => one));
  assert(frames.length > 3 * 64 * 1024);
  const items = await dissect(frames);
  assertEquals(only(items, "message").length, count);
  assertCovers(items, frames.length, "in one chunk");
});

Deno.test("tens of thousands of frames come byte by byte, and each is found", async () => {
  const ping = hex("89 80 01020304");
  const fragment = hex("00 81 00000000 61");
  const stream = joined([
    hex("01 80 00000000"),
    ...Array.from({ length: 4_000 }, () => joined([ping, fragment])),
    hex("80 80 00000000"),
  ]);
  const items = await dissectAll(
    cutAs([{ bytes: stream, from: "client" }], byteByByte),
    { maxShownBytes: Infinity },
  );
  assertEquals(only(items, "frame").length, 8_002);
  const [message] = only(items, "message");
  assertEquals(message?.text, "a".repeat(4_000));
  assertCovers(items, stream.length, "byte by byte");
});

Deno.test("an answer after more than is held for it still says what the server sends", async () => {
  const [offer, answer] = handshakeWith(deflateName, deflateName);
  const early = frameFrom("client", {
    opcode: Opcode.binary,
    payload: new Uint8Array(2 * 1024 * 1024),
  });
  const sent = [offer!, fromClient(early), answer!, fromServer(hello)];
  const items = await dissectAll(sent, { extensions: [deflate] });
  assertEquals(items.map(briefly).filter((line) => !line.startsWith("head")), [
    "frame client binary whole",
    `message client whole plain 1: [${new Array(4096).fill(0).join(" ")}]`,
    "frame server text whole",
    "message server whole compressed 1: Hello",
  ]);
});

Deno.test("what an extension holds is let go of at the end", async () => {
  const log: string[] = [];
  const extension: Extension = extensionOf("one", {
    codec: () => prefixing(1, 0, log),
  });
  const dissector = createDissector({ extensions: [extension], agreed: "one" });
  await dissector.read(hex("82 02 0102"), "server");
  assertEquals(log, ["first+start+last [1 2]"]);
  await dissector.end();
  assertEquals(log.slice(1), ["close 1", "close 1"]);
});

Deno.test("createDissector() throws RangeError for a limit that is none", () => {
  const names = [
    "maxShownBytes",
    "maxPayloadBytes",
    "maxMessageBytes",
    "maxFragments",
    "maxTextBytes",
    "maxHeadBytes",
    "maxHeaders",
  ];
  for (const name of names) {
    for (const wrong of [-1, 0.5, NaN]) {
      assertThrows(
        () => createDissector({ [name]: wrong }),
        RangeError,
        `Cannot dissect: found ${name} = `,
      );
    }
    createDissector({ [name]: 0 });
    createDissector({ [name]: Infinity });
  }
});

Deno.test("a dissector rejects what is no bytes, no role and no number", async () => {
  const dissector = createDissector();
  const call = (...args: unknown[]) =>
    dissector.read(...args as [Uint8Array, Role]);
  await assertRejects(() => call("8100"), TypeError, "wanted a Uint8Array");
  await assertRejects(() => call(hex("8100"), "peer"), TypeError, "found role");
  await assertRejects(() => dissector.lose(-1), RangeError, "byteLength");
  await assertRejects(
    () => dissect("8100" as unknown as Uint8Array),
    TypeError,
    "Cannot dissect",
  );
});

Deno.test("very many small frames in one piece overflow no stack", async () => {
  const frames = new Uint8Array(600_000);
  for (let at = 0; at < frames.length; at += 2) frames[at] = 0x82;
  const dissector = createDissector({ maxShownBytes: 0 });
  const items = await dissector.read(frames, "server");
  assertEquals(items.length, 600_000);
});
