import { assertEquals, assertThrows } from "@std/assert";
import {
  handleReceived,
  isReceived,
  rememberReceived,
} from "../../lib/connection/received.ts";

Deno.test("isReceived() knows what was remembered, by its buffer", () => {
  const chunk = new Uint8Array(100);
  const other = new Uint8Array(100);
  assertEquals(isReceived(chunk), false);
  rememberReceived(chunk.subarray(0, 10));
  rememberReceived(other);
  rememberReceived("text");
  for (const view of [chunk, chunk.subarray(5, 7), other]) {
    assertEquals(isReceived(view), true);
  }
  assertEquals(isReceived(chunk.slice()), false);
});

Deno.test("handleReceived() has a short message known while it is handled, a long one for ever", () => {
  for (const [length, known] of [[10, false], [4095, false], [4096, true]]) {
    const data = new Uint8Array(length as number);
    const during = handleReceived(7, data, (connection, given) => {
      assertEquals([connection, given], [7, data]);
      return isReceived(data);
    });
    assertEquals(during, true);
    assertEquals(isReceived(data), known, `${length} bytes`);
  }
});

Deno.test("handleReceived() forgets a message whose function throws", () => {
  const data = new Uint8Array(1);
  assertThrows(
    () =>
      handleReceived(7, data, () => {
        throw new TypeError("a mistake");
      }),
    TypeError,
    "a mistake",
  );
  assertEquals(isReceived(data), false);
});
