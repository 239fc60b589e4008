import { assertEquals } from "@std/assert";
import {
  readUint16,
  readUint32,
  uint16,
  uint32,
} from "../../lib/capture/integers.ts";
import { forEachSeed } from "../support/random.ts";

Deno.test("readUint16() and readUint32() read what a DataView does", () => {
  forEachSeed((random) => {
    const bytes = random.bytes(12);
    const view = new DataView(bytes.buffer);
    for (let at = 0; at <= 8; at++) {
      for (const little of [false, true]) {
        assertEquals(readUint16(bytes, at, little), view.getUint16(at, little));
        assertEquals(readUint32(bytes, at, little), view.getUint32(at, little));
      }
    }
  });
});

Deno.test("uint16() and uint32() are their inverses", () => {
  for (const value of [0, 1, 0xff, 0x1234, 0xffff]) {
    assertEquals(readUint16(Uint8Array.from(uint16(value)), 0), value);
  }
  for (const value of [0, 1, 0x12345678, 0x80000000, 0xffffffff]) {
    assertEquals(readUint32(Uint8Array.from(uint32(value)), 0), value);
  }
});
