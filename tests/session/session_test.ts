import { assertEquals, assertThrows } from "@std/assert";
import type { Role } from "../../lib/frame/frame.ts";
import { openSession } from "../../lib/session/session.ts";
import { step } from "../../lib/session/step.ts";
import { assertPure } from "../support/purity.ts";
import { at, roles } from "./sessions.ts";

for (const role of roles) {
  Deno.test(`openSession() is open as a ${role}, with nothing received or sent`, () => {
    const session = assertPure("openSession", openSession, { role }, 7);
    assertEquals(session.phase, "open");
    assertEquals(session.settings.role, role);
    assertEquals(session.sending, "nothing");
    assertEquals(session.pings, []);
    assertEquals(session.unwrittenBytes, 0);
    assertEquals(session.closeReceived, undefined);
    assertEquals(session.error, undefined);
  });
}

Deno.test("openSession() counts every time from the one it is given", () => {
  const heartbeat = { intervalMs: 10, timeoutMs: 5 };
  const session = openSession({ role: "server", heartbeat }, 1_000_000);
  const early = step(session, { type: "time" }, at(1_000_009));
  assertEquals(early.bytes, []);
  assertEquals(early.deadlineMs, 1_000_010);
  const due = step(session, { type: "time" }, at(1_000_010));
  assertEquals(due.bytes.length, 1);
});

Deno.test("openSession() refuses a role that is none, and limits out of range", () => {
  assertThrows(
    () => openSession({ role: "peer" as Role }, 0),
    TypeError,
    "Cannot open session",
  );
  assertThrows(
    () => openSession({ role: "client", maxFragments: -1 }, 0),
    RangeError,
    "maxFragments",
  );
});
