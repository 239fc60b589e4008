import { assert, assertEquals, assertRejects } from "@std/assert";
import { type DenoConn, denoTransport } from "../../lib/transport/deno.ts";
import { hex } from "../support/hex.ts";

/** A connection that fills what it is given from `wire`, and takes little. */
function fakeConn(wire: Uint8Array, mostWritten = Infinity) {
  const sizes: number[] = [];
  const buffers = new Set<ArrayBufferLike>();
  const written: number[] = [];
  let at = 0;
  let closes = 0;
  const conn: DenoConn = {
    read: (buffer) => {
      sizes.push(buffer.length);
      buffers.add(buffer.buffer);
      if (at === wire.length) return Promise.resolve(null);
      const part = wire.subarray(at, at + buffer.length);
      buffer.set(part);
      at += part.length;
      return Promise.resolve(part.length);
    },
    write: (bytes) => {
      const part = bytes.subarray(0, Math.min(bytes.length, mostWritten));
      written.push(...part);
      return Promise.resolve(part.length);
    },
    closeWrite: () => Promise.resolve(),
    close: () => {
      closes += 1;
      if (closes > 1) throw new Deno.errors.BadResource();
    },
  };
  return { conn, sizes, buffers, written, closes: () => closes };
}

Deno.test("denoTransport() reads what there is, and null at the end", async () => {
  const { conn } = fakeConn(hex("010203"));
  const transport = denoTransport(conn);
  assertEquals(await transport.read(), hex("010203"));
  assertEquals(await transport.read(), null);
});

Deno.test("denoTransport() begins with a small buffer, which grows when it is filled", async () => {
  const { conn, sizes } = fakeConn(new Uint8Array(300_000));
  const transport = denoTransport(conn);
  while (await transport.read() !== null);
  assert(sizes[0]! <= 1024, `${sizes[0]} bytes for an idle connection`);
  sizes.reduce((before, size) => {
    assert(size >= before);
    return size;
  });
  assertEquals(sizes.at(-1), 64 * 1024);
});

Deno.test("denoTransport() keeps a small buffer for short messages, and the same one", async () => {
  const { conn, sizes, buffers } = fakeConn(new Uint8Array(0));
  const short: DenoConn = {
    ...conn,
    read: async (buffer) => {
      await conn.read(buffer);
      return 10;
    },
  };
  const transport = denoTransport(short);
  for (let count = 0; count < 50; count++) await transport.read();
  assertEquals([new Set(sizes).size, buffers.size], [1, 1]);
});

Deno.test("denoTransport() writes on until all is written", async () => {
  const { conn, written } = fakeConn(hex(""), 2);
  const transport = denoTransport(conn);
  await transport.write(hex("0102030405"));
  assertEquals(written, [1, 2, 3, 4, 5]);
  await transport.write(hex(""));
  assertEquals(written.length, 5);
});

Deno.test("denoTransport() may be closed twice, and passes other errors on", async () => {
  const { conn, closes } = fakeConn(hex(""));
  const transport = denoTransport({
    ...conn,
    read: () => Promise.reject(new Error("reset")),
    write: () => Promise.reject(new Error("broken pipe")),
    closeWrite: () => Promise.reject(new Error("not connected")),
  });
  await assertRejects(transport.read, Error, "reset");
  await assertRejects(() => transport.write(hex("01")), Error, "broken pipe");
  await assertRejects(transport.closeWrite, Error, "not connected");
  transport.close();
  transport.close();
  assertEquals(closes(), 2);
});

Deno.test("denoTransport() reads into the room that it is given", async () => {
  const { conn } = fakeConn(hex("0102030405"));
  const transport = denoTransport(conn);
  const room = new Uint8Array(3);
  assertEquals(await transport.read(room), hex("010203"));
  assertEquals(room, hex("010203"));
  assertEquals(await transport.read(new Uint8Array(9)), hex("0405"));
  assertEquals(await transport.read(new Uint8Array(9)), null);
});
