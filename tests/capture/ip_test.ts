import { assertEquals } from "@std/assert";
import { type IpPacket, readIp } from "../../lib/capture/ip.ts";
import { hex } from "../support/hex.ts";

interface Ipv4 {
  readonly version?: string;
  readonly length?: string;
  readonly fragment?: string;
  readonly protocol?: string;
  readonly options?: string;
}

function ipv4(
  {
    version = "45",
    length = "0028",
    fragment = "4000",
    protocol = "06",
    options = "",
  }: Ipv4,
): string {
  return `${version}00 ${length} 0000 ${fragment} 40${protocol} 0000
    c0000201 c0000202 ${options} ${"00".repeat(20)}`;
}

/** An IPv6 packet of 20 bytes of TCP behind these extension headers. */
function ipv6(next: string, extensions = "", length?: string): string {
  const payloadBytes = hex(extensions).length + 20;
  const payload = length ?? payloadBytes.toString(16).padStart(4, "0");
  return `60000000 ${payload} ${next}40 ${"20010db8".repeat(8)}
    ${extensions} ${"00".repeat(20)}`;
}

const plain4: IpPacket = {
  addressAt: 12,
  addressBytes: 4,
  payloadAt: 20,
  payloadEnd: 40,
  isCut: false,
};
const plain6: IpPacket = {
  addressAt: 8,
  addressBytes: 16,
  payloadAt: 40,
  payloadEnd: 60,
  isCut: false,
};

/** RFC 791 §3.1 and RFC 8200 §4. */
const cases: readonly [name: string, packet: string, IpPacket | undefined][] = [
  ["IPv4", ipv4({}), plain4],
  ["IPv4 that ends before the packet does", ipv4({}) + "0000", plain4],
  [
    "IPv4 with options",
    ipv4({ version: "46", length: "002c", options: "01010101" }),
    {
      ...plain4,
      payloadAt: 24,
      payloadEnd: 44,
    },
  ],
  ["IPv4 that goes on behind what was captured", ipv4({ length: "05dc" }), {
    ...plain4,
    payloadEnd: 1500,
  }],
  ["IPv4 without a length", ipv4({ length: "0000" }), plain4],
  ["the first fragment", ipv4({ fragment: "2000" }), {
    ...plain4,
    isCut: true,
  }],
  ["another fragment", ipv4({ fragment: "2001" }), undefined],
  ["the last fragment", ipv4({ fragment: "0001" }), undefined],
  ["UDP", ipv4({ protocol: "11" }), undefined],
  ["a header that is too short", ipv4({ version: "44" }), undefined],
  ["a header that is not whole", "4500 0028 0000", undefined],
  ["IPv6", ipv6("06"), plain6],
  ["IPv6 without a length", ipv6("06", "", "0000"), plain6],
  ["IPv6 with UDP", ipv6("11"), undefined],
  ["IPv6 with hop-by-hop options", ipv6("00", "0600 000000000000"), {
    ...plain6,
    payloadAt: 48,
    payloadEnd: 68,
  }],
  [
    "IPv6 with routing, destination options and authentication",
    ipv6(
      "2b",
      `3c00 000000000000 3301 0000000000000000000000000000
       0604 ${"00".repeat(22)}`,
    ),
    { ...plain6, payloadAt: 88, payloadEnd: 108 },
  ],
  ["an atomic fragment, RFC 6946", ipv6("2c", "0600 0000 00000001"), {
    ...plain6,
    payloadAt: 48,
    payloadEnd: 68,
  }],
  ["the first fragment of IPv6", ipv6("2c", "0600 0001 00000001"), {
    ...plain6,
    payloadAt: 48,
    payloadEnd: 68,
    isCut: true,
  }],
  ["another fragment of IPv6", ipv6("2c", "0600 0009 00000001"), undefined],
  [
    "extension headers without an end",
    ipv6("00", "0000 000000000000".repeat(3)),
    undefined,
  ],
  ["IPv6 that is not whole", "60000000 0014 0640", undefined],
  ["another version", "55", undefined],
  ["nothing", "", undefined],
];

for (const [name, packet, expected] of cases) {
  Deno.test(`readIp() reads ${name}`, () => {
    const bytes = hex(`ff${packet}`);
    const found = readIp(bytes, 1, bytes.length, bytes.length);
    assertEquals(
      found,
      expected === undefined ? undefined : {
        ...expected,
        addressAt: expected.addressAt + 1,
        payloadAt: expected.payloadAt + 1,
        payloadEnd: expected.payloadEnd + 1,
      },
    );
  });
}

Deno.test("readIp() ends a packet without a length where it did on the wire", () => {
  for (const packet of [ipv4({ length: "0000" }), ipv6("06", "", "0000")]) {
    const bytes = hex(packet);
    assertEquals(readIp(bytes, 0, bytes.length, 3000)?.payloadEnd, 3000);
  }
});
