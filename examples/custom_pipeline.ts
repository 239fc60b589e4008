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

/** A stage of the pipeline: one item in, one out or none. */
const stage = <In, Out>(change: (item: In) => Out | undefined) =>
  new TransformStream<In, Out>({
    transform(item, controller) {
      const result = change(item);
      if (result !== undefined) controller.enqueue(result);
    },
  });

/** Text into values; what the protocol wants answered goes on as a reply. */
const decodeJson = () =>
  stage<Message, Item>((message) => {
    const reply = replyTo(message);
    if (reply !== undefined) return { reply };
    if (message.type === "text") return { value: parse(message.data) };
  });

/** The value of a JSON text; of what is none, the empty list. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return [];
  }
}

/** The application: numbers in, their sum out. */
const addUp = () =>
  stage<Item, Item>((item) => {
    if ("reply" in item) return item;
    const numbers = [item.value].flat().map(Number);
    return { value: { sum: numbers.reduce((sum, n) => sum + n, 0) } };
  });

/** Values into text. */
const encodeJson = () =>
  stage<Item, Message>((item) =>
    "reply" in item
      ? item.reply
      : { type: "text", data: JSON.stringify(item.value) }
  );

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
  options: {
    port: { type: "string", default: "3000" },
    help: { type: "boolean", short: "h" },
  },
});
if (values.help) {
  console.log("Usage: custom_pipeline.ts [--port N]   (3000 by default)");
  Deno.exit();
}
const port = Number(values.port);
const listener = Deno.listen({ hostname: "127.0.0.1", port });
console.log(`Adding on ws://127.0.0.1:${listener.addr.port}/`);
for await (const conn of listener) {
  serve(conn).catch((error) => console.error(String(error)));
}
