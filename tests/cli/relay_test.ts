import { assertEquals } from "@std/assert";
import { relay } from "../../lib/cli/relay.ts";
import { denoTransport } from "../../lib/transport/deno.ts";
import { utf8 } from "../support/hex.ts";

/** Two connected sockets. */
async function pair(): Promise<[Deno.TcpConn, Deno.TcpConn]> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  return await Promise.all([
    Deno.connect({ hostname: "127.0.0.1", port }),
    listener.accept(),
  ]) as [Deno.TcpConn, Deno.TcpConn];
}

async function readAll(conn: Deno.Conn): Promise<string> {
  return await new Response(conn.readable).text();
}

Deno.test("relay() passes bytes on both ways, and the end of each", async () => {
  const [client, near] = await pair();
  const [far, server] = await pair();
  const seen: string[] = [];
  const ended: string[] = [];
  const relaying = relay(denoTransport(near), denoTransport(far), {
    onBytes: (from, bytes) =>
      void seen.push(`${from} ${new TextDecoder().decode(bytes)}`),
    onEnd: (from) => ended.push(from),
  });
  await client.write(utf8("question"));
  await client.closeWrite();
  assertEquals(await readAll(server), "question");
  // The client has ended its half, and is still answered... by another socket,
  // since reading to the end has closed this one.
  assertEquals(await readAll(client), "");
  await relaying;
  assertEquals(seen, ["client question"]);
  assertEquals(ended.toSorted(), ["client", "server"]);
});

Deno.test("relay() ends when one side is gone, and lets the other go", async () => {
  const [client, near] = await pair();
  const [far, server] = await pair();
  const relaying = relay(denoTransport(near), denoTransport(far), {
    onBytes: () => {},
    onEnd: () => {},
  });
  server.close();
  assertEquals(await client.read(new Uint8Array(1)), null);
  client.close();
  await relaying;
});
