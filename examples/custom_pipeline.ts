/**
 * A server that speaks JSON: streams of its own stand between the decoders and
 * the encoders, so that the application sees values only. It adds numbers:
 * `[1, 2, 3]` is answered with `{"sum":6}`.
 *
 *     deno run --allow-net=127.0.0.1 examples/custom_pipeline.ts --port 3000
 */
import {
  acceptHandshake,
  FrameDecoderStream,
  FrameEncoderStream,
  type Message,
  MessageDecoderStream,
  MessageEncoderStream,
  replyTo,
} from "@sluice/websocket";
import { parseArgs } from "node:util";

/** What stands between decoders and encoders: a value, or a protocol reply. */
type Item = { value: unknown } | { reply: Message };

/** Text into values; what the protocol wants answered goes on as a reply. */
const decodeJson = () =>
  new TransformStream<Message, Item>({
    transform(message, controller) {
      const reply = replyTo(message);
      if (reply !== undefined) controller.enqueue({ reply });
      if (message.type !== "text") return;
      controller.enqueue({ value: JSON.parse(message.data) });
    },
  });

/** The application: numbers in, their sum out. */
const addUp = () =>
  new TransformStream<Item, Item>({
    transform(item, controller) {
      if ("reply" in item) return controller.enqueue(item);
      const numbers = [item.value].flat().map(Number);
      const sum = numbers.reduce((total, number) => total + number, 0);
      controller.enqueue({ value: { sum } });
    },
  });

/** Values into text. */
const encodeJson = () =>
  new TransformStream<Item, Message>({
    transform(item, controller) {
      controller.enqueue(
        "reply" in item
          ? item.reply
          : { type: "text", data: JSON.stringify(item.value) },
      );
    },
  });

async function serve(conn: Deno.Conn): Promise<void> {
  const role = "server";
  const { readable } = await acceptHandshake(conn);
  await readable
    .pipeThrough(new FrameDecoderStream({ role }))
    .pipeThrough(new MessageDecoderStream({ role }))
    .pipeThrough(decodeJson())
    .pipeThrough(addUp())
    .pipeThrough(encodeJson())
    .pipeThrough(new MessageEncoderStream({ role }))
    .pipeThrough(new FrameEncoderStream({ role }))
    .pipeTo(conn.writable);
}

const { values } = parseArgs({
  options: { port: { type: "string", default: "3000" } },
});
const port = Number(values.port);
const listener = Deno.listen({ hostname: "127.0.0.1", port });
console.log(`Adding on ws://127.0.0.1:${listener.addr.port}/`);
for await (const conn of listener) {
  serve(conn).catch((error) => console.error(String(error)));
}
