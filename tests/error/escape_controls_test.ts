import { assertEquals } from "@std/assert";
import { escapeControls } from "../../lib/error/escape_controls.ts";

Deno.test("what can be read stays, what does something to a terminal does not", () => {
  const cases: [string, string][] = [
    ["Hello, wörld €\u{1f600}", "Hello, wörld €\u{1f600}"],
    ["\x1b[31mred", "\\u001b[31mred"],
    ["a\nb\tc\x7f", "a\\u000ab\\u0009c\\u007f"],
    ["\x9b2J", "\\u009b2J"],
    ["abc\u202edef\u2066", "abc\\u202edef\\u2066"],
  ];
  for (const [text, wanted] of cases) {
    assertEquals(escapeControls(text), wanted);
  }
});

Deno.test("JSON stays the same JSON", () => {
  const value = { text: "\x9b\u202e\u2028" };
  assertEquals(JSON.parse(escapeControls(JSON.stringify(value))), value);
});
