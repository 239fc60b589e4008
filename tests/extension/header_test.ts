import { assertEquals, assertThrows } from "@std/assert";
import {
  type ExtensionHeader,
  parseExtensions,
  serializeExtensions,
} from "../../lib/extension/header.ts";
import { assertPure } from "../support/purity.ts";

const deflate = "permessage-deflate";

/** Headers that are written the way that we write them: both directions. */
const plain: readonly (readonly [string, ExtensionHeader[]])[] = [
  // RFC 6455 §9.1
  ["foo", [{ name: "foo", parameters: [] }]],
  ["bar; baz=2", [{ name: "bar", parameters: [["baz", "2"]] }]],
  ["deflate-stream, mux; max-channels=4; flow-control", [
    { name: "deflate-stream", parameters: [] },
    {
      name: "mux",
      parameters: [["max-channels", "4"], ["flow-control", undefined]],
    },
  ]],
  // RFC 7692 §7.1.3: the same extension twice, the more wanted first
  [`${deflate}; server_max_window_bits=10, ${deflate}`, [
    { name: deflate, parameters: [["server_max_window_bits", "10"]] },
    { name: deflate, parameters: [] },
  ]],
];

/** Others that mean something: read only. */
const unusual: readonly (readonly [string[], ExtensionHeader[]])[] = [
  [["a", "b"], [
    { name: "a", parameters: [] },
    { name: "b", parameters: [] },
  ]],
  [[' a\t;  b = "10" ;c ,'], [
    { name: "a", parameters: [["b", "10"], ["c", undefined]] },
  ]],
  [[",, a ,,"], [{ name: "a", parameters: [] }]],
  [['a; b="1\\0"'], [{ name: "a", parameters: [["b", "10"]] }]],
];

const malformed = [
  "",
  ",",
  "a b",
  "a;",
  "a; ;b",
  "a; =1",
  "a; b=",
  "a; b=,c",
  'a; b=""',
  'a; b="1',
  'a; b="1 2"',
  'a; b="x,y"',
  'a; b="1"2',
  "a=1",
  '"a"',
  "a/b",
  "é",
];

Deno.test("parseExtensions() and serializeExtensions() are each other's inverse (R73)", () => {
  for (const [text, extensions] of plain) {
    assertEquals(parseExtensions([text]), extensions, text);
    assertEquals(serializeExtensions(extensions), text);
  }
});

Deno.test("parseExtensions() reads every form that the grammar has, over several lines (R15, R24, R87)", () => {
  for (const [values, extensions] of unusual) {
    assertEquals(parseExtensions(values), extensions, String(values));
  }
});

Deno.test("parseExtensions() refuses what is malformed (R73)", () => {
  for (const text of malformed) {
    assertEquals(parseExtensions([text]), undefined, text);
  }
  assertEquals(parseExtensions([]), undefined);
});

Deno.test("parseExtensions() comes to an end on long headers of every kind", () => {
  for (const part of ["a", " ", ";", ",", '"', "\\", "a;b=", 'a;b="', "a,"]) {
    parseExtensions([part.repeat(20_000)]);
  }
});

Deno.test("serializeExtensions() refuses what would not be read back", () => {
  const wrong: ExtensionHeader[][] = [
    [],
    [{ name: "a b", parameters: [] }],
    [{ name: "a", parameters: [["b", "1, c"]] }],
    [{ name: "a\r\nX: y", parameters: [] }],
  ];
  for (const extensions of wrong) {
    assertThrows(() => serializeExtensions(extensions), TypeError);
  }
});

Deno.test("parseExtensions() and serializeExtensions() change nothing", () => {
  assertPure("parseExtensions()", parseExtensions, ["a; b=1"]);
  assertPure("serializeExtensions()", serializeExtensions, [
    { name: "a", parameters: [["b", "1"]] },
  ]);
});
