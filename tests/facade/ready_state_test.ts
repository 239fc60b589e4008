import { assertEquals, assertThrows } from "@std/assert";
import { defineReadyStates, ReadyState } from "../../lib/facade/ready_state.ts";

Deno.test("ReadyState has the numbers of the WebSockets Standard, Interface definition", () => {
  assertEquals(Object.entries(ReadyState), [
    ["CONNECTING", 0],
    ["OPEN", 1],
    ["CLOSING", 2],
    ["CLOSED", 3],
  ]);
});

Deno.test("defineReadyStates() makes constants, as Web IDL has them", () => {
  const target: Record<string, number> = {};
  defineReadyStates(target);
  assertEquals(Object.keys(target), Object.keys(ReadyState));
  assertEquals(Object.getOwnPropertyDescriptor(target, "CLOSED"), {
    value: 3,
    writable: false,
    enumerable: true,
    configurable: false,
  });
  assertThrows(() => target.OPEN = 7, TypeError);
});
