import type { ProtocolErrorCode } from "../../lib/error/protocol_rule.ts";
import { decodeFrames } from "../../lib/frame/decode_frames.ts";
import {
  type Frame,
  type FrameInit,
  Opcode,
  type Role,
} from "../../lib/frame/frame.ts";
import { serializeFrame } from "../../lib/frame/serialize_frame.ts";
import { parseCloseBody, serializeCloseBody } from "../../lib/message/close.ts";
import type { SessionOptions } from "../../lib/session/options.ts";
import {
  openSession,
  type Session,
  type SessionEvent,
  type SessionInput,
  type StepContext,
  type StepResult,
} from "../../lib/session/session.ts";
import { step } from "../../lib/session/step.ts";
import { utf8 } from "../support/hex.ts";
import { assertPure } from "../support/purity.ts";
import { concatenated } from "../support/splits.ts";

/** Both roles, for what is the same in both. */
export const roles: readonly Role[] = ["client", "server"];

/** What happens at `nowMs`, with keys that leave a payload as it is. */
export function at(nowMs: number): StepContext {
  return { nowMs, createMaskingKey: () => new Uint8Array(4) };
}

/** A frame of a text or a part of one. */
export function textFrame(text: string, fin = true): FrameInit {
  return { opcode: Opcode.text, fin, payload: utf8(text) };
}

/** A frame of bytes or a part of them. */
export function binaryFrame(payload: Uint8Array, fin = true): FrameInit {
  return { opcode: Opcode.binary, fin, payload };
}

/** A further fragment. */
export function continuation(payload: Uint8Array, fin = true): FrameInit {
  return { opcode: Opcode.continuation, fin, payload };
}

/** A Ping with a text for its data. */
export function pingFrame(data = ""): FrameInit {
  return { opcode: Opcode.ping, payload: utf8(data) };
}

/** A Pong with a text for its data. */
export function pongFrame(data = ""): FrameInit {
  return { opcode: Opcode.pong, payload: utf8(data) };
}

/** A Close; without a code, one with no body. */
export function closeFrame(closeCode = 1005, reason = ""): FrameInit {
  const payload = serializeCloseBody(closeCode, reason);
  return { opcode: Opcode.close, payload };
}

/** Frames as the peer of `role` puts them on the wire. */
export function fromPeerOf(role: Role, ...frames: FrameInit[]): Uint8Array {
  const maskingKey = new Uint8Array(4);
  return concatenated(
    frames.map((frame) =>
      serializeFrame(role === "server" ? { ...frame, maskingKey } : frame)
    ),
  );
}

/**
 * What was written, a line a frame: `text Hello`, `text… Hel` for one without
 * FIN, `pong 1`, `close 1000 bye`. Bytes that are no frames of `role` throw.
 */
export function linesOf(role: Role, bytes: readonly Uint8Array[]): string[] {
  const peer = role === "client" ? "server" : "client";
  const wire = concatenated(bytes);
  const { frames, state, error } = decodeFrames(wire, undefined, {
    role: peer,
  });
  if (error !== undefined) throw error;
  if (state.waiting.byteLength > 0) throw new Error("Found half a frame");
  return frames.map(toLine);
}

function toLine({ opcode, fin, payload }: Frame): string {
  const [name] = Object.entries(Opcode).find(([, code]) => code === opcode)!;
  const word = fin ? name : `${name}…`;
  if (opcode !== Opcode.close) {
    return `${word} ${new TextDecoder().decode(payload)}`.trimEnd();
  }
  const body = parseCloseBody(payload);
  if (body.status === "invalid") throw body.error;
  return `${word} ${body.code} ${body.reason}`.trimEnd();
}

/** An event in a line, for tables. */
export function eventLine(event: SessionEvent): string {
  const decode = (data: string | Uint8Array) =>
    typeof data === "string" ? data : `[${data.join(" ")}]`;
  switch (event.type) {
    case "message":
      return `${event.message.type} ${decode(event.message.data)}`.trimEnd();
    case "piece":
      return `${event.messageType}${event.last ? "." : "…"} ${
        decode(event.data)
      }`.trimEnd();
    case "ping":
    case "pong":
      return `${event.type} ${new TextDecoder().decode(event.data)}`.trimEnd();
    case "close":
      return `close ${event.closeCode} ${event.reason}`.trimEnd();
    case "error":
      return `error ${event.error.code satisfies ProtocolErrorCode}`;
    case "ended":
      return `ended ${event.closeCode} ${event.wasClean ? "clean" : "unclean"}`;
  }
}

/** A session that is led through a life, each step of it checked for purity. */
export interface Driven {
  readonly role: Role;
  readonly session: () => Session;
  /** Takes one step and no other. */
  readonly step: (input: SessionInput, nowMs?: number) => StepResult;
  /** Takes a step, and sends the answer that is due after it. */
  readonly take: (input: SessionInput, nowMs?: number) => StepResult;
  /** Takes frames of the peer, in one chunk, and answers. */
  readonly receive: (...frames: FrameInit[]) => StepResult;
  /** What has happened so far, a line an event. */
  readonly events: string[];
  /** What was written so far, a line a frame. */
  readonly lines: string[];
}

/** Opens a session at 0 ms to be driven; without a heartbeat unless asked for. */
export function drive(
  role: Role,
  options: Partial<SessionOptions> = {},
): Driven {
  let session = openSession({ heartbeat: false, ...options, role }, 0);
  let now = 0;
  const events: string[] = [];
  const lines: string[] = [];
  const one = (input: SessionInput, nowMs = now): StepResult => {
    now = nowMs;
    const result = assertPure("step", step, session, input, at(now));
    session = result.session;
    events.push(...result.events.map(eventLine));
    lines.push(...linesOf(role, result.bytes));
    return result;
  };
  const take = (input: SessionInput, nowMs = now): StepResult => {
    const first = one(input, nowMs);
    if (!isAnswerDue(session)) return first;
    const second = one({ type: "answer" });
    return {
      ...second,
      events: [...first.events, ...second.events],
      bytes: [...first.bytes, ...second.bytes],
    };
  };
  return {
    role,
    session: () => session,
    step: one,
    take,
    receive: (...frames) =>
      take({ type: "bytes", bytes: fromPeerOf(role, ...frames) }),
    events,
    lines,
  };
}

/** Whether a Close is held back until the application has answered. */
export function isAnswerDue({ phase }: Session): boolean {
  return phase === "answering" || phase === "failing";
}
