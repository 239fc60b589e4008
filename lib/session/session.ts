import type { ProtocolError } from "../error/protocol_error.ts";
import type { ExtensionCodec } from "../extension/extension.ts";
import type { PieceDecoding } from "../frame/decode_pieces.ts";
import { type Gathered, nothing } from "../message/gather.ts";
import type { DataMessage } from "../message/message.ts";
import type { MessageProgress } from "../message/read_piece.ts";
import {
  requireSettings,
  type SessionOptions,
  type SessionSettings,
} from "./options.ts";
import type { Phase, Sending } from "./phases.ts";
import type { OutgoingMessage } from "./outgoing_message.ts";

/** One side of a WebSocket connection after its handshake: an immutable value. */
export interface Session {
  /** How it behaves. */
  readonly settings: SessionSettings;
  /** How far it has come. */
  readonly phase: Phase;
  /** What has been received and is not complete. */
  readonly receiving: Receiving;
  /** The message that is being sent in fragments. */
  readonly sending: Sending;
  /** When bytes last came, or we began or ceased to read. */
  readonly lastReceivedMs: number;
  /** Pings without an answer yet, the oldest first; at most 32. */
  readonly pings: readonly SentPing[];
  /** When the heartbeat's next Ping is due; `Infinity` without a heartbeat. */
  readonly nextPingMs: number;
  /** Whether we do not read, so that the peer can show no sign of life. */
  readonly isPaused: boolean;
  /** Since when the heartbeat waits for a sign of life, if it does. */
  readonly silentSinceMs: number | undefined;
  /** How many bytes were handed out and are not known to be written. */
  readonly unwrittenBytes: number;
  /** The Pong held back until the peer reads again. */
  readonly heldPong: Uint8Array | undefined;
  /**
   * Since when the closing takes: from its last step, or from when more of what
   * goes before our Close was written; `undefined` while `open`.
   */
  readonly closingSinceMs: number | undefined;
  /**
   * How many bytes up to the end of our Close are not known to be written; 0 when
   * there is none.
   */
  readonly bytesUntilClose: number;
  /** The first Close received. */
  readonly closeReceived: CloseReason | undefined;
  /** The Close to send while `answering` or `failing`. */
  readonly pendingClose: CloseReason | undefined;
  /** Whether the peer's bytes have come to their end. */
  readonly isEndReceived: boolean;
  /** The rule that the peer broke. */
  readonly error: ProtocolError | undefined;
}

/** The incoming half of a session. */
export interface Receiving {
  /** The frame that is not complete. */
  readonly decoding: PieceDecoding | undefined;
  /** The message that is not complete. */
  readonly progress: MessageProgress | undefined;
  /** What has come of that message, when it is given out whole. */
  readonly gathered: Gathered;
}

/** Between two messages, at the start of the stream. */
export const nothingReceived: Receiving = {
  decoding: undefined,
  progress: undefined,
  gathered: nothing,
};

/** A Ping on its way. */
export interface SentPing {
  /** Its payload. */
  readonly data: Uint8Array;
  /** When it was handed out to be written. */
  readonly sentAtMs: number;
}

/** Why a connection closed. */
export interface CloseReason {
  /** The code of the Close frame; 1005 if it had none. */
  readonly closeCode: number;
  /** The reason in the Close frame. */
  readonly reason: string;
}

/** What happens to a session. */
export type SessionInput =
  | {
    /** Bytes came. They are copied. */
    readonly type: "bytes";
    readonly bytes: Uint8Array;
  }
  | {
    /** The peer's bytes have come to their end. */
    readonly type: "end";
  }
  | {
    /**
     * The application sends messages, whole. A large payload may be handed out as
     * it is: nothing may write to it until it is written.
     */
    readonly type: "send";
    readonly messages: readonly OutgoingMessage[];
  }
  | {
    /**
     * The application sends a piece of a message, as one fragment. A large piece
     * may be handed out as it is: nothing may write to it until it is written.
     */
    readonly type: "send-fragment";
    readonly message: OutgoingMessage;
    readonly last: boolean;
  }
  | {
    /** The application sends a Ping or an unasked Pong. */
    readonly type: "ping" | "pong";
    readonly data: Uint8Array;
  }
  | ({
    /** The application closes. */
    readonly type: "close";
  } & CloseReason)
  | {
    /**
     * The application has dealt with what came before the Close or the broken
     * rule: the Close that is due may go. It goes by itself when
     * `closeTimeoutMs` is over.
     */
    readonly type: "answer";
  }
  | {
    /**
     * So many of the bytes handed out have been written. Without it Pongs are
     * held back in the end, the heartbeat gives nobody up, and a closing has no
     * more than `closeTimeoutMs` for all that is still to be written.
     */
    readonly type: "written";
    readonly byteLength: number;
  }
  | {
    /**
     * We stop reading, or begin again. In between no Ping is sent and no answer
     * missed; but a pause without end is one of idleness.
     */
    readonly type: "pause" | "resume";
  }
  | {
    /** Time passed. */
    readonly type: "time";
  };

