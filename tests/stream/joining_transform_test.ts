import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { joiningTransform } from "../../lib/stream/joining_transform.ts";
import { hex } from "../support/hex.ts";
import { concatenated } from "../support/splits.ts";
import { collect, countingSource, idle, standing } from "./streams.ts";

/** Numbers into a byte each; those over 255 cannot be. */
function toBytes(item: number): Uint8Array<ArrayBuffer> {
  if (item > 255) throw new RangeError(`${item} is no byte`);
  return Uint8Array.of(item);
}

function begin(transform = toBytes) {
  const { readable, writable } = joiningTransform(transform);
  return { reader: readable.getReader(), writer: writable.getWriter() };
}

Deno.test("joiningTransform() gives the bytes of all items in order", async () => {
  for (const count of [0, 1, 2, 63, 64, 65, 200]) {
    const items = Array.from({ length: count }, (_, index) => index);
    const readable = ReadableStream.from(items)
      .pipeThrough(joiningTransform(toBytes));
    const { items: chunks, error } = await collect(readable);
    assertEquals(error, undefined);
    assertEquals(concatenated(chunks), Uint8Array.from(items));
  }
});

Deno.test("joiningTransform() gives a reader who waits each item at once", async () => {
  const { reader, writer } = begin();
  for (const item of [1, 2, 3]) {
    const read = reader.read();
    await writer.write(item);
    assertEquals((await read).value, Uint8Array.of(item));
  }
});

Deno.test("joiningTransform() gives a reader who was away everything in one chunk", async () => {
  const { reader, writer } = begin();
  for (const item of [1, 2, 3]) await writer.write(item);
  assertEquals((await reader.read()).value, hex("010203"));
  const last = writer.write(4);
  writer.close();
  await last;
  assertEquals((await reader.read()).value, hex("04"));
  assertEquals((await reader.read()).done, true);
});

Deno.test("joiningTransform() has the writer wait for the reader after 64 items, or 16 KiB (R76)", async () => {
  const cases = [
    { items: 64, toBytes },
    { items: 4, toBytes: () => new Uint8Array(4096) },
    { items: 1, toBytes: () => new Uint8Array(100_000) },
  ];
  for (const { items, toBytes } of cases) {
    const { reader, writer } = begin(toBytes);
    for (let item = 1; item < items; item++) await writer.write(item);
    const write = writer.write(0);
    assertEquals((await standing(write)).status, "pending", `${items}`);
    await reader.read();
    assertEquals((await standing(write)).status, "fulfilled", `${items}`);
  }
});

Deno.test("joiningTransform() errors both ends with what the transform throws", async () => {
  const { reader, writer } = begin();
  await writer.write(1);
  const read = standing(reader.closed);
  const write = await standing(writer.write(256));
  assert(write.status === "rejected" && write.reason instanceof RangeError);
  const closed = await read;
  assert(closed.status === "rejected");
  assertStrictEquals(closed.reason, write.reason);
});

Deno.test("joiningTransform() errors the readable when the writable is aborted", async () => {
  const { reader, writer } = begin();
  await writer.write(1);
  const reason = new Error("Not any more");
  await writer.abort(reason);
  const read = await standing(reader.read());
  assert(read.status === "rejected");
  assertStrictEquals(read.reason, reason);
});

Deno.test("joiningTransform(), cancelled, lets the writer go and stops its source", async () => {
  const source = countingSource((index) => index % 256);
  const { readable, writable } = joiningTransform(toBytes);
  const piping = source.readable.pipeTo(writable);
  piping.catch(() => {});
  await idle();
  const reason = new Error("Not wanted any more");
  await readable.cancel(reason);
  await idle();
  const piped = await standing(piping);
  assert(piped.status === "rejected");
  assertStrictEquals(piped.reason, reason);
  assertEquals(source.cancelled, [reason]);
});
