/**
 * A server that sends each client a Ping every so often, and drops a client
 * that does not answer in time.
 *
 *     deno run --allow-net=127.0.0.1 examples/heartbeat.ts --port 3000
 */
import { acceptHandshake, messageStreams, replyTo } from "@sluice/websocket";
import { parseArgs } from "node:util";

/** Talks with one client for as long as it shows that it is there. */
async function serve(
  conn: Deno.Conn,
  { intervalMs, timeoutMs }: { intervalMs: number; timeoutMs: number },
): Promise<void> {
  const signal = AbortSignal.timeout(10_000);
  const { readable } = await acceptHandshake(conn, { signal });
  const messages = messageStreams(
    { readable, writable: conn.writable },
    { role: "server" },
  );
  const writer = messages.writable.getWriter();
  const name = JSON.stringify(conn.remoteAddr);
  let dropAfterTimeout: ReturnType<typeof setTimeout> | undefined;
  const ping = () => {
    if (dropAfterTimeout !== undefined) return;
    writer.write({ type: "ping", data: new Uint8Array(0) }).catch(() => {});
    dropAfterTimeout = setTimeout(() => {
      console.log(`No Pong in ${timeoutMs} ms, dropping ${name}`);
      conn.close();
    }, timeoutMs);
  };
  const pinging = setInterval(ping, intervalMs);
  try {
    for await (const message of messages.readable) {
      // Whatever arrives, a Pong or not, shows that the client is there.
      clearTimeout(dropAfterTimeout);
      dropAfterTimeout = undefined;
      if (message.type === "text") console.log(`${name}: ${message.data}`);
      const reply = replyTo(message);
      if (reply !== undefined) await writer.write(reply);
    }
  } finally {
    clearInterval(pinging);
    clearTimeout(dropAfterTimeout);
    await writer.close().catch(() => {});
  }
}

const { values } = parseArgs({
  options: {
    "port": { type: "string", default: "3000" },
    "interval-ms": { type: "string", default: "20000" },
    "timeout-ms": { type: "string", default: "10000" },
    "help": { type: "boolean", short: "h", default: false },
  },
});
if (values.help) {
  console.log(
    "Usage: heartbeat.ts [--port N] [--interval-ms N] [--timeout-ms N]",
  );
  Deno.exit();
}
const heartbeat = {
  intervalMs: Number(values["interval-ms"]),
  timeoutMs: Number(values["timeout-ms"]),
};
const port = Number(values.port);
const listener = Deno.listen({ hostname: "127.0.0.1", port });
console.log(`Pinging on ws://127.0.0.1:${listener.addr.port}/`);
for await (const conn of listener) {
  serve(conn, heartbeat).catch((error) => console.error(String(error)));
}
