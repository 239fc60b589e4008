import { assertEquals } from "@std/assert";
import { parseWebSocketUrl } from "../../lib/handshake/client.ts";
import { listenDeno } from "../../lib/transport/deno_network.ts";
import { dial } from "../../lib/transport/dial.ts";
import { hex } from "../support/hex.ts";

// What other runtimes do is seen in tests/runtimes/.
Deno.test("dial() goes through the network of Deno on Deno", async () => {
  const listener = listenDeno({ hostname: "127.0.0.1" });
  const url = parseWebSocketUrl(`ws://${listener.address}/`);
  const [a, b] = await Promise.all([dial(url, {}), listener.accept()]);
  await a.write(hex("0102"));
  assertEquals(await b!.read(), hex("0102"));
  a.close();
  b!.close();
  listener.close();
});