/** What a step takes from outside, so that it need not ask anybody. */
export interface StepContext {
  /** The time, in milliseconds from any start; never less than before. */
  readonly nowMs: number;
  /** A fresh masking key of 4 bytes; called for each frame of a client. */
  readonly createMaskingKey: () => Uint8Array;
  /**
   * Makes an array of so many zeros, for messages on their way out; a new one
   * with a buffer of its own by default.
   */
  readonly allocate?: (byteLength: number) => Uint8Array<ArrayBuffer>;
  /**
   * The extensions in use on this connection; none by default. They remember what
   * they saw, so with them a step is to be taken only once.
   */
  readonly codec?: ExtensionCodec | undefined;
}

/** What an application is told. */
export type SessionEvent =
  | {
    /** A whole message came. */
    readonly type: "message";
    readonly message: DataMessage;
  }
  | {
    /** A piece of a message came. */
    readonly type: "piece";
    readonly messageType: "text" | "binary";
    readonly data: string | Uint8Array;
    readonly last: boolean;
  }
  | {
    /** A Ping came, and is answered, unless the peer does not read. */
    readonly type: "ping";
    readonly data: Uint8Array;
  }
  | {
    /** A Pong came; with the latency if it answers a Ping of ours. */
    readonly type: "pong";
    readonly data: Uint8Array;
    readonly latencyMs: number | undefined;
  }
  | ({
    /** A Close came; unless it answers ours, an `answer` is due. */
    readonly type: "close";
  } & CloseReason)
  | {
    /**
     * The peer broke a rule, so that an `answer` is due, or the connection ended
     * without a Close.
     */
    readonly type: "error";
    readonly error: ProtocolError;
  }
  | ({
    /** There is no connection any more. */
    readonly type: "ended";
    /** Whether both Close frames had gone before. */
    readonly wasClean: boolean;
  } & CloseReason);

/** What a step comes to. */
export interface StepResult {
  /** The session afterwards. */
  readonly session: Session;
  /** What to tell the application, in order. */
  readonly events: readonly SessionEvent[];
  /** What to write, in order. */
  readonly bytes: readonly Uint8Array<ArrayBuffer>[];
  /** When to come back with the time, if nothing happens before. */
  readonly deadlineMs: number;
  /**
   * What to do with the transport once the bytes are written: leave it `open`,
   * `end` our half of it and go on reading, or `close` it.
   */
  readonly transport: "open" | "end" | "close";
}

/**
 * A session whose opening handshake is done.
 *
 * @example
 * ```ts
 * import { openSession } from "@sluice/websocket/session";
 * import { assertEquals } from "@std/assert";
 *
 * const session = openSession({ role: "server" }, 0);
 *
 * assertEquals(session.phase, "open");
 * ```
 *
 * @param options Our role, limits and times.
 * @param nowMs The time, in milliseconds from any start.
 * @throws {TypeError} If the role is neither `"client"` nor `"server"`.
 * @throws {RangeError} If another option is out of its range.
 */
export function openSession(options: SessionOptions, nowMs: number): Session {
  return beginSession(requireSettings(options), nowMs);
}

/** {@linkcode openSession} with options that have been judged already. */
export function beginSession(
  settings: SessionSettings,
  nowMs: number,
): Session {
  const { heartbeat } = settings;
  return {
    settings,
    phase: "open",
    receiving: nothingReceived,
    sending: "nothing",
    lastReceivedMs: nowMs,
    pings: [],
    nextPingMs: heartbeat === false ? Infinity : nowMs + heartbeat.intervalMs,
    isPaused: false,
    silentSinceMs: undefined,
    unwrittenBytes: 0,
    heldPong: undefined,
    closingSinceMs: undefined,
    bytesUntilClose: 0,
    closeReceived: undefined,
    pendingClose: undefined,
    isEndReceived: false,
    error: undefined,
  };
}
