import { assertEquals } from "@std/assert";
import {
  dialNode,
  hasNodeNetwork,
  listenNode,
} from "../../lib/transport/node_network.ts";
import { testNetwork } from "./networks.ts";

// On Deno's own node:net; tests/runtimes/ has those of Node and Bun.
testNetwork({
  name: "Node",
  dial: dialNode,
  listen: listenNode,
  unixPath: ".sockets/node",
});

Deno.test("hasNodeNetwork() tells that there is a node:net", () => {
  assertEquals(hasNodeNetwork(), true);
});
