import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { ProtocolError } from "../../lib/error/protocol_error.ts";
import type { Message } from "../../lib/message/message.ts";
import { replyTo } from "../../lib/message/message.ts";
import { heartbeatStreams } from "../../lib/stream/heartbeat_streams.ts";

/** What a peer does with a message that it gets. */
type Answer = (message: Message) => Message | undefined;

/** A heartbeat joined to a peer: what is sent is answered, or not. */
function joined(answer: Answer, timeoutMs: number) {
  const heartbeat = heartbeatStreams({ intervalMs: 10, timeoutMs });
  heartbeat.outgoing.readable.pipeThrough(
    new TransformStream<Message, Message>({
      transform: (message, controller) => {
        const reply = answer(message);
        if (reply !== undefined) controller.enqueue(reply);
      },
    }),
  ).pipeTo(heartbeat.incoming.writable).catch(() => {});
  return { heartbeat, received: heartbeat.incoming.readable.getReader() };
}

Deno.test("heartbeatStreams() sends Pings, each answered, and says how long they took (R58, R59)", async () => {
  const { heartbeat, received } = joined(replyTo, 5_000);
  const first = await received.read();
  const second = await received.read();
  assertEquals([first.value?.type, second.value?.type], ["pong", "pong"]);
  assert(String(first.value) !== "" && heartbeat.latencyMs !== undefined);
  assert(heartbeat.latencyMs >= 0);
  heartbeat.stop();
  await received.cancel();
});

Deno.test("heartbeatStreams() fails who does not answer", async () => {
  const { received } = joined(() => undefined, 20);
  const error = await assertRejects(() => received.read(), ProtocolError);
  assertEquals(error.code, "heartbeat-timeout");
});

Deno.test("heartbeatStreams() takes anything for a sign of life", async () => {
  const chatter: Answer = () => ({ type: "text", data: "busy" });
  const { heartbeat, received } = joined(chatter, 1_000);
  for (let index = 0; index < 3; index++) {
    assertEquals((await received.read()).value, { type: "text", data: "busy" });
  }
  assertEquals(heartbeat.latencyMs, undefined);
  heartbeat.stop();
  await received.cancel();
});

Deno.test("heartbeatStreams() passes messages on both ways, and stops with them", async () => {
  const heartbeat = heartbeatStreams({ intervalMs: 60_000, timeoutMs: 1_000 });
  const text: Message = { type: "text", data: "Hi" };
  for (
    const { readable, writable } of [heartbeat.incoming, heartbeat.outgoing]
  ) {
    const passed = Array.fromAsync(readable);
    const writer = writable.getWriter();
    await writer.write(text);
    await writer.close();
    assertEquals(await passed, [text]);
  }
});

Deno.test("heartbeatStreams() refuses times that are none", () => {
  for (const times of [[0, 1], [1, 0], [1.5, 1], [Infinity, 1]]) {
    const [intervalMs, timeoutMs] = times as [number, number];
    assertThrows(() => heartbeatStreams({ intervalMs, timeoutMs }), RangeError);
  }
});
