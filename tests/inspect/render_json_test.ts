import { assert, assertEquals } from "@std/assert";
import type { DissectedItem } from "../../lib/inspect/item.ts";
import { itemToJson, type JsonValue } from "../../lib/inspect/render_json.ts";
import { hex } from "../support/hex.ts";
import { assertPure } from "../support/purity.ts";
import { forEachSeedAsync } from "../support/random.ts";
import {
  dissectAll,
  makeUp,
  only,
  requestBytes,
  responseBytes,
} from "./conversations.ts";

async function jsonOf(digits: string): Promise<JsonValue[]> {
  const items = await dissectAll([{ bytes: hex(digits) }]);
  return items.map((item) => assertPure("itemToJson()", itemToJson, item));
}

Deno.test("itemToJson() writes a frame with the bits of each of its fields (R40)", async () => {
  const [frame, message] = await jsonOf("81 82 01020304 496b");
  assertEquals(frame, {
    type: "frame",
    number: 1,
    from: "client",
    offset: 0,
    status: "whole",
    header: "81 82 01 02 03 04",
    fields: [
      field("fin", "FIN", 0, 1, "last fragment", "1"),
      field("rsv", "RSV1", 1, 1, "", "0"),
      field("rsv", "RSV2", 2, 1, "", "0"),
      field("rsv", "RSV3", 3, 1, "", "0"),
      field("opcode", "opcode", 4, 4, "text", "0001"),
      field("mask", "MASK", 8, 1, "masked", "1"),
      field("length", "Payload len", 9, 7, "2", "0000010"),
      field(
        "masking-key",
        "Masking-key",
        16,
        32,
        "",
        "00000001000000100000001100000100",
      ),
      field("payload", "Payload Data", 48, 16, ""),
    ],
    fin: true,
    rsv: 0,
    opcode: 1,
    opcodeName: "text",
    maskingKey: "01 02 03 04",
    payloadLength: 2,
    payloadRead: 2,
    raw: "49 6b",
    payload: "48 69",
    position: "alone",
    message: 1,
    content: "text",
  });
  assertEquals(message, {
    type: "message",
    number: 1,
    from: "client",
    offset: 0,
    status: "whole",
    messageType: "text",
    frames: 1,
    wireBytes: 2,
    byteLength: 2,
    coding: "plain",
    text: "Hi",
  });
});

function field(
  kind: string,
  name: string,
  bitOffset: number,
  bitLength: number,
  meaning: string,
  bits?: string,
): JsonValue {
  const all = { kind, name, bitOffset, bitLength, meaning };
  return bits === undefined ? all : { ...all, bits };
}

Deno.test("itemToJson() leaves out bits that have not come, and writes null for 2^63 and more", async () => {
  const [cut] = await jsonOf("82 7e 01") as [{ fields: { bits?: string }[] }];
  const bits = cut!.fields.map(({ bits }) => bits);
  assertEquals(bits.slice(-2), ["1111110", undefined]);
  const [long] = await jsonOf("82 7f ffffffffffffffff") as [
    { payloadLength: null; fields: { bits?: string; bitLength: null }[] },
  ];
  assertEquals(long!.payloadLength, null);
  assertEquals(long!.fields.at(-2)?.bits, "1".repeat(64));
  assertEquals(long!.fields.at(-1)?.bitLength, null);
});

Deno.test("itemToJson() writes everything else as it is", async () => {
  const [, violation, unread] = await jsonOf("83 00 ff");
  assertEquals(violation, {
    type: "violation",
    from: "server",
    code: "reserved-opcode",
    section: "RFC 6455 §5.2",
    closeCode: 1002,
    offset: 0,
    message: "Cannot read frame: found opcode 0x3, wanted opcode 0x0, 0x1, " +
      "0x2, 0x8, 0x9 or 0xA (RFC 6455 §5.2, byte 0)",
    around: { offset: 0, bytes: "83 00 ff" },
  });
  assertEquals(unread, {
    type: "unread",
    offset: 2,
    byteLength: 1,
    why: "what follows the rule that was broken",
  });
});

Deno.test("itemToJson() writes heads with every line of them", async () => {
  const items = await dissectAll([{ bytes: requestBytes() }]);
  const [head] = items.map(itemToJson) as unknown as DissectedItem[];
  assertEquals(head, items[0]);
});

/** What JSON makes of a value when it is written and read. */
function writtenAndRead(value: JsonValue): unknown {
  return JSON.parse(JSON.stringify(value));
}

Deno.test("itemToJson() gives what is the same after JSON.stringify() and JSON.parse()", async () => {
  await forEachSeedAsync(async (random) => {
    const { sent } = makeUp(random, undefined, 5);
    const noise = { bytes: random.bytes(100), from: "server" } as const;
    const items = await dissectAll([...sent, noise]);
    assert(only(items, "frame").length > 0);
    for (const item of items) {
      const json = itemToJson(item);
      assertEquals(writtenAndRead(json), json);
    }
  });
});

Deno.test("the bits of all fields are the bits of the header (R40)", async () => {
  await forEachSeedAsync(async (random) => {
    const { sent } = makeUp(random, undefined, 5);
    for (const frame of only(await dissectAll(sent), "frame")) {
      const { fields } = itemToJson(frame) as unknown as {
        fields: { bits?: string }[];
      };
      const bits = fields.map(({ bits = "" }) => bits).join("");
      const expected = Array.from(
        frame.header,
        (byte) => byte.toString(2).padStart(8, "0"),
      ).join("");
      assertEquals(bits, expected);
    }
  });
});

Deno.test("itemToJson() writes an answer that lacks something", async () => {
  const [head] = await dissectAll([{ bytes: responseBytes() }]);
  const json = itemToJson(head!) as { missing: unknown };
  assertEquals(json.missing, []);
});
