import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  CloseCode,
  closeCodeName,
  isValidCloseCode,
  maxReasonBytes,
  parseCloseBody,
  serializeCloseBody,
  truncateReason,
} from "../../lib/message/close.ts";
import { hex, utf8 } from "../support/hex.ts";
import { assertPure } from "../support/purity.ts";
import { forEachSeed } from "../support/random.ts";
import { concatenated } from "../support/splits.ts";
import { assertInvalid } from "../support/violations.ts";

/** RFC 6455 §7.4 and the registry of IANA (R71, R72). */
const codes: readonly (readonly [code: number, isValid: boolean])[] = [
  [0, false],
  [999, false],
  [1000, true],
  [1001, true],
  [1002, true],
  [1003, true],
  [1004, false],
  [1005, false],
  [1006, false],
  [1007, true],
  [1008, true],
  [1009, true],
  [1010, true],
  [1011, true],
  [1012, true],
  [1013, true],
  [1014, true],
  [1015, false],
  [1016, false],
  [1100, false],
  [2000, false],
  [2999, false],
  [3000, true],
  [3999, true],
  [4000, true],
  [4999, true],
  [5000, false],
  [65535, false],
];

function codeBytes(code: number): Uint8Array {
  return Uint8Array.of(code >> 8, code & 0xff);
}

interface BodyCase {
  readonly name: string;
  readonly body: Uint8Array;
  readonly code: number;
  readonly reason: string;
}

/** Bodies that may be sent: read and written alike (RFC 6455 §5.5.1). */
const bodies: readonly BodyCase[] = [
  { name: "no body", body: hex(""), code: 1005, reason: "" },
  { name: "a code alone", body: hex("03e8"), code: 1000, reason: "" },
  { name: "a reason", body: hex("03e8 627965"), code: 1000, reason: "bye" },
  {
    name: "characters of 2, 3 and 4 bytes",
    body: hex("0fa0 c3a9 e282ac f09f9880"),
    code: 4000,
    reason: "é€😀",
  },
  {
    name: "a byte order mark, kept",
    body: hex("03e9 efbbbf 41"),
    code: 1001,
    reason: "\ufeffA",
  },
  {
    name: "a reason of 123 bytes",
    body: concatenated([hex("03f3"), new Uint8Array(123).fill(0x61)]),
    code: 1011,
    reason: "a".repeat(123),
  },
];

Deno.test("CloseCode holds codes of the RFC and of IANA (R71)", () => {
  assertEquals(Object.values(CloseCode), [
    1000,
    1001,
    1002,
    1003,
    1005,
    1006,
    1007,
    1008,
    1009,
    1010,
    1011,
    1012,
    1013,
    1014,
    1015,
  ]);
});

Deno.test("isValidCloseCode() tells codes that may be sent from the others (R71, R72)", () => {
  for (const [code, isValid] of codes) {
    assertEquals(isValidCloseCode(code), isValid, `code ${code}`);
  }
});

Deno.test("isValidCloseCode() wants an integer", () => {
  for (const code of [NaN, Infinity, -1000, 1000.5, 3000.5]) {
    assertEquals(isValidCloseCode(code), false, `code ${code}`);
  }
});

Deno.test("closeCodeName() names the codes of the RFC (R71, R72)", () => {
  // RFC 6455 §11.7 and the registry that it began.
  const names: readonly (readonly [number, string])[] = [
    [1000, "Normal Closure"],
    [1001, "Going Away"],
    [1002, "Protocol error"],
    [1003, "Unsupported Data"],
    [1004, "Reserved"],
    [1005, "No Status Rcvd"],
    [1006, "Abnormal Closure"],
    [1007, "Invalid frame payload data"],
    [1008, "Policy Violation"],
    [1009, "Message Too Big"],
    [1010, "Mandatory Ext."],
    [1011, "Internal Error"],
    [1015, "TLS handshake"],
  ];
  for (const [code, name] of names) assertEquals(closeCodeName(code), name);
});

Deno.test("closeCodeName() has a name for every code of CloseCode", () => {
  for (const code of Object.values(CloseCode)) {
    assert(closeCodeName(code) !== "undefined", `code ${code}`);
  }
});

