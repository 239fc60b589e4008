import { assert, assertEquals } from "@std/assert";
import { frameError, frameRules } from "../../lib/error/frame_rules.ts";
import type { FrameRuleCode } from "../../lib/error/protocol_rule.ts";
import { ProtocolError } from "../../lib/error/protocol_error.ts";
import {
  protocolError,
  protocolRules,
} from "../../lib/error/protocol_rules.ts";

const codes = Object.keys(frameRules) as FrameRuleCode[];

Deno.test("frameError() makes the error that protocolError() makes", () => {
  for (const code of codes) {
    const init = { found: "something", offset: 7 };
    const error = frameError(code, init);
    const { message, closeCode, section } = protocolError(code, init);
    assert(error instanceof ProtocolError);
    assertEquals([error.code, error.message], [code, message]);
    assertEquals([error.closeCode, error.section], [closeCode, section]);
  }
});

Deno.test("the rules of frames are among all rules, as they are", () => {
  for (const code of codes) assertEquals(frameRules[code], protocolRules[code]);
});
