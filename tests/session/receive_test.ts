import { assert, assertEquals } from "@std/assert";
import type { ProtocolErrorCode } from "../../lib/error/protocol_rule.ts";
import { type FrameInit, Opcode, type Role } from "../../lib/frame/frame.ts";
import type { SessionOptions } from "../../lib/session/options.ts";
import { openSession, type SessionInput } from "../../lib/session/session.ts";
import { roomFor } from "../../lib/session/receive.ts";
import { step } from "../../lib/session/step.ts";
import {
  brokenHeaderCases,
  goodFramesBefore,
} from "../support/broken_header_cases.ts";
import { prefixing } from "../extension/codecs.ts";
import { hex, utf8 } from "../support/hex.ts";
import { forEachSeed } from "../support/random.ts";
import {
  byteByByte,
  concatenated,
  everyCutInTwo,
  randomPieces,
} from "../support/splits.ts";
import { assertViolation } from "../support/violations.ts";
import { openCoded } from "./coded_session.ts";
import {
  at,
  binaryFrame,
  closeFrame,
  continuation,
  drive,
  fromPeerOf,
  linesOf,
  pingFrame,
  pongFrame,
  roles,
  textFrame,
} from "./sessions.ts";

const smiley = utf8("☺");

interface ReceiveCase {
  readonly name: string;
  readonly frames: readonly FrameInit[];
  /** Lines, as of `eventLine`, when messages come whole. */
  readonly events: readonly string[];
  readonly lines?: readonly string[];
}

const receiveCases: readonly ReceiveCase[] = [
  { name: "a text", frames: [textFrame("Hello")], events: ["text Hello"] },
  { name: "an empty text", frames: [textFrame("")], events: ["text"] },
  {
    name: "bytes",
    frames: [binaryFrame(hex("0102"))],
    events: ["binary [1 2]"],
  },
  {
    name: "no bytes",
    frames: [binaryFrame(hex(""))],
    events: ["binary []"],
  },
  {
    name: "a text in fragments (R47, R49)",
    frames: [
      textFrame("a", false),
      continuation(utf8("b"), false),
      continuation(utf8("c")),
    ],
    events: ["text abc"],
  },
  {
    name: "bytes in fragments, empty ones among them (R47)",
    frames: [
      binaryFrame(hex(""), false),
      continuation(hex("01"), false),
      continuation(hex(""), false),
      continuation(hex("02"), false),
      continuation(hex("")),
    ],
    events: ["binary [1 2]"],
  },
  {
    name: "a character cut by a fragment (R60)",
    frames: [
      { opcode: Opcode.text, fin: false, payload: smiley.subarray(0, 1) },
      continuation(smiley.subarray(1, 2), false),
      continuation(smiley.subarray(2)),
    ],
    events: ["text ☺"],
  },
  {
    name: "control frames between fragments (R48)",
    frames: [
      textFrame("a", false),
      pingFrame("1"),
      continuation(utf8("b"), false),
      pongFrame("x"),
      continuation(utf8("c")),
    ],
    events: ["ping 1", "pong x", "text abc"],
    lines: ["pong 1"],
  },
  {
    name: "several messages, in order (R64)",
    frames: [textFrame("a"), binaryFrame(hex("01")), textFrame("b")],
    events: ["text a", "binary [1]", "text b"],
  },
  {
    name: "every Ping, to be answered in order (R58, R59)",
    frames: [pingFrame("1"), pingFrame(), pingFrame("x".repeat(125))],
    events: ["ping 1", "ping", `ping ${"x".repeat(125)}`],
    lines: ["pong 1", "pong", `pong ${"x".repeat(125)}`],
  },
  {
    name: "a Pong that nobody asked for, not to be answered (R59)",
    frames: [pongFrame("x"), pongFrame()],
    events: ["pong x", "pong"],
  },
  {
    name: "a Close with a reason, to be answered alike (R56)",
    frames: [closeFrame(3000, "bye")],
    events: ["close 3000 bye"],
    lines: ["close 3000 bye"],
  },
  {
    name: "a Close without a code, to be answered alike (R67)",
    frames: [closeFrame()],
    events: ["close 1005"],
    lines: ["close 1005"],
  },
  {
    name: "nothing after a Close (R64, R68)",
    frames: [
      textFrame("a"),
      closeFrame(1000),
      pingFrame("1"),
      textFrame("b"),
      closeFrame(1001),
    ],
    events: ["text a", "close 1000"],
    lines: ["close 1000"],
  },
  {
    name: "a Close inside a message",
    frames: [textFrame("a", false), closeFrame(1001)],
    events: ["close 1001"],
    lines: ["close 1001"],
  },
];

