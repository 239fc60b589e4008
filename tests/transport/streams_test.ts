import { assert, assertEquals, assertRejects } from "@std/assert";
import { streamsTransport } from "../../lib/transport/streams.ts";
import { hex } from "../support/hex.ts";
import { countingSource, idle, standing } from "../stream/streams.ts";
import { within } from "../connection/connections.ts";

Deno.test("streamsTransport() reads a chunk at a time, and none before it is asked", async () => {
  const source = countingSource((index) => Uint8Array.of(index));
  const transport = streamsTransport({
    readable: source.readable,
    writable: new WritableStream(),
  });
  await idle();
  assertEquals(source.taken(), 0);
  assertEquals(await transport.read(), hex("00"));
  assertEquals(await transport.read(), hex("01"));
  await idle();
  assertEquals(source.taken(), 2);
  transport.close();
  await idle();
  assertEquals(source.cancelled.length, 1);
});

Deno.test("streamsTransport() waits for a write as long as the sink does", async () => {
  const gate = Promise.withResolvers<void>();
  const transport = streamsTransport({
    readable: new ReadableStream(),
    writable: new WritableStream({ write: () => gate.promise }),
  });
  const writing = transport.write(hex("01"));
  assertEquals((await standing(writing)).status, "pending");
  gate.resolve();
  await within(writing, "the write");
  transport.close();
});

Deno.test("streamsTransport() locks both streams", () => {
  const streams = {
    readable: new ReadableStream<Uint8Array>(),
    writable: new WritableStream<Uint8Array<ArrayBuffer>>(),
  };
  const transport = streamsTransport(streams);
  assert(streams.readable.locked && streams.writable.locked);
  transport.close();
});

Deno.test("streamsTransport() closes the sink at the end of our half, and aborts it when it closes", async () => {
  const calls: string[] = [];
  const sink = () =>
    new WritableStream<Uint8Array<ArrayBuffer>>({
      close: () => void calls.push("close"),
      abort: () => void calls.push("abort"),
    });
  const ended = streamsTransport({
    readable: new ReadableStream(),
    writable: sink(),
  });
  await ended.closeWrite();
  ended.close();
  const closed = streamsTransport({
    readable: new ReadableStream(),
    writable: sink(),
  });
  closed.close();
  await idle();
  assertEquals(calls, ["close", "abort"]);
});

Deno.test("streamsTransport() rejects what fails, and leaves no rejection unhandled", async () => {
  const transport = streamsTransport({
    readable: new ReadableStream({
      pull: () => Promise.reject(new Error("read failed")),
    }, { highWaterMark: 0 }),
    writable: new WritableStream({
      write: () => Promise.reject(new Error("write failed")),
    }),
  });
  await assertRejects(transport.read, Error, "read failed");
  await assertRejects(() => transport.write(hex("01")), Error, "write failed");
  await assertRejects(transport.closeWrite, Error);
  transport.close();
  await idle();
});

Deno.test("streamsTransport() lets the caller write to an array that has been written", async () => {
  const written: Uint8Array[] = [];
  const transport = streamsTransport({
    readable: new ReadableStream(),
    writable: new WritableStream({
      write: (bytes) => void written.push(bytes),
    }),
  });
  const bytes = hex("0102");
  await transport.write(bytes);
  bytes.fill(9);
  assertEquals(written, [hex("0102")]);
  transport.close();
});
