import { assertEquals } from "@std/assert";
import { parseWebSocketUrl } from "../../lib/handshake/client.ts";
import { dialDeno } from "../../lib/transport/deno_network.ts";
import { listen } from "../../lib/transport/listen.ts";
import { hex } from "../support/hex.ts";

// What other runtimes do is seen in tests/runtimes/.
Deno.test("listen() listens at once on Deno", async () => {
  const listener = listen({ hostname: "127.0.0.1" });
  const url = parseWebSocketUrl(`ws://${listener.address}/`);
  const [a, b] = await Promise.all([dialDeno(url, {}), listener.accept()]);
  await b!.write(hex("0304"));
  assertEquals(await a.read(), hex("0304"));
  a.close();
  b!.close();
  listener.close();
});
