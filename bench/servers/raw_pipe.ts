/** The floor of what streams can do on Deno, with no WebSocket at all. */
import "./report_usage.mjs";

const port = Number(Deno.args[0]);
for await (const conn of Deno.listen({ hostname: "127.0.0.1", port })) {
  conn.setNoDelay(true);
  // The benchmark's clients hang up as they please.
  conn.readable.pipeTo(conn.writable).catch(() => {});
}
