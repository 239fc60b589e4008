import { assert, assertEquals } from "@std/assert";
import type { DataMessage } from "../../lib/message/message.ts";
import type { Role } from "../../lib/frame/frame.ts";
import {
  openSession,
  type Session,
  type SessionEvent,
  type SessionInput,
  type StepResult,
} from "../../lib/session/session.ts";
import { step } from "../../lib/session/step.ts";
import { hex, utf8 } from "../support/hex.ts";
import { assertPure } from "../support/purity.ts";
import { forEachSeed, type Random } from "../support/random.ts";
import { concatenated, randomPieces } from "../support/splits.ts";
import {
  at,
  closeFrame,
  drive,
  fromPeerOf,
  isAnswerDue,
  pingFrame,
  roles,
  textFrame,
} from "./sessions.ts";

const close: SessionInput = { type: "close", closeCode: 1000, reason: "" };

interface TransportCase {
  readonly name: string;
  readonly inputs: (role: Role) => SessionInput[];
  readonly wanted: Readonly<Record<Role, StepResult["transport"]>>;
}

const closeBytes = (role: Role): SessionInput => ({
  type: "bytes",
  bytes: fromPeerOf(role, closeFrame(1000)),
});
const broken: SessionInput = { type: "bytes", bytes: hex("83 80 00000000") };

const transportCases: readonly TransportCase[] = [
  {
    name: "is open while the connection is",
    inputs: () => [{ type: "time" }],
    wanted: { client: "open", server: "open" },
  },
  {
    name: "is open while the answer to our Close is waited for",
    inputs: () => [close],
    wanted: { client: "open", server: "open" },
  },
  {
    name: "is ended first by the server, once both have closed (R57, R65)",
    inputs: (role) => [close, closeBytes(role)],
    wanted: { client: "open", server: "end" },
  },
  {
    name: "is ended first by the server, once it has answered (R57, R65)",
    inputs: (role) => [closeBytes(role)],
    wanted: { client: "open", server: "end" },
  },
  {
    name: "is ended by who was wronged (R68)",
    inputs: () => [broken],
    wanted: { client: "end", server: "end" },
  },
  {
    name: "is closed when the peer has hung up after both have closed",
    inputs: (role) => [close, closeBytes(role), { type: "end" }],
    wanted: { client: "close", server: "close" },
  },
  {
    name: "is closed when the peer hangs up without a Close (R69)",
    inputs: () => [{ type: "end" }],
    wanted: { client: "close", server: "close" },
  },
  {
    name: "stays closed whatever happens",
    inputs: (role) => [{ type: "end" }, close, closeBytes(role), {
      type: "end",
    }],
    wanted: { client: "close", server: "close" },
  },
];

for (const role of roles) {
  for (const { name, inputs, wanted } of transportCases) {
    Deno.test(`step(): the transport of a ${role} ${name}`, () => {
      const driven = drive(role);
      const results = inputs(role).map((input) => driven.take(input));
      assertEquals(results.at(-1)!.transport, wanted[role]);
    });
  }

  Deno.test(`step() has a ${role} answer the messages before a Close, and then the Close (R56)`, () => {
    const driven = drive(role);
    const bytes = fromPeerOf(role, textFrame("question"), closeFrame(1000));
    driven.step({ type: "bytes", bytes });
    assertEquals(driven.events, ["text question", "close 1000"]);
    driven.step({ type: "send", messages: [{ type: "text", data: "answer" }] });
    driven.step({ type: "answer" });
    assertEquals(driven.lines, ["text answer", "close 1000"]);
    driven.step({ type: "answer" });
    assertEquals(driven.lines.length, 2, "once");
  });

  Deno.test(`step() has a ${role} answer the messages before a broken rule (R68)`, () => {
    const driven = drive(role);
    const bytes = concatenated([
      fromPeerOf(role, textFrame("question")),
      hex("83 80"),
    ]);
    driven.step({ type: "bytes", bytes });
    driven.step({ type: "send", messages: [{ type: "text", data: "answer" }] });
    driven.step({ type: "answer" });
    assertEquals(driven.lines[0], "text answer");
    assert(driven.lines[1]?.startsWith("close 1002 "));
  });

  Deno.test(`step() gives a ${role} no answer to send that is not due`, () => {
    const driven = drive(role);
    driven.step({ type: "answer" });
    driven.step(close);
    driven.step({ type: "answer" });
    assertEquals(driven.lines, ["close 1000"]);
    assertEquals(driven.session().phase, "closing");
  });

  Deno.test(`step() lets a ${role} answer the Close of a peer that has ended its half`, () => {
    const driven = drive(role);
    const bytes = fromPeerOf(role, closeFrame(1001));
    driven.step({ type: "bytes", bytes });
    const ended = driven.step({ type: "end" });
    assertEquals(driven.events, ["close 1001"]);
    assert(ended.transport !== "close");
    const { transport } = driven.step({ type: "answer" });
    assertEquals(driven.lines, ["close 1001"]);
    assertEquals(driven.events, ["close 1001", "ended 1001 clean"]);
    assertEquals(transport, "close");
  });

  Deno.test(`step() lets a ${role} begin again from any session before`, () => {
    const start = openSession({ role, heartbeat: false }, 0);
    const hello = fromPeerOf(role, textFrame("Hel", false));
    const first = step(start, { type: "bytes", bytes: hello }, at(0));
    const rests = ["lo", "p"].map((rest) => {
      const bytes = fromPeerOf(role, {
        opcode: 0,
        payload: utf8(rest),
      });
      return step(first.session, { type: "bytes", bytes }, at(1)).events;
    });
    assertEquals(rests, [
      [{ type: "message", message: { type: "text", data: "Hello" } }],
      [{ type: "message", message: { type: "text", data: "Help" } }],
    ]);
  });
}

