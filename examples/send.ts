/**
 * Sends one text message and prints the answer.
 *
 *     deno run --allow-net examples/send.ts ws://127.0.0.1:3000/ "Hello"
 */
import {
  CloseCode,
  messageStreams,
  parseWebSocketUrl,
  replyTo,
  requestHandshake,
} from "@sluice/websocket";
import { parseArgs } from "node:util";

/** The first message that the server answers `text` with. */
async function ask(url: string, text: string): Promise<string | Uint8Array> {
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
  await writer.write({ type: "text", data: text });
  let answer: string | Uint8Array | undefined;
  for await (const message of messages.readable) {
    if (message.type === "ping") await writer.write(replyTo(message)!);
    if (message.type !== "text" && message.type !== "binary") continue;
    if (answer !== undefined) continue;
    answer = message.data;
    const { normal } = CloseCode;
    await writer.write({ type: "close", code: normal, reason: "" });
  }
  await writer.close();
  if (answer === undefined) throw new Error("The server closed unanswered");
  return answer;
}

const { values, positionals: [url, text] } = parseArgs({
  allowPositionals: true,
  options: { help: { type: "boolean", short: "h", default: false } },
});
if (values.help || url === undefined || text === undefined) {
  console.log('Usage: send.ts URL TEXT   (such as ws://127.0.0.1:3000/ "Hi")');
  Deno.exit(values.help ? 0 : 2);
}
console.log(await ask(url, text));
