import { assert, assertEquals } from "@std/assert";
import net from "node:net";
import { cloudflareTransport } from "../../lib/transport/cloudflare.ts";
import { denoTransport } from "../../lib/transport/deno.ts";
import { listenDeno } from "../../lib/transport/deno_network.ts";
import { memoryTransports } from "../../lib/transport/memory.ts";
import { nodeTransport } from "../../lib/transport/node.ts";
import { streamsTransport } from "../../lib/transport/streams.ts";
import type { Listener, Transport } from "../../lib/transport/transport.ts";
import { joinedEnds, standing } from "../stream/streams.ts";
import { hex } from "../support/hex.ts";
import { concatenated } from "../support/splits.ts";
import { within } from "../connection/connections.ts";

/** What the interface promises, for each thing that implements it. */
const kinds: Record<string, () => Promise<[Transport, Transport]>> = {
  memoryTransports: () => Promise.resolve(memoryTransports()),
  streamsTransport: () => {
    const [a, b] = joinedEnds();
    return Promise.resolve([streamsTransport(a), streamsTransport(b)]);
  },
  denoTransport: async () => {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const [a, b] = await Promise.all([
      Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port }),
      listener.accept(),
    ]);
    listener.close();
    return [denoTransport(a), denoTransport(b)];
  },
  nodeTransport: async () => {
    const server = net.createServer({ allowHalfOpen: true });
    await new Promise<void>((resolve) =>
      server.listen(0, "127.0.0.1", resolve)
    );
    const { port } = server.address() as net.AddressInfo;
    const accepting = new Promise<net.Socket>((resolve) =>
      server.once("connection", resolve)
    );
    const host = "127.0.0.1";
    const dialed = net.connect({ host, port, allowHalfOpen: true });
    const accepted = await accepting;
    server.close();
    return [nodeTransport(dialed), nodeTransport(accepted)];
  },
  cloudflareTransport: () => {
    const [a, b] = joinedEnds().map((end) =>
      cloudflareTransport({
        ...end,
        opened: Promise.resolve(),
        close: () => Promise.resolve(),
      })
    );
    return Promise.resolve([a!, b!]);
  },
};

/** Reads until so many bytes have come, each time before the next read. */
async function readBytes(
  transport: Transport,
  byteLength: number,
): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let read = 0;
  while (read < byteLength) {
    const bytes = await within(transport.read(), "bytes");
    assert(bytes !== null, `the end after ${read} bytes`);
    pieces.push(bytes.slice());
    read += bytes.length;
  }
  return concatenated(pieces);
}

for (const [name, join] of Object.entries(kinds)) {
  Deno.test(`${name}() carries bytes both ways, in order`, async () => {
    const [a, b] = await join();
    // A write may wait until it is read.
    const writing = Promise.all([
      a.write(hex("010203")).then(() => a.write(hex("04"))),
      b.write(hex("0506")),
    ]);
    assertEquals(await readBytes(b, 4), hex("01020304"));
    assertEquals(await readBytes(a, 2), hex("0506"));
    await within(writing, "the writes");
    a.close();
    b.close();
  });

  Deno.test(`${name}() writes all of what is large`, async () => {
    const [a, b] = await join();
    const large = Uint8Array.from({ length: 300_000 }, (_, at) => at % 251);
    const writing = a.write(large);
    const read = await readBytes(b, large.length);
    await within(writing, "the write");
    assert(read.every((byte, at) => byte === large[at]));
    a.close();
    b.close();
  });

  Deno.test(`${name}() ends our half, and still reads the other`, async () => {
    const [a, b] = await join();
    await within(a.closeWrite(), "the end");
    assertEquals(await within(b.read(), "the end"), null);
    const writing = b.write(hex("01"));
    assertEquals(await readBytes(a, 1), hex("01"));
    await within(writing, "the write");
    const ending = b.closeWrite();
    assertEquals(await within(a.read(), "the end"), null);
    await within(ending, "the end");
    a.close();
    b.close();
  });

  Deno.test(`${name}() may be closed twice, and closed after its half was ended`, async () => {
    const [a, b] = await join();
    await within(a.closeWrite(), "the end");
    a.close();
    a.close();
    b.close();
    b.close();
  });

  Deno.test(`${name}() ends or fails a read that waits when it is closed`, async () => {
    const [a, b] = await join();
    const reading = a.read().catch(() => null);
    await standing(reading);
    a.close();
    assertEquals(await within(reading, "the read"), null);
    b.close();
  });

  Deno.test(`${name}() ends or fails a write that waits when it is closed`, async () => {
    const [a, b] = await join();
    // More than any of them holds.
    const writing = a.write(new Uint8Array(20_000_000)).catch(() => {});
    assertEquals((await standing(writing)).status, "pending");
    a.close();
    await within(writing, "the write");
    b.close();
  });

  Deno.test(`${name}() ends or fails what the other side waits for when it is closed`, async () => {
    const [a, b] = await join();
    const reading = b.read().catch(() => null);
    await standing(reading);
    a.close();
    assertEquals(await within(reading, "the read"), null);
    b.close();
  });
}

Deno.test("a Listener gives null once it is closed", async () => {
  const listener: Listener = listenDeno({ hostname: "127.0.0.1" });
  const accepting = listener.accept();
  listener.close();
  assertEquals(await within(accepting, "the end"), null);
});
