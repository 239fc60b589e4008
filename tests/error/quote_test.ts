import { assertEquals } from "@std/assert";
import { quote, shorten, show } from "../../lib/error/quote.ts";

Deno.test("quote() shows text in quotes, and as much of it as fits into a line", () => {
  assertEquals(quote(""), '""');
  assertEquals(quote('say "a"'), '"say \\"a\\""');
  assertEquals(quote("a".repeat(60)), `"${"a".repeat(60)}"`);
  assertEquals(quote("a".repeat(61)), `"${"a".repeat(60)}…"`);
});

Deno.test("quote() shows nothing that a terminal or a log would take for its own", () => {
  assertEquals(quote("a\r\nb"), '"a\\r\\nb"');
  assertEquals(quote("\x1b[31m"), '"\\u001b[31m"');
  assertEquals(quote("\x9b31m\x7f"), '"\\u009b31m\\u007f"');
  assertEquals(quote("\u2028\u202e"), '"\\u2028\\u202e"');
});

Deno.test("show() does the same without quotes", () => {
  assertEquals(show("Not Found"), "Not Found");
  assertEquals(show("\x9b31m"), "\\u009b31m");
  assertEquals(show("a".repeat(61)), `${"a".repeat(60)}…`);
});

Deno.test("shorten() keeps what is short enough, and marks what was cut", () => {
  assertEquals(shorten("abc", 3), "abc");
  assertEquals(shorten("abcd", 3), "abc…");
});
