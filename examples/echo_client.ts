/**
 * Connects, and sends back every message that it gets until the server closes.
 *
 *     deno run --allow-net examples/echo_client.ts ws://127.0.0.1:3000/
 */
import {
  type Message,
  messageStreams,
  parseWebSocketUrl,
  ProtocolError,
  replyTo,
  requestHandshake,
  truncateReason,
} from "@sluice/websocket";
import { parseArgs } from "node:util";

/** Echoes until the server closes; gives the last message. */
async function echoBack(url: string): Promise<Message | undefined> {
  const { secure, hostname, port } = parseWebSocketUrl(url);
  const conn = secure
    ? await Deno.connectTls({ hostname, port, alpnProtocols: ["http/1.1"] })
    : await Deno.connect({ hostname, port });
  const signal = AbortSignal.timeout(10_000);
  const { readable } = await requestHandshake(conn, url, { signal });
  const messages = messageStreams(
    { readable, writable: conn.writable },
    { role: "client" },
  );
  const writer = messages.writable.getWriter();
  let last: Message | undefined;
  try {
    for await (last of messages.readable) {
      const isData = last.type === "text" || last.type === "binary";
      const answer = isData ? last : replyTo(last);
      if (answer !== undefined) await writer.write(answer);
    }
  } catch (error) {
    // 1006: the server is gone, and no Close frame would reach it.
    if (error instanceof ProtocolError && error.closeCode !== 1006) {
      const reason = truncateReason(error.message);
      await writer.write({ type: "close", code: error.closeCode, reason });
    }
    throw error;
  } finally {
    await writer.close().catch(() => {});
  }
  return last;
}

const { values, positionals: [url] } = parseArgs({
  allowPositionals: true,
  options: { help: { type: "boolean", short: "h", default: false } },
});
if (values.help || url === undefined) {
  console.log("Usage: echo_client.ts URL   (such as ws://127.0.0.1:3000/)");
  Deno.exit(values.help ? 0 : 2);
}
const last = await echoBack(url);
console.log(
  last?.type === "close"
    ? `Closed by the server: ${last.code} ${last.reason}`.trimEnd()
    : "The server ended the connection without a Close frame",
);
