import { assertEquals } from "@std/assert";
import { captureLimits } from "../../lib/capture/capture_limits.ts";
import { createConnections } from "../../lib/capture/connections.ts";
import { heldSegmentBytes } from "../../lib/capture/tcp_stream.ts";
import {
  captureOf,
  inShort,
  readPieces,
  type Segment,
  story,
} from "./support.ts";

/** A SYN from this port. */
function syn(clientPort: number): Segment {
  return { from: "client", flags: "syn", sequence: 100, clientPort };
}

/** Bytes from this port, so many after the SYN. */
function client(clientPort: number, offset: number, text: string): Segment {
  const sequence = 101 + offset;
  return { from: "client", sequence, acknowledgment: 1, text, clientPort };
}

function reset(clientPort: number): Segment {
  return { from: "client", flags: "rst", sequence: 101, clientPort };
}

Deno.test("createConnections() knows none", () => {
  const table = createConnections(captureLimits({}, ""), () => {});
  assertEquals([table.entries.size, table.heldBytes], [0, 0]);
});

Deno.test("maxConnections are followed, and none is given up for them", () => {
  const segments = [syn(1), syn(2), client(1, 0, "a"), client(2, 0, "b")];
  assertEquals(story(segments, { maxConnections: 2 }), [
    "0 open",
    "1 open",
    "0 client a",
    "1 client b",
    "0 close end of capture",
    "1 close end of capture",
  ]);
});

Deno.test("one connection more, and what was idle longest is given up", () => {
  const segments = [syn(1), syn(2), client(1, 1, "a"), syn(3), syn(4)];
  assertEquals(story(segments, { maxConnections: 2 }), [
    "0 open",
    "1 open",
    "1 close given up",
    "2 open",
    "0 gap client 1",
    "0 client a",
    "0 close given up",
    "3 open",
    "2 close end of capture",
    "3 close end of capture",
  ]);
});

Deno.test("one that has ended goes first, and is not told of again", () => {
  const segments = [syn(1), syn(2), reset(2), syn(3)];
  assertEquals(story(segments, { maxConnections: 2 }), [
    "0 open",
    "1 open",
    "1 close reset",
    "2 open",
    "0 close end of capture",
    "2 close end of capture",
  ]);
});

Deno.test("maxHeldBytes are held, each segment counting for more", () => {
  const segments = [
    syn(1),
    client(1, 1, "b"),
    client(1, 3, "d"),
    client(1, 0, "a"),
  ];
  const exact = 2 * (heldSegmentBytes + 1);
  assertEquals(story(segments, { maxHeldBytes: exact }), [
    "open",
    "client a",
    "client b",
    "gap client 1",
    "client d",
    "close end of capture",
  ]);
  assertEquals(story(segments, { maxHeldBytes: exact - 1 }), [
    "open",
    "gap client 1",
    "client b",
    "gap client 1",
    "client d",
    "close end of capture",
  ]);
  assertEquals(story(segments, { maxHeldBytes: 0 }).slice(1, 5), [
    "gap client 1",
    "client b",
    "gap client 1",
    "client d",
  ]);
});

Deno.test("maxTotalHeldBytes are held, and what waited longest is given up", () => {
  const segments = [
    syn(1),
    syn(2),
    client(1, 1, "b"),
    client(2, 1, "b"),
    client(1, 3, "d"),
    client(1, 0, "a"),
    client(2, 0, "a"),
  ];
  const exact = 3 * (heldSegmentBytes + 1);
  const start = ["0 open", "1 open"];
  assertEquals(story(segments, { maxTotalHeldBytes: exact }).slice(0, 6), [
    ...start,
    "0 client a",
    "0 client b",
    "1 client a",
    "1 client b",
  ]);
  assertEquals(story(segments, { maxTotalHeldBytes: exact - 1 }).slice(0, 6), [
    ...start,
    "0 gap client 1",
    "0 client b",
    "1 client a",
    "1 client b",
  ]);
});

Deno.test("what is held of a closed connection counts no longer", () => {
  const segments = [
    syn(1),
    client(1, 1, "b"),
    reset(1),
    syn(2),
    client(2, 1, "b"),
    client(2, 0, "a"),
  ];
  const options = { maxTotalHeldBytes: heldSegmentBytes + 1 };
  assertEquals(story(segments, options).slice(-3), [
    "1 client a",
    "1 client b",
    "1 close end of capture",
  ]);
});

Deno.test("a connection to itself is read, if not told apart", () => {
  const capture = captureOf([{ ...syn(80) }, client(80, 0, "a")]);
  const events = readPieces(capture.map((record) => {
    // The second address of the packet is made that of the first.
    const changed = record.slice();
    if (changed.length > 24) changed.copyWithin(32, 28, 32);
    return changed;
  }));
  assertEquals(inShort(events), ["open", "client a", "close end of capture"]);
});
