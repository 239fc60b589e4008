import type { OutgoingFrame } from "./wire.ts";
import type { DeflateParameters } from "./wire_deflate.ts";

/** A case of the test plan, as a value; every way of running it reads this. */
export interface ConformanceCase {
  /** Its number in the plan, such as `6.4.3`. */
  readonly number: string;
  readonly title: string;
  /** What the tester does, in order; made when needed, as some are 16 MiB. */
  readonly steps: () => readonly Step[];
  readonly ending: Ending;
  /**
   * What the tester offers of permessage-deflate, of which the first has to be
   * agreed on; no extension has to be, if there is nothing here.
   */
  readonly deflate?: readonly DeflateParameters[];
}

/** A group of the test plan. */
export interface Group {
  readonly number: number;
  readonly title: string;
  readonly cases: readonly ConformanceCase[];
  /** Too slow for every run of the tests. */
  readonly isSlow?: boolean;
}

/** What the tester does, or waits for. */
export type Step =
  | {
    readonly type: "send";
    readonly frames: readonly OutgoingFrame[];
    readonly chop: Chop;
    /**
     * The byte of all the payloads together at which the other side must fail
     * the connection, neither before nor after; where it can be told.
     */
    readonly fatalByte?: number;
  }
  | {
    /**
     * A message compressed in the window of those before it, as one frame, or as
     * fragments of this many bytes, which are written one by one.
     */
    readonly type: "send-compressed";
    readonly message: DataItem;
    readonly fragmentBytes: number | undefined;
  }
  | {
    /** Payload bytes of one frame, the header with the first of them. */
    readonly type: "send-part";
    readonly frame: OutgoingFrame;
    readonly from: number;
    readonly to: number;
  }
  | {
    /** Waits for this and no other. */
    readonly type: "receive";
    readonly item: ExpectedItem;
  }
  | {
    /** The other side must have nothing to say to what came so far. */
    readonly type: "quiet";
  };

/**
 * How the bytes of a step are written: all in one go, frame by frame, so many
 * at a time, or so many first and then the rest.
 */
export type Chop = "whole" | "frames" | number | { readonly first: number };

/** What has to come; the reason of a Close is the other side's own affair. */
export type ExpectedItem =
  | {
    readonly type: "text" | "binary" | "pong";
    readonly data: Uint8Array;
    /** Whether it has to have been compressed; either will do by default. */
    readonly isCompressed?: boolean;
  }
  | { readonly type: "close"; readonly code: number | undefined };

/** A message, whatever its way over the wire. */
export interface DataItem {
  readonly type: "text" | "binary";
  readonly data: Uint8Array;
}

/**
 * How the connection has to end: after a closing handshake, where the server
 * hangs up first and a client waits for it (RFC 6455 §7.1.1), or because the
 * other side fails it for this rule of ours, and hangs up by itself (§7.1.7).
 */
export type Ending =
  | { readonly type: "clean" }
  | { readonly type: "failed"; readonly rule: string };

/** How a frame that is sent differs from an ordinary one. */
export interface FrameOptions {
  readonly fin?: boolean;
  readonly rsv?: number;
}

/** What the tester sends and how, in a case that is a single exchange. */
export interface Sending {
  readonly frames: () => readonly OutgoingFrame[];
  readonly chop?: Chop;
  readonly fatalByte?: number;
}

/** RSV1 as the tester writes it: the message is compressed (RFC 7692 §6). */
const compressed = 4;

/** A frame with bytes or the UTF-8 of a text. */
export function frame(
  opcode: number,
  payload: string | Uint8Array = "",
  { fin = true, rsv = 0 }: FrameOptions = {},
): OutgoingFrame {
  return { opcode, fin, rsv, payload: toBytes(payload) };
}

/** A frame of opcode 1: a text message or the beginning of one. */
export function text(
  payload: string | Uint8Array,
  options?: FrameOptions,
): OutgoingFrame {
  return frame(0x1, payload, options);
}

/** A frame of opcode 0. */
export function continuation(
  payload: string | Uint8Array,
  options?: FrameOptions,
): OutgoingFrame {
  return frame(0x0, payload, options);
}