/** One of two sessions that are joined in memory. */
interface Side {
  readonly role: Role;
  session: Session;
  /** Bytes on their way to this side. */
  incoming: Uint8Array;
  /** Handed out and not reported as written. */
  unwritten: number;
  /** The text or bytes of the message that is being sent. */
  begun: DataMessage | undefined;
  readonly sent: DataMessage[];
  readonly received: DataMessage[];
  pieces: (string | Uint8Array)[];
  /** Data of Pings sent, and of those that came back. */
  readonly pings: number[];
  readonly pongs: number[];
  readonly ends: Extract<SessionEvent, { type: "ended" }>[];
  readonly errors: unknown[];
}

function open(role: Role, random: Random): Side {
  return {
    role,
    session: openSession({
      role,
      heartbeat: false,
      delivery: random.pick(["messages", "pieces"] as const),
      // So that every Pong is sent.
      maxUnwrittenBytes: Infinity,
    }, 0),
    incoming: new Uint8Array(0),
    unwritten: 0,
    begun: undefined,
    sent: [],
    received: [],
    pieces: [],
    pings: [],
    pongs: [],
    ends: [],
    errors: [],
  };
}

/** One step of `side`, with what comes of it handed to the other side. */
function take(
  side: Side,
  other: Side,
  input: SessionInput,
  random: Random,
): void {
  const context = { nowMs: 0, createMaskingKey: () => random.bytes(4) };
  const { session, events, bytes } = step(side.session, input, context);
  side.session = session;
  other.incoming = concatenated([other.incoming, ...bytes]);
  side.unwritten += bytes.reduce((sum, { length }) => sum + length, 0);
  for (const event of events) note(side, event);
  if (isAnswerDue(session)) take(side, other, { type: "answer" }, random);
}

function note(side: Side, event: SessionEvent): void {
  if (event.type === "message") side.received.push(event.message);
  if (event.type === "error") side.errors.push(event.error);
  if (event.type === "ended") side.ends.push(event);
  if (event.type === "pong") side.pongs.push(...event.data);
  if (event.type !== "piece") return;
  side.pieces.push(event.data);
  if (!event.last) return;
  const { pieces } = side;
  side.pieces = [];
  side.received.push(
    event.messageType === "text"
      ? { type: "text", data: pieces.join("") }
      : { type: "binary", data: concatenated(pieces as Uint8Array[]) },
  );
}

function randomMessage(random: Random): DataMessage {
  return random.chance(0.5)
    ? {
      type: "text",
      data: Array.from(
        { length: random.integer(0, 60) },
        () => random.pick(["a", "é", "☺", "😀", "\n"]),
      ).join(""),
    }
    : {
      type: "binary",
      data: random.bytes(
        random.chance(0.05) ? 70_000 : random.integer(0, 200),
      ),
    };
}

/** Says something at random that one may say. */
function speak(side: Side, other: Side, random: Random): void {
  if (side.session.phase !== "open") return;
  if (random.chance(0.3)) {
    const data = Uint8Array.of(side.pings.length % 256);
    side.pings.push(...data);
    return take(side, other, { type: "ping", data }, random);
  }
  const { begun } = side;
  if (begun === undefined && random.chance(0.5)) {
    const messages = Array.from(
      { length: random.integer(1, 3) },
      () => randomMessage(random),
    );
    side.sent.push(...messages);
    return take(side, other, { type: "send", messages }, random);
  }
  let part = randomMessage(random);
  while (begun !== undefined && part.type !== begun.type) {
    part = randomMessage(random);
  }
  const last = random.chance(0.4);
  take(side, other, { type: "send-fragment", message: part, last }, random);
  const whole = begun === undefined ? part : join(begun, part);
  side.begun = last ? undefined : whole;
  if (last) side.sent.push(whole);
}

function join(a: DataMessage, b: DataMessage): DataMessage {
  return a.type === "text"
    ? { type: "text", data: a.data + b.data }
    : { type: "binary", data: concatenated([a.data, b.data as Uint8Array]) };
}

