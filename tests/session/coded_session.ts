import type { ExtensionCodec } from "../../lib/extension/extension.ts";
import type { Role } from "../../lib/frame/frame.ts";
import type { SessionOptions } from "../../lib/session/options.ts";
import {
  openSession,
  type Session,
  type SessionEvent,
  type SessionInput,
  type StepResult,
} from "../../lib/session/session.ts";
import { step } from "../../lib/session/step.ts";
import { at, eventLine, isAnswerDue } from "./sessions.ts";

/** A session with extensions, led through a life. */
export interface CodedSession {
  readonly session: () => Session;
  /** Takes a step, and sends the answer that is due after it. */
  readonly take: (input: SessionInput) => StepResult;
  /** What has happened so far. */
  readonly events: SessionEvent[];
  /** The same, a line an event. */
  readonly lines: () => string[];
  /** What was written since this was last called. */
  readonly written: () => Uint8Array[];
}

/**
 * Opens a session with a codec. Unlike that of `drive`, its steps are taken once:
 * a codec remembers what it saw.
 */
export function openCoded(
  role: Role,
  codec: ExtensionCodec,
  options: Partial<SessionOptions> = {},
): CodedSession {
  let session = openSession(
    { heartbeat: false, allowedRsv: 0x70, ...options, role },
    0,
  );
  const events: SessionEvent[] = [];
  const bytes: Uint8Array[] = [];
  const one = (input: SessionInput): StepResult => {
    const result = step(session, input, { ...at(0), codec });
    session = result.session;
    events.push(...result.events);
    bytes.push(...result.bytes);
    return result;
  };
  return {
    session: () => session,
    take: (input) => {
      const result = one(input);
      return isAnswerDue(session) ? one({ type: "answer" }) : result;
    },
    events,
    lines: () => events.map(eventLine),
    written: () => bytes.splice(0),
  };
}
