import { assertEquals, assertThrows } from "@std/assert";
import { assertPure } from "./purity.ts";

Deno.test("assertPure() gives the answer of a pure function", () => {
  const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b);
  assertEquals(assertPure("sum", sum, [1, 2, 3]), 6);
});

Deno.test("assertPure() sees a write to a property in depth", () => {
  const write = (value: { inner: { at: number } }) => value.inner.at++;
  assertThrows(() => assertPure("write", write, { inner: { at: 0 } }), Error);
});

Deno.test("assertPure() sees a write beside the view it gave", () => {
  const bytes = new Uint8Array(8);
  const write = (view: Uint8Array) => {
    new Uint8Array(view.buffer)[0] = 1;
  };
  assertThrows(
    () => assertPure("write", write, bytes.subarray(4)),
    Error,
    "write wrote to the buffer of an argument",
  );
});

Deno.test("assertPure() sees a state kept between two calls", () => {
  let calls = 0;
  assertThrows(
    () => assertPure("count", () => calls++),
    Error,
    "count answered differently the second time",
  );
});
