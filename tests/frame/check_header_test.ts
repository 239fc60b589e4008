import { assertEquals } from "@std/assert";
import { protocolRules } from "../../lib/error/protocol_rules.ts";
import { checkHeader, type HeaderRules } from "../../lib/frame/check_header.ts";
import { type FrameHeader, readHeader } from "../../lib/frame/header.ts";
import { defaultMaxPayloadBytes } from "../../lib/frame/parse_frame.ts";
import { brokenHeaderCases } from "../support/broken_header_cases.ts";
import { frameCases } from "../support/frame_cases.ts";
import { hex } from "../support/hex.ts";
import { assertPure } from "../support/purity.ts";

const lenient: HeaderRules = {
  role: undefined,
  maxPayloadBytes: defaultMaxPayloadBytes,
  allowedRsv: 0,
};

function headerOf(bytes: Uint8Array): FrameHeader {
  const header = readHeader(bytes);
  if (header === undefined) throw new Error("Expected at least 2 bytes");
  return header;
}

/** The code of the rule that these bytes break, if any. */
function judge(bytes: Uint8Array, rules: Partial<HeaderRules> = {}) {
  return checkHeader(headerOf(bytes), { ...lenient, ...rules })?.code;
}

for (const broken of brokenHeaderCases) {
  const { name, wire, options, code, closeCode, section, at } = broken;

  Deno.test(`checkHeader() refuses ${name}`, () => {
    const rules = { ...lenient, ...options };
    const violation = checkHeader(headerOf(wire), rules);
    assertEquals(violation?.code, code);
    assertEquals(violation?.at, at);
    assertEquals(protocolRules[code].closeCode, closeCode);
    assertEquals(protocolRules[code].section, section);
  });

  Deno.test(`checkHeader() refuses ${name}, no sooner and no later than it can`, () => {
    const rules = { ...lenient, ...options };
    const ofTwoBytes = checkHeader(headerOf(wire.subarray(0, 2)), rules);
    const ofHeader = checkHeader(headerOf(wire), rules);
    assertEquals(ofTwoBytes, at < 2 ? ofHeader : undefined);
  });
}

Deno.test("checkHeader() lets every legal frame pass, by its first 2 bytes and whole", () => {
  for (const { name, wire, frame, allowedRsv = 0 } of frameCases) {
    const role = frame.maskingKey === undefined ? "client" : "server";
    const rules = { ...lenient, role, allowedRsv } as const;
    const beginning = headerOf(wire.subarray(0, 2));
    assertEquals(checkHeader(beginning, rules), undefined, name);
    assertEquals(checkHeader(headerOf(wire), rules), undefined, name);
  }
});

Deno.test("checkHeader() lets six opcodes pass and no other (R39)", () => {
  const legal = [0x0, 0x1, 0x2, 0x8, 0x9, 0xa];
  for (let opcode = 0; opcode < 16; opcode++) {
    const code = judge(Uint8Array.of(0x80 | opcode, 0));
    const wanted = legal.includes(opcode) ? undefined : "reserved-opcode";
    assertEquals(code, wanted, `opcode ${opcode}`);
  }
});

Deno.test("checkHeader() lets only those RSV bits pass that are allowed (R38)", () => {
  for (let rsv = 0; rsv <= 0x70; rsv += 0x10) {
    for (let allowedRsv = 0; allowedRsv <= 0x70; allowedRsv += 0x10) {
      const code = judge(Uint8Array.of(0x81 | rsv, 0), { allowedRsv });
      const wanted = (rsv & ~allowedRsv) === 0 ? undefined : "reserved-bits";
      assertEquals(code, wanted, `RSV ${rsv}, allowed ${allowedRsv}`);
    }
  }
});

Deno.test("checkHeader() names the RSV bits that are not allowed (R38)", () => {
  const found = (first: number, allowedRsv: number) =>
    checkHeader(headerOf(Uint8Array.of(first, 0)), { ...lenient, allowedRsv })
      ?.found;
  assertEquals(found(0xf1, 0), "RSV1 = 1, RSV2 = 1, RSV3 = 1");
  assertEquals(found(0xf1, 0x40), "RSV2 = 1, RSV3 = 1");
  assertEquals(found(0xf1, 0x60), "RSV3 = 1");
});

Deno.test("checkHeader() wants FIN of control frames only (R47, R54)", () => {
  for (const opcode of [0x0, 0x1, 0x2, 0x8, 0x9, 0xa]) {
    const wanted = opcode >= 8 ? "fragmented-control-frame" : undefined;
    assertEquals(judge(Uint8Array.of(opcode, 0)), wanted, `opcode ${opcode}`);
  }
});

Deno.test("checkHeader() lets 125 bytes pass in a control frame and no more (R54)", () => {
  for (const opcode of [0x8, 0x9, 0xa]) {
    const first = 0x80 | opcode;
    const name = `opcode ${opcode}`;
    assertEquals(judge(Uint8Array.of(first, 125)), undefined, name);
    for (const form of [126, 127]) {
      const code = judge(Uint8Array.of(first, form));
      assertEquals(code, "control-frame-too-large", `${name}, form ${form}`);
    }
  }
});

