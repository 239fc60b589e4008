import { ProtocolError } from "../error/protocol_error.ts";
import type { ResponseHead } from "../handshake/head.ts";
import { headerValues } from "../handshake/headers.ts";
import { backoffMs, type BackoffOptions, requireBackoff } from "./backoff.ts";
import { connectWebSocket, type ConnectWebSocketOptions } from "./connect.ts";
import {
  type ConnectionClosed,
  leaveConnection,
  type WebSocketConnection,
} from "./connection.ts";

/** Why a client has no connection: how it ended, or why none was made. */
export type ConnectionLoss = ConnectionClosed | Error;

/** How a client connects, and connects again. */
export interface ReconnectOptions
  extends Omit<ConnectWebSocketOptions, "carrier">, BackoffOptions {
  /**
   * Whether to try again; if not, the loop ends, with the error if there is one.
   * By default always, but for an answer that will not be another one next time:
   * a status of 400 to 499 other than 408, 425 and 429.
   */
  readonly shouldRetry?: (loss: ConnectionLoss) => boolean;
  /** Called before each wait. */
  readonly onRetry?: (delayMs: number, loss: ConnectionLoss) => void;
  /**
   * What waits are drawn with: numbers from 0 to 1, without 1.
   *
   * @default {Math.random}
   */
  readonly random?: () => number;
}

/**
 * Connects as a client, and again whenever the connection is lost, with growing
 * random waits in between: gives each connection when it is open, the next one
 * when that is closed and another has been made. After one that held for
 * `firstDelayMs` the waits begin anew. A `Retry-After` in seconds comes on top of
 * the random wait, up to `maxDelayMs`; one that is a date is not heeded.
 *
 * Leaving the loop closes the connection; aborting `signal` does, with 1001, and
 * ends the loop. Nothing that was sent is sent again: what was on its way when
 * the connection was lost may or may not have come, and only an answer of the
 * peer's tells.
 *
 * Source: {@link https://www.rfc-editor.org/rfc/rfc6455#section-7.2.3 | RFC 6455 §7.2.3}.
 *
 * @param url A `ws:` or `wss:` URL.
 * @param options As for `connectWebSocket`, and how to wait.
 * @throws {TypeError} (rejects) If the URL or an option cannot be used.
 * @throws {RangeError} (rejects) If a wait cannot be.
 * @throws (rejects) Why no connection was made, if that is not to be tried again.
 *
 * @example
 * ```ts
 * import { reconnectWebSocket, serveWebSocket } from "@sluice/websocket/connection";
 * import { assertEquals } from "@std/assert";
 *
 * // Sends one word and closes.
 * let count = 0;
 * await using server = serveWebSocket({ hostname: "127.0.0.1" }, (connection) => {
 *   connection.send(`connection ${++count}`);
 *   connection.close();
 * });
 *
 * const words: unknown[] = [];
 * const url = `ws://${server.address}/`;
 * for await (const connection of reconnectWebSocket(url, { firstDelayMs: 10 })) {
 *   for await (const word of connection) words.push(word);
 *   if (words.length === 2) break;
 * }
 * assertEquals(words, ["connection 1", "connection 2"]);
 * ```
 */
export async function* reconnectWebSocket(
  url: string | URL,
  options: ReconnectOptions = {},
): AsyncGenerator<WebSocketConnection, void, void> {
  const { signal, random = Math.random, onRetry, shouldRetry = mayBeBetter } =
    options;
  const { firstDelayMs, maxDelayMs } = requireBackoff(options);
  for (let attempt = 0; !signal?.aborted; attempt++) {
    const opened = await connectWebSocket(url, options).catch(toError);
    if (signal?.aborted) return;
    const openedMs = performance.now();
    const loss = opened instanceof Error ? opened : yield* lend(opened);
    if (signal?.aborted) return;
    const heldMs = performance.now() - openedMs;
    if (!(opened instanceof Error) && heldMs >= firstDelayMs) attempt = 0;
    if (isCallersFault(loss) || !shouldRetry(loss)) {
      if (loss instanceof Error) throw loss;
      return;
    }
    // Whoever was told the same time is not to come back at the same time.
    const delayMs = Math.min(maxDelayMs, retryAfterMs(loss)) +
      backoffMs(attempt, random, options);
    onRetry?.(delayMs, loss);
    await pause(delayMs, signal);
  }
}

/** Gives the connection away, until it is closed or nobody wants it. */
async function* lend(
  connection: WebSocketConnection,
): AsyncGenerator<WebSocketConnection, ConnectionClosed, void> {
  try {
    yield connection;
    return await connection.closed;
  } finally {
    leaveConnection(connection);
  }
}

function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

/** A URL, an option or a missing permission will be the same later. */
function isCallersFault(loss: ConnectionLoss): boolean {
  return loss instanceof TypeError || loss instanceof RangeError ||
    (loss instanceof Error && loss.name === "NotCapable");
}

/** The answer of a server that did not open a WebSocket. */
function answerOf(loss: ConnectionLoss): ResponseHead | undefined {
  const isAnswer = loss instanceof ProtocolError &&
    loss.code === "unexpected-status";
  return isAnswer ? loss.cause as ResponseHead : undefined;
}

/** Too slow, too early, too many: other 4xx are answered the same next time. */
const passingStatuses = [408, 425, 429];

function mayBeBetter(loss: ConnectionLoss): boolean {
  const { status = 0 } = answerOf(loss) ?? {};
  return status < 400 || status > 499 || passingStatuses.includes(status);
}

/** What a `Retry-After` in seconds asks for (RFC 9110 §10.2.3); dates are not heeded. */
function retryAfterMs(loss: ConnectionLoss): number {
  const answer = answerOf(loss);
  const [value = ""] = answer === undefined
    ? []
    : headerValues(answer.headers, "retry-after");
  return /^[0-9]{1,9}$/.test(value) ? Number(value) * 1000 : 0;
}

/** Waits, or until the signal aborts. */
function pause(
  delayMs: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, delayMs);
    signal?.addEventListener("abort", done);
    if (signal?.aborted) done();
  });
}
