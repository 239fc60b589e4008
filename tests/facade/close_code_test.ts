import { assertEquals, assertThrows } from "@std/assert";
import {
  clampCode,
  enforceCode,
  readCloseInit,
} from "../../lib/facade/close_code.ts";

Deno.test("readCloseInit() says what goes into the Close (WebSockets Standard, close the WebSocket)", () => {
  const cases = [
    [undefined, undefined, 1005, ""],
    [undefined, "", 1005, ""],
    [undefined, "bye", 1000, "bye"],
    [1000, undefined, 1000, ""],
    [3000, "bye", 3000, "bye"],
    [4999, "é".repeat(61), 4999, "é".repeat(61)],
  ] as const;
  for (const [code, given, closeCode, reason] of cases) {
    assertEquals(readCloseInit(code, given), { closeCode, reason });
  }
});

Deno.test("readCloseInit() refuses what may not be sent (validate close code and reason)", () => {
  for (const code of [0, 999, 1001, 1005, 1006, 2999, 5000, 65535]) {
    const error = assertThrows(
      () => readCloseInit(code),
      DOMException,
      `found code ${code}, wanted 1000 or 3000–4999`,
    );
    assertEquals(error.name, "InvalidAccessError");
  }
  for (const reason of ["x".repeat(124), "é".repeat(62), "🔌".repeat(31)]) {
    const error = assertThrows(
      () => readCloseInit(1000, reason),
      DOMException,
      "found a reason of 124 bytes, wanted at most 123",
    );
    assertEquals(error.name, "SyntaxError");
  }
});

Deno.test("clampCode() is [Clamp] unsigned short of Web IDL", () => {
  const cases = [
    [1000, 1000],
    ["3000", 3000],
    [-1, 0],
    [1e9, 65535],
    [Infinity, 65535],
    [NaN, 0],
    [null, 0],
    ["x", 0],
    [999.6, 1000],
    [1000.4, 1000],
    [999.5, 1000],
    [1000.5, 1000],
  ] as const;
  for (const [given, code] of cases) assertEquals(clampCode(given), code);
});

Deno.test("enforceCode() is [EnforceRange] unsigned short of Web IDL", () => {
  const cases = [[1000, 1000], ["3000", 3000], [1000.9, 1000], [null, 0]];
  for (const [given, code] of cases) {
    assertEquals(enforceCode(given), code as number);
  }
  for (const given of [-1, 65536, NaN, Infinity, "x"]) {
    assertThrows(() => enforceCode(given), TypeError, "wanted 0–65535");
  }
});
