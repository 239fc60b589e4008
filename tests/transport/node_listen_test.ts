import { assertEquals, assertRejects } from "@std/assert";
import { parseWebSocketUrl } from "../../lib/handshake/client.ts";
import { dialNode } from "../../lib/transport/node_dial.ts";
import { listenNode } from "../../lib/transport/node_listen.ts";
import { within } from "../connection/connections.ts";
import { certificate, certificateKey } from "../support/certificate.ts";
import { testListen } from "./networks.ts";

// On Deno's own node:net; tests/runtimes/ has those of Node and Bun.
testListen({
  name: "Node",
  dial: dialNode,
  listen: listenNode,
  unixPath: ".sockets/node",
});

Deno.test("listenNode() hangs up on who takes too long for TLS", async () => {
  const listener = await listenNode({
    hostname: "127.0.0.1",
    cert: certificate,
    key: certificateKey,
    tlsTimeoutMs: 50,
  });
  const silent = await dialNode(
    parseWebSocketUrl(`ws://${listener.address}/`),
    {},
  );
  assertEquals(await within(silent.read(), "the end"), null);
  silent.close();
  listener.close();
});

Deno.test("listenNode() refuses a time for TLS that is none", async () => {
  for (const tlsTimeoutMs of [0, -1, 0.5, NaN]) {
    await assertRejects(() => listenNode({ tlsTimeoutMs }), RangeError);
  }
});

Deno.test("listenNode() takes any time for TLS, and none at all", async () => {
  for (const tlsTimeoutMs of [1, 2 ** 40, Infinity]) {
    const listener = await listenNode({
      hostname: "127.0.0.1",
      cert: certificate,
      key: certificateKey,
      tlsTimeoutMs,
    });
    listener.close();
  }
});
