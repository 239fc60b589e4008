import { assert, assertEquals, assertMatch } from "@std/assert";
import type {
  ProtocolErrorCode,
  ProtocolRule,
} from "../../lib/error/protocol_rule.ts";
import { protocolRules } from "../../lib/error/protocol_rules.ts";

const rules = Object.entries(protocolRules);

/** Of every rule of frames and messages, as the RFC has it. */
const closeCodes: readonly (readonly [ProtocolErrorCode, number, string])[] = [
  ["reserved-bits", 1002, "RFC 6455 §5.2"],
  ["reserved-opcode", 1002, "RFC 6455 §5.2"],
  ["fragmented-control-frame", 1002, "RFC 6455 §5.5"],
  ["control-frame-too-large", 1002, "RFC 6455 §5.5"],
  ["unmasked-client-frame", 1002, "RFC 6455 §5.1"],
  ["masked-server-frame", 1002, "RFC 6455 §5.1"],
  ["non-minimal-length", 1002, "RFC 6455 §5.2"],
  ["length-out-of-range", 1002, "RFC 6455 §5.2"],
  ["frame-too-large", 1009, "RFC 6455 §10.4"],
  ["truncated-frame", 1006, "RFC 6455 §7.1.5"],
  ["unexpected-continuation", 1002, "RFC 6455 §5.4"],
  ["interleaved-message", 1002, "RFC 6455 §5.4"],
  ["message-too-large", 1009, "RFC 6455 §10.4"],
  ["unacceptable-type", 1003, "RFC 6455 §7.4.1"],
  ["too-many-fragments", 1009, "RFC 6455 §10.4"],
  ["invalid-extension-data", 1002, "RFC 6455 §9.2"],
  ["corrupt-compression", 1007, "RFC 7692 §7.2.2"],
  ["inflated-too-much", 1009, "RFC 7692 §8"],
  ["invalid-utf8", 1007, "RFC 6455 §8.1"],
  ["truncated-message", 1006, "RFC 6455 §7.1.5"],
  ["close-body-too-short", 1002, "RFC 6455 §5.5.1"],
  ["invalid-close-code", 1002, "RFC 6455 §7.4"],
  ["invalid-close-reason", 1007, "RFC 6455 §5.5.1"],
  ["missing-close", 1006, "RFC 6455 §7.1.5"],
  ["idle-timeout", 1008, "RFC 6455 §7.2.2"],
  ["heartbeat-timeout", 1008, "RFC 6455 §5.5.2"],
];

function assertWellFormed(code: string, rule: ProtocolRule): void {
  assertMatch(code, /^[a-z0-9]+(-[a-z0-9]+)*$/, code);
  assertMatch(rule.action, /^Cannot [a-zA-Z ]+$/, `${code}: action`);
  assert(rule.wanted.length > 0, `${code}: wanted`);
  assert(!rule.wanted.endsWith("."), `${code}: a final period`);
  assertMatch(rule.section, /^RFC \d+ §\d+(\.\d+)*$/, `${code}: section`);
  assert([1002, 1003, 1006, 1007, 1008, 1009].includes(rule.closeCode), code);
}

Deno.test("protocolRules says for every rule what, where and which close code", () => {
  for (const [code, rule] of rules) assertWellFormed(code, rule);
});

Deno.test("protocolRules gives frames and messages the close codes of the RFC (R71)", () => {
  for (const [code, closeCode, section] of closeCodes) {
    const rule = protocolRules[code];
    assertEquals(
      { closeCode: rule.closeCode, section: rule.section },
      { closeCode, section },
      code,
    );
    assertEquals(rule.httpStatus, undefined, code);
  }
});

Deno.test("protocolRules sends no Close frame where there is no WebSocket yet (R77)", () => {
  const known = closeCodes.map(([code]) => code as string);
  for (const [code, rule] of rules) {
    if (!known.includes(code)) assertEquals(rule.closeCode, 1006, code);
  }
});

Deno.test("protocolRules answers a refused request with a status of 4xx, or 501 (R25, R31)", () => {
  for (const [code, { action, httpStatus }] of rules) {
    const isRequest = action === "Cannot accept WebSocket request";
    if (isRequest) assert(httpStatus !== undefined, code);
    if (httpStatus === undefined) continue;
    // RFC 9220 §3 has the one for what a server does not know.
    const isKnown = httpStatus >= 400 && httpStatus < 500;
    assert(isKnown || code === "unknown-connect-protocol", code);
  }
  assertEquals(protocolRules["unsupported-version"].httpStatus, 426);
  assertEquals(protocolRules["unknown-connect-protocol"].httpStatus, 501);
  assertEquals(protocolRules["malformed-head"].httpStatus, 400);
  assertEquals(protocolRules["head-too-large"].httpStatus, 431);
});
