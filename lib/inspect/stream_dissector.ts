import {
  appendChunk,
  type Chunks,
  joinChunks,
  noChunks,
} from "../bytes/chunks.ts";
import type { ProtocolError } from "../error/protocol_error.ts";
import type { Role } from "../frame/frame.ts";
import {
  type HeadLimits,
  parseRequestHead,
  parseResponseHead,
} from "../handshake/head.ts";
import { createHeadWatch } from "../stream/read_head.ts";
import { createByteWindow, type Excerpt, excerpt } from "./byte_window.ts";
import type { FrameDissector } from "./frame_dissector.ts";
import type { HandshakeDissector } from "./handshake_dissector.ts";
import type { DissectedItem, Violation } from "./item.ts";
import { type Beginning, looksLike } from "./looks_like.ts";

/** One stream of a conversation: of one side, or of both if nobody knows. */
export interface StreamDissector {
  /** Puts the next bytes behind those that wait. */
  readonly push: (bytes: Uint8Array) => void;
  /** Reads what can be read now. */
  readonly advance: () => Promise<readonly DissectedItem[]>;
  /** So many bytes are missing: nothing behind them can be read. */
  readonly lose: (byteLength: number) => readonly DissectedItem[];
  /** No more bytes come. */
  readonly end: () => Promise<readonly DissectedItem[]>;
}

/** How a stream is dissected. */
export interface StreamDissectorOptions {
  /** Who sends it; `undefined` if that is not known, or both do. */
  readonly from: Role | undefined;
  /** The handshake, of which the other stream knows, too. */
  readonly handshake: HandshakeDissector;
  /** How large a head may be. */
  readonly limits: HeadLimits;
  /** Whether only what begins with a handshake is taken for WebSocket. */
  readonly requireHandshake: boolean;
  /** Makes what dissects frames from `offset` on. */
  readonly createFrames: (offset: number) => FrameDissector;
}

/** What is being read. */
type Phase = "begin" | "request" | "response" | "wait" | "frames" | "stop";

/** What may come before the answer that says what it is, in bytes, to be held. */
const maxWaitingBytes = 16 * 1024;

const notWebSocket: Partial<Record<Beginning, string>> = {
  tls:
    "not WebSocket but TLS, which hides it: capture where it ends, or before",
  http2: "HTTP/2, which is not read here",
};

/** What waits in each phase, if it cannot be waited for any longer. */
const unfinished = {
  begin: "too few bytes to tell what they begin",
  request: "the beginning of an HTTP head",
  response: "the beginning of an HTTP head",
  wait: "what waited for the answer to a request",
} as const;