Deno.test("closeCodeName() says whose range other codes are in (R72)", () => {
  const ranges: readonly (readonly [number, string])[] = [
    [0, "undefined"],
    [999, "undefined"],
    [1016, "undefined"],
    [2999, "undefined"],
    [3000, "for libraries"],
    [3999, "for libraries"],
    [4000, "private use"],
    [4999, "private use"],
    [5000, "undefined"],
    [65535, "undefined"],
    [-1, "undefined"],
    [NaN, "undefined"],
  ];
  for (const [code, name] of ranges) {
    assertEquals(closeCodeName(code), name, `code ${code}`);
  }
});

Deno.test("parseCloseBody() reads what serializeCloseBody() writes (R55)", () => {
  for (const { name, body, code, reason } of bodies) {
    const read = parseCloseBody(body);
    assertEquals<unknown>(read, { status: "complete", code, reason }, name);
    assertEquals(serializeCloseBody(code, reason), body, name);
  }
});

Deno.test("parseCloseBody() and serializeCloseBody() are inverse on every code that is valid (R72)", () => {
  for (let code = 0; code < 65536; code++) {
    if (!isValidCloseCode(code)) continue;
    const result = parseCloseBody(serializeCloseBody(code, "é"));
    assert(result.status === "complete", `code ${code}`);
    assertEquals(result.code, code);
    assertEquals(result.reason, "é");
  }
});

Deno.test("parseCloseBody() refuses codes that are never on the wire (R72)", () => {
  for (const [code, isValid] of codes) {
    const result = parseCloseBody(codeBytes(code), 50);
    if (isValid) {
      assertEquals<unknown>(result, { status: "complete", code, reason: "" });
      continue;
    }
    const violation = { code: "invalid-close-code", offset: 50 } as const;
    const error = assertInvalid(result, violation, `code ${code}`);
    assertEquals(error.closeCode, 1002);
    assertEquals(error.section, "RFC 6455 §7.4");
    assert(error.message.includes(`found close code ${code},`), error.message);
  }
});

Deno.test("parseCloseBody() refuses a body of 1 byte (R55)", () => {
  for (const byte of [0x00, 0x03, 0xff]) {
    const error = assertInvalid(
      parseCloseBody(Uint8Array.of(byte), 7),
      { code: "close-body-too-short", offset: 7 },
      `byte ${byte}`,
    );
    assertEquals(error.closeCode, 1002);
    assertEquals(error.section, "RFC 6455 §5.5.1");
  }
});

Deno.test("parseCloseBody() refuses a reason that is not UTF-8, and says where (R60)", () => {
  const cases: readonly (readonly [name: string, body: string, at: number])[] =
    [
      ["FF", "03e8 ff", 2],
      ["FF after a character", "03e8 c3a9 ff", 4],
      ["a surrogate", "03e8 41 eda080", 4],
      ["an overlong form", "03e8 c080", 2],
      ["a continuation alone", "03e8 6279 80", 4],
      ["1 of 2 bytes at the end", "03e8 41 c3", 4],
      ["2 of 3 bytes at the end", "03e8 e282", 4],
      ["3 of 4 bytes at the end", "03e8 6279 f09f98", 7],
    ];
  for (const [name, body, at] of cases) {
    for (const start of [0, 1000]) {
      const error = assertInvalid(
        parseCloseBody(hex(body), start),
        { code: "invalid-close-reason", offset: start + at },
        name,
      );
      assertEquals(error.closeCode, 1007, name);
    }
  }
});

Deno.test("parseCloseBody() names the code before the reason when both are wrong", () => {
  const result = parseCloseBody(hex("03ed ff"));
  assertInvalid(result, { code: "invalid-close-code", offset: 0 }, "1005");
});

Deno.test("parseCloseBody() throws a TypeError for what is no Uint8Array", () => {
  for (const wrong of ["bye", [3, 232], undefined]) {
    assertThrows(
      () => parseCloseBody(wrong as unknown as Uint8Array),
      TypeError,
      "Cannot parse close body: found ",
    );
  }
});

Deno.test("serializeCloseBody() throws a RangeError for codes that are never on the wire (R72)", () => {
  for (const [code, isValid] of codes) {
    if (isValid || code === 1005) continue;
    assertThrows(
      () => serializeCloseBody(code),
      RangeError,
      `Cannot serialize close body: found code ${code}, wanted 1000–1003, `,
    );
  }
});

Deno.test("serializeCloseBody() throws a RangeError for a reason without a code (R55)", () => {
  assertEquals(serializeCloseBody(1005), hex(""));
  assertThrows(() => serializeCloseBody(1005, "bye"), RangeError, "code 1005");
});