/** Lets some of the bytes under way arrive, cut anywhere. */
function hear(side: Side, other: Side, random: Random): void {
  const length = random.chance(0.3)
    ? side.incoming.length
    : random.integer(0, side.incoming.length);
  const bytes = side.incoming.slice(0, length);
  side.incoming = side.incoming.slice(length);
  for (const piece of bytesInPieces(bytes, random)) {
    take(side, other, { type: "bytes", bytes: piece }, random);
  }
  const byteLength = other.unwritten;
  other.unwritten = 0;
  take(other, side, { type: "written", byteLength }, random);
}

/** Long ones in a few pieces, for speed. */
function bytesInPieces(bytes: Uint8Array, random: Random): Uint8Array[] {
  if (bytes.length < 2000) return randomPieces(bytes, random);
  const at = random.integer(0, bytes.length);
  return [bytes.slice(0, at), bytes.slice(at)];
}

/** Hands over all that is under way until nothing more is said. */
function settle(a: Side, b: Side, random: Random): void {
  while (a.incoming.length > 0 || b.incoming.length > 0) {
    hear(a, b, random);
    hear(b, a, random);
  }
}

Deno.test("two sessions joined in memory hold a conversation, cut anywhere", () => {
  forEachSeed((random) => {
    const client = open("client", random);
    const server = open("server", random);
    const sides = [client, server] as const;
    const otherOf = (side: Side) => side === client ? server : client;
    for (let turn = 0; turn < 60; turn++) {
      const side = random.pick(sides);
      if (random.chance(0.6)) speak(side, otherOf(side), random);
      else hear(side, otherOf(side), random);
    }
    for (const side of sides) {
      if (side.begun === undefined) continue;
      const message: DataMessage = side.begun.type === "text"
        ? { type: "text", data: "" }
        : { type: "binary", data: hex("") };
      const input = { type: "send-fragment", message, last: true } as const;
      take(side, otherOf(side), input, random);
      side.sent.push(side.begun);
    }
    // Sometimes both at once, and always with something under way.
    const closeCode = random.pick([1000, 1001, 3000, 4999]);
    const closers = random.pick([[client], [server], [client, server]]);
    for (const side of closers) {
      const input = { type: "close", closeCode, reason: "done" } as const;
      take(side, otherOf(side), input, random);
    }
    settle(client, server, random);
    for (const side of sides) {
      take(side, otherOf(side), { type: "end" }, random);
    }

    for (const side of sides) {
      const other = otherOf(side);
      assertEquals(side.received, other.sent, side.role);
      assertEquals(side.errors, [], side.role);
      assertEquals(side.ends, [
        { type: "ended", wasClean: true, closeCode, reason: "done" },
      ], side.role);
      // Those that came before the peer's Close are answered, in order.
      assertEquals(side.pongs, side.pings.slice(0, side.pongs.length));
    }
    // Every Ping before a Close is answered before the Close is.
    const [closer, second] = closers;
    if (second === undefined) assertEquals(closer!.pongs, closer!.pings);
  });
});

Deno.test("two sessions end the same way whatever the first of them is told (R67)", () => {
  forEachSeed((random) => {
    const client = open("client", random);
    const server = open("server", random);
    speak(client, server, random);
    // What follows is no frame at all.
    server.incoming = concatenated([server.incoming, hex("7f ff 00 00")]);
    settle(client, server, random);
    assertEquals(server.session.phase, "failed");
    assertEquals(client.session.closeReceived?.closeCode, 1002);
    take(client, server, { type: "end" }, random);
    take(server, client, { type: "end" }, random);
    assertEquals(client.ends.map(({ wasClean }) => wasClean), [true]);
    assertEquals(server.ends.map(({ wasClean }) => wasClean), [false]);
  });
});

Deno.test("step() changes neither the session nor the input, whatever happens", () => {
  forEachSeed((random) => {
    const role = random.pick(roles);
    const delivery = random.pick(["messages", "pieces"] as const);
    let session = openSession({ role, delivery, maxUnwrittenBytes: 20 }, 0);
    for (let nowMs = 0; nowMs < 400_000; nowMs += 15_000) {
      const input = random.pick<SessionInput>([
        { type: "time" },
        { type: "resume" },
        { type: "written", byteLength: random.integer(0, 30) },
        {
          type: "bytes",
          bytes: fromPeerOf(
            role,
            pingFrame("x"),
            textFrame("a"),
            pingFrame(),
          ),
        },
        { type: "bytes", bytes: new Uint8Array(0) },
      ]);
      session = assertPure("step", step, session, input, at(nowMs)).session;
    }
    const noise: SessionInput = { type: "bytes", bytes: random.bytes(200) };
    const last = assertPure("step", step, session, noise, at(400_000)).session;
    assertPure(
      "step",
      step,
      last,
      { type: "end" } as SessionInput,
      at(400_001),
    );
  });
});
