import { assertEquals, assertThrows } from "@std/assert";
import { hex } from "../support/hex.ts";
import { pack, unpack } from "./pack.ts";

const cases: readonly Uint8Array[][] = [
  [],
  [hex("")],
  [hex("01")],
  [hex("01 02"), hex(""), new Uint8Array(300).fill(7)],
];

for (const inputs of cases) {
  Deno.test(`unpack() gives back ${inputs.length} inputs that pack() was given`, () => {
    assertEquals(unpack(pack(inputs)), inputs);
  });
}

for (const broken of ["00", "00000002 01"]) {
  Deno.test(`unpack() refuses ${broken}`, () => {
    assertThrows(() => unpack(hex(broken)), RangeError);
  });
}
