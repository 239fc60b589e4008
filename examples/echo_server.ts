/**
 * An echo server on raw TCP: text and binary messages come back as they were.
 *
 *     deno run --allow-net=127.0.0.1 examples/echo_server.ts --port 3000
 */
import {
  acceptHandshake,
  type ByteStreams,
  type Message,
  messageStreams,
  ProtocolError,
  replyTo,
  truncateReason,
} from "@sluice/websocket";
import { parseArgs } from "node:util";

/** Talks with one client until it, or a mistake of its, ends the connection. */
export async function echo(conn: ByteStreams): Promise<void> {
  const signal = AbortSignal.timeout(10_000);
  const { readable } = await acceptHandshake(conn, { signal });
  const messages = messageStreams(
    { readable, writable: conn.writable },
    { role: "server" },
  );
  const writer = messages.writable.getWriter();
  try {
    for await (const message of messages.readable) {
      const answer = answerTo(message);
      if (answer !== undefined) await writer.write(answer);
    }
  } catch (error) {
    // 1006: the client is gone, and no Close frame would reach it.
    if (error instanceof ProtocolError && error.closeCode !== 1006) {
      const reason = truncateReason(error.message);
      await writer.write({ type: "close", code: error.closeCode, reason });
    }
    throw error;
  } finally {
    // Closes the connection too, once everything has been sent.
    await writer.close().catch(() => {});
  }
}

/** Messages come back; Ping and Close get what the protocol wants. */
function answerTo(message: Message): Message | undefined {
  const isData = message.type === "text" || message.type === "binary";
  return isData ? message : replyTo(message);
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      port: { type: "string", default: "3000" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    console.log(
      "Usage: echo_server.ts [--port N]   (3000; 0 picks a free one)",
    );
    Deno.exit();
  }
  const port = Number(values.port);
  const listener = Deno.listen({ hostname: "127.0.0.1", port });
  console.log(`Echoing on ws://127.0.0.1:${listener.addr.port}/`);
  for await (const conn of listener) {
    echo(conn).catch((error) => console.error(String(error)));
  }
}
