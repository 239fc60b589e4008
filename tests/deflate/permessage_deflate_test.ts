import { assert, assertEquals, assertThrows } from "@std/assert";
import { connectWebSocket } from "../../lib/connection/connect.ts";
import {
  serveWebSocket,
  type ServeWebSocketOptions,
} from "../../lib/connection/serve.ts";
import { ProtocolError } from "../../lib/error/protocol_error.ts";
import { pakoEngine } from "../../lib/deflate/pako_engine.ts";
import {
  permessageDeflate,
  type PermessageDeflateOptions,
} from "../../lib/deflate/permessage_deflate.ts";
import type { ProtocolErrorCode } from "../../lib/error/protocol_rule.ts";
import type { ExtensionCodec } from "../../lib/extension/extension.ts";
import {
  acceptExtensions,
  confirmExtensions,
  offerExtensions,
} from "../../lib/extension/negotiate.ts";
import { type FrameInit, Opcode, type Role } from "../../lib/frame/frame.ts";
import { decodeFrames } from "../../lib/frame/decode_frames.ts";
import { serializeFrame } from "../../lib/frame/serialize_frame.ts";
import type { SessionOptions } from "../../lib/session/options.ts";
import type { OutgoingMessage } from "../../lib/session/outgoing_message.ts";
import { dialOpen, within } from "../connection/connections.ts";
import { type CodedSession, openCoded } from "../session/coded_session.ts";
import { fromPeerOf, roles } from "../session/sessions.ts";
import { hex, utf8 } from "../support/hex.ts";
import { forEachSeed, type Random, seededRandom } from "../support/random.ts";
import { byteByByte } from "../support/splits.ts";
import {
  assertBytes,
  engines,
  joined,
  piecesOf,
  repetitive,
} from "./engines.ts";

/** What a client and a server with these options agree on. */
function agree(
  client: PermessageDeflateOptions = {},
  server: PermessageDeflateOptions = {},
) {
  const [ofClient, ofServer] = [
    [permessageDeflate(client)],
    [permessageDeflate(server)],
  ];
  const offer = offerExtensions(ofClient)!;
  const accepted = acceptExtensions([offer], ofServer);
  const confirmed = confirmExtensions([accepted.header], ofClient);
  assert(!("found" in confirmed), JSON.stringify(confirmed));
  return {
    offer,
    header: accepted.header,
    client: confirmed.open()!,
    server: accepted.open()!,
  };
}

/** A codec for what comes, and one for what makes it. */
function pairOf(options: PermessageDeflateOptions = {}) {
  return agree({ thresholdBytes: 0, ...options }, options);
}

const wrongOptions: readonly PermessageDeflateOptions[] = [
  { level: -1 },
  { level: 10 },
  { level: 1.5 },
  { level: NaN },
  { memLevel: 0 },
  { memLevel: 10 },
  { thresholdBytes: -1 },
  { thresholdBytes: 0.5 },
  { maxRatio: -1 },
  { maxRatio: NaN },
  { serverMaxWindowBits: 7 },
  { serverMaxWindowBits: 16 },
  { clientMaxWindowBits: 7 },
  { clientMaxWindowBits: 16 },
  { clientMaxWindowBits: 9.5 },
];

Deno.test("permessageDeflate() throws for an option that is out of its range", () => {
  for (const options of wrongOptions) {
    const [name] = Object.keys(options);
    assertThrows(
      () => permessageDeflate(options),
      RangeError,
      `Cannot use permessage-deflate: found ${name} = `,
    );
  }
  for (const level of [0, 9]) permessageDeflate({ level });
  for (const bits of [8, 15]) permessageDeflate({ serverMaxWindowBits: bits });
  permessageDeflate({ thresholdBytes: Infinity, maxRatio: Infinity });
});

Deno.test("permessageDeflate() names itself, and the bit that it uses (R79, R88)", () => {
  const { name, rsv } = permessageDeflate();
  assertEquals([name, rsv], ["permessage-deflate", 0x40]);
});

