import {
  assertEquals,
  assertInstanceOf,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import type { ProtocolErrorCode } from "../../lib/error/protocol_rule.ts";
import {
  protocolError,
  protocolRules,
} from "../../lib/error/protocol_rules.ts";
import { ProtocolError } from "../../lib/error/protocol_error.ts";

const codes = Object.keys(protocolRules) as ProtocolErrorCode[];

Deno.test("ProtocolError has the close code, section and status of its rule", () => {
  for (const code of codes) {
    const error = protocolError(code, { found: "something", offset: 7 });
    const rule = protocolRules[code];
    assertEquals(error.code, code);
    assertEquals(error.closeCode, rule.closeCode, code);
    assertEquals(error.section, rule.section, code);
    assertEquals(error.httpStatus, rule.httpStatus, code);
    assertEquals(error.offset, 7, code);
  }
});

Deno.test("ProtocolError names action, found, wanted, section and byte", () => {
  for (const code of codes) {
    const { action, wanted, section } = protocolRules[code];
    const error = protocolError(code, { found: "THIS", offset: 1234 });
    assertEquals(
      error.message,
      `${action}: found THIS, wanted ${wanted} (${section}, byte 1234)`,
    );
    assertMatch(error.message, /^[A-Z].*[^.]$/, code);
  }
});

Deno.test("ProtocolError names its own limit where one is given", () => {
  const { message } = protocolError("frame-too-large", {
    found: "a payload of 11 bytes",
    wanted: "at most 10 bytes",
    offset: 0,
  });
  assertEquals(
    message,
    "Cannot read frame: found a payload of 11 bytes, " +
      "wanted at most 10 bytes (RFC 6455 §10.4, byte 0)",
  );
});

Deno.test("ProtocolError is an Error that programs can tell from others", () => {
  const error = protocolError("reserved-bits", { found: "", offset: 0 });
  assertInstanceOf(error, Error);
  assertInstanceOf(error, ProtocolError);
  assertEquals(error.name, "ProtocolError");
  assertStringIncludes(`${error}`, "ProtocolError: Cannot read frame");
  assertStringIncludes(error.stack ?? "", "Cannot read frame");
});
