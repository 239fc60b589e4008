/** The floor: bytes read and written back on Deno, with no WebSocket at all. */
import "./report_usage.mjs";

async function echo(conn: Deno.Conn): Promise<void> {
  const buffer = new Uint8Array(64 * 1024);
  while (true) {
    const length = await conn.read(buffer);
    if (length === null) break;
    let written = 0;
    while (written < length) {
      written += await conn.write(buffer.subarray(written, length));
    }
  }
  conn.close();
}

const port = Number(Deno.args[0]);
for await (const conn of Deno.listen({ hostname: "127.0.0.1", port })) {
  conn.setNoDelay(true);
  // The benchmark's clients hang up as they please.
  echo(conn).catch(() => {});
}