interface NegotiationCase {
  readonly client?: PermessageDeflateOptions;
  readonly server?: PermessageDeflateOptions;
  readonly offer: string;
  readonly answer: string;
}

const name = "permessage-deflate";

const negotiations: readonly NegotiationCase[] = [
  { offer: `${name}; client_max_window_bits`, answer: name },
  {
    client: { serverNoContextTakeover: true, serverMaxWindowBits: 10 },
    offer: `${name}; server_no_context_takeover; ` +
      "server_max_window_bits=10; client_max_window_bits",
    answer: `${name}; server_no_context_takeover; server_max_window_bits=10`,
  },
  {
    client: { clientNoContextTakeover: true, clientMaxWindowBits: 9 },
    server: { clientMaxWindowBits: 8 },
    offer: `${name}; client_no_context_takeover; client_max_window_bits=9`,
    answer: `${name}; client_no_context_takeover; client_max_window_bits=8`,
  },
  {
    server: { serverNoContextTakeover: true, clientMaxWindowBits: 12 },
    offer: `${name}; client_max_window_bits`,
    answer: `${name}; server_no_context_takeover; client_max_window_bits=12`,
  },
];

Deno.test("permessageDeflate() is agreed on, as both sides want it (R79, R83, R84, R85, R86)", () => {
  for (const { client, server, offer, answer } of negotiations) {
    const agreed = agree(client, server);
    assertEquals([agreed.offer, agreed.header], [offer, answer]);
  }
});

Deno.test("a server takes the first offer that it can do, one only, and declines others (R79, R80, R81)", () => {
  const cases = [
    [`${name}; server_max_window_bits=7, ${name}`, name],
    [`${name}; x, ${name}; server_max_window_bits=16`, ""],
    [
      `${name}; server_max_window_bits=10, ${name}`,
      `${name}; server_max_window_bits=10`,
    ],
    [`x-webkit-deflate-frame, ${name}`, name],
    ["permessage-bzip2", ""],
  ] as const;
  for (const [offer, answer] of cases) {
    assertEquals(
      acceptExtensions([offer], [permessageDeflate()]).header,
      answer,
    );
  }
});

Deno.test("a client fails an answer to what it did not offer (R80, R82)", () => {
  const extensions = [permessageDeflate({ serverMaxWindowBits: 10 })];
  const cases = [
    [`${name}; x`, "x, which it does not define"],
    [name, "without the server_max_window_bits"],
    [`${name}; server_max_window_bits=11`, "over 10"],
    [
      `${name}; server_max_window_bits=10, ${name}; server_max_window_bits=10`,
      "a second time",
    ],
  ] as const;
  for (const [answer, words] of cases) {
    const found = confirmExtensions([answer], extensions);
    assert("found" in found, answer);
    assertEquals(found.code, "wrong-extension", answer);
    assert(found.found.includes(words), found.found);
  }
});

const whole = { messageType: "text", first: true, last: true } as const;

/** Whether a codec compresses a message of so many bytes. */
function compresses(
  codec: ExtensionCodec,
  byteLength: number,
  compress?: boolean,
): boolean {
  const payload = new Uint8Array(byteLength);
  return codec.encode({ ...whole, payload, compress }).rsv !== 0;
}

Deno.test("permessageDeflate() sends short messages as they are, exactly under the threshold", () => {
  const { client } = agree();
  assertEquals([0, 1023, 1024].map((length) => compresses(client, length)), [
    false,
    false,
    true,
  ]);
  const all = agree({ thresholdBytes: 0 }).client;
  assertEquals([0, 1].map((length) => compresses(all, length)), [true, true]);
  const none = agree({ thresholdBytes: Infinity }).client;
  assertEquals(compresses(none, 100_000), false);
});

