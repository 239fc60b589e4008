import { assert, assertEquals } from "@std/assert";
import type { SessionOptions } from "../../lib/session/options.ts";
import type { SessionInput } from "../../lib/session/session.ts";
import { hex } from "../support/hex.ts";
import {
  closeFrame,
  drive,
  type Driven,
  fromPeerOf,
  pingFrame,
  pongFrame,
  roles,
  textFrame,
} from "./sessions.ts";

const time: SessionInput = { type: "time" };
const close: SessionInput = { type: "close", closeCode: 1000, reason: "" };

/** Passes time up to each deadline, as a timer would, until `untilMs`. */
function wait(driven: Driven, untilMs: number): void {
  let deadlineMs = driven.take({ type: "written", byteLength: 0 }).deadlineMs;
  while (deadlineMs <= untilMs) {
    deadlineMs = driven.take(time, deadlineMs).deadlineMs;
  }
}

const closings: readonly [
  string,
  (driven: Driven) => void,
  string,
][] = [
  [
    "the answer to its Close",
    (driven) => void driven.take(close),
    "ended 1006 unclean",
  ],
  [
    "the end after both have closed",
    (driven) => void driven.receive(closeFrame(1001)),
    "ended 1001 clean",
  ],
  [
    "the end after a broken rule",
    (driven) =>
      void driven.take({ type: "bytes", bytes: hex("83 80 00000000") }),
    "ended 1006 unclean",
  ],
];

for (const role of roles) {
  Deno.test(`a ${role} fails a peer that is silent for the idle time-out with 1008`, () => {
    const driven = drive(role, { idleTimeoutMs: 100 });
    assertEquals(driven.take(time, 99).deadlineMs, 100);
    assertEquals(driven.events, []);
    driven.take(time, 100);
    assertEquals(driven.events, ["error idle-timeout"]);
    assert(driven.lines[0]?.startsWith("close 1008 Cannot go on"));
    assert(
      driven.session().error?.message.includes(
        "found silence for 100 ms, wanted a byte within 100 ms",
      ),
    );
  });

  Deno.test(`a ${role} counts any byte as a sign of life`, () => {
    const driven = drive(role, { idleTimeoutMs: 100 });
    const wire = fromPeerOf(role, textFrame("ab"), pingFrame(), pongFrame());
    wire.forEach((_, index) => {
      const bytes = wire.subarray(index, index + 1);
      const nowMs = (index + 1) * 90;
      const { deadlineMs } = driven.take({ type: "bytes", bytes }, nowMs);
      assertEquals(deadlineMs, nowMs + 100);
      driven.take(time, nowMs + 89);
    });
    assertEquals(driven.session().phase, "open");
  });

  Deno.test(`a ${role} sends a Ping each interval while the peer answers`, () => {
    const heartbeat = { intervalMs: 30, timeoutMs: 20 };
    const driven = drive(role, { heartbeat, idleTimeoutMs: Infinity });
    for (const nowMs of [30, 60, 90]) {
      wait(driven, nowMs);
      assertEquals(driven.lines.length, nowMs / 30);
      const bytes = fromPeerOf(role, pongFrame());
      const { events } = driven.take({ type: "bytes", bytes }, nowMs + 7);
      assertEquals(events, [
        { type: "pong", data: hex(""), latencyMs: 7 },
      ]);
    }
    assertEquals(driven.lines, ["ping", "ping", "ping"]);
  });

  Deno.test(`a ${role} fails a peer without a sign of life since a Ping with 1008`, () => {
    const heartbeat = { intervalMs: 30, timeoutMs: 20 };
    const driven = drive(role, { heartbeat });
    wait(driven, 49);
    assertEquals(driven.events, []);
    wait(driven, 50);
    assertEquals(driven.events, ["error heartbeat-timeout"]);
    assertEquals(driven.lines.length, 2);
    assert(driven.lines[1]?.startsWith("close 1008 Cannot go on"));
  });

  Deno.test(`a ${role} takes any byte for an answer to the heartbeat's Ping`, () => {
    const heartbeat = { intervalMs: 30, timeoutMs: 20 };
    const driven = drive(role, { heartbeat });
    wait(driven, 30);
    const [byte] = [fromPeerOf(role, textFrame("a")).subarray(0, 1)];
    driven.take({ type: "bytes", bytes: byte }, 45);
    wait(driven, 59);
    assertEquals(driven.session().phase, "open");
    wait(driven, 60);
    assertEquals(driven.lines, ["ping", "ping"]);
  });

  Deno.test(`a ${role} does not send a second Ping while it waits for a sign of life`, () => {
    const heartbeat = { intervalMs: 10, timeoutMs: 100 };
    const driven = drive(role, { heartbeat });
    wait(driven, 109);
    assertEquals(driven.lines, ["ping"]);
    wait(driven, 110);
    assertEquals(driven.events, ["error heartbeat-timeout"]);
  });

  for (const [name, begin, last] of closings) {
    Deno.test(`a ${role} waits for ${name} as long as the close time-out`, () => {
      const driven = drive(role, { closeTimeoutMs: 50, idleTimeoutMs: 10 });
      driven.take({ type: "written", byteLength: 0 }, 5);
      begin(driven);
      assertEquals(driven.take(time, 54).deadlineMs, 55);
      assert(driven.session().phase !== "ended");
      const { transport, deadlineMs } = driven.take(time, 55);
      assertEquals(driven.events.at(-1), last);
      assertEquals(transport, "close");
      assertEquals(deadlineMs, Infinity);
    });
  }

  Deno.test(`a ${role} has the close time-out again for the peer to hang up`, () => {
    const driven = drive(role, { closeTimeoutMs: 50 });
    driven.take(close, 10);
    const bytes = fromPeerOf(role, closeFrame(1000));
    const { deadlineMs } = driven.take({ type: "bytes", bytes }, 40);
    assertEquals(deadlineMs, 90);
    driven.take(time, 89);
    assertEquals(driven.session().phase, "closed");
    driven.take(time, 90);
    assertEquals(driven.events.at(-1), "ended 1000 clean");
  });

  Deno.test(`a ${role} has the close time-out again for each write of what goes before its Close`, () => {
    const driven = drive(role, { closeTimeoutMs: 50 });
    const written = (byteLength: number, nowMs: number) =>
      driven.take({ type: "written", byteLength }, nowMs).deadlineMs;
    driven.take({ type: "send", messages: [{ type: "text", data: "Hello" }] });
    driven.take(close, 10);
    // Two frames of 5 and 2 bytes, each with a header of 2 or 6.
    const headers = role === "client" ? 12 : 4;
    assertEquals(driven.session().bytesUntilClose, 7 + headers);
    assertEquals(written(1, 50), 100);
    assertEquals(written(0, 60), 100);
    // A Pong goes behind the Close, and gives the peer no more time.
    driven.receive(pingFrame("1"));
    assertEquals(driven.lines, ["text Hello", "close 1000", "pong 1"]);
    const { bytesUntilClose, unwrittenBytes } = driven.session();
    assert(bytesUntilClose < unwrittenBytes);
    assertEquals(written(bytesUntilClose, 90), 140);
    assertEquals(written(1, 100), 140);
    assertEquals(driven.take(time, 139).deadlineMs, 140);
    driven.take(time, 140);
    assertEquals(driven.events.at(-1), "ended 1006 unclean");
  });

  Deno.test(`a ${role} that closes has no heartbeat and no idle time-out`, () => {
    const heartbeat = { intervalMs: 5, timeoutMs: 5 };
    const driven = drive(role, {
      heartbeat,
      idleTimeoutMs: 20,
      closeTimeoutMs: 1_000,
    });
    driven.take(close);
    wait(driven, 999);
    assertEquals(driven.lines, ["close 1000"]);
    assertEquals(driven.events, []);
  });

  Deno.test(`a ${role} is not given up while it did not read itself`, () => {
    const heartbeat = { intervalMs: 30, timeoutMs: 20 };
    const driven = drive(role, { heartbeat, idleTimeoutMs: 100 });
    wait(driven, 30);
    // Nobody read, and nobody passed the time, until 1000.
    const { deadlineMs, events } = driven.take({ type: "resume" }, 1000);
    assertEquals(events, []);
    assertEquals(deadlineMs, 1020);
    driven.take(time, 1019);
    assertEquals(driven.session().phase, "open");
    driven.take(time, 1020);
    assertEquals(driven.events, ["error heartbeat-timeout"]);
  });

  Deno.test(`a ${role} counts the idle time from the resumption`, () => {
    const driven = drive(role, { idleTimeoutMs: 100 });
    driven.take({ type: "resume" }, 500);
    driven.take(time, 599);
    assertEquals(driven.events, []);
    driven.take(time, 600);
    assertEquals(driven.events, ["error idle-timeout"]);
  });
}

