import { assertEquals } from "@std/assert";
import type { WebSocketConnection } from "../../lib/connection/connection.ts";
import { createCountedSender } from "../../lib/facade/counted_sender.ts";
import {
  closeBoth,
  joinedConnections,
  until,
} from "../connection/connections.ts";
import { idle } from "../stream/streams.ts";

Deno.test("createCountedSender() tells how many bytes of messages are written, together for a turn", async () => {
  const [client, server] = joinedConnections();
  const written: number[] = [];
  const { send } = createCountedSender(client, (n) => written.push(n));
  assertEquals(send("é"), true);
  assertEquals(send(""), true);
  assertEquals(send(new Uint8Array(5)), true);
  assertEquals(written, []);
  await until(() => written.length > 0, "the first");
  assertEquals(written, [7]);
  send("x");
  await until(() => written.length > 1, "the second");
  assertEquals(written, [7, 1]);
  assertEquals(await server.receive(), "é");
  await closeBoth(client, server);
});

Deno.test("createCountedSender() waits for a peer that does not read, and tells nothing of what is lost", async () => {
  const [client, server] = joinedConnections({
    transports: { maxBufferedBytes: 0 },
    server: { maxBufferedMessages: 0 },
  });
  const written: number[] = [];
  const { send } = createCountedSender(client, (n) => written.push(n));
  for (let turn = 0; turn < 20; turn++) {
    send(new Uint8Array(1000));
    await idle();
  }
  const before = written.length;
  assertEquals(before < 20, true, `${before} of 20`);
  await server.receive();
  await server.receive();
  await until(() => written.length > before, "more");
  client.close();
  assertEquals(send("x"), false);
  await closeBoth(client, server);
  assertEquals(written.every((n) => n === 1000), true);
});

Deno.test("createCountedSender() makes do with connections of somebody else's making", async () => {
  const sent: unknown[] = [];
  const drained = Promise.withResolvers<void>();
  const connection = {
    send: (data: unknown) => sent.push(data) > 0,
    drained: () => drained.promise,
  } as unknown as WebSocketConnection;
  const written: number[] = [];
  const { send } = createCountedSender(connection, (n) => written.push(n));
  send("abc");
  await idle();
  assertEquals([sent, written], [["abc"], []]);
  drained.resolve();
  await idle();
  assertEquals(written, [3]);
});
