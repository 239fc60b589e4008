import { assert, assertEquals } from "@std/assert";
import { endpointsOf, flowKey } from "../../lib/capture/flow_key.ts";
import { hex } from "../support/hex.ts";
import { forEachSeed } from "../support/random.ts";

function segment(sourcePort: number, destinationPort: number) {
  return {
    sourcePort,
    destinationPort,
    sequence: 0,
    acknowledgment: 0,
    flags: 0,
    payloadAt: 0,
    payloadEnd: 0,
    missingBytes: 0,
  };
}

function ip(addressBytes: number) {
  return {
    addressAt: 0,
    addressBytes,
    payloadAt: 0,
    payloadEnd: 0,
    isCut: false,
  };
}

Deno.test("flowKey() is the same in both directions, and tells them apart", () => {
  forEachSeed((random) => {
    const addressBytes = random.pick([4, 16]);
    const one = random.bytes(addressBytes);
    const other = random.bytes(addressBytes);
    const [a, b] = [random.integer(0, 2), random.integer(0, 2)];
    const there = Uint8Array.from([...one, ...other]);
    const back = Uint8Array.from([...other, ...one]);
    const header = ip(addressBytes);
    const first = flowKey(there, header, segment(a, b));
    const second = flowKey(back, header, segment(b, a));
    assertEquals(first.both, second.both);
    assert(first.isForward !== second.isForward);
    // Any bit of an address or a port makes another connection of it.
    const changed = there.slice();
    changed[random.integer(0, there.length - 1)]! ^= 1 << random.integer(0, 7);
    assert(flowKey(changed, header, segment(a, b)).both !== first.both);
    const port = a ^ 1 << random.integer(0, 15);
    assert(flowKey(there, header, segment(port, b)).both !== first.both);
  });
});

Deno.test("endpointsOf() gives the sender first", () => {
  assertEquals(endpointsOf(hex("c0000201 c0000202"), ip(4), segment(5, 6)), [
    { address: "192.0.2.1", port: 5 },
    { address: "192.0.2.2", port: 6 },
  ]);
  const addresses = hex(`${"00".repeat(15)}01 20010db8${"00".repeat(12)}`);
  assertEquals(endpointsOf(addresses, ip(16), segment(5, 6)), [
    { address: "::1", port: 5 },
    { address: "2001:db8::", port: 6 },
  ]);
});
