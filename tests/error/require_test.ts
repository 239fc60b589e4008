import { Buffer } from "node:buffer";
import { assertEquals, assertThrows } from "@std/assert";
import {
  describe,
  requireBytes,
  requireInteger,
  requireLimit,
  requireRole,
  requireString,
} from "../../lib/error/require.ts";

const action = "Cannot test";

Deno.test("requireBytes() lets every Uint8Array pass", () => {
  requireBytes(new Uint8Array(0), action);
  requireBytes(new Uint8Array(8).subarray(2), action);
  requireBytes(Buffer.from("text"), action);
});

Deno.test("requireBytes() throws a TypeError that says what was found", () => {
  const cases: readonly (readonly [unknown, string])[] = [
    [undefined, "undefined"],
    [null, "null"],
    [7, "7"],
    ["text", '"text"'],
    [[1, 2], "Array"],
    [new ArrayBuffer(2), "ArrayBuffer"],
    [new Uint16Array(2), "Uint16Array"],
    [new DataView(new ArrayBuffer(2)), "DataView"],
    [Object.create(null), "an object"],
  ];
  for (const [value, found] of cases) {
    const error = assertThrows(() => requireBytes(value, action), TypeError);
    assertEquals(
      error.message,
      `Cannot test: found ${found}, wanted a Uint8Array`,
    );
  }
});

Deno.test("requireString() lets strings pass and throws a TypeError for the rest", () => {
  requireString("", action);
  requireString("text", action);
  for (const value of [undefined, null, 1, new Uint8Array(1), ["a"]]) {
    assertThrows(
      () => requireString(value, action),
      TypeError,
      `Cannot test: found ${describe(value)}, wanted a string`,
    );
  }
});

Deno.test("requireInteger() lets integers of the range pass, both ends included", () => {
  for (const value of [0, 1, Number.MAX_SAFE_INTEGER]) {
    requireInteger(value, action, "size");
  }
  for (const value of [3, 4, 5]) {
    requireInteger(value, action, "size", 3, 5);
  }
});

Deno.test("requireInteger() throws a RangeError that says what was wanted", () => {
  for (const value of [-1, 0.5, NaN, Infinity, -Infinity, 2 ** 53]) {
    const error = assertThrows(
      () => requireInteger(value, action, "size"),
      RangeError,
    );
    assertEquals(
      error.message,
      `Cannot test: found size = ${value}, wanted an integer >= 0`,
    );
  }
  assertThrows(
    () => requireInteger(6, action, "size", 3, 5),
    RangeError,
    "Cannot test: found size = 6, wanted an integer from 3 to 5",
  );
  assertThrows(() => requireInteger(2, action, "size", 3, 5), RangeError);
});

Deno.test("requireInteger() throws a RangeError for what is no number", () => {
  for (const value of ["5", null, undefined, 5n]) {
    assertThrows(
      () => requireInteger(value as unknown as number, action, "size"),
      RangeError,
      `Cannot test: found size = ${describe(value)}, wanted an integer`,
    );
  }
});

Deno.test("requireLimit() lets integers and Infinity pass", () => {
  for (const value of [0, 1, 2 ** 53 - 1, Infinity]) {
    requireLimit(value, action, "limit");
  }
  requireLimit(1, action, "limit", 1);
  requireLimit(Infinity, action, "limit", 1);
});

Deno.test("requireLimit() throws a RangeError for the rest", () => {
  for (const value of [-1, -Infinity, NaN, 1.5]) {
    assertThrows(
      () => requireLimit(value, action, "limit"),
      RangeError,
      `Cannot test: found limit = ${value}, wanted an integer >= 0`,
    );
  }
  assertThrows(
    () => requireLimit(0, action, "limit", 1),
    RangeError,
    "Cannot test: found limit = 0, wanted an integer >= 1",
  );
});

Deno.test("requireRole() lets both roles pass, and none", () => {
  for (const role of ["client", "server", undefined]) requireRole(role, action);
});

Deno.test("requireRole() throws a TypeError for the rest", () => {
  for (const role of ["Server", "", null, 1, {}]) {
    assertThrows(
      () => requireRole(role, action),
      TypeError,
      `Cannot test: found role ${describe(role)}, wanted "client" or "server"`,
    );
  }
});

Deno.test("describe() tells values of different types apart", () => {
  const cases: readonly (readonly [unknown, string])[] = [
    ["1", '"1"'],
    [1, "1"],
    [true, "true"],
    [undefined, "undefined"],
    [null, "null"],
    [{}, "Object"],
    [[], "Array"],
    [new Uint8Array(3), "Uint8Array"],
    [Symbol("s"), "Symbol(s)"],
  ];
  for (const [value, words] of cases) assertEquals(describe(value), words);
});