for (const role of roles) {
  for (const { name, frames, events, lines = [] } of receiveCases) {
    Deno.test(`a ${role} receives ${name}, cut anywhere`, () => {
      const wire = fromPeerOf(role, ...frames);
      const cuts = [[wire], byteByByte(wire), ...everyCutInTwo(wire)];
      for (const chunks of cuts.slice(0, 60)) {
        const label = `cut ${chunks.map((chunk) => chunk.length)}`;
        const driven = drive(role);
        for (const bytes of chunks) driven.take({ type: "bytes", bytes });
        assertEquals(driven.events, events, label);
        assertEquals(driven.lines, lines, label);
      }
    });

    Deno.test(`a ${role} receives ${name} in pieces, cut anywhere`, () => {
      forEachSeed((random) => {
        const wire = fromPeerOf(role, ...frames);
        const driven = drive(role, { delivery: "pieces" });
        for (const bytes of randomPieces(wire, random)) {
          driven.take({ type: "bytes", bytes });
        }
        assertEquals(joinPieceLines(driven.events), sortControls(events));
        assertEquals(driven.lines, lines);
      });
    });
  }
}

/** Lines of pieces as the lines of whole messages, control messages first. */
function joinPieceLines(lines: readonly string[]): string[] {
  const whole: string[] = [];
  let text = "";
  for (const line of lines) {
    const piece = /^(text|binary)([….]) ?(.*)$/s.exec(line);
    if (piece === null) {
      whole.push(line);
      continue;
    }
    const [, type, mark, data] = piece;
    text += type === "text" ? data : ` ${data!.slice(1, -1)}`;
    if (mark === "…") continue;
    const bytes = text.trim().split(/\s+/).join(" ");
    whole.push((type === "text" ? `text ${text}` : `binary [${bytes}]`).trim());
    text = "";
  }
  return sortControls(whole);
}

/** Where a control message stands among the pieces is another test's. */
function sortControls(lines: readonly string[]): string[] {
  const isData = (line: string) => /^(text|binary)/.test(line);
  return [
    ...lines.filter((line) => !isData(line)),
    ...lines.filter(isData),
  ];
}

Deno.test("step() gives a piece of a message as soon as it has come", () => {
  const driven = drive("client", { delivery: "pieces" });
  const take = (digits: string) =>
    driven.take({ type: "bytes", bytes: hex(digits) });
  take("01 04");
  assertEquals(driven.events, []);
  take("48");
  assertEquals(driven.events, ["text… H"]);
  take("65 e2 98");
  assertEquals(driven.events, ["text… H", "text… e"]);
  take("89 00");
  assertEquals(driven.events.at(-1), "ping");
  take("00 00 80 01 ba");
  assertEquals(driven.events.at(-1), "text. ☺");
});

Deno.test("step() gives the last piece of a message even if it is empty", () => {
  const driven = drive("client", { delivery: "pieces" });
  driven.receive(binaryFrame(hex("01"), false), continuation(hex("")));
  assertEquals(driven.events, ["binary… [1]", "binary. []"]);
});

interface FailCase {
  readonly name: string;
  readonly frames: readonly FrameInit[];
  readonly options?: Partial<SessionOptions>;
  readonly code: ProtocolErrorCode;
  readonly closeCode: number;
}

