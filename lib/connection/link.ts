import { drawMaskingKey } from "../stream/masking_keys.ts";
import type { ExtensionCodec } from "../extension/extension.ts";
import { CloseCode } from "../message/close.ts";
import { beginSession, type Session } from "../session/session.ts";
import type {
  SessionEvent,
  SessionInput,
  StepContext,
  StepResult,
} from "../session/session.ts";
import type { SessionSettings } from "../session/options.ts";
import { roomFor } from "../session/receive.ts";
import { step } from "../session/step.ts";
import type { OutgoingMessage } from "../session/outgoing_message.ts";
import type { Transport } from "../transport/transport.ts";
import { allocate } from "./slab.ts";
import { createTimer, type Timer } from "./timer.ts";
import { createWriter, type Writer, type WriterHooks } from "./writer.ts";

/** What a link tells, and asks, the connection that is built on it. */
export interface LinkHooks {
  /** Something came of a step. */
  onEvent(event: SessionEvent): void;
  /** Something of our own went wrong, such as an extension that throws. */
  onFault(error: unknown): void;
  /** Whether the application has all it can hold, so that nothing is read. */
  isFull(): boolean;
  /** How many bytes wait elsewhere to be sent. */
  heldBytes(): number;
  /** Whether the application has taken all that came, or never takes any. */
  isLeft(): boolean;
  /** Whether it has taken all that came, and has come for more. */
  isIdle(): boolean;
}

/**
 * How long a Close that is due waits for an application that has taken the last
 * message and may be about to answer it, or has not begun to read, in
 * milliseconds.
 */
const answerGraceMs = 500;

/**
 * The most bytes that extensions are given at once. DEFLATE makes a thousand times
 * as many of them, which is to be no more than one message may have. Fewer than
 * 4 KiB would cost too much: each part is a step, and cuts a message.
 */
function mostExtendedBytes({ settings }: Session): number {
  const fitting = Math.floor(settings.maxMessageBytes / 1024);
  return Math.min(Math.max(fitting, 4 * 1024), 16 * 1024);
}

function contextWith(codec: ExtensionCodec | undefined): StepContext {
  return {
    // Asked only by a step that needs it: it costs as much as a small one.
    get nowMs(): number {
      return performance.now();
    },
    createMaskingKey: drawMaskingKey,
    allocate,
    codec,
  };
}

/** What most connections have: no extensions. */
const plainContext = contextWith(undefined);

/** A session driven by a transport and a clock. */
export interface Link {
  /** The session as it stands. */
  readonly session: Session;
  /** How many bytes are waiting to be written or being written. */
  readonly bufferedBytes: number;
  /** Takes a step, and does what comes of it. */
  apply(input: SessionInput): void;
  /** Sends a message, together with what else is sent in the same turn. */
  send(message: OutgoingMessage): void;
  /** Resolves when few enough bytes are waiting, or none ever will be. */
  drained(): Promise<void>;
  /**
   * The same for who sends a message in pieces: what waits for the end of that
   * message is none of its business, and waiting for it would never end.
   */
  drainedOfPieces(): Promise<void>;
  /** Calls `tell` when all that was sent so far is written; never if it is lost. */
  whenWritten(tell: () => void): void;
  /** To be called when the application may no longer be full. */
  wake(): void;
  /** To be called when the application has taken the last that came. */
  answer(): void;
}

/** How a link behaves: options that have been judged. */
export interface LinkSettings {
  /** How the session does. */
  readonly session: SessionSettings;
  /** How many bytes may wait to be written before the link waits too. */
  readonly maxBufferedBytes: number;
  /** The extensions in use on this connection, which are let go with it. */
  readonly codec?: ExtensionCodec | undefined;
}

/** Somebody who waits until what was sent is written. */
interface WrittenWatch {
  /** The last byte of it, counted from the first; unknown while it is gathered. */
  lastByte: number | undefined;
  readonly tell: () => void;
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
  settings: LinkSettings,
  hooks: LinkHooks,
): Link {
  const link = new TransportLink(transport, settings, hooks);
  // Later, so that whoever made the link can finish what it is doing first.
  queueMicrotask(() => link.run(leftover));
  return link;
}

/**
 * A class, since every connection has one, and most of them are idle: methods
 * are there once, where closures would be there ten thousand times.
 */
class TransportLink implements Link, WriterHooks {
  session: Session;
  readonly #transport: Transport;
  readonly #hooks: LinkHooks;
  readonly #maxBufferedBytes: number;
  readonly #context: StepContext;
  readonly #writer: Writer;
  readonly #timer: Timer;
  #grace: Timer | undefined;
  #wanted: StepResult["transport"] = "open";
  /** How many steps are being taken: an event may lead to another step. */
  #stepsUnderWay = 0;
  /** One step for a burst of messages costs a fraction of a step for each. */
  #gathered: OutgoingMessage[] = [];
  #gatheredBytes = 0;
  #writtenBytes = 0;
  /** How many bytes have ever been written. */
  #allWrittenBytes = 0;
  #watches: WrittenWatch[] | undefined;
  #isFinished = false;
  #changed: PromiseWithResolvers<void> | undefined;

