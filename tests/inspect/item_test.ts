import { assertEquals } from "@std/assert";
import { frameFields } from "../../lib/inspect/frame_fields.ts";
import type { DissectedItem } from "../../lib/inspect/item.ts";
import { hex } from "../support/hex.ts";
import { dissectAll } from "./conversations.ts";

/** One of each kind, but for heads, with everything that there is to know. */
const items: readonly DissectedItem[] = [
  {
    type: "frame",
    number: 1,
    from: "client",
    offset: 0,
    status: "whole",
    header: hex("81 82 01020304"),
    fields: frameFields(hex("81 82 01020304")),
    fin: true,
    rsv: 0,
    opcode: 1,
    opcodeName: "text",
    maskingKey: hex("01020304"),
    payloadLength: 2,
    payloadRead: 2,
    raw: hex("49 6b"),
    payload: hex("48 69"),
    position: "alone",
    message: 1,
    content: "text",
    close: undefined,
  },
  {
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
    data: undefined,
  },
  {
    type: "frame",
    number: 2,
    from: "server",
    offset: 8,
    status: "whole",
    header: hex("88 05"),
    fields: frameFields(hex("88 05")),
    fin: true,
    rsv: 0,
    opcode: 8,
    opcodeName: "close",
    maskingKey: undefined,
    payloadLength: 5,
    payloadRead: 5,
    raw: hex("03e8 627965"),
    payload: hex("03e8 627965"),
    position: "control",
    message: undefined,
    content: undefined,
    close: {
      code: 1000,
      name: "Normal Closure",
      meaning: "the purpose of the connection has been fulfilled",
      reason: "bye",
    },
  },
  {
    type: "frame",
    number: 3,
    from: "server",
    offset: 15,
    status: "broken",
    header: hex("03 7e 0102"),
    fields: frameFields(hex("03 7e 0102")),
    fin: false,
    rsv: 0,
    opcode: 3,
    opcodeName: "reserved",
    maskingKey: undefined,
    payloadLength: 258,
    payloadRead: 0,
    raw: hex(""),
    payload: hex(""),
    position: "first",
    message: undefined,
    content: undefined,
    close: undefined,
  },
  {
    type: "violation",
    from: "server",
    code: "reserved-opcode",
    section: "RFC 6455 §5.2",
    closeCode: 1002,
    offset: 15,
    message: "Cannot read frame: found opcode 0x3, wanted opcode 0x0, 0x1, " +
      "0x2, 0x8, 0x9 or 0xA (RFC 6455 §5.2, byte 15)",
    around: {
      offset: 0,
      bytes: hex("81 82 01020304 496b 88 05 03e8 627965 03 7e 0102 05"),
    },
  },
  {
    type: "unread",
    from: undefined,
    offset: 19,
    byteLength: 1,
    why: "what follows the rule that was broken",
  },
];

Deno.test("every item says all that it is to say, in order (R39, R44, R55)", async () => {
  const bytes = hex(
    "81 82 01020304 496b 88 05 03e8 627965 03 7e 0102 05",
  );
  assertEquals(await dissectAll([{ bytes }]), items);
});
