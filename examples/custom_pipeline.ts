/**
 * A server that speaks JSON: streams of its own stand between the decoders and
 * the encoders, so that the application sees values only. It adds numbers:
 * `[1, 2, 3]` is answered with `{"sum":6}`.
 *
 *     deno run --allow-net=127.0.0.1 examples/custom_pipeline.ts --port 3000
 */
import {
  acceptHandshake,
  type Message,
  messageStreams,
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
      controller.enqueue({ value: parse(message.data) });
    },
  });

/** The value of a JSON text; of what is none, the text itself. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The application, and values into text: numbers in, their sum out. */
const addUp = () =>
  new TransformStream<Item, Message>({
    transform(item, controller) {
      if ("reply" in item) return controller.enqueue(item.reply);
      const numbers = [item.value].flat().map(Number);
      const sum = numbers.reduce((total, number) => total + number, 0);
      controller.enqueue({ type: "text", data: JSON.stringify({ sum }) });
    },
  });

async function serve(conn: Deno.Conn): Promise<void> {
  const { readable } = await acceptHandshake(conn);
  const streams = { readable, writable: conn.writable };
  const messages = messageStreams(streams, { role: "server" });
  await messages.readable
    .pipeThrough(decodeJson())
    .pipeThrough(addUp())
    .pipeTo(messages.writable);
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