const silentOptions: Partial<SessionOptions> = {
  idleTimeoutMs: Infinity,
  closeTimeoutMs: Infinity,
  heartbeat: false,
};

Deno.test("deadlineMs is Infinity without any time-out", () => {
  const driven = drive("server", silentOptions);
  assertEquals(driven.take(time, 1e12).deadlineMs, Infinity);
  assertEquals(driven.take(close, 1e12).deadlineMs, Infinity);
  assertEquals(driven.events, []);
});

Deno.test("passing time before the deadline does nothing", () => {
  const driven = drive("client", {
    idleTimeoutMs: 90,
    heartbeat: { intervalMs: 40, timeoutMs: 40 },
  });
  for (let nowMs = 0; nowMs < 40; nowMs++) {
    const { deadlineMs, bytes, events } = driven.take(time, nowMs);
    assertEquals([deadlineMs, bytes, events], [40, [], []]);
  }
});

Deno.test("a Close that is due goes by itself when the close time-out is over", () => {
  for (const role of roles) {
    const bytes = fromPeerOf(role, closeFrame(1001));
    const driven = drive(role, { closeTimeoutMs: 50 });
    assertEquals(driven.step({ type: "bytes", bytes }, 10).deadlineMs, 60);
    driven.step(time, 59);
    assertEquals(driven.lines, []);
    driven.step(time, 60);
    assertEquals(driven.lines, ["close 1001"]);
    assertEquals(driven.session().phase, "closed");
  }
});