Deno.test("permessageDeflate() compresses a message or not as the application says, of any length (R88, R100)", () => {
  const { client } = agree();
  for (const length of [0, 1, 1023, 1024, 5_000]) {
    assertEquals(compresses(client, length, true), true, `${length}`);
    assertEquals(compresses(client, length, false), false, `${length}`);
  }
});

Deno.test("permessageDeflate() compresses what comes in pieces, since nobody knows how long it is", () => {
  const { client } = agree();
  const first = { ...whole, last: false, payload: hex("01") };
  assertEquals(client.encode({ ...first, compress: undefined }).rsv, 0x40);
  client.encode({ ...first, first: false, last: true, compress: undefined });
  assertEquals(client.encode({ ...first, compress: false }).rsv, 0);
});

Deno.test("permessageDeflate() holds nothing for an idle connection, and with no takeover nothing between messages (R94, R100)", () => {
  const made: string[] = [];
  const engine = {
    ...pakoEngine,
    createDeflater: (
      options: Parameters<typeof pakoEngine.createDeflater>[0],
    ) => {
      made.push(`deflater of ${options.windowBits}`);
      return pakoEngine.createDeflater(options);
    },
    createInflater: (
      options: Parameters<typeof pakoEngine.createInflater>[0],
    ) => {
      made.push(`inflater of ${options.windowBits}`);
      return pakoEngine.createInflater(options);
    },
  };
  const extension = permessageDeflate({
    engine,
    serverNoContextTakeover: true,
    serverMaxWindowBits: 10,
  });
  const agreement = extension.accept([])!;
  const codecs = Array.from({ length: 10 }, () => agreement.open());
  assertEquals(made, []);
  for (const codec of codecs) compresses(codec, 2_000);
  assertEquals(made, ["deflater of 10"], "one for all of them");
  const piece = { ...whole, start: true, rsv: 0x40, offset: 0 };
  const payload = hex("f2 48 cd c9 c9 07 00");
  for (const codec of codecs.slice(0, 2)) {
    codec.decode({ ...piece, payload }, Infinity);
  }
  assertEquals(made.slice(1), ["inflater of 15", "inflater of 15"]);
});

/** Frames of one message, compressed by `codec` in these parts. */
function framesOf(
  codec: ExtensionCodec,
  messageType: "text" | "binary",
  parts: readonly Uint8Array[],
): FrameInit[] {
  return parts.map((payload, index) => {
    const first = index === 0;
    const fin = index === parts.length - 1;
    const encoded = codec.encode({
      messageType,
      first,
      last: fin,
      payload,
      compress: true,
    });
    return {
      fin,
      rsv1: first,
      opcode: first ? Opcode[messageType] : Opcode.continuation,
      payload: encoded.payload,
    };
  });
}

/** Has a session of `role` take frames, cut as it is told. */
function receiveWith(
  role: Role,
  codec: ExtensionCodec,
  frames: readonly FrameInit[],
  options: Partial<SessionOptions> = {},
  cut: (wire: Uint8Array) => readonly Uint8Array[] = (wire) => [wire],
): CodedSession {
  const coded = openCoded(role, codec, { allowedRsv: 0x40, ...options });
  const wire = fromPeerOf(role, ...frames);
  for (const bytes of cut(wire)) coded.take({ type: "bytes", bytes });
  return coded;
}

/** The close code that a session has told its peer. */
function closeCodeOf(coded: CodedSession): number | undefined {
  const { frames } = decodeFrames(joined(coded.written()));
  const close = frames.find(({ opcode }) => opcode === Opcode.close);
  if (close === undefined) return undefined;
  return close.payload[0]! * 256 + close.payload[1]!;
}

const hello = hex("f2 48 cd c9 c9 07 00");

interface BrokenCase {
  readonly name: string;
  readonly frames: readonly FrameInit[];
  readonly options?: Partial<SessionOptions>;
  readonly code: ProtocolErrorCode;
  readonly closeCode: number;
  readonly before?: readonly string[];
}

const { text, binary, continuation, ping, pong, close } = Opcode;

