/**
 * A session. However the bytes of the peer are cut between what its user does, it
 * tells the same, writes the same and ends in the same phase; what it writes, a
 * session of the other role reads without a fault; only what a user asks for may
 * throw; no message is longer than the limit; each deadline is later than the step
 * that took it; and the work is linear in the bytes.
 */
import type { ExtensionCodec } from "../../../lib/extension/extension.ts";
import type { Role } from "../../../lib/frame/frame.ts";
import type { SessionOptions } from "../../../lib/session/options.ts";
import {
  openSession,
  type Session,
  type SessionEvent,
} from "../../../lib/session/session.ts";
import { step } from "../../../lib/session/step.ts";
import { joined } from "../../deflate/engines.ts";
import { hex, utf8 } from "../../support/hex.ts";
import {
  assertHolds,
  assertLinear,
  assertSame,
  cutsOf,
} from "../invariants.ts";
import type { FuzzTarget } from "../target.ts";
import { openCodecs } from "./session_codecs.ts";
import { type Command, readCommands } from "./session_commands.ts";
import { randomCommand, randomCommands } from "./random_commands.ts";

const messageLimits = [1 << 20, 0, 1, 10, 125, 126, 300, Infinity];
const frameLimits = [1 << 20, 1, 10, 125, 126, 300];
const fragmentLimits = [1000, 1, 2, 5];

/** How many bytes of an input say how the session behaves. */
const optionBytes = 3;

/** Leads a session through a life, in three ways. */
export const target: FuzzTarget = {
  name: "session",
  files: /^lib\/(session|message|extension\/read_coded)/,
  maxInputBytes: 1024,
  tokens: [
    "00 01 02 03 80 81 82 88 89 8a c1 41 03e8 0000ffff",
    "f48fbfbf eda080",
  ]
    .flatMap((row) => row.split(" ").map(hex)),
  generate: (random) =>
    joined([
      Uint8Array.of(
        random.integer(0, 255),
        random.chance(0.7) ? 0 : random.integer(0, 255),
        random.chance(0.7) ? 0 : random.integer(0, 255),
      ),
      randomCommands(random),
    ]),
  part: randomCommand,
  check: (bytes, meter) => {
    const [first = 0, second = 0, third = 0] = bytes;
    const settings = readSettings(first, second, third);
    const commands = readCommands(bytes.subarray(optionBytes), settings);
    const ways: ((chunk: Uint8Array) => readonly Uint8Array[])[] = [
      (chunk) => [chunk],
      (chunk) => cutsOf(chunk)[0]!,
      (chunk) => cutsOf(chunk)[1]!,
    ];
    const [whole, ...others] = ways.map((cut) =>
      assertLinear(
        meter,
        bytes.length,
        1000,
        () => live(settings, commands, cut),
      )
    );
    for (const other of others) {
      assertSame(other, whole, "A life cut otherwise");
    }
  },
};

/** How a session behaves, and what is agreed with its peer. */
export interface Settings {
  readonly role: Role;
  readonly isCoded: boolean;
  readonly isReset: boolean;
  readonly options: SessionOptions;
}

function readSettings(
  first: number,
  second: number,
  third: number,
): Settings {
  const role = (first & 1) === 0 ? "server" : "client";
  const isCoded = (first & 0x40) !== 0;
  return {
    role,
    isCoded,
    isReset: (first & 0x20) !== 0,
    options: {
      role,
      delivery: (first & 2) === 0 ? "messages" : "pieces",
      accepts: (["any", "any", "text", "binary"] as const)[first >> 2 & 3]!,
      allowedRsv: isCoded ? 0x40 : 0,
      maxMessageBytes: messageLimits[second % messageLimits.length]!,
      maxFrameBytes: frameLimits[(second >> 3) % frameLimits.length]!,
      maxFragments: fragmentLimits[second >> 6]!,
      maxUnwrittenBytes: [65536, 0, 20, 1000][third & 3]!,
      idleTimeoutMs: [120_000, 1, 1000, Infinity][third >> 2 & 3]!,
      closeTimeoutMs: [5000, 1][third >> 4 & 1]!,
      heartbeat: (first & 0x10) === 0
        ? false
        : { intervalMs: 1 + third * 100, timeoutMs: 500 },
    },
  };
}

/** What is left of a life to be compared. */
interface Life {
  readonly told: readonly unknown[];
  readonly written: Uint8Array;
  readonly phase: Session["phase"];
}

/** A session under way. */
interface Living {
  session: Session;
  nowMs: number;
  readonly events: SessionEvent[];
  readonly written: Uint8Array[];
  readonly codec: ExtensionCodec | undefined;
  readonly refusals: string[];
  /** It was broken in a way that cannot be compared further. */
  isOver: boolean;
}

