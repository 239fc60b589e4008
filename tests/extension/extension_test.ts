import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import {
  composeCodecs,
  type ExtensionCodec,
} from "../../lib/extension/extension.ts";
import { joined } from "../deflate/engines.ts";
import { hex } from "../support/hex.ts";
import { assertInvalid } from "../support/violations.ts";
import { halving, prefixing, repeating } from "./codecs.ts";

const whole = { messageType: "binary", first: true, last: true } as const;

function encode(codec: ExtensionCodec, data: string) {
  return codec.encode({ ...whole, payload: hex(data), compress: undefined });
}

function decode(codec: ExtensionCodec, data: string, maxBytes = Infinity) {
  const piece = { ...whole, start: true, rsv: 0, offset: 0 };
  return codec.decode({ ...piece, payload: hex(data) }, maxBytes);
}

Deno.test("composeCodecs() of one is that one", () => {
  const codec = prefixing(1);
  assertStrictEquals(composeCodecs([codec]), codec);
});

Deno.test('composeCodecs() of "foo, bar" is bar(foo(data)) on sending, and back (R74)', () => {
  const foo = prefixing(0x0f, 0x20);
  const bar = prefixing(0xba, 0x40);
  const both = composeCodecs([foo, bar]);
  assertEquals(encode(both, "01 02"), {
    payload: hex("ba 0f 01 02"),
    rsv: 0x60,
  });
  const decoded = decode(both, "ba 0f 01 02");
  assert(decoded.status === "valid");
  assertEquals(joined(decoded.payloads), hex("01 02"));
  assertInvalid(
    decode(both, "0f ba 01 02"),
    { code: "invalid-extension-data", offset: 0 },
    "the other way round",
  );
});

Deno.test("composeCodecs() ends with the first codec that finds a rule broken", () => {
  const log: string[] = [];
  const both = composeCodecs([prefixing(1, 0, log), prefixing(2)]);
  assertEquals(decode(both, "03 01").status, "invalid");
  assertEquals(log, [], "the other has not seen it");
});

Deno.test("composeCodecs() tells a codec where a message begins and ends, though it comes in parts", () => {
  const log: string[] = [];
  const both = composeCodecs([prefixing(7, 0, log), repeating(1)]);
  const base = { messageType: "binary", rsv: 0, offset: 0 } as const;
  const pieces = [
    { first: true, start: true, last: false, payload: hex("07 01 02") },
    { first: false, start: true, last: false, payload: hex("") },
    { first: false, start: false, last: true, payload: hex("03 04") },
    { first: true, start: true, last: true, payload: hex("") },
  ];
  for (const piece of pieces) both.decode({ ...base, ...piece }, Infinity);
  assertEquals(log, [
    "first+start [7]",
    "middle [1]",
    "middle [2]",
    "start []",
    "middle [3]",
    "last [4]",
    "first+start+last []",
  ]);
});

Deno.test("composeCodecs() tells a codec what room the parts before have left", () => {
  const rooms: number[] = [];
  const watching: ExtensionCodec = {
    ...prefixing(0),
    decode: ({ payload }, maxBytes) => {
      rooms.push(maxBytes);
      return { status: "valid", payloads: [payload, payload] };
    },
  };
  decode(composeCodecs([watching, repeating(1)]), "01 02 03", 100);
  assertEquals(rooms, [100, 98, 96]);
});

Deno.test("composeCodecs() stops when there is more than there may be (R98)", () => {
  const both = composeCodecs([repeating(100), prefixing(1)]);
  const decoded = decode(both, "01 02 03 04 05 06", 150);
  assert(decoded.status === "valid");
  const { length } = joined(decoded.payloads);
  assert(length > 150 && length <= 250, `${length} bytes`);
});

Deno.test("composeCodecs() fails what was cut short between two codecs, and takes it for no message", () => {
  // 4 bytes come to 400, of which the other would make 200.
  const both = composeCodecs([halving(), repeating(100)]);
  assertInvalid(
    decode(both, "01 02 03 04", 250),
    { code: "message-too-large", offset: 0 },
    "half of what is not all",
  );
  const decoded = decode(both, "01 02 03 04", 400);
  assert(decoded.status === "valid");
  assertEquals(joined(decoded.payloads).length, 200);
});

Deno.test("composeCodecs() closes every codec", () => {
  const log: string[] = [];
  composeCodecs([prefixing(1, 0, log), prefixing(2, 0, log)]).close?.();
  assertEquals(log, ["close 1", "close 2"]);
});
