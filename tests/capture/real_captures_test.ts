import { assert, assertEquals } from "@std/assert";
import { isCapture } from "../../lib/capture/mod.ts";
import { hex } from "../support/hex.ts";
import { forEachSeed } from "../support/random.ts";
import { byteByByte, randomPieces } from "../support/splits.ts";
import { inShort, readPieces, seenIn } from "./support.ts";

const folder = new URL("fixtures/", import.meta.url);

function capture(name: string): Uint8Array {
  return Deno.readFileSync(new URL(name, folder));
}

/** What `tshark` follows: both streams, with words where bytes are missing. */
interface Followed {
  readonly client: Uint8Array[];
  readonly server: Uint8Array[];
}

function followed(name: string): Followed {
  const text = Deno.readTextFileSync(new URL(`${name}.stream.txt`, folder));
  const lines = text.split("\n").filter((line) => /^\t?[0-9a-f]+$/.test(line));
  const toBytes = (line: string) => hex(line.trim());
  return {
    client: lines.filter((line) => !line.startsWith("\t")).map(toBytes),
    server: lines.filter((line) => line.startsWith("\t")).map(toBytes),
  };
}

const missing = /^\[(\d+) bytes missing in capture file\]\0$/;

/** The bytes that are there, and the lengths of those that are not. */
function split(lines: readonly Uint8Array[]): [number[], number[]] {
  const bytes: number[] = [];
  const gaps: number[] = [];
  for (const line of lines) {
    const [, byteLength] = missing.exec(new TextDecoder().decode(line)) ?? [];
    if (byteLength === undefined) bytes.push(...line);
    else gaps.push(Number(byteLength));
  }
  return [bytes, gaps];
}

/** Each capture, and the one in whose streams `tshark` has it all. */
const whole: Record<string, string> = {
  "loopback.pcapng": "loopback.pcapng",
  "deflate.pcap": "deflate.pcap",
  "ipv6.pcapng": "ipv6.pcapng",
  "cooked.pcap": "cooked.pcap",
  "cooked2.pcapng": "cooked2.pcapng",
  "duplicated.pcap": "loopback.pcapng",
  "reordered.pcapng": "loopback.pcapng",
};

for (const [name, expected] of Object.entries(whole)) {
  Deno.test(`${name} has the streams that tshark follows`, () => {
    const events = readPieces([capture(name)]);
    const streams = followed(expected);
    assert(isCapture(capture(name)));
    assertEquals(seenIn(events), [{
      client: split(streams.client)[0],
      server: split(streams.server)[0],
      gaps: [],
      how: "fin",
    }]);
  });
}

for (const name of ["lost.pcapng", "truncated.pcapng", "middle.pcap"]) {
  Deno.test(`${name} has the streams that tshark follows, and its gaps`, () => {
    const [seen, ...others] = seenIn(readPieces([capture(name)]));
    const streams = followed(name);
    assertEquals(others, []);
    for (const side of ["client", "server"] as const) {
      const [bytes, gaps] = split(streams[side]);
      assertEquals(seen![side], bytes, side);
      if (name === "truncated.pcapng") continue;
      const found = seen!.gaps.filter(([from]) => from === side);
      assertEquals(found.map(([, , byteLength]) => byteLength), gaps, side);
    }
  });
}

Deno.test("truncated.pcapng lacks what its snapshot length cut off", () => {
  const seen = seenIn(readPieces([capture("truncated.pcapng")]))[0]!;
  const streams = seenIn(readPieces([capture("loopback.pcapng")]))[0]!;
  for (const side of ["client", "server"] as const) {
    const gaps = seen.gaps.filter(([from]) => from === side);
    const lost = gaps.reduce((sum, [, , byteLength]) => sum + byteLength, 0);
    assertEquals(seen[side].length + lost, streams[side].length, side);
  }
  assertEquals(seen.how, "fin");
});

Deno.test("ipv6.pcapng says who talked, and when", () => {
  const [open] = readPieces([capture("ipv6.pcapng")]);
  assert(open?.type === "open");
  assertEquals(open.client.address, "::1");
  assertEquals(open.server, { address: "::1", port: 4712 });
  assertEquals(open.begun, true);
  assertEquals(new Date(open.timeMs).getUTCFullYear(), 2026);
});

Deno.test("middle.pcap begins and ends in the middle", () => {
  const events = inShort(readPieces([capture("middle.pcap")]));
  assertEquals(events[0], "open in the middle");
  assertEquals(events.at(-1), "close end of capture");
});

for (const name of [...Object.keys(whole), "lost.pcapng", "truncated.pcapng"]) {
  Deno.test(`${name} says the same however it is cut`, () => {
    const bytes = capture(name);
    const events = readPieces([bytes]);
    assertEquals(readPieces(byteByByte(bytes)), events);
    forEachSeed((random) =>
      assertEquals(readPieces(randomPieces(bytes, random)), events)
    );
  });
}