const brokenCases: readonly BrokenCase[] = [
  ...([["Ping", ping], ["Pong", pong], ["Close", close]] as const).map((
    [name, opcode],
  ) => ({
    name: `RSV1 on a ${name} (R88, R89)`,
    frames: [{ rsv1: true, opcode, payload: hex("") }],
    code: "reserved-bits" as const,
    closeCode: 1002,
  })),
  {
    name: "RSV1 on a Ping between fragments (R88, R89)",
    frames: [
      { rsv1: true, fin: false, opcode: text, payload: hello },
      { rsv1: true, opcode: ping, payload: hex("") },
    ],
    code: "reserved-bits",
    closeCode: 1002,
  },
  {
    name: "RSV1 on a continuation (R88)",
    frames: [
      { rsv1: true, fin: false, opcode: text, payload: hello },
      { rsv1: true, opcode: continuation, payload: hex("00") },
    ],
    code: "reserved-bits",
    closeCode: 1002,
  },
  {
    name: "RSV2, which nothing was agreed on for (R38, R42)",
    frames: [{ rsv2: true, opcode: text, payload: hello }],
    code: "reserved-bits",
    closeCode: 1002,
  },
  {
    name: "RSV1 where nothing was agreed on (R38, R42)",
    frames: [{ rsv1: true, opcode: text, payload: hello }],
    options: { allowedRsv: 0 },
    code: "reserved-bits",
    closeCode: 1002,
  },
  {
    name: "corrupt data (R98)",
    frames: [{ rsv1: true, opcode: text, payload: hex("06 00") }],
    code: "corrupt-compression",
    closeCode: 1007,
  },
  {
    name: "corrupt data after what is right (R98)",
    frames: [
      { rsv1: true, opcode: text, payload: hello },
      { rsv1: true, opcode: text, payload: hex("06 00") },
    ],
    before: ["text Hello"],
    code: "corrupt-compression",
    closeCode: 1007,
  },
  {
    name: "a message over the limit when it is inflated (R76, R98)",
    frames: [{ rsv1: true, opcode: text, payload: hello }],
    options: { maxMessageBytes: 4 },
    code: "message-too-large",
    closeCode: 1009,
  },
  {
    name: "a message over the limit that is not compressed (R76)",
    frames: [{ opcode: text, payload: utf8("Hello") }],
    options: { maxMessageBytes: 4 },
    code: "message-too-large",
    closeCode: 1009,
  },
  {
    name: "too many fragments, though they are empty (R76)",
    frames: [
      { rsv1: true, fin: false, opcode: binary, payload: hello },
      ...Array.from({ length: 3 }, () => ({
        fin: false,
        opcode: continuation,
        payload: hex(""),
      })),
    ],
    options: { maxFragments: 3 },
    code: "too-many-fragments",
    closeCode: 1009,
  },
  {
    name: "a frame over the limit as it is on the wire (R76)",
    frames: [{ rsv1: true, opcode: text, payload: hello }],
    options: { maxFrameBytes: 6 },
    code: "frame-too-large",
    closeCode: 1009,
  },
  {
    name: "a continuation of nothing (R51)",
    frames: [
      { rsv1: true, opcode: text, payload: hello },
      { opcode: continuation, payload: hello },
    ],
    before: ["text Hello"],
    code: "unexpected-continuation",
    closeCode: 1002,
  },
  {
    name: "a message inside another (R49)",
    frames: [
      { rsv1: true, fin: false, opcode: text, payload: hex("") },
      { rsv1: true, opcode: text, payload: hello },
    ],
    code: "interleaved-message",
    closeCode: 1002,
  },
  {
    name: "a type that is not taken (R71)",
    frames: [{ rsv1: true, opcode: text, payload: hello }],
    options: { accepts: "binary" },
    code: "unacceptable-type",
    closeCode: 1003,
  },
];