const failCases: readonly FailCase[] = [
  {
    name: "a continuation between messages (R51)",
    frames: [continuation(hex("01"))],
    code: "unexpected-continuation",
    closeCode: 1002,
  },
  {
    name: "a message inside another (R49, R51)",
    frames: [textFrame("a", false), textFrame("b")],
    code: "interleaved-message",
    closeCode: 1002,
  },
  {
    name: "a text that is no UTF-8 (R60)",
    frames: [{ opcode: Opcode.text, payload: hex("61 ff") }],
    code: "invalid-utf8",
    closeCode: 1007,
  },
  {
    name: "a text that ends inside a character (R60)",
    frames: [{ opcode: Opcode.text, payload: hex("e2 98") }],
    code: "invalid-utf8",
    closeCode: 1007,
  },
  {
    name: "an unfinished text that cannot become UTF-8 (R61)",
    frames: [
      { opcode: Opcode.text, fin: false, payload: hex("e2") },
      continuation(hex("28"), false),
    ],
    code: "invalid-utf8",
    closeCode: 1007,
  },
  {
    name: "a Close with a body of 1 byte (R55)",
    frames: [{ opcode: Opcode.close, payload: hex("03") }],
    code: "close-body-too-short",
    closeCode: 1002,
  },
  {
    name: "a Close with code 1005 (R72)",
    frames: [{ opcode: Opcode.close, payload: hex("03ed") }],
    code: "invalid-close-code",
    closeCode: 1002,
  },
  {
    name: "a Close with code 5000 (R72)",
    frames: [{ opcode: Opcode.close, payload: hex("1388") }],
    code: "invalid-close-code",
    closeCode: 1002,
  },
  {
    name: "a Close whose reason is no UTF-8 (R60)",
    frames: [{ opcode: Opcode.close, payload: hex("03e8 ff") }],
    code: "invalid-close-reason",
    closeCode: 1007,
  },
  {
    name: "a frame over the limit (R76)",
    frames: [binaryFrame(new Uint8Array(11))],
    options: { maxFrameBytes: 10 },
    code: "frame-too-large",
    closeCode: 1009,
  },
  {
    name: "a message over the limit (R76)",
    frames: [binaryFrame(hex("0102"), false), continuation(hex("0304"))],
    options: { maxMessageBytes: 3 },
    code: "message-too-large",
    closeCode: 1009,
  },
  {
    name: "more fragments than the limit, however empty (R76)",
    frames: [
      binaryFrame(hex(""), false),
      continuation(hex(""), false),
      continuation(hex(""), false),
    ],
    options: { maxFragments: 2 },
    code: "too-many-fragments",
    closeCode: 1009,
  },
];

for (const role of roles) {
  for (const delivery of ["messages", "pieces"] as const) {
    for (const { name, frames, options, code, closeCode } of failCases) {
      Deno.test(`a ${role} that takes ${delivery} fails ${name} with ${closeCode}, cut anywhere`, () => {
        const good = fromPeerOf(role, pingFrame("1"), binaryFrame(hex("07")));
        const after = fromPeerOf(role, pingFrame("2"), closeFrame(1000));
        const wire = concatenated([good, fromPeerOf(role, ...frames), after]);
        for (
          const chunks of [[wire], byteByByte(wire), ...everyCutInTwo(wire)]
        ) {
          const label = `cut ${chunks.map((chunk) => chunk.length)}`;
          const driven = drive(role, { ...options, delivery });
          for (const bytes of chunks) driven.take({ type: "bytes", bytes });
          assertEquals(driven.events.at(-1), `error ${code}`, label);
          assertEquals(driven.session().error?.code, code, label);
          const [pong, close, ...more] = driven.lines;
          assertEquals(pong, "pong 1", label);
          assert(close?.startsWith(`close ${closeCode} Cannot`), label);
          assertEquals(more, [], label);
        }
      });
    }
  }
}

for (const broken of brokenHeaderCases) {
  const { name, wire, options, code, closeCode, at: offset } = broken;
  // The other cases are of extensions that were negotiated.
  if (options.allowedRsv !== undefined) continue;

  Deno.test(`step() fails ${name} with ${closeCode} where it stands`, () => {
    const role: Role = options.role ?? "client";
    // In the role the frames before have to be masked, or may not be.
    const isMasked = (wire[1]! & 0x80) !== 0;
    if (options.role === undefined && isMasked) return;
    const before = goodFramesBefore(broken);
    const limits = options.maxPayloadBytes === undefined
      ? {}
      : { maxFrameBytes: options.maxPayloadBytes };
    const driven = drive(role, limits);
    driven.take({ type: "bytes", bytes: concatenated([before, wire]) });
    const violation = { code, offset: before.length + offset };
    assertViolation(driven.session().error, violation, name);
    assert(driven.lines.at(-1)!.startsWith(`close ${closeCode} `));
  });
}

