import { assert, assertEquals } from "@std/assert";
import { createWriter } from "../../lib/connection/writer.ts";
import type { StepResult } from "../../lib/session/session.ts";
import type { Transport } from "../../lib/transport/transport.ts";
import { hex } from "../support/hex.ts";
import { idle, standing } from "../stream/streams.ts";
import { within } from "./connections.ts";

/** A transport whose writes wait until they are let go. */
function gatedTransport() {
  const writes: Uint8Array[] = [];
  const gates: PromiseWithResolvers<void>[] = [];
  let ends = 0;
  const transport: Transport = {
    read: () => Promise.resolve(null),
    write: (bytes) => {
      writes.push(bytes);
      const gate = Promise.withResolvers<void>();
      gates.push(gate);
      return gate.promise;
    },
    closeWrite: () => {
      ends += 1;
      return Promise.resolve();
    },
    close: () => {},
  };
  return { transport, writes, gates, ends: () => ends };
}

function begin(wanted: () => StepResult["transport"] = () => "open") {
  const gated = gatedTransport();
  const written: number[] = [];
  let errors = 0;
  const writer = createWriter(gated.transport, {
    onWritten: (byteLength) => void written.push(byteLength),
    onWriteError: () => void errors++,
    wanted,
  });
  return { ...gated, writer, written, errors: () => errors };
}

Deno.test("createWriter() writes in one go what was added in one turn", async () => {
  const { writer, writes, gates, written } = begin();
  writer.add([hex("01"), hex("02")]);
  writer.add([]);
  writer.add([hex("03")]);
  assertEquals(writer.bufferedBytes, 3);
  assertEquals(writes, [], "not before the turn is over");
  await idle();
  assertEquals(writes, [hex("010203")]);
  assertEquals(writer.bufferedBytes, 3, "until it is written");
  gates[0]!.resolve();
  await within(writer.idle(), "the writer");
  assertEquals(writer.bufferedBytes, 0);
  assertEquals(written, [3]);
});

Deno.test("createWriter() writes in order, one after the other", async () => {
  const { writer, writes, gates, written } = begin();
  writer.add([hex("01")]);
  await idle();
  writer.add([hex("02")]);
  writer.add([hex("0304")]);
  await idle();
  assertEquals(writes, [hex("01")], "the first is not done");
  assertEquals(writer.bufferedBytes, 4);
  gates[0]!.resolve();
  await idle();
  assertEquals(writes, [hex("01"), hex("020304")]);
  gates[1]!.resolve();
  await within(writer.idle(), "the writer");
  assertEquals(written, [1, 3]);
});

for (let turns = 0; turns < 8; turns++) {
  Deno.test(`createWriter() writes what is added ${turns} microtasks after a write is done`, async () => {
    const { writer, writes, gates } = begin();
    writer.add([hex("01")]);
    await idle();
    gates[0]!.resolve();
    for (let turn = 0; turn < turns; turn++) await undefined;
    writer.add([hex("02")]);
    await idle();
    assertEquals(writes, [hex("01"), hex("02")]);
    gates[1]!.resolve();
    await within(writer.idle(), "the writer");
    assertEquals(writer.bufferedBytes, 0);
  });
}

Deno.test("createWriter() is idle when nothing was added", async () => {
  const { writer, writes } = begin();
  await within(writer.idle(), "the writer");
  writer.add([]);
  await within(writer.idle(), "the writer");
  assertEquals(writes, []);
});

Deno.test("createWriter() ends our half once all is written, and once only", async () => {
  let wanted: StepResult["transport"] = "open";
  const { writer, writes, gates, ends } = begin(() => wanted);
  writer.add([hex("01")]);
  await idle();
  wanted = "end";
  writer.add([hex("02")]);
  gates[0]!.resolve();
  await idle();
  assertEquals(ends(), 0);
  gates[1]!.resolve();
  await within(writer.idle(), "the writer");
  assertEquals(ends(), 1);
  writer.add([hex("03")]);
  writer.add([]);
  await idle();
  assertEquals(writes.length, 2, "nothing after the end");
  assertEquals(ends(), 1);
  assertEquals(writer.bufferedBytes, 0);
});

