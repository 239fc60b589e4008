import { assertEquals } from "@std/assert";
import { createOutgoing, type Outgoing } from "../../lib/facade/outgoing.ts";
import {
  joinedConnections,
  readAll,
  until,
  within,
} from "../connection/connections.ts";

/** An outgoing half, what it could not read, and the connection at the other end. */
function begin() {
  const [client, server] = joinedConnections();
  const faults: unknown[] = [];
  const outgoing = createOutgoing((error) => faults.push(error));
  outgoing.open(client);
  return { outgoing, faults, client, server };
}

/** A Blob that is read when it is told to. */
class SlowBlob extends Blob {
  readonly reading = Promise.withResolvers<void>();

  override async arrayBuffer(): Promise<ArrayBuffer> {
    await this.reading.promise;
    return await super.arrayBuffer();
  }
}

/** Closes, and reads all that had been sent. */
async function sentBy(
  outgoing: Outgoing,
  server: ReturnType<typeof begin>["server"],
) {
  outgoing.close({ closeCode: 3000, reason: "done" });
  const all = await within(readAll(server), "the messages");
  const { closeCode, reason } = await within(server.closed, "the end");
  assertEquals([closeCode, reason], [3000, "done"]);
  return all;
}

Deno.test("createOutgoing() counts bytes of UTF-8 until they are written, and no framing", async () => {
  const { outgoing, server } = begin();
  outgoing.send("é");
  outgoing.send(new Uint8Array(200));
  outgoing.send(new Blob(["abc"]));
  assertEquals(outgoing.bufferedBytes, 205);
  await until(() => outgoing.bufferedBytes === 0, "the writes");
  assertEquals(await sentBy(outgoing, server), [
    "é",
    new Uint8Array(200),
    new TextEncoder().encode("abc"),
  ]);
});

Deno.test("createOutgoing() keeps the order although a Blob is read slowly, the Close included", async () => {
  const { outgoing, server, client } = begin();
  const slow = new SlowBlob(["slow"]);
  const bytes = Uint8Array.of(1, 2);
  outgoing.send("before");
  outgoing.send(slow);
  outgoing.send(bytes);
  outgoing.send(new Blob(["quick"]));
  outgoing.send("after");
  bytes.fill(9);
  const sent = sentBy(outgoing, server);
  outgoing.send("too late");
  await until(() => outgoing.bufferedBytes === 4 + 2 + 5 + 5 + 8, "the first");
  slow.reading.resolve();
  const utf8 = (text: string) => new TextEncoder().encode(text);
  assertEquals(await sent, [
    "before",
    utf8("slow"),
    Uint8Array.of(1, 2),
    utf8("quick"),
    "after",
  ]);
  assertEquals(outgoing.bufferedBytes, 8, "what was never sent");
  assertEquals((await client.closed).wasClean, true);
});

Deno.test("createOutgoing() closes with 1011 when a Blob cannot be read", async () => {
  const { outgoing, faults, server } = begin();
  const slow = new SlowBlob(["slow"]);
  outgoing.send(slow);
  outgoing.send("after");
  const fault = new DOMException("gone", "NotReadableError");
  slow.reading.reject(fault);
  assertEquals(await within(readAll(server), "the end"), []);
  assertEquals((await server.closed).closeCode, 1011);
  assertEquals(faults, [fault]);
  outgoing.send("x");
  assertEquals(outgoing.bufferedBytes, 10);
});

Deno.test("createOutgoing() only counts without a connection, and after the end", async () => {
  const alone = createOutgoing(() => {});
  alone.send("abc");
  alone.close({});
  alone.send(new Blob(["de"]));
  assertEquals(alone.bufferedBytes, 5);

  const { outgoing, client, server } = begin();
  client.close();
  await within(readAll(server), "the end");
  await within(client.closed, "the end");
  outgoing.send("abc");
  outgoing.send(new Blob(["de"]));
  assertEquals(outgoing.bufferedBytes, 5);
});
