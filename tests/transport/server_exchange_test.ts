import { assertEquals } from "@std/assert";
import { checkRequest } from "../../lib/handshake/server.ts";
import { isFault, toRequest } from "../../lib/transport/server_exchange.ts";

const page = {
  method: "GET",
  target: "/a?b=1",
  host: "c.example:8080",
  headers: [["X-D", "e"]],
} as const;

Deno.test("toRequest() makes a Request of what was asked for", () => {
  const request = toRequest(page)!;
  assertEquals(request.url, "http://c.example:8080/a?b=1");
  assertEquals([request.method, request.headers.get("x-d")], ["GET", "e"]);
  const secure = toRequest({ ...page, scheme: "https" })!;
  assertEquals(secure.url, "https://c.example:8080/a?b=1");
  const absolute = toRequest({ ...page, target: "http://f.example/g" })!;
  assertEquals(absolute.url, "http://f.example/g");
  const nowhere = toRequest({ ...page, host: undefined })!;
  assertEquals(nowhere.url, "http://localhost/a?b=1");
  const slashes = toRequest({ ...page, target: "//f.example/g" })!;
  assertEquals(slashes.url, "http://c.example:8080//f.example/g");
  const whole = toRequest({ ...page, method: "OPTIONS", target: "*" })!;
  assertEquals(whole.url, "http://c.example:8080/*");
});

Deno.test("toRequest() makes none of a request that is for nowhere, or for somewhere else", () => {
  const targets = ["p", ".evil/x", "@evil/x", ":1/x", "file:///x", "foo:bar"];
  for (const target of targets) {
    assertEquals(toRequest({ ...page, target }), undefined, target);
  }
  for (const host of ["", "a/b", "a@b", "a\\b", "a:port", "[::1", "%zz"]) {
    assertEquals(toRequest({ ...page, host }), undefined, host);
  }
});

Deno.test("toRequest() makes none of methods that a Request cannot have", () => {
  for (const method of ["CONNECT", "trace", "TRACK"]) {
    assertEquals(toRequest({ ...page, method }), undefined);
  }
});

Deno.test("isFault() tells who does not mean to open a WebSocket", () => {
  const head = (...headers: [string, string][]) =>
    checkRequest({ method: "GET", target: "/", httpVersion: "1.1", headers });
  assertEquals(isFault(head(["Host", "a"]), "not-an-upgrade"), true);
  assertEquals(
    isFault(head(["Host", "a"], ["Upgrade", "websocket"]), "not-an-upgrade"),
    false,
  );
});
