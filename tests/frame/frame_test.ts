import { assertEquals } from "@std/assert";
import {
  isControlOpcode,
  isDefinedOpcode,
  Opcode,
  opcodeToString,
} from "../../lib/frame/frame.ts";

/** All that 4 bits can say: RFC 6455 §5.2 and §11.8. */
const opcodes: readonly (readonly [
  opcode: number,
  words: string,
  name: string | undefined,
  isControl: boolean,
])[] = [
  [0x0, "0x0", "continuation", false],
  [0x1, "0x1", "text", false],
  [0x2, "0x2", "binary", false],
  [0x3, "0x3", undefined, false],
  [0x4, "0x4", undefined, false],
  [0x5, "0x5", undefined, false],
  [0x6, "0x6", undefined, false],
  [0x7, "0x7", undefined, false],
  [0x8, "0x8", "close", true],
  [0x9, "0x9", "ping", true],
  [0xa, "0xA", "pong", true],
  [0xb, "0xB", undefined, true],
  [0xc, "0xC", undefined, true],
  [0xd, "0xD", undefined, true],
  [0xe, "0xE", undefined, true],
  [0xf, "0xF", undefined, true],
];

Deno.test("Opcode names the opcodes that are defined, and no other (R39)", () => {
  const named = opcodes.flatMap(([opcode, , name]) =>
    name === undefined ? [] : [[name, opcode]]
  );
  assertEquals<unknown>(Object.entries(Opcode), named);
});

Deno.test("isDefinedOpcode() tells the defined from the reserved opcodes (R39)", () => {
  for (const [opcode, words, name] of opcodes) {
    assertEquals(isDefinedOpcode(opcode), name !== undefined, words);
  }
});

Deno.test("isControlOpcode() tells by the top bit, of reserved opcodes too (R54)", () => {
  for (const [opcode, words, , isControl] of opcodes) {
    assertEquals(isControlOpcode(opcode), isControl, words);
  }
});

Deno.test("opcodeToString() writes opcodes as the RFC does", () => {
  for (const [opcode, words] of opcodes) {
    assertEquals(opcodeToString(opcode), words);
  }
});
