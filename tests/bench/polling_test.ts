import { assert, assertEquals, assertThrows } from "@std/assert";
import { measure } from "../../bench/polling/measure.ts";
import { createReceiver } from "../../bench/polling/receiver.ts";
import { nowMs, updateBytes } from "../../bench/polling/update.ts";
import { ways } from "../../bench/polling/ways.ts";

const load = { updates: 20, clients: 3, everyMs: 4 };

for (const way of ways) {
  // The clients themselves throw unless all is there, once and in order.
  Deno.test(`bench:polling: ${way.title} delivers every update`, async () => {
    const sample = await measure(way, load);
    const { updates, clients } = load;
    assert(sample.receivedBytes >= updates * clients * updateBytes);
    assert(sample.sentBytes > 0);
    assert(sample.serverCpuSeconds > 0);
    assert(sample.requests >= clients);
  });
}

Deno.test("bench:polling: what pushes takes one request a client", async () => {
  const pushing = ways.filter(({ name }) =>
    name === "events" || name === "websocket"
  );
  for (const way of pushing) {
    assertEquals((await measure(way, load)).requests, load.clients);
  }
});

for (
  const [title, ids] of [
    ["left out", [1, 3]],
    ["repeated", [1, 1]],
    ["out of order", [2]],
    ["one too many", [1, 2, 3, 4]],
  ] as const
) {
  Deno.test(`bench:polling: a client throws on an update ${title}`, () => {
    const receiver = createReceiver(3);
    assertThrows(
      () => ids.forEach((id) => receiver.take({ id, madeMs: nowMs() })),
      Error,
      "Found update",
    );
    assert(ids.length > 3 || !receiver.isComplete());
  });
}

Deno.test("bench:polling: a client throws on an update made before it was", () => {
  const madeMs = nowMs();
  const receiver = createReceiver(1);
  assertThrows(
    () => receiver.take({ id: 1, madeMs: madeMs - 1 }),
    Error,
    "of a run before",
  );
});
