/** Writes all bytes that come to all who are connected, and knows no frames. */
import "./report_usage.mjs";

const everybody = new Set<Deno.TcpConn>();
const listener = Deno.listen({
  hostname: "127.0.0.1",
  port: Number(Deno.args[0]),
});
for await (const conn of listener) {
  everybody.add(conn);
  serve(conn);
}

async function serve(conn: Deno.TcpConn): Promise<void> {
  const room = new Uint8Array(64 * 1024);
  try {
    while (true) {
      const read = await conn.read(room);
      if (read === null) break;
      writeToAll(room.slice(0, read));
    }
  } catch {
    // The benchmark's clients hang up.
  }
  everybody.delete(conn);
  conn.close();
}

function writeToAll(bytes: Uint8Array): void {
  for (const conn of everybody) conn.write(bytes).catch(() => {});
}
