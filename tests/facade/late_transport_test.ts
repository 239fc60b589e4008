import { assertEquals, assertRejects } from "@std/assert";
import type { Carrier } from "../../lib/connection/carrier.ts";
import { lateTransport } from "../../lib/facade/late_transport.ts";
import { memoryTransports } from "../../lib/transport/memory.ts";
import { within } from "../connection/connections.ts";
import { joinedEnds, standing } from "../stream/streams.ts";

Deno.test("lateTransport() reads and writes once it is there", async () => {
  const making = Promise.withResolvers<Carrier>();
  const late = lateTransport(making.promise);
  const writing = late.write(Uint8Array.of(1, 2));
  const reading = late.read();
  assertEquals((await standing(writing)).status, "pending");
  const [own, other] = memoryTransports();
  making.resolve(own);
  await within(writing, "the write");
  assertEquals(await other.read(), Uint8Array.of(1, 2));
  await other.write(Uint8Array.of(3));
  assertEquals(await within(reading, "the read"), Uint8Array.of(3));
  await late.closeWrite();
  assertEquals(await other.read(), null);
  late.close();
  await assertRejects(() => other.write(Uint8Array.of(4)), Error);
  other.close();
});

Deno.test("lateTransport() takes whatever carries a WebSocket", async () => {
  const [a, b] = joinedEnds();
  const late = lateTransport(Promise.resolve(a));
  const other = lateTransport(Promise.resolve(b));
  const writing = late.write(Uint8Array.of(1));
  assertEquals(await within(other.read(), "the read"), Uint8Array.of(1));
  await within(writing, "the write");
  late.close();
  other.close();
});

Deno.test("lateTransport() waits no more when it is closed, and closes what comes after", async () => {
  const making = Promise.withResolvers<Carrier>();
  const late = lateTransport(making.promise);
  const reading = late.read();
  late.close();
  await assertRejects(() => within(reading, "it"), Error, "closed");
  const [own, other] = memoryTransports();
  making.resolve(own);
  assertEquals(await within(other.read(), "the end"), null);
  other.close();
});

Deno.test("lateTransport() tells why it could not be made", async () => {
  const late = lateTransport(Promise.reject(new RangeError("no line")));
  await assertRejects(
    () => late.write(Uint8Array.of(1)),
    RangeError,
    "no line",
  );
  await assertRejects(() => late.read(), RangeError, "no line");
  late.close();
});