for (const role of roles) {
  Deno.test(`a ${role} that failed processes nothing more, not even a Close (R68)`, () => {
    const driven = drive(role);
    driven.take({ type: "bytes", bytes: hex("83 80 00000000") });
    const counts = [driven.events.length, driven.lines.length];
    driven.receive(pingFrame("1"), textFrame("a"), closeFrame(1000));
    driven.take({ type: "bytes", bytes: hex("ff ff ff ff") });
    assertEquals([driven.events.length, driven.lines.length], counts);
    driven.take({ type: "end" });
    assertEquals(driven.events.at(-1), "ended 1006 unclean");
  });

  Deno.test(`a ${role} that has closed still receives data, and answers Pings (R58, R65)`, () => {
    const driven = drive(role);
    driven.take({ type: "close", closeCode: 1000, reason: "" });
    driven.receive(textFrame("late"), pingFrame("1"), closeFrame(1001, "ok"));
    assertEquals(driven.events, ["text late", "ping 1", "close 1001 ok"]);
    assertEquals(driven.lines, ["close 1000", "pong 1"]);
    driven.take({ type: "end" });
    assertEquals(driven.events.at(-1), "ended 1001 clean");
  });

  Deno.test(`a ${role} that has closed sends no second Close when the peer breaks a rule (R56)`, () => {
    const driven = drive(role);
    driven.take({ type: "close", closeCode: 1000, reason: "" });
    driven.receive(continuation(hex("01")));
    assertEquals(driven.lines, ["close 1000"]);
    assertEquals(driven.events, ["error unexpected-continuation"]);
    driven.take({ type: "end" });
    assertEquals(driven.events.at(-1), "ended 1006 unclean");
  });

  Deno.test(`a ${role} counts a simultaneous Close as complete (R57)`, () => {
    const driven = drive(role);
    driven.take({ type: "close", closeCode: 1000, reason: "ours" });
    driven.receive(closeFrame(4000, "theirs"));
    driven.take({ type: "end" });
    assertEquals(driven.lines, ["close 1000 ours"]);
    assertEquals(driven.events, ["close 4000 theirs", "ended 4000 clean"]);
  });

  Deno.test(`a ${role} refuses the Close of a peer that is as wrong as its answer (R72)`, () => {
    const driven = drive(role);
    driven.take({ type: "close", closeCode: 1000, reason: "" });
    driven.take({
      type: "bytes",
      bytes: fromPeerOf(role, { opcode: Opcode.close, payload: hex("03ee") }),
    });
    assertEquals(driven.events, ["error invalid-close-code"]);
    assertEquals(driven.session().closeReceived, undefined);
  });
}

interface EndCase {
  readonly name: string;
  readonly before: readonly SessionInput[];
  readonly chunk?: Uint8Array;
  /** What the end adds. */
  readonly events: readonly string[];
  readonly found?: string;
  readonly offset?: number;
}

const close: SessionInput = { type: "close", closeCode: 1000, reason: "" };
const missing = ["error missing-close", "ended 1006 unclean"];

const endCases: readonly EndCase[] = [
  {
    name: "while open, at once",
    before: [],
    events: missing,
    found: "the end of the stream, ",
    offset: 0,
  },
  {
    name: "while open, between frames",
    before: [],
    chunk: hex("89 00"),
    events: missing,
    found: "the end of the stream, ",
    offset: 2,
  },
  {
    name: "while open, inside a header",
    before: [],
    chunk: hex("89 00 81"),
    events: missing,
    found: "the end of the stream inside a frame",
    offset: 3,
  },
  {
    name: "while open, inside a payload",
    before: [],
    chunk: hex("82 04 01 02"),
    events: missing,
    found: "the end of the stream inside a frame",
    offset: 4,
  },
  {
    name: "while open, inside a message",
    before: [],
    chunk: hex("02 01 07"),
    events: missing,
    offset: 3,
  },
  {
    name: "while closing, without the peer's Close",
    before: [close],
    events: missing,
    offset: 0,
  },
  {
    name: "after both have closed",
    before: [close],
    chunk: hex("88 02 03 e8"),
    events: ["ended 1000 clean"],
  },
  {
    name: "after a broken rule",
    before: [],
    chunk: hex("83 00"),
    events: ["ended 1006 unclean"],
  },
];

