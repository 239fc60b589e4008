import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { ProtocolError } from "../../lib/error/protocol_error.ts";
import { parseWebSocketUrl } from "../../lib/handshake/client.ts";
import { memoryTransports } from "../../lib/transport/memory.ts";
import {
  openTunnel,
  proxyAddress,
  requireProxy,
} from "../../lib/transport/proxy.ts";
import { utf8 } from "../support/hex.ts";

const proxy = new URL("http://user:pass@proxy.example:3128");
const server = parseWebSocketUrl("ws://[::1]:8080/");

Deno.test("requireProxy() takes HTTP proxies, and no others", () => {
  assertEquals(requireProxy("http://a:1").port, "1");
  for (const wrong of ["https://a", "socks5://a", "a:80", ""]) {
    assertThrows(() => requireProxy(wrong), TypeError, "wanted an http: URL");
  }
});

Deno.test("proxyAddress() knows the port of HTTP, and IPv6", () => {
  const of = (url: string) => proxyAddress(new URL(url));
  assertEquals(of("http://a"), { hostname: "a", port: 80 });
  assertEquals(of("http://[::1]:3128"), { hostname: "::1", port: 3128 });
});

Deno.test("openTunnel() asks for the server, and gives what came behind the answer (R6)", async () => {
  const [near, far] = memoryTransports();
  const opening = openTunnel(near, proxy, server, undefined);
  const request = new TextDecoder().decode((await far.read())!);
  assertEquals(
    request,
    "CONNECT [::1]:8080 HTTP/1.1\r\nHost: [::1]:8080\r\n" +
      "Proxy-Authorization: Basic dXNlcjpwYXNz\r\n\r\n",
  );
  await far.write(utf8("HTTP/1.1 200 OK\r\n\r\nrest"));
  assertEquals(await opening, utf8("rest"));
});

Deno.test("openTunnel() closes the connection when there is no tunnel, or nobody waits", async () => {
  const [near, far] = memoryTransports();
  const refused = openTunnel(near, proxy, server, undefined);
  await far.read();
  await far.write(utf8("HTTP/1.1 407 No\r\n\r\n"));
  await assertRejects(() => refused, ProtocolError, "HTTP 407 No");
  assertEquals(await far.read(), null);

  const [other, end] = memoryTransports();
  const giveUp = new AbortController();
  const opening = openTunnel(other, proxy, server, giveUp.signal);
  await end.read();
  giveUp.abort();
  await assertRejects(() => opening, Error);
});
