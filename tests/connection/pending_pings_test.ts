import { assertEquals, assertRejects } from "@std/assert";
import { createPendingPings } from "../../lib/connection/pending_pings.ts";
import { hex } from "../support/hex.ts";
import { standing } from "../stream/streams.ts";

/** Pings with this data that are still without an answer. */
function unanswered(...all: readonly string[]) {
  return all.map((digits) => ({ data: hex(digits) }));
}

Deno.test("createPendingPings() makes data of 4 bytes, different every time", () => {
  const pings = createPendingPings();
  const all = Array.from({ length: 300 }, () => String(pings.createData()));
  assertEquals(new Set(all).size, 300);
  assertEquals(pings.createData().length, 4);
});

Deno.test("createPendingPings() resolves the Ping that was answered, and those before it (R59)", async () => {
  const pings = createPendingPings();
  const [a, b, c] = ["01", "02", "03"].map((digits) => pings.wait(hex(digits)));
  // Another one, of the heartbeat, was sent and answered between the two.
  pings.answer(unanswered("03"), 5);
  assertEquals(await Promise.all([a, b]), [5, 5]);
  assertEquals((await standing(c!)).status, "pending");
  pings.answer([], 7);
  assertEquals(await c, 7);
});

Deno.test("createPendingPings() lets an answer pass that nobody waits for", async () => {
  const pings = createPendingPings();
  const waiting = pings.wait(hex("01"));
  pings.answer(unanswered("01"), 5);
  pings.answer(unanswered("", "01", "0100"), 5);
  assertEquals((await standing(waiting)).status, "pending");
  pings.end();
  await assertRejects(() => waiting, Error);
});

Deno.test("createPendingPings() copies the data", async () => {
  const pings = createPendingPings();
  const data = hex("01");
  const waiting = pings.wait(data);
  data.fill(2);
  pings.answer(unanswered("01"), 4);
  assertEquals((await standing(waiting)).status, "pending");
  pings.answer(unanswered("02"), 5);
  assertEquals(await waiting, 5);
});

Deno.test("createPendingPings() rejects at the end, and troubles nobody who does not look", async () => {
  const pings = createPendingPings();
  const waiting = pings.wait(hex("01"));
  // Nobody looks at this one.
  pings.wait(hex("02"));
  pings.end();
  await assertRejects(
    () => waiting,
    Error,
    "Cannot wait for Pong: the connection has ended",
  );
  pings.answer([], 5);
  assertEquals((await standing(waiting)).status, "rejected");
});
