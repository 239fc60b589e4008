import { assertEquals } from "@std/assert";
import * as network from "../../lib/transport/node_network.ts";

Deno.test("@sluice/websocket/transport/node has what it takes to connect and to listen", () => {
  assertEquals(Object.keys(network).sort(), [
    "dialNode",
    "hasNodeNetwork",
    "listenNode",
    "nodeTransport",
    "upgradeListener",
    "upgradeTransport",
  ]);
});
