import type { ProtocolError } from "../error/protocol_error.ts";
import { headError } from "../error/head_rules.ts";
import { requireLimit } from "../error/require.ts";
import type { HeadLimits, HeadResult } from "../handshake/head.ts";
import { type ReadHead, readHead } from "../stream/read_head.ts";
import type { Transport } from "../transport/transport.ts";
import { createTimer } from "./timer.ts";

/** What every handshake is limited by. */
export interface HandshakeLimits extends HeadLimits {
  /** The longest that it may take, in milliseconds. */
  readonly handshakeTimeoutMs?: number;
}

/** Throws unless these can be limits. */
export function requireHandshakeLimits(limits: HandshakeLimits): void {
  const action = "Cannot make handshake";
  const names = ["maxHeadBytes", "maxHeaders", "handshakeTimeoutMs"] as const;
  for (const name of names) {
    const limit = limits[name];
    if (limit !== undefined) requireLimit(limit, action, name);
  }
}

/** The longest that a handshake may take by default, in milliseconds. */
export const defaultHandshakeTimeoutMs = 10_000;

/** How long who was refused may take to read the answer, in milliseconds. */
const answerTimeoutMs = 10_000;
/** And then to hang up. */
const hangUpTimeoutMs = 1_000;

/** Reads a head from a transport, whose bytes are its own and so copied. */
export function readHeadFrom<Head>(
  transport: Transport,
  parse: (bytes: Uint8Array) => HeadResult<Head>,
): Promise<ReadHead<Head>> {
  return readHead(async () => {
    // A connection that is reset has come to its end.
    const bytes = await transport.read().catch(() => null);
    return bytes === null ? null : new Uint8Array(bytes);
  }, parse);
}

/**
 * Runs a handshake until it is done, takes too long, or is aborted; in the
 * latter cases `giveUp` is called, and the handshake is waited for no more.
 *
 * @throws The reason of the signal, or what `tooLate` makes, if it was that.
 */
export async function withinTime<T>(
  handshake: () => Promise<T>,
  options: {
    readonly timeoutMs: number;
    readonly signal: AbortSignal | undefined;
    readonly giveUp: (isTooLate: boolean) => void;
    readonly tooLate: () => Error;
  },
): Promise<T> {
  const { timeoutMs, signal, giveUp, tooLate } = options;
  signal?.throwIfAborted();
  const givenUp = Promise.withResolvers<never>();
  const timer = createTimer(() => {
    givenUp.reject(tooLate());
    giveUp(true);
  });
  timer.set(performance.now() + timeoutMs);
  const abort = () => {
    givenUp.reject(signal?.reason);
    giveUp(false);
  };
  signal?.addEventListener("abort", abort);
  try {
    return await Promise.race([handshake(), givenUp.promise]);
  } finally {
    timer.set(Infinity);
    signal?.removeEventListener("abort", abort);
  }
}

/** What a handshake that takes too long breaks. */
export function handshakeTooLate(timeoutMs: number): ProtocolError {
  return headError("handshake-timeout", {
    found: `no end of the handshake after ${timeoutMs} ms`,
    wanted: `one within ${timeoutMs} ms`,
    offset: 0,
  });
}

/**
 * Sends an answer and hangs up. What the client sends after that is read, for a
 * second at most: left unread it would reset the connection, and the client
 * might never see the answer.
 */
export async function answerAndHangUp(
  transport: Transport,
  answer: () => Promise<void>,
): Promise<void> {
  const timer = createTimer(transport.close);
  timer.set(performance.now() + answerTimeoutMs);
  try {
    await answer();
    await transport.closeWrite();
    timer.set(performance.now() + hangUpTimeoutMs);
    while (await transport.read() !== null);
  } catch {
    // The client is gone, which is where this was to lead.
  } finally {
    timer.set(Infinity);
    transport.close();
  }
}
