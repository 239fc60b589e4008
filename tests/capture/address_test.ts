import { assertEquals } from "@std/assert";
import { formatAddress, parseAddress } from "../../lib/capture/address.ts";
import { hex } from "../support/hex.ts";
import { forEachSeed } from "../support/random.ts";

/** RFC 5952 §4 and §5, with the reason for each. */
const written: readonly [bytes: string, text: string, why: string][] = [
  ["c0000201", "192.0.2.1", "RFC 5737"],
  ["00000000", "0.0.0.0", "zeros"],
  ["ffffffff", "255.255.255.255", "ones"],
  ["00000000000000000000000000000000", "::", "nothing but zeros"],
  ["00000000000000000000000000000001", "::1", "the loopback"],
  ["20010db8000000000000000000000001", "2001:db8::1", "§4.2.1"],
  ["20010db8000000010001000100010001", "2001:db8:0:1:1:1:1:1", "§4.2.2"],
  ["20010000000000010000000000000001", "2001:0:0:1::1", "§4.2.3, the longest"],
  [
    "20010db8000000000001000000000001",
    "2001:db8::1:0:0:1",
    "§4.2.3, the first",
  ],
  [
    "20010db8aaaabbbbccccddddeeee0001",
    "2001:db8:aaaa:bbbb:cccc:dddd:eeee:1",
    "§4.3",
  ],
  ["fe800000000000000000000000000000", "fe80::", "zeros at the end"],
  ["00000000000000000000ffffc0000201", "::ffff:192.0.2.1", "§5"],
];

for (const [bytes, text, why] of written) {
  Deno.test(`formatAddress() writes ${text}: ${why}`, () => {
    assertEquals(formatAddress(hex(bytes)), text);
    assertEquals(parseAddress(text), hex(bytes));
  });
}

/** RFC 4291 §2.2. */
const read: readonly [text: string, bytes: string][] = [
  ["2001:DB8:0:0:8:800:200C:417A", "20010db80000000000080800200c417a"],
  ["0:0:0:0:0:0:13.1.68.3", "0000000000000000000000000d014403"],
  ["::13.1.68.3", "0000000000000000000000000d014403"],
  ["1::", "00010000000000000000000000000000"],
];

for (const [text, bytes] of read) {
  Deno.test(`parseAddress() reads ${text}`, () => {
    assertEquals(parseAddress(text), hex(bytes));
  });
}

const wrong: readonly string[] = [
  "",
  "localhost",
  "192.0.2",
  "192.0.2.1.5",
  "192.0.2.256",
  "192.0.2.-1",
  "192.0.2.",
  ":",
  ":::",
  "1:2",
  "1::2::3",
  "1:2:3:4:5:6:7:8:9",
  "1:2:3:4:5:6:7::8",
  "12345::",
  "g::",
  "::1.2.3",
  "1.2.3.4::",
  "fe80::1%lo",
  "[::1]",
];

for (const text of wrong) {
  Deno.test(`parseAddress() reads nothing in ${JSON.stringify(text)}`, () => {
    assertEquals(parseAddress(text), undefined);
  });
}

Deno.test("parseAddress() reads what formatAddress() writes", () => {
  forEachSeed((random) => {
    const bytes = random.bytes(random.pick([4, 16]))
      .map((byte) => random.chance(0.5) ? 0 : byte);
    assertEquals(parseAddress(formatAddress(bytes)), bytes);
  });
});
