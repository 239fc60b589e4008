import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { requestError } from "../../lib/error/request_rules.ts";
import {
  describeHeader,
  hasElement,
  headerElements,
  type HeaderList,
  type HeaderListInit,
  headerValues,
  invalidHead,
  isToken,
  toHeaderList,
  trimWhitespace,
} from "../../lib/handshake/headers.ts";
import { assertPure } from "../support/purity.ts";
import { assertInvalid } from "../support/violations.ts";

const action = "Cannot test";
const separators = [...'"(),/:;<=>?@[\\]{}'];

Deno.test("isToken() is true of the characters of RFC 9110 §5.6.2 alone (R14)", () => {
  for (let code = 0; code < 0x180; code++) {
    const character = String.fromCharCode(code);
    const expected = code > 0x20 && code < 0x7f &&
      !separators.includes(character);
    assertEquals(isToken(character), expected, `U+${code.toString(16)}`);
    assertEquals(isToken(`a${character}b`), expected, `U+${code.toString(16)}`);
  }
});

Deno.test("isToken() is false of nothing, and of a line break at the end (R14)", () => {
  assertEquals(isToken(""), false);
  assertEquals(isToken("chat\n"), false);
  assertEquals(isToken("chat v2"), false);
});

const lines: HeaderList = [
  ["Host", "a"],
  ["Via", "b"],
  ["X", ""],
  ["via", "c, d"],
  ["VIA", "b"],
];

Deno.test("headerValues() gives each line of the name, in order and in any case (R23)", () => {
  const table = [
    ["via", ["b", "c, d", "b"]],
    ["Via", ["b", "c, d", "b"]],
    ["HOST", ["a"]],
    ["x", [""]],
    ["Vi", []],
    ["none", []],
    ["__proto__", []],
  ] as const;
  for (const [name, values] of table) {
    const found = assertPure("headerValues()", headerValues, lines, name);
    assertEquals(found, [...values], name);
  }
  assertEquals(headerValues([], "host"), []);
});

const elementCases: readonly {
  readonly values: readonly string[];
  readonly elements: readonly string[];
}[] = [
  { values: [], elements: [] },
  { values: [""], elements: [] },
  { values: [" , ,\t,"], elements: [] },
  { values: ["a"], elements: ["a"] },
  { values: ["a,b"], elements: ["a", "b"] },
  { values: ["keep-alive, Upgrade"], elements: ["keep-alive", "Upgrade"] },
  { values: ["a \t,\t b  "], elements: ["a", "b"] },
  { values: [", a,, b,"], elements: ["a", "b"] },
  { values: ["a", "b, c", "", "d"], elements: ["a", "b", "c", "d"] },
  { values: ["a b, c"], elements: ["a b", "c"] },
  { values: ["\u00a0a, b"], elements: ["\u00a0a", "b"] },
  { values: ["a, a, A"], elements: ["a", "a", "A"] },
];

Deno.test("headerElements() splits at commas over all lines, without empty elements (R28)", () => {
  for (const { values, elements } of elementCases) {
    const headers: HeaderList = [
      ["Other", "x, y"],
      ...values.map((value) => ["List", value] as const),
    ];
    assertEquals(
      assertPure("headerElements()", headerElements, headers, "list"),
      [...elements],
      JSON.stringify(values),
    );
  }
});

Deno.test("hasElement() compares whole elements in any case (R19, R26)", () => {
  const table = [
    ["Upgrade", true],
    ["uPGRADE", true],
    ["keep-alive, Upgrade", true],
    ["keep-alive,upgrade ,x", true],
    ["", false],
    ["Upgraded", false],
    ["no-Upgrade", false],
    ["Up, grade", false],
    ["keep-alive Upgrade", false],
    ["\u00a0Upgrade", false],
  ] as const;
  for (const [value, expected] of table) {
    const headers: HeaderList = [["Connection", value]];
    assertEquals(hasElement(headers, "connection", "upgrade"), expected, value);
  }
  const twoLines: HeaderList = [["Connection", "x"], ["connection", "UPGRADE"]];
  assertEquals(hasElement(twoLines, "Connection", "upgrade"), true);
});

Deno.test("trimWhitespace() takes spaces and tabs away, and nothing else", () => {
  const table = [
    ["", ""],
    [" ", ""],
    [" \t \t", ""],
    ["a", "a"],
    ["\t a\t", "a"],
    [" a  b ", "a  b"],
    ["\u00a0a\u00a0", "\u00a0a\u00a0"],
    [" \u00a0 ", "\u00a0"],
    ["\ufeffa\u0085", "\ufeffa\u0085"],
    ["\na\r", "\na\r"],
    ["\va\f", "\va\f"],
  ] as const;
  for (const [text, expected] of table) {
    assertEquals(trimWhitespace(text), expected, JSON.stringify(text));
  }
});

