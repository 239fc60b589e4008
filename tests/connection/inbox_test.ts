import { assert, assertEquals, assertRejects } from "@std/assert";
import { createInbox } from "../../lib/connection/inbox.ts";
import { standing } from "../stream/streams.ts";

function begin(maxBufferedBytes = 10, maxBufferedMessages = 3) {
  const calls: string[] = [];
  const inbox = createInbox<string>({
    maxBufferedBytes,
    maxBufferedMessages,
    sizeOf: (text) => text.length,
    onRoom: () => calls.push("room"),
    onEmpty: () => calls.push("empty"),
  });
  const rooms = () => calls.filter((call) => call === "room").length;
  return { inbox, calls, rooms };
}

Deno.test("createInbox() gives items in order, to who waits and to who comes later", async () => {
  const { inbox } = begin();
  const early = [inbox.next(), inbox.next()];
  for (const item of ["a", "b", "c", "d"]) inbox.put(item);
  assertEquals(await Promise.all(early), ["a", "b"]);
  assertEquals(await Promise.all([inbox.next(), inbox.next()]), ["c", "d"]);
});

Deno.test("createInbox() gives what waits, and then the end, as often as it is asked", async () => {
  const { inbox } = begin();
  inbox.put("a");
  inbox.end();
  inbox.end();
  assertEquals(await inbox.next(), "a");
  assertEquals(await inbox.next(), undefined);
  assertEquals(await inbox.next(), undefined);
});

Deno.test("createInbox() gives what waits, then its error once, then the end", async () => {
  const { inbox } = begin();
  inbox.put("a");
  inbox.fail(new Error("broken"));
  inbox.end();
  assertEquals(await inbox.next(), "a");
  await assertRejects(inbox.next, Error, "broken");
  assertEquals(await inbox.next(), undefined);
});

Deno.test("createInbox() gives the error to one of those who wait, the end to the others", async () => {
  const { inbox } = begin();
  const [first, second] = [inbox.next(), inbox.next()].map((next) =>
    standing(next)
  );
  inbox.fail(new Error("broken"));
  assertEquals((await first)?.status, "rejected");
  assertEquals(await second, { status: "fulfilled", value: undefined });
});

Deno.test("createInbox() does not fail after its end", async () => {
  const { inbox } = begin();
  inbox.end();
  inbox.fail(new Error("late"));
  assertEquals(await inbox.next(), undefined);
});

Deno.test("createInbox() is full beyond either limit, not at it (R76)", async () => {
  const { inbox, rooms } = begin(10, 3);
  inbox.put("x".repeat(10));
  assert(!inbox.isFull());
  inbox.put("x");
  assert(inbox.isFull(), "11 bytes");
  await inbox.next();
  assert(!inbox.isFull());
  assertEquals(rooms(), 1);
  for (const item of ["", ""]) inbox.put(item);
  assert(!inbox.isFull(), "3 items");
  inbox.put("");
  assert(inbox.isFull(), "4 items");
  await inbox.next();
  await inbox.next();
  assertEquals(rooms(), 2, "once when there is room, not again");
});

Deno.test("createInbox() does not count what goes to who waits", async () => {
  const { inbox } = begin(0, 0);
  const next = inbox.next();
  inbox.put("xxx");
  assert(!inbox.isFull());
  assertEquals(await next, "xxx");
});

Deno.test("createInbox() is idle when nothing waits and its reader is back", async () => {
  const { inbox, calls } = begin();
  assert(inbox.isIdle(), "nobody was ever given anything");
  for (const item of ["a", "b"]) inbox.put(item);
  assert(!inbox.isIdle() && inbox.isLeft(), "two wait, and nobody reads");
  await inbox.next();
  assert(!inbox.isIdle() && !inbox.isLeft(), "one waits");
  assertEquals(calls, []);
  await inbox.next();
  assert(!inbox.isIdle() && inbox.isLeft(), "it is being dealt with");
  assertEquals(calls, ["empty"]);
  const next = inbox.next();
  assert(inbox.isIdle() && inbox.isLeft());
  assertEquals(calls, ["empty", "empty"]);
  inbox.put("c");
  assert(!inbox.isIdle() && inbox.isLeft(), "it is being dealt with");
  await next;
});

Deno.test("createInbox() does not keep what has been taken, if it never runs empty", async () => {
  const inbox = createInbox<Uint8Array>({
    maxBufferedBytes: 0,
    maxBufferedMessages: 0,
    sizeOf: ({ length }) => length,
    onRoom: () => {},
    onEmpty: () => {},
  });
  const mebibyte = 1024 * 1024;
  inbox.put(new Uint8Array(0));
  const before = Deno.memoryUsage().external;
  for (let count = 0; count < 400; count++) {
    inbox.put(new Uint8Array(mebibyte));
    await inbox.next();
  }
  const kept = (Deno.memoryUsage().external - before) / mebibyte;
  assert(kept < 200, `${Math.round(kept)} of 400 MiB are still there`);
});

Deno.test("createInbox() takes time linear in the items that wait", async () => {
  const elapsed = async (length: number) => {
    const { inbox } = begin(Infinity, Infinity);
    const start = performance.now();
    for (let count = 0; count < length; count++) inbox.put("a");
    for (let count = 0; count < length; count++) await inbox.next();
    return performance.now() - start;
  };
  await elapsed(20_000);
  const short = await elapsed(20_000);
  const long = await elapsed(160_000);
  // Quadratic time would make it 64.
  assert(long < short * 30, `${long} ms after ${short} ms`);
});

Deno.test("createInbox() that is discarded shows who still reads the end, and no message with a gap before it", async () => {
  const { inbox } = begin();
  inbox.put("a");
  inbox.discard();
  const waiting = inbox.next();
  inbox.put("b");
  inbox.end();
  assertEquals(await waiting, undefined);
  assertEquals(await inbox.next(), undefined);
});
