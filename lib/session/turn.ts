import { type FrameInit, Opcode } from "../frame/frame.ts";
import { serializeFrame, serializeHeader } from "../frame/serialize_frame.ts";
import { largePayloadBytes } from "../message/serialize_messages.ts";
import { CloseCode, serializeCloseBody } from "../message/close.ts";
import { type PhaseEvent, phaseTable } from "./phases.ts";
import type {
  CloseReason,
  Session,
  SessionEvent,
  StepContext,
} from "./session.ts";

/** A session that only the step that makes it has seen. */
type Draft = { -readonly [Field in keyof Session]: Session[Field] };

/** A step while it is being taken: the session so far, and what came of it. */
export interface Turn {
  readonly session: Draft;
  readonly events: SessionEvent[];
  readonly bytes: Uint8Array<ArrayBuffer>[];
  readonly context: StepContext;
}

/** Begins a step with a copy of the session, which it may change. */
export function beginTurn(session: Session, context: StepContext): Turn {
  return { session: { ...session }, events: [], bytes: [], context };
}

/** Changes some fields of the session that the step makes. */
export function change(turn: Turn, fields: Partial<Session>): void {
  Object.assign(turn.session, fields);
}

/** Puts bytes among those to write. */
export function writeBytes(turn: Turn, bytes: Uint8Array<ArrayBuffer>): void {
  turn.bytes.push(bytes);
  turn.session.unwrittenBytes += bytes.length;
}

/** Goes through the table of phases; says what happens when it is all over. */
export function advance(turn: Turn, event: PhaseEvent): void {
  const { session, events, context } = turn;
  const before = session.phase;
  const phase = phaseTable[before][event];
  if (phase === undefined) return;
  // Each phase of the closing has the whole time-out for itself.
  change(turn, { phase, closingSinceMs: context.nowMs });
  if (phase !== "ended") return;
  events.push({
    type: "ended",
    wasClean: before === "closed",
    ...(session.closeReceived ?? noClose),
  });
}

/** What RFC 6455 §7.1.5 has an application see when no Close came. */
const noClose: CloseReason = { closeCode: CloseCode.abnormal, reason: "" };

/** Puts a frame among the bytes to write, masked as our role wants it. */
export function writeFrame(turn: Turn, frame: FrameInit): void {
  const { context, session } = turn;
  const isClient = session.settings.role === "client";
  writeBytes(
    turn,
    serializeFrame(
      isClient ? { ...frame, maskingKey: context.createMaskingKey() } : frame,
    ),
  );
}

/**
 * Puts a frame among the bytes to write, whose payload nobody will change: a
 * large one is not copied if it is not masked.
 */
export function writeOwnFrame(turn: Turn, frame: FrameInit): void {
  const { payload } = frame;
  const isClient = turn.session.settings.role === "client";
  if (isClient || payload.length < largePayloadBytes) {
    return writeFrame(turn, frame);
  }
  writeBytes(turn, serializeHeader(frame));
  // What is written is never shared memory: it is what came from a transport.
  writeBytes(turn, payload as Uint8Array<ArrayBuffer>);
}

/** Puts a Close among the bytes to write. */
export function writeClose(
  turn: Turn,
  { closeCode, reason }: CloseReason,
): void {
  const payload = serializeCloseBody(closeCode, reason);
  writeFrame(turn, { opcode: Opcode.close, payload });
  change(turn, { bytesUntilClose: turn.session.unwrittenBytes });
}