for (const { name, frames, options, code, closeCode, before } of brokenCases) {
  Deno.test(`a session with permessage-deflate refuses ${name}, cut anywhere`, () => {
    for (const role of roles) {
      for (const cut of [undefined, byteByByte]) {
        const codec = pairOf()[role];
        const coded = receiveWith(role, codec, frames, options, cut);
        assertEquals(coded.lines(), [...before ?? [], `error ${code}`]);
        assertEquals(closeCodeOf(coded), closeCode);
      }
    }
  });
}

Deno.test("a session with permessage-deflate takes exactly what the limits say (R76, R98)", () => {
  const frames: FrameInit[] = [
    { rsv1: true, fin: false, opcode: text, payload: hello },
    { fin: false, opcode: continuation, payload: hex("") },
    { opcode: continuation, payload: hex("00") },
    { opcode: text, payload: utf8("Hello") },
  ];
  const limits = { maxMessageBytes: 5, maxFragments: 3, maxFrameBytes: 7 };
  // The tail belongs to the first fragment here: its block has come to an end.
  frames[0] = {
    ...frames[0]!,
    payload: hello.subarray(0, 3),
  };
  frames[2] = { ...frames[2]!, payload: hello.subarray(3) };
  const coded = receiveWith("client", pairOf().client, frames, limits);
  assertEquals(coded.lines(), ["text Hello", "text Hello"]);
});

const zeros = new Uint8Array(64 * 1024 * 1024);

Deno.test("64 MiB of zeros in 64 KiB stop with 1009 within one buffer of the limit (R76, R98)", () => {
  const maxMessageBytes = 1024 * 1024;
  for (const engine of engines) {
    const { client } = pairOf({ engine, level: 9 });
    const [bomb] = framesOf(client, "binary", [
      engine === pakoEngine ? zeros.subarray(0, 8 * 1024 * 1024) : zeros,
    ]);
    assert(bomb!.payload.length < 70_000, `${bomb!.payload.length} bytes`);
    for (const delivery of ["messages", "pieces"] as const) {
      const { server } = pairOf({ engine });
      let decoded = 0;
      const counting: ExtensionCodec = {
        ...server,
        decode: (piece, maxBytes) => {
          const result = server.decode(piece, maxBytes);
          if (result.status === "valid") {
            decoded += joined(result.payloads).length;
          }
          return result;
        },
      };
      const options = { maxMessageBytes, delivery };
      const coded = receiveWith("server", counting, [bomb!], options);
      const { events } = coded;
      assertEquals(coded.session().error?.code, "message-too-large");
      assertEquals(closeCodeOf(coded), 1009);
      const given = events.reduce(
        (sum, event) => event.type === "piece" ? sum + event.data.length : sum,
        0,
      );
      assert(given <= maxMessageBytes, `${given} bytes given`);
      assert(
        decoded > maxMessageBytes && decoded <= maxMessageBytes + 65_536,
        `${decoded} bytes inflated`,
      );
    }
  }
});

/** Serves an echo; `errors` are the rules that its clients broke. */
function serveEcho(more: ServeWebSocketOptions) {
  const errors: (string | undefined)[] = [];
  const onError = (error: unknown) =>
    void errors.push(error instanceof ProtocolError ? error.code : undefined);
  const server = serveWebSocket(
    { ...more, hostname: "127.0.0.1", onError },
    { message: (connection, data) => connection.send(data) },
  );
  return { server, errors };
}

Deno.test("a server that is sent a bomb closes with 1009, and serves others (R76, R98)", async () => {
  const { server: echo, errors } = serveEcho({
    extensions: [permessageDeflate()],
    maxMessageBytes: 1024 * 1024,
  });
  await using server = echo;
  const peer = await dialOpen(
    server.address,
    "Sec-WebSocket-Extensions: permessage-deflate",
  );
  const [bomb] = framesOf(pairOf().client, "binary", [zeros]);
  await peer.say(bomb!);
  const [line] = await peer.hear(1);
  assert(line!.startsWith("close 1009 "), line);
  assertEquals(errors, ["message-too-large"]);
  peer.close();
  await using client = await connectWebSocket(`ws://${server.address}/`, {
    extensions: [permessageDeflate()],
  });
  const message = "Hello ".repeat(1_000);
  client.send(message);
  assertEquals(await within(client.receive(), "the echo"), message);
});