for (const { name, before, chunk, events, found, offset } of endCases) {
  Deno.test(`step() ends with the peer's bytes ${name} (R67, R69)`, () => {
    const driven = drive("client");
    for (const input of before) driven.take(input);
    if (chunk !== undefined) driven.take({ type: "bytes", bytes: chunk });
    const count = driven.events.length;
    const { transport, deadlineMs } = driven.take({ type: "end" });
    assertEquals(driven.events.slice(count), events);
    assertEquals(transport, "close");
    assertEquals(deadlineMs, Infinity);
    const { error } = driven.session();
    if (found !== undefined) assert(error?.message.includes(found), `${error}`);
    if (offset !== undefined) assertEquals(error?.offset, offset);
    driven.take({ type: "end" });
    assertEquals(driven.events.length, count + events.length, "only once");
  });
}

Deno.test("step() holds Pongs back from who does not read, and then sends the latest (R59)", () => {
  const driven = drive("server", { maxUnwrittenBytes: 10 });
  // Four Pongs of 3 bytes each: the fourth goes out when 9 bytes wait.
  driven.receive(...["1", "2", "3", "4"].map(pingFrame));
  assertEquals(driven.lines, ["pong 1", "pong 2", "pong 3", "pong 4"]);
  driven.receive(pingFrame("5"), pingFrame("6"));
  driven.receive(pingFrame("7"));
  assertEquals(driven.lines.length, 4, "more than 10 bytes wait");
  assertEquals(driven.events.length, 7, "they are told of all the same");
  driven.take({ type: "written", byteLength: 1 });
  assertEquals(driven.lines.length, 4, "11 bytes wait");
  driven.take({ type: "written", byteLength: 1 });
  assertEquals(driven.lines.slice(4), ["pong 7"]);
  driven.take({ type: "written", byteLength: 13 });
  assertEquals(driven.lines.length, 5, "once");
  driven.receive(pingFrame("8"));
  assertEquals(driven.lines.at(-1), "pong 8");
});

Deno.test("step() forgets the Pong that it held back once the connection is closed (R58)", () => {
  const driven = drive("server", { maxUnwrittenBytes: 0 });
  driven.receive(pingFrame("1"), pingFrame("2"), closeFrame(1000));
  assertEquals(driven.lines, ["pong 1", "close 1000"]);
  driven.take({ type: "written", byteLength: 100 });
  assertEquals(driven.lines, ["pong 1", "close 1000"]);
});

Deno.test("step() holds a bounded number of bytes however many Pings come (R76)", () => {
  const driven = openSession({ role: "client", heartbeat: false }, 0);
  const wire = fromPeerOf(
    "client",
    ...Array.from({ length: 500 }, () => pingFrame("x".repeat(125))),
  );
  let session = driven;
  let byteLength = 0;
  for (let count = 0; count < 20; count++) {
    const result = step(session, { type: "bytes", bytes: wire }, at(0));
    session = result.session;
    byteLength += result.bytes.reduce((sum, { length }) => sum + length, 0);
  }
  assert(byteLength < 64 * 1024 + 200, `${byteLength} bytes`);
});

Deno.test("step() tells the latency of a Ping, and of those before it (R59)", () => {
  const driven = drive("server");
  const ping = (data: string, nowMs: number) =>
    driven.take({ type: "ping", data: utf8(data) }, nowMs);
  const latencies = (nowMs: number, ...data: string[]) => {
    const bytes = fromPeerOf("server", ...data.map(pongFrame));
    return driven.take({ type: "bytes", bytes }, nowMs).events
      .map((event) => event.type === "pong" ? event.latencyMs : undefined);
  };
  ping("a", 10);
  ping("b", 20);
  ping("c", 30);
  assertEquals(latencies(45, "unasked"), [undefined]);
  assertEquals(latencies(50, "b"), [30]);
  assertEquals(latencies(51, "a"), [undefined], "answered with b");
  assertEquals(latencies(55, "c", "c"), [25, undefined]);
});

