import { assertEquals } from "@std/assert";
import net from "node:net";
import tls from "node:tls";
import {
  hasNodeNetwork,
  nodeNet,
  nodeTls,
} from "../../lib/transport/node_builtins.ts";

// Where there are none is seen in tests/runtimes/, on workerd and in Chromium.
Deno.test("nodeNet() and nodeTls() are the modules of this runtime", () => {
  assertEquals(hasNodeNetwork(), true);
  assertEquals(nodeNet().isIP("::1"), net.isIP("::1"));
  assertEquals(nodeTls().DEFAULT_MIN_VERSION, tls.DEFAULT_MIN_VERSION);
});
