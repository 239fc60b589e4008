import { dialNode } from "../../lib/transport/node_dial.ts";
import { listenNode } from "../../lib/transport/node_listen.ts";
import { testDial } from "./networks.ts";

// On Deno's own node:net; tests/runtimes/ has those of Node and Bun.
testDial({
  name: "Node",
  dial: dialNode,
  listen: listenNode,
  unixPath: ".sockets/node",
});
