import { assert, assertEquals, assertRejects } from "@std/assert";
import { memoryTransports } from "../../lib/transport/memory.ts";
import { standing } from "../stream/streams.ts";
import { hex } from "../support/hex.ts";
import { within } from "../connection/connections.ts";

Deno.test("memoryTransports() hold a write back beyond their limit, not at it", async () => {
  const [a, b] = memoryTransports({ maxBufferedBytes: 4 });
  await within(a.write(hex("01020304")), "the first");
  const second = a.write(hex("05"));
  assertEquals((await standing(second)).status, "pending");
  assertEquals(await b.read(), hex("01020304"));
  await within(second, "the second");
  assertEquals(await b.read(), hex("05"));
  // Each direction has the limit for itself.
  await within(b.write(hex("01020304")), "the other way");
  a.close();
  b.close();
});

Deno.test("memoryTransports() take one write of any size, and hold it back", async () => {
  const [a, b] = memoryTransports({ maxBufferedBytes: 0 });
  const writing = a.write(new Uint8Array(100));
  assertEquals((await standing(writing)).status, "pending");
  assertEquals((await b.read())?.length, 100);
  await within(writing, "the write");
  a.close();
  b.close();
});

Deno.test("memoryTransports() copy what is written", async () => {
  const [a, b] = memoryTransports();
  const bytes = hex("010203");
  await a.write(bytes);
  bytes.fill(0);
  assertEquals(await b.read(), hex("010203"));
  a.close();
  b.close();
});

Deno.test("memoryTransports() give what was written before the end", async () => {
  const [a, b] = memoryTransports();
  await a.write(hex("01"));
  a.close();
  assertEquals(await b.read(), hex("01"));
  assertEquals(await b.read(), null);
  assertEquals(await b.read(), null);
  b.close();
});

Deno.test("memoryTransports() refuse to write after the end, and to who is gone", async () => {
  const [a, b] = memoryTransports();
  await a.closeWrite();
  await assertRejects(() => a.write(hex("01")), Error, "Cannot write");
  b.close();
  await assertRejects(() => b.write(hex("01")), Error, "Cannot write");

  const [c, d] = memoryTransports({ maxBufferedBytes: 0 });
  const writing = c.write(hex("01"));
  d.close();
  assert((await standing(writing)).status !== "pending");
  await assertRejects(() => c.write(hex("02")), Error, "Cannot write");
  c.close();
});