Deno.test("createWriter() ends our half also when there is nothing to write", async () => {
  const { writer, ends } = begin(() => "end");
  writer.add([]);
  await within(writer.idle(), "the writer");
  assertEquals(ends(), 1);
});

Deno.test("createWriter() drops what it cannot write any more, and says so once", async () => {
  const { writer, writes, gates, errors, written } = begin();
  writer.add([hex("01")]);
  await idle();
  writer.add([hex("02")]);
  gates[0]!.reject(new Error("reset"));
  await within(writer.idle(), "the writer");
  assertEquals(errors(), 1);
  assertEquals(writer.bufferedBytes, 0);
  writer.add([hex("03")]);
  await idle();
  assertEquals([writes.length, errors(), written], [1, 1, []]);
  assertEquals((await standing(writer.idle())).status, "fulfilled");
});

Deno.test("createWriter() joins a few small chunks in an array that nobody else writes to", async () => {
  const all = [1, 2, 3].map((byte) => ({ byte, ...begin() }));
  for (const { byte, writer } of all) {
    writer.add([1, 2, 3].map(() => new Uint8Array(10).fill(byte)));
  }
  await idle();
  for (const { byte, writes, gates } of all) {
    assertEquals(writes, [new Uint8Array(30).fill(byte)]);
    gates.at(-1)!.resolve();
  }
  await idle();
});

Deno.test("createWriter() joins up to 128 KiB, in a buffer that nobody else writes to meanwhile", async () => {
  const one = begin();
  const two = begin();
  const chunks = (byte: number) =>
    Array.from({ length: 20 }, () => new Uint8Array(10_000).fill(byte));
  for (let round = 0; round < 3; round++) {
    const start = one.writes.length;
    one.writer.add(chunks(1));
    two.writer.add(chunks(2));
    await idle();
    for (const part of [0, 1]) {
      // Both are under way: neither may have the other's bytes.
      for (const [{ writes }, byte] of [[one, 1], [two, 2]] as const) {
        const bytes = writes[start + part]!;
        assertEquals(bytes.length, part === 0 ? 130_000 : 70_000);
        assert(bytes.every((found) => found === byte));
      }
      one.gates.at(-1)!.resolve();
      two.gates.at(-1)!.resolve();
      await idle();
    }
  }
  assertEquals(one.writer.bufferedBytes, 0);
});

Deno.test("createWriter() writes no more once who is told of writing has thrown", async () => {
  const gated = gatedTransport();
  let errors = 0;
  const writer = createWriter(gated.transport, {
    onWritten: () => {
      throw new Error("by intent");
    },
    onWriteError: () => void errors++,
    wanted: () => "open",
  });
  writer.add([hex("01")]);
  await idle();
  writer.add([hex("02")]);
  gated.gates[0]!.resolve();
  await within(writer.idle(), "the writer");
  assertEquals([errors, writer.isBroken, writer.bufferedBytes], [1, true, 0]);
  assertEquals(gated.writes, [hex("01")]);
});

Deno.test("createWriter() goes on with a transport of JavaScript whose write returns nothing", async () => {
  const writes: Uint8Array[] = [];
  const transport = {
    read: () => Promise.resolve(null),
    write: (bytes: Uint8Array) => void writes.push(bytes),
    closeWrite: () => {},
    close: () => {},
  };
  const writer = createWriter(transport as unknown as Transport, {
    onWritten: () => {},
    onWriteError: () => {},
    wanted: () => "open",
  });
  for (const byte of ["01", "02"]) {
    writer.add([hex(byte)]);
    await within(writer.idle(), "the writer");
  }
  assertEquals(writes, [hex("01"), hex("02")]);
  assertEquals([writer.isBroken, writer.bufferedBytes], [false, 0]);
});