function live(
  settings: Settings,
  commands: readonly Command[],
  cut: (chunk: Uint8Array) => readonly Uint8Array[],
): Life {
  const codecs = settings.isCoded ? openCodecs(settings) : undefined;
  const living: Living = {
    session: openSession(settings.options, 0),
    nowMs: 0,
    events: [],
    written: [],
    codec: codecs?.own,
    refusals: [],
    isOver: false,
  };
  try {
    for (const command of commands) obey(living, command, cut);
    const { events, refusals, session } = living;
    const told = [...summaryOf(events, settings), ...refusals];
    const written = joined(living.written);
    assertReadable(settings.role, written, codecs?.peer);
    return { told, written, phase: session.phase };
  } finally {
    codecs?.own.close?.();
    codecs?.peer.close?.();
  }
}

function obey(
  living: Living,
  command: Command,
  cut: (chunk: Uint8Array) => readonly Uint8Array[],
): void {
  living.nowMs += command.passMs;
  const { input } = command;
  if (input.type !== "bytes" || input.bytes.length === 0) {
    return take(living, command);
  }
  for (const bytes of cut(input.bytes)) {
    if (bytes.length > 0) {
      take(living, { ...command, input: { type: "bytes", bytes } });
    }
  }
}

function take(living: Living, { input, isUser }: Command): void {
  const { nowMs, codec } = living;
  if (living.isOver) return;
  // A write to it would throw.
  Object.freeze(living.session);
  try {
    const result = step(living.session, input, {
      nowMs,
      createMaskingKey: () => Uint8Array.of(1, 2, 3, nowMs),
      codec,
    });
    living.session = result.session;
    for (const event of result.events) living.events.push(event);
    living.isOver = codec !== undefined && result.events.some(isAmbiguous);
    for (const bytes of result.bytes) living.written.push(bytes.slice());
    if (input.type !== "time") return;
    assertHolds(result.deadlineMs > nowMs, "The deadline has passed");
  } catch (error) {
    const isCallers = error instanceof TypeError || error instanceof RangeError;
    if (!isUser || !isCallers) throw error;
    living.refusals.push(error.message);
  }
  assertBounded(living.session);
}

function assertBounded({ receiving, settings, pings }: Session): void {
  const { progress, gathered } = receiving;
  assertHolds(
    progress === undefined || gathered.bytes.length <= settings.maxMessageBytes,
    "More is gathered than a message may have",
  );
  assertHolds(pings.length <= 32, "Too many Pings are remembered");
}

/**
 * Which rule a compressed message breaks that breaks two, and where, depends on how
 * much is decompressed at once. That it breaks one does not.
 */
function isAmbiguous(event: SessionEvent): boolean {
  return event.type === "error";
}

/** The events, the pieces of a message put together as far as nothing is between. */
function summaryOf(
  events: readonly SessionEvent[],
  { isCoded, options: { maxMessageBytes } }: Settings,
): unknown[] {
  const told: unknown[] = [];
  let open: { data: (string | Uint8Array)[] } | undefined;
  for (const event of events) {
    if (event.type === "piece") {
      const { messageType, data, last } = event;
      if (open === undefined) told.push(open = { data: [] });
      open.data.push(data);
      if (last) told.push({ messageType, last });
      if (last) open = undefined;
      continue;
    }
    // What came of a message before it broke a rule depends on the cut.
    if (event.type === "error" && open !== undefined) told.pop();
    open = undefined;
    assertShort(event, maxMessageBytes!);
    told.push(isCoded && isAmbiguous(event) ? "broken" : event);
  }
  return told.map(joinData);
}

function joinData(told: unknown): unknown {
  if (typeof told !== "object" || told === null || !("data" in told)) {
    return told;
  }
  const { data } = told;
  if (!Array.isArray(data)) return told;
  return data.every((part) => typeof part === "string")
    ? data.join("")
    : joined(data);
}

function assertShort(event: SessionEvent, maxMessageBytes: number): void {
  if (event.type !== "message") return;
  const { data } = event.message;
  const { length } = typeof data === "string" ? utf8(data) : data;
  assertHolds(length <= maxMessageBytes, "A message is longer than the limit");
}

/** What was written is what a peer can read. */
function assertReadable(
  role: Role,
  written: Uint8Array,
  codec: ExtensionCodec | undefined,
): void {
  const peer = openSession({
    role: role === "client" ? "server" : "client",
    allowedRsv: codec === undefined ? 0 : 0x40,
  }, 0);
  const { events } = step(peer, { type: "bytes", bytes: written }, {
    nowMs: 0,
    createMaskingKey: () => new Uint8Array(4),
    codec,
  });
  const broken = events.find((event) => event.type === "error");
  assertSame(broken, undefined, "What a peer finds wrong");
}
