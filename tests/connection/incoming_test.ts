import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  createIncoming,
  type Incoming,
  type IncomingMessage,
} from "../../lib/connection/incoming.ts";
import { hex } from "../support/hex.ts";
import { collect, idle, standing } from "../stream/streams.ts";

function begin(): { incoming: Incoming; rooms: () => number } {
  let rooms = 0;
  const incoming = createIncoming({
    maxBufferedBytes: 4,
    maxBufferedMessages: 3,
    onRoom: () => rooms++,
    onEmpty: () => {},
  });
  return { incoming, rooms: () => rooms };
}

function putText(incoming: Incoming, ...pieces: readonly string[]): void {
  pieces.forEach((data, index) =>
    incoming.put({
      type: "piece",
      messageType: "text",
      data,
      last: index === pieces.length - 1,
    })
  );
}

async function textOf(message: IncomingMessage | undefined): Promise<string> {
  assert(message?.type === "text");
  const { items, error } = await collect(message.readable);
  if (error !== undefined) throw error;
  return items.join("|");
}

Deno.test("createIncoming() gives each message as a stream of its pieces", async () => {
  const { incoming } = begin();
  putText(incoming, "a", "b", "c");
  incoming.put({
    type: "piece",
    messageType: "binary",
    data: hex("01"),
    last: true,
  });
  assertEquals(await textOf(await incoming.next()), "a|b|c");
  const second = await incoming.next();
  assert(second?.type === "binary");
  assertEquals((await collect(second.readable)).items, [hex("01")]);
});

Deno.test("createIncoming() gives a message when its first piece is there", async () => {
  const { incoming } = begin();
  const next = incoming.next();
  incoming.put({ type: "piece", messageType: "text", data: "a", last: false });
  const message = await next;
  assert(message?.type === "text");
  const reader = message.readable.getReader();
  assertEquals((await reader.read()).value, "a");
  const second = reader.read();
  assertEquals((await standing(second)).status, "pending");
  incoming.put({ type: "piece", messageType: "text", data: "b", last: true });
  assertEquals((await second).value, "b");
  assertEquals((await reader.read()).done, true);
});

Deno.test("createIncoming() gives an empty message as a stream of nothing", async () => {
  const { incoming } = begin();
  putText(incoming, "");
  putText(incoming, "a", "");
  assertEquals(await textOf(await incoming.next()), "");
  assertEquals(await textOf(await incoming.next()), "a");
});

Deno.test("createIncoming() skips what was not read of the message before", async () => {
  const { incoming } = begin();
  putText(incoming, "a", "b", "c");
  putText(incoming, "d");
  const first = await incoming.next();
  assert(first?.type === "text");
  assertEquals(await textOf(await incoming.next()), "d");
  const { items, error } = await collect(first.readable);
  assertEquals(items, ["a"], "which was taken already");
  assert(error instanceof Error && error.message.includes("a later message"));
});

Deno.test("createIncoming() takes nothing before it is asked, and tells of room", async () => {
  const { incoming, rooms } = begin();
  putText(incoming, "aaa", "bbb", "ccc");
  assert(incoming.isFull());
  const message = await incoming.next();
  await idle();
  assert(incoming.isFull(), "6 bytes wait still");
  assert(message?.type === "text");
  const reader = message.readable.getReader();
  await reader.read();
  await reader.read();
  assert(!incoming.isFull());
  assertEquals(rooms(), 1);
  await reader.cancel();
});

Deno.test("createIncoming() gives undefined at the end", async () => {
  const { incoming } = begin();
  putText(incoming, "a");
  incoming.end();
  assertEquals(await textOf(await incoming.next()), "a");
  assertEquals(await incoming.next(), undefined);
  assertEquals(await incoming.next(), undefined);
});

Deno.test("createIncoming() errors a message that the end cuts short", async () => {
  const { incoming } = begin();
  incoming.put({ type: "piece", messageType: "text", data: "a", last: false });
  incoming.end();
  const message = await incoming.next();
  await assertRejects(
    () => textOf(message),
    Error,
    "the end of the connection",
  );
  assertEquals(await incoming.next(), undefined);
});

Deno.test("createIncoming() errors the message that an error cuts short, or the next", async () => {
  const inside = begin().incoming;
  inside.put({ type: "piece", messageType: "text", data: "a", last: false });
  const message = await inside.next();
  inside.fail(new Error("broken"));
  await assertRejects(() => textOf(message), Error, "broken");
  assertEquals(await inside.next(), undefined);

  const between = begin().incoming;
  between.fail(new Error("broken"));
  await assertRejects(between.next, Error, "broken");
  assertEquals(await between.next(), undefined);
});

Deno.test("createIncoming() goes on after a message whose stream was cancelled", async () => {
  const { incoming } = begin();
  putText(incoming, "a", "b");
  putText(incoming, "c");
  const first = await incoming.next();
  await first?.readable.cancel();
  assertEquals(await textOf(await incoming.next()), "c");
});
