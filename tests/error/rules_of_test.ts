import { assert, assertEquals } from "@std/assert";
import { ProtocolError } from "../../lib/error/protocol_error.ts";
import { errorsOf, rulesOf } from "../../lib/error/rules_of.ts";

const common = { action: "Cannot read frame", closeCode: 1002 };
const own = {
  "reserved-bits": { wanted: "no bit", section: "RFC 6455 §5.2" },
  "frame-too-large": {
    wanted: "less",
    section: "RFC 6455 §10.4",
    closeCode: 1009,
  },
} as const;

Deno.test("rulesOf() gives each rule what is common, and then its own", () => {
  assertEquals(rulesOf(common, own), {
    "reserved-bits": { ...common, ...own["reserved-bits"] },
    "frame-too-large": { ...common, ...own["frame-too-large"] },
  });
  assertEquals(common, { action: "Cannot read frame", closeCode: 1002 });
});

Deno.test("errorsOf() makes the error of a rule, from one table or two", () => {
  const frames = rulesOf(common, own);
  const requests = rulesOf(
    { action: "Cannot accept request", closeCode: 1006, httpStatus: 400 },
    { "wrong-method": { wanted: "GET", section: "RFC 6455 §4.2.1" } },
  );
  const errorOf = errorsOf(frames, requests);
  const large = errorOf("frame-too-large", { found: "more", offset: 2 });
  assert(large instanceof ProtocolError);
  assertEquals([large.closeCode, large.httpStatus], [1009, undefined]);
  assertEquals(
    large.message,
    "Cannot read frame: found more, wanted less (RFC 6455 §10.4, byte 2)",
  );
  const method = errorOf("wrong-method", { found: "POST", offset: 0 });
  assertEquals([method.closeCode, method.httpStatus], [1006, 400]);
});