/** A frame of opcode 9. */
export function ping(payload: string | Uint8Array = ""): OutgoingFrame {
  return frame(0x9, payload);
}

/** A frame of opcode 8 with a code and a reason. */
export function close(
  code: number,
  reason: string | Uint8Array = "",
): OutgoingFrame {
  return frame(
    0x8,
    Uint8Array.of(code >> 8, code & 0xff, ...toBytes(reason)),
  );
}

/** Without FIN. */
export const unfinished: FrameOptions = { fin: false };

/** One message as fragments of this many bytes. */
export function fragmented(
  opcode: number,
  payload: Uint8Array,
  fragmentBytes: number,
): OutgoingFrame[] {
  const count = Math.ceil(payload.length / fragmentBytes);
  return Array.from({ length: count }, (_, at) => {
    const start = at * fragmentBytes;
    const part = payload.subarray(start, start + fragmentBytes);
    return frame(at === 0 ? opcode : 0x0, part, { fin: at === count - 1 });
  });
}

/** A compressed message, whole or as fragments of this many bytes. */
export function compressedFrames(
  type: "text" | "binary",
  payload: Uint8Array,
  fragmentBytes: number = payload.length,
): OutgoingFrame[] {
  const opcode = type === "text" ? 0x1 : 0x2;
  return fragmented(opcode, payload, fragmentBytes).map((frame, at) =>
    at === 0 ? { ...frame, rsv: compressed } : frame
  );
}

/** What has to come back for a text message. */
export function textItem(payload: string | Uint8Array): ExpectedItem {
  return { type: "text", data: toBytes(payload) };
}

/** What has to come back for a binary message. */
export function binaryItem(data: Uint8Array): ExpectedItem {
  return { type: "binary", data };
}

/** What has to come back for a Ping. */
export function pongItem(payload: string | Uint8Array): ExpectedItem {
  return { type: "pong", data: toBytes(payload) };
}

/** A step that waits for an item. */
export function receive(item: ExpectedItem): Step {
  return { type: "receive", item };
}

/** The tester closes with 1000, which has to be answered with 1000. */
export const closeNormally: readonly Step[] = [
  { type: "send", frames: [close(1000)], chop: "whole" },
  receive({ type: "close", code: 1000 }),
];

/** A legal exchange: these come back, in this order, and nothing else. */
export function exchange(
  number: string,
  title: string,
  sending: Sending,
  replies: () => readonly ExpectedItem[],
): ConformanceCase {
  const steps = () => [
    sendStep(sending),
    ...replies().map(receive),
    ...closeNormally,
  ];
  return { number, title, steps, ending: { type: "clean" } };
}

/** The tester closes, and the Close is answered with this code. */
export function closing(
  number: string,
  title: string,
  sending: Sending,
  code: number | undefined,
  before: () => readonly ExpectedItem[] = () => [],
): ConformanceCase {
  const steps = () => [
    sendStep(sending),
    ...before().map(receive),
    receive({ type: "close", code }),
  ];
  return { number, title, steps, ending: { type: "clean" } };
}

/** The other side has to fail the connection with a code, for a rule. */
export function failure(
  number: string,
  title: string,
  sending: Sending,
  [code, rule]: Failure,
  before: readonly ExpectedItem[] = [],
): ConformanceCase {
  const steps = () => [
    sendStep(sending),
    ...before.map(receive),
    receive({ type: "close", code }),
  ];
  return { number, title, steps, ending: { type: "failed", rule } };
}

/** The close code on the wire, and the `code` of our `ProtocolError`. */
export type Failure = readonly [code: number, rule: string];

function sendStep({ frames, chop = "whole", fatalByte }: Sending): Step {
  const step = { type: "send", frames: frames(), chop } as const;
  return fatalByte === undefined ? step : { ...step, fatalByte };
}

function toBytes(payload: string | Uint8Array): Uint8Array {
  return typeof payload === "string"
    ? new TextEncoder().encode(payload)
    : payload;
}