/** Makes what takes one stream apart: heads first, then frames. */
export function createStreamDissector(
  options: StreamDissectorOptions,
): StreamDissector {
  const { from, handshake, limits, createFrames } = options;
  const window = createByteWindow();
  let phase: Phase = "begin";
  let held: Chunks = noChunks;
  /** Where `held` begins, in bytes from the start of the stream. */
  let offset = 0;
  /** Whether a head may end in what has been put there since it was looked at. */
  let isWorthIt = false;
  let watchHead = createHeadWatch();
  let frames: FrameDissector | undefined;
  /** Where and why reading stopped. */
  let stopped = { at: 0, why: "" };
  let isEnded = false;

  /** Goes past so much of what is held, which is all in `bytes`. */
  const goPast = (bytes: Uint8Array, byteLength: number): void => {
    const rest = bytes.subarray(byteLength);
    window.moveTo(bytes.subarray(0, byteLength));
    offset += byteLength;
    held = appendChunk(noChunks, rest);
    isWorthIt = rest.length > 0;
    watchHead = createHeadWatch();
    watchHead(rest);
  };
  const stop = (why: string): void => {
    stopped = { at: offset, why };
    phase = "stop";
    offset += held.byteLength;
    held = noChunks;
  };

  /** What the stream begins with, or goes on with after a head. */
  const begin = (): readonly DissectedItem[] => {
    if (held.byteLength === 0) return [];
    const kind = looksLike(joinChunks(held));
    if (kind === undefined) return [];
    if (kind !== "request") leaveTunnel();
    if (kind === "request" || kind === "response") phase = kind;
    else if (kind !== "frames") stop(notWebSocket[kind]!);
    else beginFrames(options.requireHandshake && !handshake.isSeen());
    return [];
  };
  const beginFrames = (isStranger: boolean): void => {
    if (isStranger) return stop("no handshake at the beginning of the stream");
    // From one side come frames: the answer to the other has been missed.
    if (handshake.answer() === undefined) handshake.setAnswer("none");
    phase = "frames";
  };
  /** The client has said what it wants in a tunnel: the server may go on. */
  const leaveTunnel = (): void => {
    if (handshake.answer() === "tunnel") handshake.setAnswer(undefined);
  };
  const readHead = async (
    kind: "request" | "response",
  ): Promise<readonly DissectedItem[]> => {
    if (!isEnded && !isWorthIt) return [];
    isWorthIt = false;
    const bytes = joinChunks(held);
    const result = kind === "request"
      ? parseRequestHead(bytes, limits, offset)
      : parseResponseHead(bytes, limits, offset);
    if (result.status === "partial") return [];
    if (result.status === "invalid") {
      const side = kind === "request" ? "client" : "server";
      const around = excerpt(bytes, offset, result.error.offset);
      const item = violation(result.error, side, around);
      stop("what follows a head that could not be read");
      return [item];
    }
    const { bytesRead } = result;
    const where = { offset, byteLength: bytesRead };
    const { head, error } = "method" in result.head
      ? handshake.readRequest(result.head, where)
      : await handshake.readResponse(result.head, where);
    const around = excerpt(bytes, offset, offset);
    goPast(bytes, bytesRead);
    goOnAfter(kind);
    return error === undefined
      ? [head]
      : [head, violation(error, head.from, around)];
  };
  const goOnAfter = (kind: "request" | "response"): void => {
    if (kind === "request") {
      leaveTunnel();
      // In one stream of both sides the answer is what comes next.
      phase = from === undefined ? "begin" : "wait";
    } else phase = "wait";
  };
  /** What the answer says to do; while there is none, nothing but to hold. */
  const wait = (): readonly DissectedItem[] => {
    const isOver = isEnded || held.byteLength > maxWaitingBytes;
    const answer = handshake.answer() ??
      (isOver && from === "client" ? "none" : undefined);
    if (answer === undefined) {
      // A response that says that another one follows.
      if (from !== "client") phase = "begin";
    } else if (answer === "tunnel") {
      // The next answer is to what the client asks for in there.
      if (from !== "server" || isOver) phase = "begin";
    } else if (answer === "refused") stop("HTTP: no WebSocket was opened");
    else phase = "frames";
    return [];
  };
  const readFrames = (): readonly DissectedItem[] => {
    frames ??= createFrames(offset);
    const bytes = joinChunks(held);
    const { items, broken } = frames.read(bytes);
    const around = broken && window.around(bytes, broken.error.offset);
    goPast(bytes, bytes.length);
    if (broken === undefined) return items;
    const { error, from: side } = broken;
    stopped = {
      at: endOf(items),
      why: "what follows the rule that was broken",
    };
    phase = "stop";
    return [...items, violation(error, side, around!)];
  };
  const step = ():
    | readonly DissectedItem[]
    | Promise<readonly DissectedItem[]> => {
    if (phase === "begin") return begin();
    if (phase === "wait") return wait();
    return phase === "frames"
      ? readFrames()
      : phase === "stop"
      ? []
      : readHead(phase);
  };
  const advance = async (): Promise<readonly DissectedItem[]> => {
    const items: DissectedItem[] = [];
    let before: Phase | undefined;
    while (phase !== before) {
      before = phase;
      for (const item of await step()) items.push(item);
    }
    return items;
  };
  return {
    push: (bytes) => {
      if (phase === "stop") {
        offset += bytes.length;
        return;
      }
      if (phase !== "frames") isWorthIt = watchHead(bytes) || isWorthIt;
      // What is read at once need not be kept, and nothing else may be: not ours.
      const own = phase === "frames" ? bytes : bytes.slice();
      held = appendChunk(held, own);
    },
    advance,
    lose: (byteLength) => {
      const isFirst = phase !== "stop" && byteLength > 0;
      const items = isFirst ? endPhase() : [];
      if (isFirst) stop("what follows the bytes that are missing");
      const at = offset;
      offset += byteLength;
      if (!isFirst) return [];
      stopped = { ...stopped, at: offset };
      return [...items, missing(from, at, byteLength)];
    },
    end: async () => {
      isEnded = true;
      const items = await advance();
      return [...items, ...endPhase()];
    },
  };

  function endPhase(): readonly DissectedItem[] {
    if (phase === "stop") return unread(stopped.at, stopped.why);
    if (phase === "frames") return frames?.end() ?? [];
    return unread(offset, unfinished[phase]);
  }

  function unread(at: number, why: string): readonly DissectedItem[] {
    const byteLength = offset + held.byteLength - at;
    if (byteLength === 0) return [];
    return [{ type: "unread", from, offset: at, byteLength, why }];
  }
}

function missing(
  from: Role | undefined,
  offset: number,
  byteLength: number,
): DissectedItem {
  const why = "missing: where the next frame begins cannot be told";
  return { type: "unread", from, offset, byteLength, why };
}

/** Where what was read of the last frame ends: a rule is broken in a frame. */
function endOf(items: readonly DissectedItem[]): number {
  const frame = items.findLast((item) => item.type === "frame")!;
  return frame.offset + frame.header.length + frame.payloadRead;
}

function violation(
  error: ProtocolError,
  from: Role,
  around: Excerpt,
): Violation {
  const { code, section, closeCode, offset, message } = error;
  const type = "violation";
  return { type, from, code, section, closeCode, offset, message, around };
}
