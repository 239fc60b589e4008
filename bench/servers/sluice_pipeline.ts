/** An echo composed of streams, from the socket's bytes and back to them. */
import "./report_usage.mjs";
import {
  acceptHandshake,
  FrameDecoderStream,
  FrameEncoderStream,
  type Message,
  MessageDecoderStream,
  MessageEncoderStream,
  replyTo,
} from "@sluice/websocket";

const role = "server";

/** Messages as they came, and what the protocol wants answered. */
const echo = () =>
  new TransformStream<Message, Message>({
    transform(message, controller) {
      if (message.type === "pong") return;
      controller.enqueue(replyTo(message) ?? message);
    },
  });

async function serve(conn: Deno.Conn): Promise<void> {
  const { readable } = await acceptHandshake(conn);
  await readable
    .pipeThrough(new FrameDecoderStream({ role }))
    .pipeThrough(new MessageDecoderStream({ role }))
    .pipeThrough(echo())
    .pipeThrough(new MessageEncoderStream({ role }))
    .pipeThrough(new FrameEncoderStream({ role }))
    .pipeTo(conn.writable);
}

const port = Number(Deno.args[0]);
for await (const conn of Deno.listen({ hostname: "127.0.0.1", port })) {
  conn.setNoDelay(true);
  // The benchmark's clients hang up without a Close.
  serve(conn).catch(() => {});
}
