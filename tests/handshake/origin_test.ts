import { assertEquals, assertStrictEquals } from "@std/assert";
import { checkOrigin, type OriginPolicy } from "../../lib/handshake/origin.ts";
import type { WebSocketRequest } from "../../lib/handshake/server.ts";
import { assertPure } from "../support/purity.ts";
import { assertInvalid } from "../support/violations.ts";
import { goodRequest, key } from "./handshake_heads.ts";

function asking(origin: string | undefined, host: string): WebSocketRequest {
  return {
    resourceName: "/",
    host,
    origin,
    key,
    protocols: [],
    headers: goodRequest.headers,
  };
}

const sameHost = "same-host";
const list = ["https://example.com", "http://Example.com:8080"];

const judgements: readonly (readonly [
  origin: string | undefined,
  host: string,
  policy: OriginPolicy,
  allowed: boolean,
])[] = [
  // Without an Origin it is no browser that asks, RFC 6455 §10.1.
  [undefined, "example.com", sameHost, true],
  [undefined, "example.com", [], true],
  [undefined, "example.com", () => false, true],
  ["https://elsewhere.example", "example.com", "any", true],
  ["null", "example.com", "any", true],
  ["http://example.com", "example.com", sameHost, true],
  ["https://example.com", "example.com", sameHost, true],
  ["https://EXAMPLE.com", "example.COM", sameHost, true],
  ["https://example.com", "example.com:443", sameHost, true],
  ["http://example.com:80", "example.com", sameHost, true],
  ["http://example.com:8080", "example.com:8080", sameHost, true],
  ["http://[::1]:8080", "[::1]:8080", sameHost, true],
  ["http://example.com:8080", "example.com", sameHost, false],
  ["http://example.com", "example.com:8080", sameHost, false],
  ["http://example.com", "example.com:443", sameHost, false],
  ["https://elsewhere.example", "example.com", sameHost, false],
  ["https://example.com.elsewhere.example", "example.com", sameHost, false],
  ["https://sub.example.com", "example.com", sameHost, false],
  ["null", "null", sameHost, false],
  ["", "example.com", sameHost, false],
  ["example.com", "example.com", sameHost, false],
  ["file://", "example.com", sameHost, false],
  ["https://example.com", "a", list, true],
  ["HTTPS://EXAMPLE.COM", "a", list, true],
  ["http://example.com:8080", "a", list, true],
  ["http://example.com", "a", list, false],
  ["https://example.com:8080", "a", list, false],
  ["https://example.com.elsewhere.example", "a", list, false],
  ["null", "a", list, false],
  ["https://a", "a", [], false],
  ["https://example.com", "a", (origin) => origin.endsWith(".com"), true],
  ["https://example.org", "a", (origin) => origin.endsWith(".com"), false],
];

Deno.test("checkOrigin() refuses with 403 the pages that may not ask (R27, R30, R75)", () => {
  for (const [origin, host, policy, allowed] of judgements) {
    const name = `${origin} at ${host}, ${policy}`;
    const request = asking(origin, host);
    const result = assertPure(name, checkOrigin, request, policy);
    if (allowed || result === undefined) {
      assertEquals(result === undefined, allowed, name);
      continue;
    }
    const refused = { code: "refused-origin", offset: 0 } as const;
    assertEquals(assertInvalid(result, refused, name).httpStatus, 403, name);
  }
});

Deno.test("checkOrigin() shows a function the whole request (R75)", () => {
  const request = asking("https://example.com", "a");
  checkOrigin(request, (origin, shown) => {
    assertEquals(origin, "https://example.com");
    assertStrictEquals(shown, request);
    return true;
  });
});