Deno.test("A run of 100,000 spaces is read like any other (R76)", () => {
  const spaces = " ".repeat(100_000);
  assertEquals(trimWhitespace(`${spaces}a${spaces}b${spaces}`), `a${spaces}b`);
  assertEquals(trimWhitespace(spaces), "");
  assertEquals(
    headerElements([["List", `a${spaces}b,${spaces},c`]], "list"),
    [`a${spaces}b`, "c"],
  );
  assertEquals(isToken(`a${spaces}`), false);
  assertEquals(
    toHeaderList([["List", `a${spaces}b`]], action),
    [["List", `a${spaces}b`]],
  );
});

Deno.test("toHeaderList() takes pairs, a Headers, a Map and an object", () => {
  const expected: HeaderList = [["cookie", "a=1; b=2"], ["origin", "null"]];
  const inits: HeaderListInit[] = [
    [["cookie", "a=1; b=2"], ["origin", "null"]],
    new Headers([["Origin", "null"], ["Cookie", "a=1; b=2"]]),
    new Map([["cookie", "a=1; b=2"], ["origin", "null"]]),
    { cookie: "a=1; b=2", origin: "null" },
  ];
  for (const init of inits) assertEquals(toHeaderList(init, action), expected);
  assertEquals(toHeaderList([], action), []);
  assertEquals(toHeaderList({}, action), []);
});

Deno.test("toHeaderList() keeps case, order and repeated lines", () => {
  const pairs: HeaderList = [["B", "1"], ["a", "2"], ["B", "3"]];
  assertEquals(
    assertPure("toHeaderList()", toHeaderList, pairs, action),
    pairs,
  );
});

const legalValues = ["", "a", "a\tb", '!"#~', "caf\xe9", "\x80\xa0\xff"];

Deno.test("toHeaderList() takes every character that a line may hold (R15)", () => {
  for (const value of legalValues) {
    assertEquals(toHeaderList({ "X-Test": value }, action), [
      ["X-Test", value],
    ]);
  }
});

const illegalValues = [
  " a",
  "a\t",
  "a\r\nX: y",
  "a\r",
  "\na",
  "a\0",
  "\x01",
  "\x1f",
  "\x7f",
  "\u0100",
  "€",
  "\u{1f600}",
  "\ud800",
];

Deno.test("toHeaderList() refuses a value that would not stay a value (R25)", () => {
  for (const value of illegalValues) {
    assertThrows(
      () => toHeaderList([["Good", "1"], ["X-Test", value]], action),
      TypeError,
      `${action}: found ${JSON.stringify(value)} in header X-Test`,
    );
  }
});

const illegalNames = [
  "",
  " ",
  "X Test",
  "X-Test ",
  "X-Test:",
  "X-Test\r\nY",
  "X-Test\n",
  "X\0",
  "X\x7f",
  "Caf\xe9",
  "Größe",
  "X(y)",
];

Deno.test("toHeaderList() refuses a name that is not a token (R25)", () => {
  for (const name of illegalNames) {
    assertThrows(
      () => toHeaderList([[name, "1"]], action),
      TypeError,
      `${action}: found header name ${JSON.stringify(name)}`,
    );
  }
});

const reservedNames = [
  "Connection",
  "Upgrade",
  "Content-Length",
  "Transfer-Encoding",
  "Sec-WebSocket-Accept",
  "Sec-WebSocket-Extensions",
  "Sec-WebSocket-Key",
  "Sec-WebSocket-Protocol",
  "Sec-WebSocket-Version",
];

Deno.test("toHeaderList() refuses the headers that the handshake writes (R35)", () => {
  for (const name of reservedNames) {
    for (const cased of [name, name.toLowerCase(), name.toUpperCase()]) {
      assertThrows(
        () => toHeaderList({ [cased]: "1" }, action),
        TypeError,
        `${action}: found a header ${cased}`,
      );
    }
  }
});

Deno.test("toHeaderList() takes names that only resemble those", () => {
  for (const name of ["Connections", "X-Upgrade", "Sec-Fetch-Mode", "Host"]) {
    assertEquals(toHeaderList({ [name]: "1" }, action), [[name, "1"]]);
  }
});

Deno.test("describeHeader() shows what was found, in few words", () => {
  assertEquals(describeHeader([], "Host"), "no Host header");
  assertEquals(describeHeader(lines, "Host"), 'Host "a"');
  assertEquals(describeHeader(lines, "Via"), 'Via "b" and "c, d" and "b"');
  const long = describeHeader([["Host", "a".repeat(10_000)]], "Host");
  assert(long.length < 100, `${long.length} characters`);
});

Deno.test("invalidHead() blames the head as a whole, and says which", () => {
  const head = { headers: [] };
  const result = invalidHead(
    requestError,
    ["wrong-host", "no Host header"],
    head,
  );
  const at = { code: "wrong-host", offset: 0 } as const;
  const error = assertInvalid(result, at, "invalidHead()");
  assertEquals(error.httpStatus, 400);
  assertStrictEquals(error.cause, head);
});
