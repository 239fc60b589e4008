import { assertEquals } from "@std/assert";
import { parseWebSocketUrl } from "../../lib/handshake/client.ts";
import { dial, listen } from "../../lib/transport/network.ts";
import { hex } from "../support/hex.ts";

// What other runtimes do is seen in tests/runtimes/.
Deno.test("on Deno both go through the network of Deno", async () => {
  const listener = listen({ hostname: "127.0.0.1" });
  const url = parseWebSocketUrl(`ws://${listener.address}/`);
  const [a, b] = await Promise.all([dial(url, {}), listener.accept()]);
  await a.write(hex("0102"));
  assertEquals(await b!.read(), hex("0102"));
  a.close();
  b!.close();
  listener.close();
});
