/**
 * Captures, and the conversations in them. However a capture is cut, it says the
 * same; no more bytes come out than went in; every connection that opens is closed,
 * and nothing is said of it afterwards; nothing is thrown. What a dissector finds in
 * the bytes of a connection is the same however they are cut, can be written as text
 * and as JSON, and shows no more of a message than it may; and the work is linear in
 * the bytes.
 */
import type { CaptureEvent } from "../../../lib/capture/capture_event.ts";
import type { CaptureReaderOptions } from "../../../lib/capture/capture_limits.ts";
import { createCaptureReader } from "../../../lib/capture/capture_reader.ts";
import { permessageDeflate } from "../../../lib/deflate/permessage_deflate.ts";
import type { Role } from "../../../lib/frame/frame.ts";
import {
  createDissector,
  type DissectOptions,
  type Dissector,
} from "../../../lib/inspect/dissector.ts";
import type { DissectedItem } from "../../../lib/inspect/item.ts";
import { itemToJson } from "../../../lib/inspect/render_json.ts";
import { renderItem } from "../../../lib/inspect/render_text.ts";
import { hex, utf8 } from "../../support/hex.ts";
import {
  assertHolds,
  assertLinear,
  assertLinearAsync,
  assertSame,
  cutsOf,
} from "../invariants.ts";
import type { FuzzTarget } from "../target.ts";
import { randomCaptureInput, randomCapturePart } from "./random_capture.ts";

const limits: readonly CaptureReaderOptions[] = [
  {},
  { maxConnections: 1 },
  { maxConnections: 2, maxHeldBytes: 0 },
  { maxHeldBytes: 600, maxReorderedPackets: 1 },
  { maxTotalHeldBytes: 300, maxReorderedPackets: 0 },
  { maxPacketBytes: 100 },
];

/** So much of a message is shown. */
const maxShownBytes = 64;

const dissecting: DissectOptions = {
  extensions: [permessageDeflate()],
  maxShownBytes,
  // What a few bytes come to is bounded, so that the work is.
  maxMessageBytes: 64 * 1024,
};

/** What a compressed message may break, one or the other. */
const codedRules: readonly string[] = [
  "corrupt-compression",
  "message-too-large",
  "invalid-utf8",
  "reserved-bits",
];

/** The first byte of an input says what the others are; the second, how to read. */
const optionBytes = 2;

/** Reads captures and conversations, and compares. */
export const target: FuzzTarget = {
  name: "capture",
  files: /^lib\/(capture|inspect)\//,
  maxInputBytes: 2048,
  tokens: [
    "d4c3b2a1 a1b2c3d4 4d3cb2a1 0a0d0d0a 4d3c2b1a 1a2b3c4d",
    "02000400 00000001 01000000 06000000 03000000 0800 86dd 8100 45 60",
    "05000000 06000000 10000000 000005dc 8180 8100 880203e8",
  ].flatMap((row) => row.split(" ").map(hex))
    .concat(["GET / HTTP/1.1\r\n", "\r\n\r\n", "HTTP/1.1 101 \r\n"].map(utf8)),
  generate: randomCaptureInput,
  part: randomCapturePart,
  check: async (bytes, meter) => {
    const [first = 0, second = 0] = bytes;
    const content = bytes.subarray(optionBytes);
    const run = <Result>(run: () => Promise<Result>) =>
      assertLinearAsync(meter, content.length, 4000, run);
    const [once] = cutsOf(content);
    if (first % 4 !== 0) {
      const from = ([undefined, "client", "server"] as const)[second % 3];
      const whole = await run(() => dissectPieces([content], from));
      const cut = await run(() => dissectPieces(once!, from));
      return assertSame(cut, whole, "A conversation cut otherwise");
    }
    const options = limits[second % limits.length]!;
    const events = assertLinear(
      meter,
      content.length,
      400,
      () => readCapture([content], options),
    );
    assertRight(events, content.length);
    for (const chunks of cutsOf(content)) {
      const cut = readCapture(chunks, options);
      assertSame(cut, events, "A capture cut otherwise");
    }
    const whole = await run(() => dissectEvents(events, (data) => [data]));
    const cut = await run(() =>
      dissectEvents(events, (data) => cutsOf(data)[1]!)
    );
    assertSame(cut, whole, "A connection cut otherwise");
  },
};

function readCapture(
  chunks: readonly Uint8Array[],
  options: CaptureReaderOptions,
): CaptureEvent[] {
  const reader = createCaptureReader(options);
  const events = chunks.flatMap((chunk) => reader.read(chunk));
  return [...events, ...reader.end()];
}

