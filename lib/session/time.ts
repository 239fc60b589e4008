import { messageError } from "../error/message_rules.ts";
import { fail } from "./receive.ts";
import { sendAnswer, sendPing } from "./send.ts";
import type { Session } from "./session.ts";
import { advance, change, type Turn } from "./turn.ts";

/** What is due: the end of a closing, of silence, or the heartbeat's Ping. */
export function passTime(turn: Turn): void {
  const { session, context: { nowMs } } = turn;
  const { settings, lastReceivedMs, silentSinceMs, closingSinceMs } = session;
  if (closingSinceMs !== undefined) {
    if (nowMs < closingSinceMs + settings.closeTimeoutMs) return;
    // Either the answer is overdue, or what should have followed it.
    if (session.phase === "answering" || session.phase === "failing") {
      return sendAnswer(turn);
    }
    return advance(turn, "time-out");
  }
  const silence = nowMs - lastReceivedMs;
  if (silence >= settings.idleTimeoutMs) {
    const found = session.isPaused
      ? `nothing taken or written for ${Math.round(silence)} ms`
      : `silence for ${Math.round(silence)} ms`;
    const wanted = `a byte within ${settings.idleTimeoutMs} ms`;
    return failAt(turn, "idle-timeout", found, wanted);
  }
  const { heartbeat } = settings;
  if (heartbeat === false || session.isPaused) return;
  if (silentSinceMs !== undefined) {
    if (isBacklogged(session)) return;
    if (nowMs < silentSinceMs + heartbeat.timeoutMs) return;
    const silentMs = Math.round(nowMs - silentSinceMs);
    const found = `no sign of life since a Ping, ${silentMs} ms ago`;
    const wanted = `an answer within ${heartbeat.timeoutMs} ms`;
    return failAt(turn, "heartbeat-timeout", found, wanted);
  }
  if (nowMs < session.nextPingMs) return;
  sendPing(turn, { type: "ping", data: new Uint8Array(0) });
  change(turn, {
    nextPingMs: nowMs + heartbeat.intervalMs,
    silentSinceMs: nowMs,
  });
}

/** The time at which {@linkcode passTime} has something to do. */
export function deadlineOf({ session }: Turn): number {
  const { settings, closingSinceMs, silentSinceMs, lastReceivedMs } = session;
  if (session.phase === "ended") return Infinity;
  if (closingSinceMs !== undefined) {
    return closingSinceMs + settings.closeTimeoutMs;
  }
  const idle = lastReceivedMs + settings.idleTimeoutMs;
  const { heartbeat } = settings;
  if (heartbeat === false || session.isPaused) return idle;
  if (silentSinceMs === undefined) return Math.min(idle, session.nextPingMs);
  return isBacklogged(session)
    ? idle
    : Math.min(idle, silentSinceMs + heartbeat.timeoutMs);
}

/**
 * Whether a Ping may well not have been written, so that its answer cannot come:
 * of a peer that does not read, the silence is what counts.
 */
function isBacklogged({ unwrittenBytes, settings }: Session): boolean {
  return unwrittenBytes > settings.maxUnwrittenBytes;
}

function failAt(
  turn: Turn,
  code: "idle-timeout" | "heartbeat-timeout",
  found: string,
  wanted: string,
): void {
  const offset = turn.session.receiving.decoding?.offset ?? 0;
  fail(turn, messageError(code, { found, wanted, offset }));
}

/** While we do not read, we cannot know whether the peer is silent. */
export function pause(turn: Turn, isPaused: boolean): void {
  const lastReceivedMs = turn.context.nowMs;
  const { silentSinceMs } = turn.session;
  change(turn, {
    isPaused,
    lastReceivedMs,
    silentSinceMs: silentSinceMs === undefined ? undefined : lastReceivedMs,
  });
}
