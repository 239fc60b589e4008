import { assertEquals } from "@std/assert";
import { hex } from "../support/hex.ts";
import {
  createSharedMemory,
  maxSharedBytes,
  shareInput,
} from "./shared_input.ts";

Deno.test("shareInput() shows in one thread what was written in another", () => {
  const memory = createSharedMemory();
  const [writer, reader] = [shareInput(memory), shareInput(memory)];
  assertEquals(reader.read(), { execution: 0, bytes: hex("") });
  writer.write(hex("01 02 03"));
  writer.write(hex("04"));
  assertEquals(reader.read(), { execution: 2, bytes: hex("04") });
});

Deno.test("shareInput() keeps no more of an input than there is room for", () => {
  const input = shareInput(createSharedMemory());
  input.write(new Uint8Array(maxSharedBytes + 1));
  assertEquals(input.read().bytes.length, maxSharedBytes);
});
