import { assertEquals } from "@std/assert";
import * as network from "../../lib/transport/deno_network.ts";

Deno.test("@sluice/websocket/transport/deno has what it takes to connect and to listen", () => {
  assertEquals(Object.keys(network).sort(), [
    "denoTransport",
    "dialDeno",
    "listenDeno",
  ]);
});
