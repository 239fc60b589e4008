import { assertEquals, assertStrictEquals } from "@std/assert";
import { toTransport } from "../../lib/connection/carrier.ts";
import { memoryTransports } from "../../lib/transport/memory.ts";
import { joinedEnds } from "../stream/streams.ts";
import { utf8 } from "../support/hex.ts";

Deno.test("toTransport() takes a transport as it is", () => {
  const [transport] = memoryTransports();
  assertStrictEquals(toTransport(transport), transport);
});

Deno.test("toTransport() reads and writes a Deno.Conn itself, not its streams", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const [conn, other] = await Promise.all([
    listener.accept(),
    Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port }),
  ]);
  const own = toTransport(conn);
  await own.write(utf8("a"));
  assertEquals(await other.read(new Uint8Array(9)), 1);
  await other.write(utf8("b"));
  assertEquals(await own.read(), utf8("b"));
  assertEquals([conn.readable.locked, conn.writable.locked], [false, false]);
  own.close();
  other.close();
  listener.close();
});

Deno.test("toTransport() takes any pair of byte streams", async () => {
  const [near, far] = joinedEnds();
  const [own, other] = [toTransport(near), toTransport(far)];
  const writing = own.write(utf8("a"));
  assertEquals(await other.read(), utf8("a"));
  await writing;
  own.close();
  other.close();
});
