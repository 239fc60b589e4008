import { assertEquals } from "@std/assert";
import { createClientQueue } from "../../lib/transport/client_queue.ts";
import { memoryTransports } from "../../lib/transport/memory.ts";

Deno.test("clients are taken in the order in which they came, waited for or not", async () => {
  const [a, b] = memoryTransports();
  const queue = createClientQueue();
  queue.put(a);
  queue.put(b);
  assertEquals(await queue.take(), a);
  assertEquals(await queue.take(), b);
  const waiting = queue.take();
  queue.put(a);
  assertEquals(await waiting, a);
});

Deno.test("a queue that is closed hangs up on who waits in it, and who comes later", async () => {
  const queue = createClientQueue();
  const [first, peerOfFirst] = memoryTransports();
  const [later, peerOfLater] = memoryTransports();
  queue.put(first);
  queue.close();
  queue.put(later);
  assertEquals(await peerOfFirst.read(), null);
  assertEquals(await peerOfLater.read(), null);
  assertEquals(await queue.take(), null);
  const other = createClientQueue();
  const waiting = other.take();
  other.close();
  assertEquals(await waiting, null);
});
