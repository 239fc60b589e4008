import { assertEquals } from "@std/assert";
import type { ByteStreams } from "../../lib/stream/byte_streams.ts";
import { hex } from "../support/hex.ts";
import { collect } from "./streams.ts";

/** Takes what its type allows, which is the point. */
async function exchange(
  { writable }: ByteStreams,
  { readable }: ByteStreams,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array | undefined> {
  const writer = writable.getWriter();
  const writing = writer.write(bytes);
  const reader = readable.getReader();
  const { value } = await reader.read();
  await writing;
  writer.releaseLock();
  reader.releaseLock();
  return value;
}

Deno.test("a Deno.TcpConn is ByteStreams", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const [a, b]: [Deno.TcpConn, Deno.TcpConn] = await Promise.all([
    Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port }),
    listener.accept(),
  ]);
  listener.close();
  assertEquals(await exchange(a, b, hex("0102")), hex("0102"));
  assertEquals(await exchange(b, a, hex("03")), hex("03"));
  a.close();
  b.close();
});

Deno.test("a TransformStream is ByteStreams", async () => {
  const through = new TransformStream<Uint8Array<ArrayBuffer>>();
  assertEquals(await exchange(through, through, hex("0102")), hex("0102"));
});

Deno.test("a CompressionStream is ByteStreams", async () => {
  const packing = new CompressionStream("gzip");
  const packed = await exchange(packing, packing, hex("01"));
  assertEquals(packed?.subarray(0, 2), hex("1f8b"));
  const rest = collect(packing.readable);
  await packing.writable.close();
  await rest;
});