Deno.test("step() tells the latency from the latest Ping with the same data", () => {
  const driven = drive("server");
  driven.take({ type: "ping", data: utf8("a") }, 10);
  driven.take({ type: "ping", data: utf8("a") }, 20);
  const bytes = fromPeerOf("server", pongFrame("a"));
  const { events } = driven.take({ type: "bytes", bytes }, 25);
  assertEquals(events.map((event) => "latencyMs" in event && event.latencyMs), [
    5,
  ]);
});

Deno.test("step() remembers a bounded number of Pings", () => {
  const driven = drive("server");
  for (let count = 0; count < 100; count++) {
    driven.take({ type: "ping", data: utf8(`${count}`) });
  }
  assertEquals(driven.session().pings.length, 32);
});

for (const delivery of ["messages", "pieces"] as const) {
  Deno.test(`step() copies bytes that come, when they are taken as ${delivery}`, () => {
    const wire = fromPeerOf(
      "server",
      binaryFrame(hex("010203"), false),
      pingFrame("abc"),
    );
    const rest = fromPeerOf("server", continuation(hex("04")));
    const context = at(0);
    const start = openSession({ role: "server", delivery }, 0);
    const first = step(start, { type: "bytes", bytes: wire }, context);
    wire.fill(0xff);
    const second = step(
      first.session,
      { type: "bytes", bytes: rest },
      context,
    );
    rest.fill(0xff);
    const data = [...first.events, ...second.events].flatMap((event) =>
      event.type === "message"
        ? [...event.message.data]
        : event.type === "piece"
        ? [...event.data]
        : []
    );
    assertEquals(data, [1, 2, 3, 4]);
  });
}

Deno.test("step() takes a frame of any declared size in pieces, in constant memory", () => {
  // 2^40 bytes, of which one comes.
  const driven = drive("client", { delivery: "pieces" });
  driven.take({ type: "bytes", bytes: hex("82 7f 0000010000000000") });
  driven.take({ type: "bytes", bytes: hex("07") });
  assertEquals(driven.events, ["binary… [7]"]);
  const { decoding, gathered } = driven.session().receiving;
  assertEquals(decoding?.waiting.length, 0);
  assertEquals(gathered.bytes.byteLength, 0);
});

Deno.test("step() refuses a text longer than a string can be when its frame begins (R76)", () => {
  const limits = { maxMessageBytes: Infinity, maxFrameBytes: Infinity };
  const header = hex("81 7f 0000000020000000");
  const whole = drive("client", limits);
  whole.take({ type: "bytes", bytes: header });
  assertEquals(whole.events, ["error message-too-large"]);
  const inPieces = drive("client", { ...limits, delivery: "pieces" });
  inPieces.take({ type: "bytes", bytes: header });
  assertEquals(inPieces.session().phase, "open", "which makes no string");
});

Deno.test("step() takes time linear in a message that comes byte by byte", () => {
  const elapsed = (length: number) => {
    const wire = fromPeerOf("client", binaryFrame(new Uint8Array(length)));
    let session = openSession({ role: "client" }, 0);
    const before = performance.now();
    for (const bytes of byteByByte(wire)) {
      session = step(session, { type: "bytes", bytes }, at(0)).session;
    }
    return performance.now() - before;
  };
  elapsed(5_000);
  const short = elapsed(10_000);
  const long = elapsed(80_000);
  // Quadratic time would make it 64.
  assert(long < short * 30, `${long} ms after ${short} ms`);
});