  constructor(
    transport: Transport,
    settings: LinkSettings,
    hooks: LinkHooks,
  ) {
    this.session = beginSession(settings.session, performance.now());
    this.#transport = transport;
    this.#hooks = hooks;
    this.#maxBufferedBytes = settings.maxBufferedBytes;
    this.#context = settings.codec === undefined
      ? plainContext
      : contextWith(settings.codec);
    this.#writer = createWriter(transport, this);
    this.#timer = createTimer(() => this.apply({ type: "time" }));
  }

  apply(input: SessionInput): void {
    // What was sent before goes before.
    if (input.type !== "send") this.#sendGathered();
    const wasEnded = this.session.phase === "ended";
    const result = step(this.session, input, this.#context);
    this.session = result.session;
    this.#wanted = result.transport;
    this.#timer.set(result.deadlineMs);
    this.#writer.add(result.bytes);
    this.#stepsUnderWay += 1;
    try {
      for (const event of result.events) this.#hooks.onEvent(event);
    } finally {
      this.#stepsUnderWay -= 1;
    }
    if (this.#stepsUnderWay === 0) this.#sendGathered();
    this.answer();
    if (this.session.phase === "ended" && !wasEnded) this.#finish();
  }

  send(message: OutgoingMessage): void {
    this.#gathered.push(message);
    this.#gatheredBytes += lengthOf(message);
    // The end of the step, or the reader that comes for more, sends it anyway.
    if (this.#gathered.length > 1 || this.#stepsUnderWay > 0) return;
    const sendGathered = () => this.#sendGathered();
    if (this.#hooks.isLeft()) queueMicrotask(sendGathered);
    else setTimeout(sendGathered, 0);
  }

  #sendGathered(): void {
    if (this.#gathered.length === 0) return;
    const messages = this.#gathered;
    this.#gathered = [];
    this.#gatheredBytes = 0;
    try {
      this.apply({ type: "send", messages });
    } catch (error) {
      this.#giveUp(error);
    }
    this.#placeWatches();
  }

  whenWritten(tell: () => void): void {
    (this.#watches ??= []).push({ lastByte: undefined, tell });
    if (this.#gathered.length > 0) return;
    this.#placeWatches();
    this.#tellWatches();
  }

  /** What was gathered is among the bytes to write, so that its end is known. */
  #placeWatches(): void {
    if (this.#watches === undefined || this.#writer.isBroken) return;
    // What could not be made into bytes has ended the connection, and is lost.
    if (this.session.phase === "ended") return;
    const lastByte = this.#allWrittenBytes + this.#writer.bufferedBytes;
    // Those before have theirs.
    for (let at = this.#watches.length - 1; at >= 0; at--) {
      const watch = this.#watches[at]!;
      if (watch.lastByte !== undefined) return;
      watch.lastByte = lastByte;
    }
  }

  #tellWatches(): void {
    const isWritten = ({ lastByte = Infinity }: WrittenWatch) =>
      lastByte <= this.#allWrittenBytes;
    while (this.#watches?.[0] !== undefined && isWritten(this.#watches[0])) {
      this.#watches.shift()!.tell();
    }
  }

  /** A Close that is due waits for what answers the messages before it. */
  answer(): void {
    const isFree = this.#stepsUnderWay === 0;
    if (isFree && this.#hooks.isIdle()) this.#sendGathered();
    const { phase } = this.session;
    if (phase !== "answering" && phase !== "failing") return;
    // In the middle of a step there is more to come for the application.
    if (!isFree) return;
    if (this.#hooks.isIdle()) this.apply({ type: "answer" });
    else if (this.#hooks.isLeft()) this.#setGrace();
  }

  #setGrace(): void {
    this.#grace ??= createTimer(() => this.apply({ type: "answer" }));
    this.#grace.set(performance.now() + answerGraceMs);
  }

  onWritten(byteLength: number): void {
    this.#writtenBytes += byteLength;
    this.#allWrittenBytes += byteLength;
    this.#tellWatches();
    if (this.#isWrittenOfNote()) this.#tellWritten();
    this.wake();
  }

  /**
   * That the connection is lost is for the reading side to find: there may still
   * be a Close to be read.
   */
  onWriteError(): void {
    this.wake();
  }

  wanted(): StepResult["transport"] {
    return this.#wanted;
  }

  /**
   * A step for each write would cost as much as the message. The session wants to
   * know of it when Pongs are held back, or a Ping or our Close waits, or much is
   * unwritten.
   */
  #isWrittenOfNote(): boolean {
    const { heldPong, silentSinceMs, bytesUntilClose } = this.session;
    const { unwrittenBytes, settings } = this.session;
    return heldPong !== undefined || silentSinceMs !== undefined ||
      bytesUntilClose > 0 ||
      unwrittenBytes * 2 > settings.maxUnwrittenBytes;
  }

  #tellWritten(): void {
    const byteLength = this.#writtenBytes;
    this.#writtenBytes = 0;
    this.apply({ type: "written", byteLength });
  }

  #change(): Promise<void> {
    return (this.#changed ??= Promise.withResolvers()).promise;
  }

  wake(): void {
    this.#changed?.resolve();
    this.#changed = undefined;
  }

  get bufferedBytes(): number {
    return this.#bytesToWrite + this.#hooks.heldBytes();
  }

  /** How many bytes wait for nothing but the transport. */
  get #bytesToWrite(): number {
    return this.#writer.bufferedBytes + this.#gatheredBytes;
  }

  #isBacklogged(): boolean {
    return this.bufferedBytes > this.#maxBufferedBytes;
  }

  drained(): Promise<void> {
    return this.#while(() => this.#isBacklogged());
  }

  drainedOfPieces(): Promise<void> {
    return this.#while(() => this.#bytesToWrite > this.#maxBufferedBytes);
  }

  /** Waits while something is so, or until nothing changes any more. */
  async #while(isSo: () => boolean): Promise<void> {
    while (this.session.phase !== "ended" && isSo()) await this.#change();
  }

  /**
   * A server reads nothing from a client that does not read what it is sent. A
   * client does: if both held back, two floods that meet would stand for ever.
   */
  #isHeldBack(): boolean {
    return this.session.settings.role === "server" && this.#isBacklogged();
  }

  #isHolding(): boolean {
    // Only reading tells that a connection is lost to writing.
    if (this.#writer.isBroken) return false;
    const { phase } = this.session;
    return (phase === "open" && (this.#hooks.isFull() || this.#isHeldBack())) ||
      (phase === "closing" && this.#hooks.isFull());
  }

  async #finish(): Promise<void> {
    if (this.#isFinished) return;
    this.#isFinished = true;
    this.#timer.set(Infinity);
    this.#grace?.set(Infinity);
    this.#context.codec?.close?.();
    this.wake();
    // All that is still to be written has as long as a step of a closing: nobody
    // counts this connection any more.
    const { closeTimeoutMs } = this.session.settings;
    const limit = createTimer(() => this.#transport.close());
    limit.set(performance.now() + closeTimeoutMs);
    await this.#writer.idle();
    limit.set(Infinity);
    this.#transport.close();
  }

  /** Begins to read, after what was left over. */
  run(leftover: Uint8Array): void {
    try {
      // Sets the timer, though nothing may ever come.
      this.apply({ type: "time" });
      const taking = leftover.length > 0 ? this.#take(leftover) : undefined;
      // Apart: what was left over would be held as long as is read.
      if (taking === undefined) this.#readToEnd();
      else taking.then(() => this.#readToEnd(), (error) => this.#giveUp(error));
    } catch (error) {
      this.#giveUp(error);
    }
  }

  async #readToEnd(): Promise<void> {
    try {
      await this.#read();
    } catch (error) {
      return this.#giveUp(error);
    }
    this.apply({ type: "end" });
  }

  async #read(): Promise<void> {
    while (this.session.phase !== "ended") {
      if (this.#isHolding()) await this.#holdReading();
      let bytes: Uint8Array | null;
      try {
        bytes = await this.#transport.read(this.#room());
      } catch {
        // A read that fails is the end of what the peer sends.
        return;
      }
      if (bytes === null) return;
      const taking = this.#take(bytes);
      if (taking !== undefined) await taking;
    }
  }

  /** Takes what came; a promise only where that has to wait in between. */
  #take(bytes: Uint8Array): Promise<void> | undefined {
    const mostBytes = this.#context.codec === undefined
      ? Infinity
      : mostExtendedBytes(this.session);
    if (bytes.length > mostBytes) return this.#takeInParts(bytes, mostBytes);
    this.apply({ type: "bytes", bytes });
    return undefined;
  }

  /**
   * What an extension makes of a chunk may be a thousand times as much: of a part
   * at a time, so that the application is asked in between whether it is full.
   */
  async #takeInParts(bytes: Uint8Array, mostBytes: number): Promise<void> {
    for (let at = 0; at < bytes.length; at += mostBytes) {
      if (at > 0 && this.#isHolding()) await this.#holdReading();
      const part = bytes.subarray(at, at + mostBytes);
      this.apply({ type: "bytes", bytes: part });
    }
  }

  /** What was our own fault is told to the peer as such, and nothing more is read. */
  #giveUp(error: unknown): void {
    this.#hooks.onFault(error);
    // What could not be sent is not to be tried again.
    this.#gathered = [];
    this.#gatheredBytes = 0;
    const { internalError } = CloseCode;
    this.apply({ type: "close", closeCode: internalError, reason: "" });
    this.apply({ type: "end" });
  }

  /** What comes through an extension is not what is read. */
  #room(): Uint8Array<ArrayBuffer> | undefined {
    return this.#context.codec === undefined
      ? roomFor(this.session)
      : undefined;
  }

  async #holdReading(): Promise<void> {
    while (this.#isHolding()) {
      this.apply({ type: "pause" });
      await this.#change();
    }
    this.apply({ type: "resume" });
  }
}

/** In bytes where they are known, else in characters. */
export function lengthOf({ data, shared }: OutgoingMessage): number {
  return shared?.payload.length ?? data.length;
}
