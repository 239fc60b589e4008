import { assertEquals, assertThrows } from "@std/assert";
import { readSocketUrl } from "../../lib/facade/socket_url.ts";

Deno.test("readSocketUrl() reads URLs as the WebSockets Standard gets a URL record", () => {
  const cases = [
    ["ws://a/", "ws://a/"],
    ["WS://A:80", "ws://a/"],
    ["wss://a:443/x?y", "wss://a/x?y"],
    ["http://a/x", "ws://a/x"],
    ["http://a:443/", "ws://a:443/"],
    ["https://a:8080/", "wss://a:8080/"],
    ["https://a:443/", "wss://a/"],
    ["ws://a/%23", "ws://a/%23"],
    ["ws://é/é", "ws://xn--9ca/%C3%A9"],
    [new URL("ws://a/b"), "ws://a/b"],
  ] as const;
  for (const [given, href] of cases) {
    const url = readSocketUrl(given);
    assertEquals(url, {
      href,
      target: href,
      origin: new URL(href).origin,
      authorization: undefined,
    });
  }
});

Deno.test("readSocketUrl() refuses what leads nowhere with a SyntaxError", () => {
  for (
    const given of [
      "",
      "/chat",
      "chat",
      "//a/",
      "ws:",
      "ws://",
      "ftp://a/",
      "mailto:a",
      "ws://a/#",
      "ws://a/#x",
      "http://a/#x",
    ]
  ) {
    const error = assertThrows(() => readSocketUrl(given), DOMException, given);
    assertEquals(error.name, "SyntaxError", given);
  }
});

Deno.test("readSocketUrl() counts a relative URL from the page, where there is one", () => {
  const page = "https://a.example/chat/index.html";
  assertEquals(readSocketUrl("live", page).href, "wss://a.example/chat/live");
  assertEquals(readSocketUrl("/live", page).href, "wss://a.example/live");
  assertEquals(readSocketUrl("//b/", page).href, "wss://b/");
});

Deno.test("readSocketUrl() takes credentials out of what is dialled (RFC 7617 §2)", () => {
  const cases = [
    ["ws://foo:bar@a/", "foo:bar"],
    ["ws://foo@a/", "foo:"],
    ["ws://:bar@a/", ":bar"],
    ["ws://f%C3%B6:b%3Ar@a/", "fÃ¶:b:r"],
    ["ws://100%:x@a/", "100%:x"],
  ] as const;
  for (const [given, credentials] of cases) {
    const { href, target, authorization } = readSocketUrl(given);
    assertEquals(href, new URL(given).href);
    assertEquals(target, "ws://a/");
    // atob() gives a character for each byte of UTF-8.
    assertEquals(atob(authorization!.slice("Basic ".length)), credentials);
  }
});
