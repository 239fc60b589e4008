import {
  type Chop,
  closeNormally,
  type ConformanceCase,
  exchange,
  fragmented,
  frame,
  type Group,
  receive,
} from "../conformance_case.ts";

const kib = 1024;
const mib = 1024 * kib;
const roundTrips = 1000;

/** What the sections of this group do once with texts and once with bytes. */
interface Kind {
  readonly type: "text" | "binary";
  readonly opcode: number;
  /** Repeated to fill a payload. */
  readonly pattern: Uint8Array;
}

const texts: Kind = {
  type: "text",
  opcode: 0x1,
  pattern: new TextEncoder().encode("BAsd7&jh23"),
};
const binaries: Kind = {
  type: "binary",
  opcode: 0x2,
  pattern: Uint8Array.of(0x00, 0xfe, 0x23, 0xfa, 0xf0),
};

const messageBytes = [64 * kib, 256 * kib, mib, 4 * mib, 8 * mib, 16 * mib];
const fragmentBytes = [64, 256, kib, 4 * kib, 16 * kib, 64 * kib, 256 * kib]
  .concat([mib, 4 * mib]);
const chopBytes = [64, 128, 256, 512, 1024, 2048];
const roundTripBytes = [0, 16, 64, 256, 1024, 4096];

/** Group 9. */
export const limits: Group = {
  number: 9,
  title: "Limits and sizes",
  isSlow: true,
  cases: [
    ...numbered("9.1", messageBytes, (bytes) => oneFrame(texts, bytes)),
    ...numbered("9.2", messageBytes, (bytes) => oneFrame(binaries, bytes)),
    ...numbered("9.3", fragmentBytes, (bytes) => inFragments(texts, bytes)),
    ...numbered("9.4", fragmentBytes, (bytes) => inFragments(binaries, bytes)),
    ...numbered("9.5", chopBytes, (bytes) => inChops(texts, bytes)),
    ...numbered("9.6", chopBytes, (bytes) => inChops(binaries, bytes)),
    ...numbered("9.7", roundTripBytes, (bytes) => roundTripsOf(texts, bytes)),
    ...numbered(
      "9.8",
      roundTripBytes,
      (bytes) => roundTripsOf(binaries, bytes),
    ),
  ],
};

type Numbered = (number: string) => ConformanceCase;

function numbered(
  section: string,
  sizes: readonly number[],
  make: (bytes: number) => Numbered,
): ConformanceCase[] {
  return sizes.map((bytes, at) => make(bytes)(`${section}.${at + 1}`));
}

function oneFrame(kind: Kind, bytes: number, chop: Chop = "whole"): Numbered {
  const how = typeof chop === "number" ? `, in chops of ${chop}` : "";
  return (number) =>
    exchange(
      number,
      `${nameOf(kind)} message of ${sizeOf(bytes)}${how}`,
      { frames: () => [frame(kind.opcode, filled(kind, bytes))], chop },
      () => [itemOf(kind, bytes)],
    );
}

function inChops(kind: Kind, chop: number): Numbered {
  return oneFrame(kind, mib, chop);
}

function inFragments(kind: Kind, bytes: number): Numbered {
  const frames = () => fragmented(kind.opcode, filled(kind, 4 * mib), bytes);
  return (number) =>
    exchange(
      number,
      `${nameOf(kind)} message of 4 MiB in fragments of ${sizeOf(bytes)}`,
      { frames },
      () => [itemOf(kind, 4 * mib)],
    );
}

/** Each message is sent when the one before has come back. */
function roundTripsOf(kind: Kind, bytes: number): Numbered {
  const steps = () => {
    const frames = [frame(kind.opcode, filled(kind, bytes))];
    const once = [
      { type: "send", frames, chop: "whole" } as const,
      receive(itemOf(kind, bytes)),
    ];
    return [
      ...Array.from({ length: roundTrips }, () => once).flat(),
      ...closeNormally,
    ];
  };
  const title = `${roundTrips} ${kind.type} messages of ${
    sizeOf(bytes)
  }, one at a time`;
  return (number) => ({ number, title, steps, ending: { type: "clean" } });
}

function itemOf(kind: Kind, bytes: number) {
  return { type: kind.type, data: filled(kind, bytes) };
}

function filled({ pattern }: Kind, bytes: number): Uint8Array {
  const payload = new Uint8Array(bytes);
  for (let at = 0; at < bytes; at++) {
    payload[at] = pattern[at % pattern.length]!;
  }
  return payload;
}

function nameOf({ type }: Kind): string {
  return type === "text" ? "Text" : "Binary";
}

function sizeOf(bytes: number): string {
  if (bytes >= mib) return `${bytes / mib} MiB`;
  return bytes >= kib ? `${bytes / kib} KiB` : `${bytes} bytes`;
}
