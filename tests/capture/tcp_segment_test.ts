import { assertEquals } from "@std/assert";
import { readTcp, type TcpSegment } from "../../lib/capture/tcp_segment.ts";
import { hex } from "../support/hex.ts";

/** RFC 9293 §3.1: ports 258 and 80, numbers 1 and 2. */
const ports = "0102 0050 00000001 00000002";
const rest = "ffff 0000 0000";
const fields = {
  sourcePort: 258,
  destinationPort: 80,
  sequence: 1,
  acknowledgment: 2,
};

/** What is on the wire, how much of it was captured, and what that says. */
const cases: readonly [
  name: string,
  segment: string,
  captured: number,
  isCut: boolean,
  TcpSegment | undefined,
][] = [
  ["a header", `${ports} 5010 ${rest}`, 20, false, {
    ...fields,
    flags: 0x10,
    payloadAt: 20,
    payloadEnd: 20,
    missingBytes: 0,
  }],
  ["a payload", `${ports} 5018 ${rest} 616263`, 23, false, {
    ...fields,
    flags: 0x18,
    payloadAt: 20,
    payloadEnd: 23,
    missingBytes: 0,
  }],
  [
    "a payload behind options",
    `${ports} 6018 ${rest} 01010101 616263`,
    27,
    false,
    {
      ...fields,
      flags: 0x18,
      payloadAt: 24,
      payloadEnd: 27,
      missingBytes: 0,
    },
  ],
  ["a payload that was cut", `${ports} 5018 ${rest} 616263`, 21, false, {
    ...fields,
    flags: 0x18,
    payloadAt: 20,
    payloadEnd: 21,
    missingBytes: 2,
  }],
  [
    "options that were cut",
    `${ports} 6018 ${rest} 01010101 616263`,
    22,
    false,
    {
      ...fields,
      flags: 0x18,
      payloadAt: 22,
      payloadEnd: 22,
      missingBytes: 3,
    },
  ],
  ["the end of a stream", `${ports} 5011 ${rest} 61`, 21, false, {
    ...fields,
    flags: 0x11,
    payloadAt: 20,
    payloadEnd: 21,
    missingBytes: 0,
  }],
  [
    "that end in the first of several fragments",
    `${ports} 5011 ${rest} 61`,
    21,
    true,
    {
      ...fields,
      flags: 0x10,
      payloadAt: 20,
      payloadEnd: 21,
      missingBytes: 0,
    },
  ],
  ["a header that was cut", `${ports} 5010 ${rest}`, 19, false, undefined],
  ["a header that is too short", `${ports} 4010 ${rest}`, 20, false, undefined],
  ["a header beyond its packet", `${ports} 6010 ${rest}`, 20, false, undefined],
];

for (const [name, segment, captured, isCut, expected] of cases) {
  Deno.test(`readTcp() reads ${name}`, () => {
    const bytes = hex(segment);
    const ip = {
      addressAt: 0,
      addressBytes: 4,
      payloadAt: 0,
      payloadEnd: bytes.length,
      isCut,
    };
    assertEquals(readTcp(bytes, ip, captured), expected);
  });
}
