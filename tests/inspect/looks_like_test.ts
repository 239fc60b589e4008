import { assert, assertEquals } from "@std/assert";
import { checkHeader } from "../../lib/frame/check_header.ts";
import { readHeader } from "../../lib/frame/header.ts";
import { type Beginning, looksLike } from "../../lib/inspect/looks_like.ts";
import { frameCases } from "../support/frame_cases.ts";
import { hex, utf8 } from "../support/hex.ts";
import { assertPure } from "../support/purity.ts";

const beginnings: readonly (readonly [
  name: string,
  bytes: Uint8Array,
  Beginning,
])[] = [
  ["a request", utf8("GET / HTTP/1.1\r\n"), "request"],
  ["one with another method", utf8("DELETE /a"), "request"],
  ["one for a tunnel", utf8("CONNECT a:443"), "request"],
  ["a response", utf8("HTTP/1.1 101 "), "response"],
  ["one of HTTP/1.0", utf8("HTTP/1.0"), "response"],
  ["the preface of HTTP/2, RFC 9113 §3.4", utf8("PRI * HTTP/2.0\r\n"), "http2"],
  ["a ClientHello, RFC 8446 §5.1", hex("16 0301 0200 01"), "tls"],
  ["words that are no method", utf8("GETTING"), "frames"],
  ["another version of HTTP", utf8("HTTP/2 200"), "frames"],
  ["another record of TLS", hex("17 0303"), "frames"],
  ["a lower case", utf8("get / "), "frames"],
];

Deno.test("looksLike() tells what a stream begins with", () => {
  for (const [name, bytes, kind] of beginnings) {
    assertEquals(assertPure(name, looksLike, bytes), kind, name);
  }
});

Deno.test("looksLike() waits while it may be more than one thing, and does not change its mind", () => {
  assertEquals(looksLike(hex("")), undefined);
  for (const [name, bytes, kind] of beginnings) {
    for (let end = 0; end < bytes.length; end++) {
      const found = looksLike(bytes.subarray(0, end));
      assert(found === undefined || found === kind, `${name}, ${end} bytes`);
    }
  }
  assertEquals(looksLike(utf8("P")), undefined);
  assertEquals(looksLike(utf8("PR")), undefined);
  assertEquals(looksLike(utf8("POST")), undefined);
  assertEquals(looksLike(hex("16")), undefined);
});

Deno.test("looksLike() takes no legal frame for anything else (R38, R39)", () => {
  const rules = { role: undefined, maxPayloadBytes: Infinity, allowedRsv: 0 };
  for (let first = 0; first < 256; first++) {
    for (const second of [0x00, 0x03, 0x45, 0x7e, 0x80, 0xff]) {
      const bytes = Uint8Array.of(first, second, 0, 0, 0, 0, 0, 0, 0, 0);
      const isLegal = checkHeader(readHeader(bytes)!, rules)?.at !== 0;
      if (isLegal) assertEquals(looksLike(bytes), "frames");
    }
  }
  for (const { name, wire } of frameCases) {
    assertEquals(looksLike(wire), "frames", name);
  }
});
