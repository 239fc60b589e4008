import { assertEquals } from "@std/assert";
import { parseLine, type SpokenLine } from "../../lib/cli/spoken_line.ts";

const cases: [string, SpokenLine][] = [
  ["Hello", { type: "text", text: "Hello" }],
  ["", { type: "text", text: "" }],
  ["//ping", { type: "text", text: "/ping" }],
  ["/ping", { type: "ping", text: "" }],
  ["/ping are you there", { type: "ping", text: "are you there" }],
  ["/close", { type: "close", closeCode: 1000, reason: "" }],
  ["/close 4000", { type: "close", closeCode: 4000, reason: "" }],
  ["/close 4000 so long", {
    type: "close",
    closeCode: 4000,
    reason: "so long",
  }],
  ["/binary 00 fF", { type: "binary", bytes: Uint8Array.of(0, 255) }],
  ["/binary", { type: "binary", bytes: new Uint8Array() }],
  ["/help", { type: "help" }],
];

Deno.test("parseLine() reads texts and commands", () => {
  for (const [line, wanted] of cases) {
    assertEquals(parseLine(line), wanted, line);
  }
});

Deno.test("parseLine() says what is wrong with a command", () => {
  const wrong = {
    "/dance": "found the command /dance, wanted one of those of /help",
    "/close soon": "found close code soon, wanted four digits",
    "/binary 0": 'found one digit, "0", at the end, wanted two for each byte',
    "/binary xy": 'found "x" at character 0, wanted hexadecimal digits',
  };
  for (const [line, why] of Object.entries(wrong)) {
    assertEquals(parseLine(line), { type: "wrong", why }, line);
  }
});
