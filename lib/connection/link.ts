import { drawMaskingKey } from "../stream/masking_keys.ts";
import type { DataMessage } from "../message/message.ts";
import { openSession, type Session } from "../session/session.ts";
import type {
  SessionEvent,
  SessionInput,
  StepContext,
  StepResult,
} from "../session/session.ts";
import {
  defaultMaxUnwrittenBytes,
  type SessionOptions,
} from "../session/options.ts";
import { roomFor } from "../session/receive.ts";
import { step } from "../session/step.ts";
import type { Transport } from "../transport/transport.ts";
import { allocate } from "./slab.ts";
import { createTimer } from "./timer.ts";
import { createWriter } from "./writer.ts";

/** What a link tells, and asks, the connection that is built on it. */
export interface LinkHooks {
  /** Something came of a step. */
  readonly onEvent: (event: SessionEvent) => void;
  /** Whether the application has all it can hold, so that nothing is read. */
  readonly isFull: () => boolean;
  /** How many bytes wait elsewhere to be sent. */
  readonly heldBytes: () => number;
  /** Whether the application has taken all that came, or never takes any. */
  readonly isLeft: () => boolean;
  /** Whether it has taken all that came, and has come for more. */
  readonly isIdle: () => boolean;
}

/**
 * How long a Close that is due waits for an application that has taken the last
 * message and may be about to answer it, or has not begun to read, in
 * milliseconds.
 */
const answerGraceMs = 500;

const context: StepContext = {
  // Asked only by a step that needs it: it costs as much as a small one.
  get nowMs(): number {
    return performance.now();
  },
  createMaskingKey: drawMaskingKey,
  allocate,
};

/** A session driven by a transport and a clock. */
export interface Link {
  /** The session as it stands. */
  readonly session: () => Session;
  /** Takes a step, and does what comes of it. */
  readonly apply: (input: SessionInput) => void;
  /** Sends a message, together with what else is sent in the same turn. */
  readonly send: (message: DataMessage) => void;
  /** How many bytes are waiting to be written or being written. */
  readonly bufferedBytes: () => number;
  /** Resolves when few enough bytes are waiting, or none ever will be. */
  readonly drained: () => Promise<void>;
  /** To be called when the application may no longer be full. */
  readonly wake: () => void;
  /** To be called when the application has taken the last that came. */
  readonly answer: () => void;
}

/**
 * Joins a session to a transport: reads into it, writes what comes out, keeps
 * its deadlines.
 *
 * Everything written in one turn of the event loop goes out in one write. While
 * the application is full nothing is read, and of a client neither while more
 * than `maxBufferedBytes` wait to be written to it: that is the back-pressure,
 * all the way to the peer's socket.
 *
 * @param transport A connection whose handshake is done; the link closes it.
 * @param leftover What was read after the handshake.
 */
