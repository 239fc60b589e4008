import { type FrameInit, Opcode } from "../frame/frame.ts";
import { serializeFrame, serializeHeader } from "../frame/serialize_frame.ts";
import { CloseCode, serializeCloseBody } from "../message/close.ts";
import { type PhaseEvent, phaseTable } from "./phases.ts";
import type {
  CloseReason,
  Session,
  SessionEvent,
  StepContext,
} from "./session.ts";

/** A step while it is being taken: the session so far, and what came of it. */
export interface Turn {
  session: Session;
  readonly events: SessionEvent[];
  readonly bytes: Uint8Array<ArrayBuffer>[];
  readonly context: StepContext;
}

/** The session with some of its fields changed. */
export function change(turn: Turn, fields: Partial<Session>): void {
  turn.session = { ...turn.session, ...fields };
}

/** Goes through the table of phases; says what happens when it is all over. */
export function advance(turn: Turn, event: PhaseEvent): void {
  const { session, events, context } = turn;
  const phase = phaseTable[session.phase][event];
  if (phase === undefined) return;
  // Each phase of the closing has the whole time-out for itself.
  change(turn, { phase, closingSinceMs: context.nowMs });
  if (phase !== "ended") return;
  events.push({
    type: "ended",
    wasClean: session.phase === "closed",
    ...(session.closeReceived ?? noClose),
  });
}

/** What RFC 6455 §7.1.5 has an application see when no Close came. */
const noClose: CloseReason = { closeCode: CloseCode.abnormal, reason: "" };

/** Puts a frame among the bytes to write, masked as our role wants it. */
export function writeFrame(turn: Turn, frame: FrameInit): void {
  const { context, session, bytes } = turn;
  const frameBytes = serializeFrame(
    session.settings.role === "client"
      ? { ...frame, maskingKey: context.createMaskingKey() }
      : frame,
  );
  bytes.push(frameBytes);
  const unwrittenBytes = session.unwrittenBytes + frameBytes.length;
  change(turn, { unwrittenBytes });
}

/** From here on a copy costs more than a chunk of its own for the header. */
const largePayloadBytes = 16 * 1024;

/**
 * Puts a frame among the bytes to write, whose payload nobody will change: a
 * large one is not copied if it is not masked.
 */
export function writeOwnFrame(turn: Turn, frame: FrameInit): void {
  const { session, bytes } = turn;
  const { payload } = frame;
  if (
    session.settings.role === "client" || payload.length < largePayloadBytes
  ) {
    return writeFrame(turn, frame);
  }
  const header = serializeHeader(frame);
  // What is written is never shared memory: it is what came from a transport.
  bytes.push(header, payload as Uint8Array<ArrayBuffer>);
  const byteLength = header.length + payload.length;
  change(turn, { unwrittenBytes: session.unwrittenBytes + byteLength });
}

/** Puts a Close among the bytes to write. */
export function writeClose(
  turn: Turn,
  { closeCode, reason }: CloseReason,
): void {
  const payload = serializeCloseBody(closeCode, reason);
  writeFrame(turn, { opcode: Opcode.close, payload });
}