Deno.test("checkHeader() tells masks by our role, and reads both without one (R37)", () => {
  const unmasked = hex("81 00");
  const masked = hex("81 80");
  assertEquals(judge(unmasked, { role: "server" }), "unmasked-client-frame");
  assertEquals(judge(masked, { role: "server" }), undefined);
  assertEquals(judge(unmasked, { role: "client" }), undefined);
  assertEquals(judge(masked, { role: "client" }), "masked-server-frame");
  assertEquals(judge(unmasked), undefined);
  assertEquals(judge(masked), undefined);
});

Deno.test("checkHeader() tells the shortest form of a length from longer ones (R40)", () => {
  const cases: readonly (readonly [string, boolean])[] = [
    ["82 00", true], // 0 in 7 bits
    ["82 7d", true], // 125 in 7 bits
    ["82 7e 0000", false], // 0 in 16 bits
    ["82 7e 007d", false], // 125 in 16 bits
    ["82 7e 007e", true], // 126 in 16 bits
    ["82 7e 007f", true], // 127 in 16 bits
    ["82 7e ffff", true], // 65535 in 16 bits
    ["82 7f 0000000000000000", false], // 0 in 64 bits
    ["82 7f 000000000000007d", false], // 125 in 64 bits
    ["82 7f 000000000000007e", false], // 126 in 64 bits
    ["82 7f 000000000000ffff", false], // 65535 in 64 bits
    ["82 7f 0000000000010000", true], // 65536 in 64 bits
  ];
  for (const [digits, isMinimal] of cases) {
    const wanted = isMinimal ? undefined : "non-minimal-length";
    assertEquals(judge(hex(digits)), wanted, digits);
  }
});

Deno.test("checkHeader() tells 2^63 - 1 from 2^63 (R40, R76)", () => {
  const rules = { maxPayloadBytes: Infinity };
  assertEquals(
    judge(hex("82 7f 7fffffffffffffff"), rules),
    "frame-too-large",
  );
  assertEquals(
    judge(hex("82 7f 8000000000000000"), rules),
    "length-out-of-range",
  );
});

Deno.test("checkHeader() lets the limit pass and not a byte more (R76)", () => {
  const cases: readonly (readonly [number, string, string | undefined])[] = [
    [0, "82 00", undefined],
    [0, "82 01", "frame-too-large"],
    [125, "82 7d", undefined],
    [125, "82 7e 007e", "frame-too-large"],
    [65535, "82 7e ffff", undefined],
    [65535, "82 7f 0000000000010000", "frame-too-large"],
    [65536, "82 7f 0000000000010000", undefined],
    [Infinity, "82 7f 001fffffffffffff", undefined],
    [Infinity, "82 7f 0020000000000000", "frame-too-large"],
  ];
  for (const [maxPayloadBytes, digits, wanted] of cases) {
    const name = `${digits}, limit ${maxPayloadBytes}`;
    assertEquals(judge(hex(digits), { maxPayloadBytes }), wanted, name);
  }
});

Deno.test("checkHeader() names the limit that was broken (R76)", () => {
  const rules = { ...lenient, maxPayloadBytes: 10 };
  const violation = checkHeader(headerOf(hex("82 0b")), rules);
  assertEquals(violation?.found, "a payload of 11 bytes");
  assertEquals(violation?.wanted, "at most 10 bytes");
});

Deno.test("checkHeader() names the first of several rules, in the order of the bytes", () => {
  // Each row mends what the row before was refused for.
  const rows: readonly (readonly [string, string])[] = [
    ["7f fe 0000", "reserved-bits"],
    ["0f fe 0000", "reserved-opcode"],
    ["09 fe 0000", "fragmented-control-frame"],
    ["89 fe 0000", "masked-server-frame"],
    ["89 7e 0000", "control-frame-too-large"],
    ["82 7e 0000", "non-minimal-length"],
    ["82 7e 007e", "frame-too-large"],
    ["82 7f 8000000000000000", "length-out-of-range"],
  ];
  for (const [digits, code] of rows) {
    const rules = { role: "client", maxPayloadBytes: 5 } as const;
    assertEquals(judge(hex(digits), rules), code, digits);
  }
});

Deno.test("checkHeader() says the same of 2 bytes and of more, unless the length is wrong", () => {
  const length = hex("8000000000000000");
  const ofLength = ["non-minimal-length", "length-out-of-range"];
  for (let first = 0; first < 256; first++) {
    for (const second of [126, 127, 254, 255]) {
      for (const role of ["client", "server", undefined] as const) {
        const rules = { ...lenient, role };
        const two = Uint8Array.of(first, second);
        const early = checkHeader(headerOf(two), rules);
        const late = checkHeader(headerOf(Uint8Array.of(...two, ...length)), {
          ...rules,
        });
        const onlyLate = ofLength.includes(late?.code ?? "") ||
          late?.code === "frame-too-large";
        assertEquals(early, onlyLate ? undefined : late, `${two} as ${role}`);
      }
    }
  }
});

Deno.test("checkHeader() changes nothing it is given", () => {
  for (const { name, wire, options } of brokenHeaderCases) {
    const rules = { ...lenient, ...options };
    assertPure(`checkHeader on ${name}`, checkHeader, headerOf(wire), rules);
  }
});