Deno.test("a message that grows too much in proportion is refused, however small the limit leaves it (R98)", () => {
  const { client, server } = agree({}, { maxRatio: 100 });
  const frames = framesOf(client, "binary", [zeros.subarray(0, 200_000)]);
  const coded = receiveWith("server", server, frames);
  assertEquals(coded.lines(), ["error inflated-too-much"]);
  assertEquals(closeCodeOf(coded), 1009);
});

interface TextCase {
  readonly name: string;
  readonly parts: readonly Uint8Array[];
  /** The text, or nothing if it is none. */
  readonly text?: string;
}

const smiles = `a${"☺".repeat(50_000)}`;

const textCases: readonly TextCase[] = [
  {
    name: "a character that a fragment cuts",
    parts: [hex("f0"), hex("9f 98"), hex(""), hex("80")],
    text: "😀",
  },
  {
    name: "characters that the buffer of an inflater cuts",
    parts: [utf8(smiles)],
    text: smiles,
  },
  {
    name: "characters that buffers and fragments cut",
    parts: piecesOf(utf8(smiles), 70_001),
    text: smiles,
  },
  { name: "a byte that no UTF-8 has", parts: [hex("61 ff")] },
  { name: "a surrogate", parts: [hex("ed a0 80")] },
  {
    name: "a text that ends inside a character",
    parts: [hex("61"), hex("e2 98")],
  },
  {
    name: "a character that its second fragment spoils",
    parts: [hex("e2"), hex("28")],
  },
  {
    name: "a character that the next buffer spoils",
    parts: [joined([
      utf8("a".repeat(65_535)),
      hex("e2"),
      utf8("a".repeat(10)),
    ])],
  },
];

for (const { name, parts, text } of textCases) {
  Deno.test(`UTF-8 is judged on the inflated text: ${name} (R60, R98)`, () => {
    for (const engine of engines) {
      const cuts = parts.some(({ length }) => length > 100)
        ? [undefined, (wire: Uint8Array) => piecesOf(wire, 97)]
        : [undefined, byteByByte];
      for (const cut of cuts) {
        const { client, server } = pairOf({ engine });
        const frames = framesOf(client, "text", parts);
        const coded = receiveWith("server", server, frames, {}, cut);
        if (text === undefined) {
          assertEquals(coded.lines(), ["error invalid-utf8"]);
          assertEquals(closeCodeOf(coded), 1007);
        } else {
          assertEquals(coded.lines().length, 1);
          assert(coded.lines()[0] === `text ${text}`);
        }
      }
    }
  });
}

Deno.test("bytes that are no text on the wire are no matter (R98)", () => {
  const { client, server } = pairOf({ level: 0 });
  const frames = framesOf(client, "text", [utf8("é☺")]);
  const wire = new TextDecoder().decode(frames[0]!.payload);
  assert(wire.includes("\ufffd"), "a length and its complement");
  assertEquals(receiveWith("server", server, frames).lines(), ["text é☺"]);
});

Deno.test("pieces are given as they are inflated, in parts of at most one buffer (R53)", () => {
  const { client, server } = pairOf();
  const data = zeros.subarray(0, 200_000);
  const frames = framesOf(client, "binary", [data, hex("07"), hex("")]);
  const coded = receiveWith("server", server, frames, { delivery: "pieces" });
  const pieces = coded.events.map((event) => {
    assert(event.type === "piece");
    return event;
  });
  assertEquals(pieces.map(({ data, last }) => [data.length, last]), [
    [65_536, false],
    [65_536, false],
    [65_536, false],
    [3_392, false],
    [1, false],
    [0, true],
  ]);
});

