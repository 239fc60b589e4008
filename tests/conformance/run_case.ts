import {
  type Chop,
  compressedFrames,
  type ConformanceCase,
  type Ending,
  type ExpectedItem,
  type Step,
} from "./conformance_case.ts";
import type { Received, Subject } from "./subject.ts";
import { joined, type OutgoingFrame, type Side, writeFrame } from "./wire.ts";
import { createDeflater, type Deflater } from "./wire_deflate.ts";

/** How the bytes of the sending steps are cut: as the case says, or otherwise. */
export type Cutting = "as the case says" | "in one piece" | "byte by byte";

/**
 * How long hanging up may take: less than the 5 s after which our time-out for a
 * closing does it, so that one that relies on it is found out.
 */
const promptlyMs = 3000;

type SendStep = Extract<Step, { type: "send" }>;
type CompressedStep = Extract<Step, { type: "send-compressed" }>;

/**
 * Plays a case against a subject, step by step.
 *
 * @returns What was expected and what was seen instead; `undefined` if the case
 * was passed.
 */
export async function runCase(
  { steps, ending, deflate }: ConformanceCase,
  subject: Subject,
  cutting: Cutting = "as the case says",
): Promise<string | undefined> {
  const deflater = deflate && createDeflater(deflate[0]!);
  try {
    for (const [at, step] of steps().entries()) {
      const problem = await takeStep(step, subject, cutting, deflater);
      if (problem !== undefined) return `step ${at + 1}: ${problem}`;
    }
  } finally {
    deflater?.close();
  }
  const problem = await takeEnding(ending, subject);
  return problem && `ending: ${problem}`;
}

/**
 * How many bytes a case sends, to see which cuttings are affordable; compressed
 * messages count as what they say.
 */
export function bytesSent({ steps }: ConformanceCase): number {
  return steps().reduce((sum, step) => sum + bytesOf(step), 0);
}

function bytesOf(step: Step): number {
  if (step.type === "send-compressed") return step.message.data.length;
  if (step.type !== "send") return 0;
  return step.frames.reduce((bytes, { payload }) => bytes + payload.length, 0);
}

/** Whether a case has its bytes cut by itself. */
export function isChopped({ steps }: ConformanceCase): boolean {
  return steps().some((step) =>
    (step.type === "send" && step.chop !== "whole") ||
    (step.type === "send-compressed" && step.fragmentBytes !== undefined)
  );
}

/** A few words for what was seen or expected. */
export function describe(received: Received | ExpectedItem): string {
  switch (received.type) {
    case "end":
      return "the end of the connection";
    case "nothing":
      return "nothing";
    case "broken":
      return received.found;
    case "close":
      return `Close ${received.code ?? "without a code"}`;
    default: {
      const { type, data, isCompressed } = received;
      const how = isCompressed ? "compressed " : "";
      const start = Array.from(
        data.subarray(0, 16),
        (byte) => byte.toString(16).padStart(2, "0"),
      );
      const bytes = start.join(" ") + (data.length > 16 ? " …" : "");
      return `${how}${type} of ${data.length} bytes [${bytes}]`;
    }
  }
}

async function takeStep(
  step: Step,
  subject: Subject,
  cutting: Cutting,
  deflater: Deflater | undefined,
): Promise<string | undefined> {
  switch (step.type) {
    case "send":
      return await sendFrames(step, subject, cutting);
    case "send-compressed": {
      const frames = await compress(step, deflater!);
      return await sendFrames(frames, subject, cutting);
    }
    case "send-part":
      return await sendPart(step, subject, cutting);
    case "receive":
      return compare(step.item, await subject.receive());
    case "quiet":
      return await expectQuiet(subject, "nothing yet");
  }
}

async function compress(
  { message: { type, data }, fragmentBytes }: CompressedStep,
  deflater: Deflater,
): Promise<SendStep> {
  const payload = await deflater.deflate(data);
  const frames = compressedFrames(type, payload, fragmentBytes);
  const chop = fragmentBytes === undefined ? "whole" : "frames";
  return { type: "send", frames, chop };
}