Deno.test("step() fails a message of a type that is not taken with 1003, as soon as it begins (R71)", () => {
  const cases = [
    ["text", "82 05", "a binary message"],
    ["binary", "81 05", "a text message"],
    ["text", "02 00", "a binary message"],
    // Judged before what is in it, however much of that has come.
    ["binary", "81 01 ff", "a text message"],
    ["binary", "01 01 ff", "a text message"],
  ] as const;
  for (const [accepts, bytes, found] of cases) {
    const session = openSession({ role: "client", accepts }, 0);
    const failed = step(session, { type: "bytes", bytes: hex(bytes) }, at(0));
    assertEquals(failed.session.error?.code, "unacceptable-type", bytes);
    assertEquals(failed.session.error?.message.includes(found), true, bytes);
    const told = step(failed.session, { type: "answer" }, at(0));
    assertEquals(linesOf("client", told.bytes)[0]?.slice(0, 10), "close 1003");
  }
  const open = openSession({ role: "client", accepts: "text" }, 0);
  const taken = step(open, { type: "bytes", bytes: hex("81 01 61") }, at(0));
  assertEquals(taken.session.phase, "open");
});

/** Feeds a session as a link does, reading into the room that there is. */
function feedThroughRoom(
  role: Role,
  wire: Uint8Array,
  largest: number,
): { events: string[]; roomReads: number } {
  let session = openSession({ role, heartbeat: false }, 0);
  const events: string[] = [];
  let roomReads = 0;
  for (let offset = 0; offset < wire.length;) {
    const room = roomFor(session);
    const buffer = room ?? new Uint8Array(65536);
    const part = wire.subarray(
      offset,
      offset + Math.min(largest, buffer.length),
    );
    buffer.set(part);
    const bytes = buffer.subarray(0, part.length);
    const result = step(session, { type: "bytes", bytes }, at(0));
    session = result.session;
    offset += part.length;
    if (room !== undefined) roomReads += 1;
    for (const event of result.events) {
      assert(event.type === "message" && event.message.type === "binary");
      const { data } = event.message;
      events.push(`${data.length} ${data[0]} ${data.at(-1)} ${sumOf(data)}`);
    }
  }
  return { events, roomReads };
}

function sumOf(data: Uint8Array): number {
  return data.reduce((sum, byte, index) => (sum * 31 + byte + index) | 0, 0);
}

for (const role of roles) {
  Deno.test(`a ${role} has room for a long payload, and reads the same through it (R47)`, () => {
    const payloads = [300_000, 10, 70_000, 131_072, 65_536, 0, 1_000_000]
      .map((length) =>
        new Uint8Array(length).map((_, index) => index * 31 + length)
      );
    const frames = payloads.map((payload) => binaryFrame(payload));
    const fragments = [
      binaryFrame(payloads[0]!, false),
      continuation(payloads[1]!, false),
      continuation(payloads[3]!),
    ];
    const wire = fromPeerOf(role, ...frames, ...fragments);
    const joined = concatenated([payloads[0]!, payloads[1]!, payloads[3]!]);
    const expected = [...payloads, joined].map((data) =>
      `${data.length} ${data[0]} ${data.at(-1)} ${sumOf(data)}`
    );
    for (const largest of [1_000_000, 65_536, 10_007]) {
      const { events, roomReads } = feedThroughRoom(role, wire, largest);
      assertEquals(events, expected, `reads of ${largest}`);
      assert(roomReads > 0);
    }
  });
}

Deno.test("roomFor() is none for a text, for pieces, and where little is to come", () => {
  const header = (opcode: string, length: string) =>
    hex(`${opcode} 7f 00000000${length}`);
  const cases: [string, Partial<SessionOptions>, Uint8Array, boolean][] = [
    ["a binary message", {}, header("82", "00100000"), true],
    ["a text", {}, header("81", "00100000"), false],
    ["pieces", { delivery: "pieces" }, header("82", "00100000"), false],
    ["a short one", {}, header("82", "00010020"), false],
  ];
  for (const [name, options, head, has] of cases) {
    let session = openSession({ role: "client", ...options }, 0);
    for (const bytes of [head, new Uint8Array(10_000)]) {
      ({ session } = step(session, { type: "bytes", bytes }, at(0)));
    }
    assertEquals(roomFor(session) !== undefined, has, name);
  }
});

interface CodedCase {
  readonly name: string;
  readonly frames: readonly FrameInit[];
  /** With messages that come whole. */
  readonly events: readonly string[];
}

