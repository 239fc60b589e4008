import { assertEquals } from "@std/assert";
import { openSession } from "../../lib/session/session.ts";
import {
  advance,
  beginTurn,
  change,
  type Turn,
  writeClose,
  writeFrame,
} from "../../lib/session/turn.ts";
import { hex } from "../support/hex.ts";
import { at, linesOf, pingFrame, roles } from "./sessions.ts";

function begin(role: "client" | "server", nowMs = 0): Turn {
  return beginTurn(Object.freeze(openSession({ role }, 0)), at(nowMs));
}

Deno.test("beginTurn() and change() leave the session before as it was", () => {
  const before = Object.freeze(openSession({ role: "server" }, 0));
  const turn = beginTurn(before, at(0));
  change(turn, { unwrittenBytes: 7 });
  assertEquals(turn.session, { ...before, unwrittenBytes: 7 });
  assertEquals(before.unwrittenBytes, 0);
});

for (const role of roles) {
  Deno.test(`writeFrame() puts a frame of a ${role} among the bytes, and counts it`, () => {
    const turn = begin(role);
    writeFrame(turn, pingFrame("1"));
    writeClose(turn, { closeCode: 1001, reason: "bye" });
    assertEquals(linesOf(role, turn.bytes), ["ping 1", "close 1001 bye"]);
    const byteLength = turn.bytes.reduce((sum, { length }) => sum + length, 0);
    assertEquals(turn.session.unwrittenBytes, byteLength);
    assertEquals(turn.session.phase, "open", "which is advance's business");
  });
}

Deno.test("writeClose() writes no body for 1005 (R55, R72)", () => {
  const turn = begin("server");
  writeClose(turn, { closeCode: 1005, reason: "" });
  assertEquals(turn.bytes, [hex("88 00")]);
});

Deno.test("advance() says once how it all ended, with the Close that came (R67)", () => {
  const turn = begin("client", 5);
  advance(turn, "close-sent");
  assertEquals(turn.session.closingSinceMs, 5);
  change(turn, { closeReceived: { closeCode: 4000, reason: "why" } });
  advance(turn, "close-received");
  assertEquals(turn.events, []);
  advance(turn, "end-received");
  advance(turn, "end-received");
  advance(turn, "time-out");
  assertEquals(turn.events, [
    { type: "ended", wasClean: true, closeCode: 4000, reason: "why" },
  ]);
});

Deno.test("advance() says 1006 when no Close came (R67)", () => {
  const turn = begin("client");
  advance(turn, "end-received");
  assertEquals(turn.events, [
    { type: "ended", wasClean: false, closeCode: 1006, reason: "" },
  ]);
});

Deno.test("advance() does nothing where the table has no cell", () => {
  const turn = begin("client");
  const before = { ...turn.session };
  advance(turn, "time-out");
  assertEquals(turn.session, before);
  assertEquals(turn.events, []);
});
