/**
 * Requests and responses of HTTP, by hand on TCP, and news that comes between.
 *
 *     deno run --allow-net=127.0.0.1 docs/tutorial/http.ts
 */
import { assertEquals } from "@std/assert";

const request = "GET /news HTTP/1.1\r\nHost: example.com\r\n\r\n";

/** What a server answers to a request for the news, if there are any. */
function answer(news: string): string {
  return news === ""
    ? "HTTP/1.1 204 No Content\r\n\r\n"
    : `HTTP/1.1 200 OK\r\nContent-Length: ${news.length}\r\n\r\n${news}`;
}

const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
const { port } = listener.addr;
const client = await Deno.connect({ hostname: "127.0.0.1", port });
const server = await listener.accept();
let bytes = 0;

/** Writes at one end, and shows what comes out at the other. */
async function pass(
  arrow: string,
  text: string,
  from: Deno.Conn,
  to: Deno.Conn,
): Promise<void> {
  await from.write(new TextEncoder().encode(text));
  const room = new Uint8Array(text.length);
  for (let at = 0; at < room.length;) {
    at += await to.read(room.subarray(at)) ?? room.length;
  }
  assertEquals(new TextDecoder().decode(room), text);
  bytes += room.length;
  for (const line of text.trimEnd().split("\r\n")) {
    console.log(`${arrow} ${line}`.trimEnd());
  }
}

async function ask(news: string): Promise<void> {
  await pass("→", request, client, server);
  await pass("←", answer(news), server, client);
}

await ask("");
console.log("  … the news is here: no request is open, so it waits …");
await ask("Rain");
console.log(`  ${bytes} bytes, of which 4 are news`);

for (const each of [client, server, listener]) each.close();