async function sendFrames(
  step: SendStep,
  subject: Subject,
  cutting: Cutting,
): Promise<string | undefined> {
  const { chop, fatalByte } = step;
  const frames = step.frames.map((frame) =>
    writeFrame(frame, otherThan(subject.side))
  );
  if (cutting !== "byte by byte") {
    const how = cutting === "in one piece" ? "whole" : chop;
    await sendPieces(pieces(frames, how), subject);
    return undefined;
  }
  const bytes = joined(frames);
  if (fatalByte === undefined) {
    await sendPieces(pieces([bytes], 1), subject);
    return undefined;
  }
  const fatal = offsetOnWire(step.frames, frames, fatalByte);
  await sendPieces(pieces([bytes.subarray(0, fatal)], 1), subject);
  const early = await expectQuiet(subject, `nothing before byte ${fatal}`);
  if (early !== undefined) return early;
  await subject.send(bytes.subarray(fatal, fatal + 1));
  if ((await subject.peek()).type === "nothing") {
    return `expected a failure at byte ${fatal}, saw nothing`;
  }
  await sendPieces(pieces([bytes.subarray(fatal + 1)], 1), subject);
  return undefined;
}

async function sendPart(
  { frame, from, to }: Extract<Step, { type: "send-part" }>,
  subject: Subject,
  cutting: Cutting,
): Promise<undefined> {
  const bytes = writeFrame(frame, otherThan(subject.side));
  const header = bytes.length - frame.payload.length;
  const part = bytes.subarray(from === 0 ? 0 : header + from, header + to);
  const chop = cutting === "byte by byte" ? 1 : "whole";
  await sendPieces(pieces([part], chop), subject);
}

/** Where a byte of all the payloads together is among all the bytes. */
function offsetOnWire(
  frames: readonly OutgoingFrame[],
  onWire: readonly Uint8Array[],
  payloadByte: number,
): number {
  let at = 0;
  let left = payloadByte;
  for (const [index, { payload }] of frames.entries()) {
    const { length } = onWire[index]!;
    if (left < payload.length) return at + length - payload.length + left;
    at += length;
    left -= payload.length;
  }
  throw new RangeError(`There is no payload byte ${payloadByte}`);
}

async function sendPieces(
  pieces: Iterable<Uint8Array>,
  subject: Subject,
): Promise<void> {
  for (const piece of pieces) await subject.send(piece);
}

function* pieces(
  frames: readonly Uint8Array[],
  chop: Chop,
): Generator<Uint8Array> {
  if (chop === "frames") return yield* frames;
  const bytes = joined(frames);
  if (chop === "whole") return yield bytes;
  if (typeof chop === "object") {
    yield bytes.subarray(0, chop.first);
    return yield bytes.subarray(chop.first);
  }
  for (let at = 0; at < bytes.length; at += chop) {
    yield bytes.subarray(at, at + chop);
  }
}

/**
 * A server hangs up first, and a client waits for it; whoever fails the
 * connection hangs up by itself, so that the tester need do nothing.
 */
async function takeEnding(
  ending: Ending,
  subject: Subject,
): Promise<string | undefined> {
  if (ending.type === "clean" && subject.side === "client") {
    const early = await expectQuiet(subject, "a client that waits for the end");
    if (early !== undefined) return early;
    await subject.end();
  }
  const last = await subject.receive(promptlyMs);
  if (last.type !== "end") {
    return `expected the end of the connection, saw ${describe(last)}`;
  }
  await subject.end();
  return await subject.judge(ending);
}

async function expectQuiet(
  subject: Subject,
  expected: string,
): Promise<string | undefined> {
  const seen = await subject.peek();
  if (seen.type === "nothing") return undefined;
  return `expected ${expected}, saw ${describe(seen)}`;
}

function compare(
  expected: ExpectedItem,
  seen: Received,
): string | undefined {
  if (isSame(expected, seen)) return undefined;
  return `expected ${describe(expected)}, saw ${describe(seen)}`;
}

function isSame(expected: ExpectedItem, seen: Received): boolean {
  if (expected.type === "close") {
    return seen.type === "close" && seen.code === expected.code;
  }
  if (seen.type !== expected.type) return false;
  const { isCompressed = seen.isCompressed } = expected;
  return isCompressed === seen.isCompressed &&
    isEqual(seen.data, expected.data);
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
}

function otherThan(side: Side): Side {
  return side === "client" ? "server" : "client";
}
