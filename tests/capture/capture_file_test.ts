import { assertEquals } from "@std/assert";
import {
  captureHeader,
  captureRecord,
} from "../../lib/capture/capture_file.ts";
import { hex } from "../support/hex.ts";

/** The drafts on pcap, §4, and on pcapng, §4.1 and §4.2. */
Deno.test("captureHeader() writes the header of a classic capture", () => {
  assertEquals(
    captureHeader("pcap"),
    hex("d4c3b2a1 0200 0400 00000000 00000000 00000400 65000000"),
  );
});

Deno.test("captureHeader() writes a section with an interface", () => {
  assertEquals(
    captureHeader("pcapng"),
    hex(`0a0d0d0a 1c000000 4d3c2b1a 0100 0000 ffffffffffffffff 1c000000
         01000000 14000000 6500 0000 00000400 14000000`),
  );
});

Deno.test("captureRecord() writes a packet of a classic capture", () => {
  assertEquals(
    captureRecord("pcap", hex("010203"), 1700000000001.5),
    hex("00f15365 dc050000 03000000 03000000 010203"),
  );
});

Deno.test("captureRecord() writes an enhanced packet, filled up", () => {
  const microseconds = 1700000000001500n;
  const high = Number(microseconds >> 32n).toString(16).padStart(8, "0");
  const low = Number(microseconds & 0xffffffffn).toString(16).padStart(8, "0");
  const swap = (word: string) => word.match(/../g)!.reverse().join("");
  assertEquals(
    captureRecord("pcapng", hex("010203"), 1700000000001.5),
    hex(`06000000 24000000 00000000 ${swap(high)} ${swap(low)}
         03000000 03000000 01020300 24000000`),
  );
});

Deno.test("captureRecord() carries a microsecond that is rounded up", () => {
  assertEquals(
    captureRecord("pcap", new Uint8Array(0), 1999.9999),
    hex("02000000 00000000 00000000 00000000"),
  );
});
