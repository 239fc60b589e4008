import { assertEquals } from "@std/assert";
import { type Paintable, painter } from "../../lib/inspect/paint.ts";

const all: readonly Paintable[] = [
  "client",
  "server",
  "right",
  "wrong",
  "unjudged",
  "note",
];

Deno.test("painter() puts a colour before a text, and takes it back after it", () => {
  const paint = painter(true);
  for (const what of all) {
    const painted = paint(what, "some text");
    const [start, code, end] = [
      painted.slice(0, 2),
      painted.slice(2, painted.indexOf("m")),
      painted.slice(painted.indexOf("m") + 1),
    ];
    assertEquals([start, end], ["\u001b[", "some text\u001b[0m"]);
    assertEquals(Number(code) > 0, true, JSON.stringify(painted));
  }
  const colorOf = (what: Paintable) => paint(what, "");
  assertEquals(colorOf("client") === colorOf("server"), false);
  assertEquals(colorOf("right") === colorOf("wrong"), false);
});

Deno.test("painter() without colour leaves a text as it is", () => {
  const paint = painter(false);
  for (const what of all) assertEquals(paint(what, "some text"), "some text");
});
