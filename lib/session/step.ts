import { receiveBytes, receiveEnd } from "./receive.ts";
import {
  noteWritten,
  sendAnswer,
  sendClose,
  sendFragment,
  sendMessages,
  sendPing,
} from "./send.ts";
import type {
  Session,
  SessionInput,
  StepContext,
  StepResult,
} from "./session.ts";
import { deadlineOf, passTime, pause } from "./time.ts";
import { beginTurn, type Turn } from "./turn.ts";

/**
 * The whole protocol after the handshake as one function: a session and what
 * happens to it, into the session afterwards, what to tell the application,
 * what to write, when to come back, and what becomes of the transport.
 *
 * Pure: no clock, no randomness but what `context` brings, no timer, no socket;
 * neither `session` nor `input` is changed. Bytes that come are copied; payloads
 * given out are views on that copy. Bytes to write are new arrays, or a large
 * payload itself.
 *
 * What the peer does wrong is an event, and the Close that tells it so is among
 * the bytes of the `answer` that follows. What the caller does wrong throws, and
 * leaves `session` usable.
 *
 * Source: {@link https://www.rfc-editor.org/rfc/rfc6455#section-6 | RFC 6455 §6}
 * and §7.
 *
 * @param session What `openSession` or the last step gave.
 * @param input What happened.
 * @param context The time, and where masking keys come from.
 * @throws {TypeError} If the application sends after a Close, or a message
 * inside another.
 * @throws {RangeError} If a Close or Ping cannot be sent as it is.
 *
 * @example A Ping is answered without being asked
 * ```ts
 * import { openSession, step } from "@sluice/websocket/session";
 * import { assertEquals } from "@std/assert";
 *
 * const session = openSession({ role: "client" }, 0);
 * const createMaskingKey = () => Uint8Array.of(0, 0, 0, 0);
 *
 * const { bytes, events } = step(
 *   session,
 *   { type: "bytes", bytes: Uint8Array.of(0x89, 0x01, 0x21) },
 *   { nowMs: 5, createMaskingKey },
 * );
 *
 * assertEquals(bytes, [Uint8Array.of(0x8a, 0x81, 0, 0, 0, 0, 0x21)]);
 * assertEquals(events, [{ type: "ping", data: Uint8Array.of(0x21) }]);
 * ```
 */
export function step(
  session: Session,
  input: SessionInput,
  context: StepContext,
): StepResult {
  const turn = beginTurn(session, context);
  take(turn, input);
  return {
    session: turn.session,
    events: turn.events,
    bytes: turn.bytes,
    deadlineMs: deadlineOf(turn),
    transport: transportOf(turn),
  };
}

function take(turn: Turn, input: SessionInput): void {
  switch (input.type) {
    case "bytes":
      return receiveBytes(turn, input);
    case "end":
      return receiveEnd(turn);
    case "send":
      return sendMessages(turn, input.messages);
    case "send-fragment":
      return sendFragment(turn, input);
    case "ping":
    case "pong":
      return sendPing(turn, input);
    case "close":
      return sendClose(turn, input);
    case "answer":
      return sendAnswer(turn);
    case "written":
      return noteWritten(turn, input);
    case "pause":
    case "resume":
      return pause(turn, input.type === "pause");
    case "time":
      return passTime(turn);
  }
}

/**
 * A server hangs up first, once both Close frames have gone; a client waits for
 * it (RFC 6455 §7.1.1). Both go on reading, so that unread bytes do not reset
 * the connection and take our Close with them.
 */
function transportOf({ session }: Turn): StepResult["transport"] {
  const { phase, settings: { role } } = session;
  if (phase === "ended") return "close";
  if (phase === "failed") return "end";
  return phase === "closed" && role === "server" ? "end" : "open";
}