const marked = { rsv2: true } as const;
const reserved = ["error reserved-bits"];

/** Extension data is one byte here, 0x2a, before every message. */
const codedCases: readonly CodedCase[] = [
  {
    name: "extension data, which is no part of the message (R42)",
    frames: [{ ...binaryFrame(hex("2a 01 02")), ...marked }],
    events: ["binary [1 2]"],
  },
  {
    name: "extension data and nothing else (R42)",
    frames: [binaryFrame(hex("2a")), textFrame("*")],
    events: ["binary []", "text"],
  },
  {
    name: "extension data in a fragment of its own, and a Ping after it (R48)",
    frames: [
      { ...binaryFrame(hex("2a"), false), ...marked },
      pingFrame("1"),
      continuation(hex("01"), false),
      continuation(hex("")),
    ],
    events: ["ping 1", "binary [1]"],
  },
  {
    name: "a character that fragments cut (R60)",
    frames: [
      textFrame("*", false),
      continuation(smiley.subarray(0, 1), false),
      continuation(smiley.subarray(1)),
    ],
    events: ["text ☺"],
  },
  {
    name: "extension data that is wrong",
    frames: [binaryFrame(hex("2b 01"))],
    events: ["error invalid-extension-data"],
  },
  {
    name: "a bit on a control frame, which is not the extension's (R38)",
    frames: [{ ...pingFrame("1"), ...marked }],
    events: reserved,
  },
  {
    name: "a bit that no extension uses (R38)",
    frames: [{ ...binaryFrame(hex("2a")), rsv1: true }],
    events: reserved,
  },
  {
    name: "no UTF-8 in what the extension makes of it (R60, R61)",
    frames: [{ ...textFrame("*", false) }, continuation(hex("ff"), false)],
    events: ["error invalid-utf8"],
  },
  {
    name: "a continuation of nothing (R51)",
    frames: [continuation(hex("2a"))],
    events: ["error unexpected-continuation"],
  },
  {
    name: "a message inside another (R49, R51)",
    frames: [binaryFrame(hex("2a"), false), binaryFrame(hex("2a"))],
    events: ["error interleaved-message"],
  },
];

for (const role of roles) {
  for (const { name, frames, events } of codedCases) {
    Deno.test(`a ${role} with an extension receives ${name}, cut anywhere`, () => {
      const wire = fromPeerOf(role, ...frames);
      for (const chunks of [[wire], byteByByte(wire), ...everyCutInTwo(wire)]) {
        const options = { allowedRsv: 0x20 };
        const coded = openCoded(role, prefixing(0x2a), options);
        for (const bytes of chunks) coded.take({ type: "bytes", bytes });
        assertEquals(coded.lines(), events);
      }
    });
  }
}

Deno.test("step() judges the length of what an extension makes, not of what came (R76)", () => {
  const cases = [["2a 01 02", true], ["2a 01 02 03", false]] as const;
  for (const [payload, isTaken] of cases) {
    const coded = openCoded("client", prefixing(0x2a), { maxMessageBytes: 2 });
    const bytes = fromPeerOf("client", binaryFrame(hex(payload)));
    coded.take({ type: "bytes", bytes });
    assertEquals(coded.lines(), [
      isTaken ? "binary [1 2]" : "error message-too-large",
    ]);
  }
});

Deno.test("step() asks an extension for as much as a message has left (R76)", () => {
  const rooms: number[] = [];
  const codec = {
    ...prefixing(0x2a),
    decode: ({ payload }: { readonly payload: Uint8Array }, most: number) => {
      rooms.push(most);
      return { status: "valid", payloads: [payload, payload] } as const;
    },
  };
  const coded = openCoded("client", codec, { maxMessageBytes: 10 });
  const frames = [
    binaryFrame(hex("01 02"), false),
    continuation(hex("03")),
    binaryFrame(hex("04")),
  ];
  coded.take({ type: "bytes", bytes: fromPeerOf("client", ...frames) });
  assertEquals(rooms, [10, 6, 10]);
  assertEquals(coded.lines(), ["binary [1 2 1 2 3 3]", "binary [4 4]"]);
});
