import { assertEquals, assertThrows } from "@std/assert";
import { readProtocols } from "../../lib/facade/protocols.ts";

Deno.test("readProtocols() takes one, or a list (WebSockets Standard, new WebSocket(url, protocols))", () => {
  assertEquals(readProtocols("chat"), ["chat"]);
  assertEquals(readProtocols([]), []);
  assertEquals(readProtocols(["a", "b"]), ["a", "b"]);
  assertEquals(readProtocols(new Set(["a", 1])), ["a", "1"]);
});

Deno.test("readProtocols() refuses what is no token, and what is there twice", () => {
  for (
    const protocols of [
      "",
      "a b",
      "a,b",
      "é",
      "a\n",
      ["a", ""],
      ["a", "b", "a"],
      ["echo", "Echo"],
    ]
  ) {
    const error = assertThrows(
      () => readProtocols(protocols),
      DOMException,
      "wanted different tokens",
    );
    assertEquals(error.name, "SyntaxError");
  }
});