Deno.test("serializeCloseBody() writes a reason of 123 bytes and not a byte more (R55)", () => {
  assertEquals(maxReasonBytes, 123);
  for (const reason of ["a".repeat(123), "é".repeat(61), "😀".repeat(30)]) {
    const body = serializeCloseBody(1000, reason);
    assertEquals(body.length, 2 + utf8(reason).length);
  }
  for (const reason of ["a".repeat(124), "é".repeat(62), "😀".repeat(31)]) {
    assertThrows(
      () => serializeCloseBody(1000, reason),
      RangeError,
      "Cannot serialize close body: found a reason of 124 bytes, wanted at most 123",
    );
  }
});

Deno.test("serializeCloseBody() throws a TypeError for a reason that is no string", () => {
  for (const wrong of [null, 1, utf8("bye")]) {
    assertThrows(
      () => serializeCloseBody(1000, wrong as unknown as string),
      TypeError,
      "Cannot serialize close body: found ",
    );
  }
});

Deno.test("serializeCloseBody() gives a new array each time", () => {
  for (const code of [1000, 1005]) {
    const buffers = [1, 2].map(() => serializeCloseBody(code).buffer);
    assert(buffers[0] !== buffers[1], `code ${code}`);
  }
});

Deno.test("truncateReason() cuts between characters (R55)", () => {
  const cases: readonly (readonly [string, number, string])[] = [
    ["", 0, ""],
    ["bye", 123, "bye"],
    ["bye", 3, "bye"],
    ["bye", 2, "by"],
    ["bye", 0, ""],
    ["é", 1, ""],
    ["é", 2, "é"],
    ["aé", 2, "a"],
    ["éé", 3, "é"],
    ["€", 2, ""],
    ["€", 3, "€"],
    ["😀", 3, ""],
    ["😀", 4, "😀"],
    ["a😀", 4, "a"],
    ["😀😀", 7, "😀"],
  ];
  for (const [reason, maxBytes, wanted] of cases) {
    const name = `${reason} in ${maxBytes} bytes`;
    assertEquals(truncateReason(reason, maxBytes), wanted, name);
  }
});

Deno.test("truncateReason() keeps 123 bytes when it is not told otherwise (R55)", () => {
  assertEquals(truncateReason("a".repeat(123)), "a".repeat(123));
  assertEquals(truncateReason("a".repeat(124)), "a".repeat(123));
  assertEquals(truncateReason("é".repeat(62)), "é".repeat(61));
  assertEquals(truncateReason("😀".repeat(31)), "😀".repeat(30));
});

Deno.test("truncateReason() gives the longest beginning that fits, whatever the text (R55)", () => {
  forEachSeed((random) => {
    for (let count = 0; count < 20; count++) {
      const letters = Array.from(
        { length: random.integer(0, 80) },
        () => random.pick(["a", "é", "€", "😀"]),
      );
      const maxBytes = random.integer(0, 123);
      const kept = truncateReason(letters.join(""), maxBytes);
      const next = letters[Array.from(kept).length] ?? "";
      assert(letters.join("").startsWith(kept));
      assert(utf8(kept).length <= maxBytes, `${maxBytes} bytes`);
      assert(next === "" || utf8(kept + next).length > maxBytes);
      assertEquals(new TextDecoder().decode(utf8(kept)), kept);
      serializeCloseBody(1000, kept);
    }
  });
});

Deno.test("truncateReason() throws for a mistake of the caller", () => {
  for (const maxBytes of [-1, 124, 0.5, NaN]) {
    assertThrows(
      () => truncateReason("bye", maxBytes),
      RangeError,
      `Cannot truncate reason: found maxBytes = ${maxBytes}, wanted an integer from 0 to 123`,
    );
  }
  assertThrows(
    () => truncateReason(undefined as unknown as string),
    TypeError,
    "Cannot truncate reason: found undefined, wanted a string",
  );
});

Deno.test("the functions of close bodies change nothing they are given", () => {
  for (const { name, body, code, reason } of bodies) {
    assertPure(`parseCloseBody on ${name}`, parseCloseBody, body, 3);
    assertPure(name, serializeCloseBody, code, reason);
    assertPure(name, truncateReason, reason, 5);
    assertPure(name, isValidCloseCode, code);
    assertPure(name, closeCodeName, code);
  }
  assertPure("parseCloseBody", parseCloseBody, hex("03e8 ff"));
});
