import type { ProtocolError } from "../error/protocol_error.ts";
import { messageError } from "../error/message_rules.ts";
import { requireInteger } from "../error/require.ts";
import type { Message, PingMessage } from "../message/message.ts";

/** When a heartbeat beats. */
export interface HeartbeatStreamsOptions {
  /** How long after one Ping the next is sent, in milliseconds. */
  readonly intervalMs: number;
  /** How long a Ping may stay without any sign of life, in milliseconds. */
  readonly timeoutMs: number;
}

/** The two halves of a heartbeat, one for each direction of a pipeline. */
export interface HeartbeatStreams {
  /**
   * Stands behind the message decoder: sees what the peer sends, passes it on,
   * and errors when a Ping has stayed without any sign of life.
   */
  readonly incoming: ReadableWritablePair<Message, Message>;
  /** Stands before the message encoder: passes messages on, and adds Pings. */
  readonly outgoing: ReadableWritablePair<Message, Message>;
  /** How long the last Ping took, in milliseconds; `undefined` before one did. */
  readonly latencyMs: number | undefined;
  /** Ends the heartbeat; both streams go on passing messages. */
  readonly stop: () => void;
}

/**
 * A heartbeat for a pipeline of streams: a Ping every so often, and an error
 * when nothing comes back. Connections have one of their own.
 *
 * Whatever comes is a sign of life, a Pong or not. The heartbeat ends with the
 * messages that come, or with `stop`.
 *
 * Source: {@link https://www.rfc-editor.org/rfc/rfc6455#section-5.5.2 | RFC 6455 §5.5.2}.
 *
 * @param options How often, and how long to wait.
 * @throws {RangeError} If a time is not an integer >= 1.
 *
 * @example
 * ```ts
 * import { type Message } from "@sluice/websocket/message";
 * import { heartbeatStreams } from "@sluice/websocket/stream";
 * import { assertEquals } from "@std/assert";
 *
 * const heartbeat = heartbeatStreams({ intervalMs: 5, timeoutMs: 1000 });
 * const sent = heartbeat.outgoing.readable.getReader();
 *
 * const { value } = await sent.read();
 * assertEquals(value?.type, "ping");
 * heartbeat.stop();
 * ```
 */
export function heartbeatStreams(
  options: HeartbeatStreamsOptions,
): HeartbeatStreams {
  const { intervalMs, timeoutMs } = options;
  const action = "Cannot make heartbeat";
  requireInteger(intervalMs, action, "intervalMs", 1);
  requireInteger(timeoutMs, action, "timeoutMs", 1);
  let count = 0;
  let sentAtMs = 0;
  let latencyMs: number | undefined;
  let timeout: ReturnType<typeof setTimeout> | undefined;
  let incomingController: TransformStreamDefaultController<Message>;
  let outgoingController: TransformStreamDefaultController<Message>;

  const isAnswer = (message: Message) =>
    message.type === "pong" &&
    String(message.data) === String(pingOf(count).data);
  const stop = () => {
    clearInterval(interval);
    clearTimeout(timeout);
  };
  const giveUp = () => {
    stop();
    incomingController.error(silence(timeoutMs));
  };
  const beat = () => {
    if (timeout !== undefined) return;
    count += 1;
    sentAtMs = performance.now();
    timeout = setTimeout(giveUp, timeoutMs);
    outgoingController.enqueue(pingOf(count));
  };
  const interval = setInterval(beat, intervalMs);

  const incoming = new TransformStream<Message, Message>({
    start: (controller) => {
      incomingController = controller;
    },
    transform: (message, controller) => {
      clearTimeout(timeout);
      timeout = undefined;
      if (isAnswer(message)) latencyMs = performance.now() - sentAtMs;
      controller.enqueue(message);
    },
    flush: stop,
    cancel: stop,
  });
  const outgoing = new TransformStream<Message, Message>({
    start: (controller) => {
      outgoingController = controller;
    },
    flush: stop,
    cancel: stop,
  });
  return {
    incoming,
    outgoing,
    get latencyMs() {
      return latencyMs;
    },
    stop,
  };
}

/** A Ping with its number, so that its Pong can be told from others. */
function pingOf(count: number): PingMessage {
  return { type: "ping", data: new Uint8Array(Uint32Array.of(count).buffer) };
}

function silence(timeoutMs: number): ProtocolError {
  return messageError("heartbeat-timeout", {
    found: "no sign of life since a Ping",
    wanted: `an answer within ${timeoutMs} ms`,
    offset: 0,
  });
}