Deno.test("a piece is given before the rest of its frame has come (R53)", () => {
  const { client, server } = pairOf({ level: 0 });
  const [frame] = framesOf(client, "binary", [hex("01 02 03 04 05 06")]);
  const coded = openCoded("server", server, { delivery: "pieces" });
  const wire = fromPeerOf("server", frame!);
  coded.take({ type: "bytes", bytes: wire.subarray(0, wire.length - 4) });
  assertEquals(coded.lines(), ["binary… [1 2 3]"]);
  coded.take({ type: "bytes", bytes: wire.subarray(wire.length - 4) });
  assertEquals(coded.lines().slice(1), ["binary. [4 5 6]"]);
});

/** What was said: type and content, a line each. */
interface Said {
  readonly lines: string[];
}

/** Sends a random message or two, control frames between its fragments. */
function say(random: Random, from: CodedSession, said: Said): void {
  const isText = random.chance(0.5);
  const length = random.pick([0, 1, 50, 2_000, 9_000]);
  const compress = random.pick([true, false, undefined]);
  const parts = Array.from(
    { length: random.integer(1, 4) },
    () =>
      isText
        ? random.pick(["a", "é☺", "😀", "words and "]).repeat(length >> 3)
        : repetitive(random, length >> 2, 3_000),
  );
  const type = isText ? "text" : "binary";
  const message = (data: string | Uint8Array) =>
    ({ type, data, compress }) as OutgoingMessage;
  if (random.chance(0.5)) {
    from.take({
      type: "send",
      messages: parts.map(message),
    });
    said.lines.push(...parts.map((data) => lineOf(type, data)));
    return;
  }
  for (const [index, data] of parts.entries()) {
    from.take({
      type: "send-fragment",
      message: message(data),
      last: index === parts.length - 1,
    });
    if (!random.chance(0.4)) continue;
    const echo = random.bytes(random.integer(0, 125));
    from.take({ type: random.pick(["ping", "pong"] as const), data: echo });
  }
  const all = isText ? parts.join("") : joined(parts as readonly Uint8Array[]);
  said.lines.push(lineOf(type, all));
}

function lineOf(type: string, data: string | Uint8Array): string {
  return `${type} ${typeof data === "string" ? data : data.join(" ")}`;
}

/** The messages that a session was told, pieces joined. */
function heard({ events }: CodedSession): string[] {
  const lines: string[] = [];
  let pieces: (string | Uint8Array)[] = [];
  for (const event of events) {
    if (event.type === "message") {
      lines.push(lineOf(event.message.type, event.message.data));
    } else if (event.type === "piece") {
      pieces.push(event.data);
      if (!event.last) continue;
      const data = event.messageType === "text"
        ? pieces.join("")
        : joined(pieces as Uint8Array[]);
      lines.push(lineOf(event.messageType, data));
      pieces = [];
    }
  }
  return lines;
}

/** Carries what one has written to the other, cut anywhere. */
function carry(random: Random, from: CodedSession, to: CodedSession): void {
  const wire = joined(from.written());
  const longest = random.pick([1, 7, 100, 5_000]);
  const step = wire.length > 20_000 ? Math.max(100, longest) : longest;
  for (const bytes of piecesOf(wire, step)) to.take({ type: "bytes", bytes });
}

function randomOptions(random: Random): PermessageDeflateOptions {
  return {
    engine: random.pick(engines),
    level: random.integer(0, 9),
    memLevel: random.integer(1, 9),
    thresholdBytes: random.pick([0, 40, 1024]),
    serverNoContextTakeover: random.chance(0.5),
    clientNoContextTakeover: random.chance(0.5),
    serverMaxWindowBits: random.integer(8, 15),
    clientMaxWindowBits: random.integer(8, 15),
  };
}