export function createLink(
  transport: Transport,
  leftover: Uint8Array,
  options: SessionOptions & { readonly maxBufferedBytes: number },
  hooks: LinkHooks,
): Link {
  let session = openSession(withinBuffer(options), performance.now());
  let wanted: StepResult["transport"] = "open";
  // How many steps are being taken: an event may lead to another step.
  let stepsUnderWay = 0;

  const apply = (input: SessionInput) => {
    // What was sent before goes before.
    if (input.type !== "send") sendGathered();
    const wasEnded = session.phase === "ended";
    const result = step(session, input, context);
    session = result.session;
    wanted = result.transport;
    timer.set(result.deadlineMs);
    writer.add(result.bytes);
    stepsUnderWay += 1;
    try {
      for (const event of result.events) hooks.onEvent(event);
    } finally {
      stepsUnderWay -= 1;
    }
    if (stepsUnderWay === 0) sendGathered();
    answer();
    if (session.phase === "ended" && !wasEnded) finish();
  };
  // One step for a burst of messages costs a fraction of a step for each.
  let gathered: DataMessage[] = [];
  let gatheredBytes = 0;
  const sendGathered = () => {
    if (gathered.length === 0) return;
    const messages = gathered;
    gathered = [];
    gatheredBytes = 0;
    apply({ type: "send", messages });
  };
  const send = (message: DataMessage) => {
    gathered.push(message);
    gatheredBytes += message.data.length;
    // The end of the step, or the reader that comes for more, sends it anyway.
    if (gathered.length > 1 || stepsUnderWay > 0) return;
    if (hooks.isLeft()) queueMicrotask(sendGathered);
    else setTimeout(sendGathered, 0);
  };
  // A Close that is due waits for what answers the messages before it.
  const answer = () => {
    if (stepsUnderWay === 0 && hooks.isIdle()) sendGathered();
    const { phase } = session;
    if (phase !== "answering" && phase !== "failing") return;
    // In the middle of a step there is more to come for the application.
    if (stepsUnderWay > 0) return;
    if (hooks.isIdle()) apply({ type: "answer" });
    else if (hooks.isLeft()) grace.set(performance.now() + answerGraceMs);
  };
  const grace = createTimer(() => apply({ type: "answer" }));

  const writer = createWriter(transport, {
    onWritten: (byteLength) => {
      writtenBytes += byteLength;
      if (isWrittenOfNote()) tellWritten();
      wake();
    },
    // That the connection is lost is for the reading side to find: there may
    // still be a Close to be read.
    onError: () => wake(),
    wanted: () => wanted,
  });
  const timer = createTimer(() => apply({ type: "time" }));

  // A step for each write would cost as much as the message. The session wants to
  // know of it when Pongs are held back, or a Ping waits, or much is unwritten.
  let writtenBytes = 0;
  const isWrittenOfNote = () =>
    session.heldPong !== undefined || session.silentSinceMs !== undefined ||
    session.unwrittenBytes * 2 > session.settings.maxUnwrittenBytes;
  const tellWritten = () => {
    const byteLength = writtenBytes;
    writtenBytes = 0;
    apply({ type: "written", byteLength });
  };

  let changed: PromiseWithResolvers<void> | undefined;
  const change = () => (changed ??= Promise.withResolvers()).promise;
  const wake = () => {
    changed?.resolve();
    changed = undefined;
  };
  const bufferedBytes = () =>
    writer.bufferedBytes() + gatheredBytes + hooks.heldBytes();
  const isBacklogged = () => bufferedBytes() > options.maxBufferedBytes;
  // A server reads nothing from a client that does not read what it is sent. A
  // client does: if both held back, two floods that meet would stand for ever.
  const isHeldBack = () => options.role === "server" && isBacklogged();
  const isHolding = () => {
    // Only reading tells that a connection is lost to writing.
    if (writer.isBroken()) return false;
    return (session.phase === "open" && (hooks.isFull() || isHeldBack())) ||
      (session.phase === "closing" && hooks.isFull());
  };

  const finish = async (): Promise<void> => {
    timer.set(Infinity);
    grace.set(Infinity);
    wake();
    // What is still to be written has as long as a closing may take.
    const { closeTimeoutMs } = session.settings;
    const limit = createTimer(transport.close);
    limit.set(performance.now() + closeTimeoutMs);
    await writer.idle();
    limit.set(Infinity);
    transport.close();
  };

  const read = async () => {
    // Sets the timer, though nothing may ever come.
    apply({ type: "time" });
    if (leftover.length > 0) apply({ type: "bytes", bytes: leftover });
    while (session.phase !== "ended") {
      if (isHolding()) await holdReading();
      const bytes = await transport.read(roomFor(session));
      if (bytes === null) break;
      apply({ type: "bytes", bytes });
    }
    apply({ type: "end" });
  };
  const holdReading = async () => {
    while (isHolding()) {
      apply({ type: "pause" });
      await change();
    }
    apply({ type: "resume" });
  };
  // Later, so that whoever made the link can finish what it is doing first.
  queueMicrotask(() => read().catch(() => apply({ type: "end" })));

  return {
    session: () => session,
    apply,
    send,
    bufferedBytes,
    drained: async () => {
      while (session.phase !== "ended" && isBacklogged()) await change();
    },
    wake,
    answer,
  };
}

/** A peer that has nothing read of it can show no sign of life. */
function withinBuffer(
  options: SessionOptions & { readonly maxBufferedBytes: number },
): SessionOptions {
  const { maxBufferedBytes, maxUnwrittenBytes = defaultMaxUnwrittenBytes } =
    options;
  return {
    ...options,
    maxUnwrittenBytes: Math.min(maxUnwrittenBytes, maxBufferedBytes),
  };
}