function assertRight(
  events: readonly CaptureEvent[],
  byteLength: number,
): void {
  const open = new Set<number>();
  let taken = 0;
  for (const [index, event] of events.entries()) {
    if (event.type === "broken") {
      assertHolds(index === events.length - 1, "More follows after broken");
      assertHolds(event.offset <= byteLength, "It is broken behind its end");
      continue;
    }
    if (event.type === "open") open.add(event.id);
    assertHolds(open.has(event.id), `${event.type} of none that is open`);
    if (event.type === "close") open.delete(event.id);
    if (event.type === "data") taken += event.bytes.length;
  }
  assertHolds(open.size === 0, "A connection is not closed");
  assertHolds(taken <= byteLength, "More comes out than went in");
}

/** What is found in the connections of a capture, each for itself. */
async function dissectEvents(
  events: readonly CaptureEvent[],
  cut: (data: Uint8Array) => readonly Uint8Array[],
): Promise<string[][]> {
  const found: DissectedItem[][] = [];
  const dissectors: Dissector[] = [];
  for (const event of events) {
    if (event.type === "broken") continue;
    if (event.type === "open") {
      found.push([]);
      dissectors.push(createDissector(dissecting));
      continue;
    }
    const items = await follow(dissectors[event.id]!, event, cut);
    found[event.id]!.push(...items);
  }
  return found.map(summaryOf);
}

async function follow(
  dissector: Dissector,
  event: Exclude<CaptureEvent, { type: "broken" | "open" }>,
  cut: (data: Uint8Array) => readonly Uint8Array[],
): Promise<readonly DissectedItem[]> {
  switch (event.type) {
    case "data":
      return await readAll(dissector, cut(event.bytes), event.from);
    case "gap":
      return await dissector.lose(event.byteLength, event.from);
    case "close":
      return await dissector.end();
  }
}

async function readAll(
  dissector: Dissector,
  pieces: readonly Uint8Array[],
  from: Role | undefined,
): Promise<DissectedItem[]> {
  const found: DissectedItem[] = [];
  for (const piece of pieces) {
    found.push(...await dissector.read(piece, from));
  }
  return found;
}

async function dissectPieces(
  pieces: readonly Uint8Array[],
  from: Role | undefined,
): Promise<string[]> {
  const dissector = createDissector(dissecting);
  const found = await readAll(dissector, pieces, from);
  return summaryOf([...found, ...await dissector.end()]);
}

/**
 * What was found of each side, in words. Which side's frames come first depends on
 * the cut where one has waited for the handshake of the other: so the order of both
 * and the numbers are not compared.
 */
function summaryOf(items: readonly DissectedItem[]): string[] {
  const isBroken = items.some(({ type }) => type === "violation");
  // Whose the bytes are that were not read is not always known.
  const read = items.filter(({ type }) => !isBroken || type !== "unread");
  return ([undefined, "client", "server"] as const).flatMap((from) =>
    summaryOfSide(read.filter((item) => item.from === from).map(unnumbered))
  );
}

function unnumbered(item: DissectedItem): DissectedItem {
  if (item.type === "message") return { ...item, number: 0 };
  if (item.type !== "frame") return item;
  const message = item.message === undefined ? undefined : 0;
  return { ...item, number: 0, message };
}

/**
 * What was found of one side. How much is read of what breaks a rule depends on how
 * much had come: then only what is whole is compared, and that a rule is broken.
 */
function summaryOfSide(items: readonly DissectedItem[]): string[] {
  const words = items.map(wordsOf);
  const guilty = items.flatMap((item, at) =>
    item.type === "violation" ? [lastFrameBefore(items, at)] : []
  );
  if (guilty.length === 0) return words;
  return words.filter((_, at) => {
    const item = items[at]!;
    return !guilty.includes(at) &&
      (!("status" in item) || item.status === "whole");
  });
}

/** Where the frame is that broke the rule whose violation is at `end`. */
function lastFrameBefore(
  items: readonly DissectedItem[],
  end: number,
): number {
  return items.slice(0, end).findLastIndex(({ type }) => type === "frame");
}

/** An item in the forms in which people and programs see it. */
function wordsOf(item: DissectedItem): string {
  if (item.type === "message") {
    const shown = item.data?.length ?? item.text?.length ?? 0;
    assertHolds(shown <= maxShownBytes, "More is shown than may be");
  }
  if (item.type === "frame") {
    const { raw, payload } = item;
    const shown = Math.max(raw.length, payload.length);
    assertHolds(shown <= Math.max(125, maxShownBytes), "More is shown");
  }
  const text = renderItem(item);
  if (item.type !== "violation") {
    return `${JSON.stringify(itemToJson(item))}\n${text}`;
  }
  // Of a compressed message even which rule it is, and where.
  const { type, from, code, offset } = item;
  const isCoded = codedRules.includes(code);
  return JSON.stringify(
    isCoded ? { type, from } : { type, from, code, offset },
  );
}