/** A conversation with these options: what is said is heard, by both sides. */
function converse(
  random: Random,
  options: readonly PermessageDeflateOptions[],
  turns: number,
): void {
  const agreed = agree(...options);
  const delivery = () => ({
    delivery: random.pick(["messages", "pieces"] as const),
  });
  const client = openCoded("client", agreed.client, delivery());
  const server = openCoded("server", agreed.server, delivery());
  const [up, down]: [Said, Said] = [{ lines: [] }, { lines: [] }];
  for (let turn = 0; turn < turns; turn++) {
    say(random, client, up);
    say(random, server, down);
    carry(random, client, server);
    carry(random, server, client);
    assertEquals(client.session().error, undefined, agreed.header);
    assertEquals(server.session().error, undefined, agreed.header);
    assert(
      heard(server).join("\n") === up.lines.join("\n"),
      `up, turn ${turn}: ${agreed.header}`,
    );
    assert(
      heard(client).join("\n") === down.lines.join("\n"),
      `down, turn ${turn}: ${agreed.header}`,
    );
  }
}

Deno.test("what is said is heard, whatever is agreed on and however it is cut (R88, R89, R93, R94, R96)", () => {
  forEachSeed((random) => {
    converse(random, [randomOptions(random), randomOptions(random)], 6);
  });
});

Deno.test("what is said is heard, with every combination of parameters (R83, R84, R85, R86, R97)", () => {
  const combinations = [false, true].flatMap((serverNoContextTakeover) =>
    [false, true].flatMap((clientNoContextTakeover) =>
      [8, 9, 15].flatMap((serverMaxWindowBits) =>
        [8, 9, 15].map((clientMaxWindowBits) => ({
          serverNoContextTakeover,
          clientNoContextTakeover,
          serverMaxWindowBits,
          clientMaxWindowBits,
          thresholdBytes: 0,
        }))
      )
    )
  );
  const random = seededRandom(1);
  for (const options of combinations) {
    for (const engine of engines) {
      converse(random, [options, { ...options, engine }], 1);
    }
  }
});

Deno.test("a client and a server speak compressed over TCP, and send as they are told (R34, R74, R88)", async () => {
  const extensions = [permessageDeflate({ thresholdBytes: 10 })];
  await using server = serveWebSocket({ hostname: "127.0.0.1", extensions }, {
    message: (connection, data) => connection.send(data),
  });
  await using client = await connectWebSocket(`ws://${server.address}/`, {
    extensions,
  });
  assertEquals(client.extensions, name);
  const long = "All work and no play. ".repeat(20_000);
  const bytes = utf8(long);
  for (const compress of [true, false, undefined]) {
    for (const data of [long, bytes, "", hex(""), "short"]) {
      client.send(data, { compress });
      const echo = await within(client.receive(), "the echo");
      if (typeof data === "string") assert(echo === data);
      else assertBytes(echo as Uint8Array, data, "the echo");
    }
  }
  await client.sendFrom("text", ["All ", "work", ""]);
  assertEquals(await within(client.receive(), "the echo"), "All work");
});

Deno.test("who has not offered it is not sent it, and may not send it (R42, R74)", async () => {
  const { server: echo, errors } = serveEcho({
    extensions: [permessageDeflate({ thresholdBytes: 0 })],
  });
  await using server = echo;
  const peer = await dialOpen(server.address);
  await peer.say({ opcode: text, payload: utf8("Hello") });
  assertEquals(await peer.hear(1), ["text Hello"]);
  await peer.say({ rsv1: true, opcode: text, payload: hello });
  const [line] = await peer.hear(1);
  assert(line!.startsWith("close 1002 "), line);
  assertEquals(errors, ["reserved-bits"]);
  peer.close();
});

Deno.test("serializeFrame() writes the compressed messages of the RFC (R99)", () => {
  const { client } = pairOf();
  const frames = ["Hello", "Hello"].flatMap((word) =>
    framesOf(client, "text", [utf8(word)])
  );
  assertEquals(frames.map(serializeFrame), [
    hex("c1 07 f2 48 cd c9 c9 07 00"),
    hex("c1 05 f2 00 11 00 00"),
  ]);
});
