import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  type ConnectRequestHead,
  parseRequestFields,
  parseResponseFields,
  serializeRequestFields,
  serializeResponseFields,
} from "../../lib/handshake/fields.ts";
import type { HeaderList } from "../../lib/handshake/headers.ts";
import { assertPure } from "../support/purity.ts";
import { assertInvalid } from "../support/violations.ts";

/** The request of RFC 8441 §5.1. */
const fields: HeaderList = [
  [":method", "CONNECT"],
  [":protocol", "websocket"],
  [":scheme", "https"],
  [":authority", "server.example.com"],
  [":path", "/chat"],
  ["sec-websocket-protocol", "chat, superchat"],
  ["sec-websocket-extensions", "permessage-deflate"],
  ["sec-websocket-version", "13"],
  ["origin", "http://www.example.com"],
];

const head: ConnectRequestHead = {
  method: "CONNECT",
  protocol: "websocket",
  scheme: "https",
  authority: "server.example.com",
  path: "/chat",
  headers: fields.slice(5),
};

Deno.test("parseRequestFields() tells pseudo-headers from headers", () => {
  assertEquals(assertPure("fields", parseRequestFields, fields), {
    status: "complete",
    head,
  });
  const shuffled = [...fields.slice(0, 5).toReversed(), ...fields.slice(5)];
  assertEquals(parseRequestFields(shuffled), { status: "complete", head });
  assertEquals(parseRequestFields([[":method", "GET"]]), {
    status: "complete",
    head: {
      method: "GET",
      protocol: undefined,
      scheme: undefined,
      authority: undefined,
      path: undefined,
      headers: [],
    },
  });
});

const malformed: readonly (readonly [name: string, fields: HeaderList])[] = [
  ["no method", fields.slice(1)],
  ["a method that is no token", [[":method", "GET /"]]],
  ["a pseudo-header twice", [...fields.slice(0, 5), [":path", "/"]]],
  ["the same twice", [[":method", "GET"], [":method", "GET"]]],
  ["an unknown pseudo-header", [[":method", "GET"], [":x", "1"]]],
  ["one of a response", [[":method", "GET"], [":status", "200"]]],
  ["one behind a header", [["a", "b"], [":method", "GET"]]],
  ["a name in upper case", [...fields, ["Origin", "a"]]],
  ["a name that is no token", [...fields, ["a b", "c"]]],
  ["no name", [...fields, ["", "c"]]],
  ["a line break", [...fields, ["a", "b\r\nc: d"]]],
  ["a line break in a pseudo-header", [[":method", "GET"], [":path", "/\n"]]],
  ["white space around a value", [...fields, ["a", " b"]]],
  ["a character that is none of a byte", [...fields, ["a", "\u{100}"]]],
];

Deno.test("parseRequestFields() takes nothing that HTTP/2 has not (RFC 9113 §8.2, §8.3)", () => {
  for (const [name, fields] of malformed) {
    const at = { code: "malformed-fields", offset: 0 } as const;
    const result = assertPure(name, parseRequestFields, fields);
    const error = assertInvalid(result, at, name);
    assertEquals(error.httpStatus, 400, name);
  }
});

Deno.test("a head of fields may be as large as its limits, and no larger (R29)", () => {
  const size = fields.reduce(
    (sum, [a, b]) => sum + a.length + b.length + 32,
    0,
  );
  const count = fields.length;
  const limits = (maxHeadBytes: number, maxHeaders: number) =>
    parseRequestFields(fields, { maxHeadBytes, maxHeaders });
  assertEquals(limits(size, count).status, "complete");
  const at = { code: "head-too-large", offset: 0 } as const;
  const bytes = assertInvalid(limits(size - 1, count), at, "bytes");
  assert(bytes.message.includes(`found ${size} bytes`), bytes.message);
  const headers = assertInvalid(limits(size, count - 1), at, "headers");
  assert(headers.message.includes(`found ${count} fields`), headers.message);
  const huge = [...fields, ["a", "x".repeat(16 * 1024)] as const];
  assertInvalid(parseRequestFields(huge), at, "by default");
  const many = Array.from({ length: 100 }, () => ["a", "b"] as const);
  assertInvalid(parseRequestFields([...fields, ...many]), at, "by default");
  assertThrows(() => limits(-1, 1), RangeError);
});

Deno.test("parseResponseFields() reads a status of three digits", () => {
  assertEquals(
    assertPure("response", parseResponseFields, [[":status", "200"], [
      "a",
      "b",
    ]]),
    { status: "complete", head: { status: 200, headers: [["a", "b"]] } },
  );
  for (const status of ["", "20", "2000", "abc", "099"]) {
    const at = { code: "malformed-fields", offset: 0 } as const;
    const fields = [[":status", status]] as const;
    assertInvalid(parseResponseFields(fields), at, status);
  }
  const at = { code: "malformed-fields", offset: 0 } as const;
  assertInvalid(parseResponseFields([]), at, "no status");
  assertInvalid(parseResponseFields(fields), at, "a request");
});

Deno.test("what is serialized as fields is read back", () => {
  assertEquals(assertPure("head", serializeRequestFields, head), fields);
  const partial = { ...head, protocol: undefined, headers: [] };
  assertEquals(
    serializeRequestFields(partial).map(([name]) => name),
    [":method", ":scheme", ":authority", ":path"],
  );
  assertEquals(
    assertPure("response", serializeResponseFields, {
      status: 404,
      headers: [["a", "b"]],
    }),
    [[":status", "404"], ["a", "b"]],
  );
  const many = Array.from({ length: 200 }, () => ["a", "b"] as const);
  assertEquals(serializeRequestFields({ ...head, headers: many }).length, 205);
});

Deno.test("what would be another request is not serialized", () => {
  const wrong: readonly Partial<ConnectRequestHead>[] = [
    { path: "/\r\na: b" },
    { method: "" },
    { headers: [["A", "b"]] },
    { headers: [["a", "b\n"]] },
    { headers: [[":path", "/"]] },
  ];
  for (const part of wrong) {
    assertThrows(
      () => serializeRequestFields({ ...head, ...part }),
      TypeError,
      "Cannot serialize HTTP fields",
    );
  }
  assertThrows(
    () => serializeResponseFields({ status: 20, headers: [] }),
    TypeError,
  );
});
