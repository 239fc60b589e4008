import {
  requireBytes,
  requireInteger,
  requireLimit,
  requireRole,
} from "../error/require.ts";
import type { Extension } from "../extension/extension.ts";
import type { Role } from "../frame/frame.ts";
import type { HeadLimits } from "../handshake/head.ts";
import type { PieceLimits } from "../message/read_piece.ts";
import {
  createFrameDissector,
  type FrameDissector,
} from "./frame_dissector.ts";
import {
  createHandshakeDissector,
  type HandshakeDissector,
} from "./handshake_dissector.ts";
import type { DissectedItem } from "./item.ts";
import {
  createMessageDissector,
  type MessageDissector,
} from "./message_dissector.ts";
import {
  createStreamDissector,
  type StreamDissector,
} from "./stream_dissector.ts";

/** How a conversation is dissected. */
export interface DissectOptions extends PieceLimits, HeadLimits {
  /**
   * The extensions that can be undone here, such as `permessageDeflate()`, where
   * the handshake agrees on them. Of messages under others nothing is shown.
   *
   * @default {[]}
   */
  readonly extensions?: readonly Extension[];
  /**
   * What was agreed on where the bytes hold no handshake: the value of
   * `Sec-WebSocket-Extensions` in the response.
   *
   * @default {""}
   */
  readonly agreed?: string;
  /**
   * Whether only what begins with a handshake is taken for WebSocket, as among
   * the many connections of a capture. Otherwise what is no HTTP is frames.
   *
   * @default {false}
   */
  readonly requireHandshake?: boolean;
  /**
   * How much of a payload or a message is kept to be shown, in bytes. More than
   * that is read and judged, and counted.
   *
   * @default {4096}
   */
  readonly maxShownBytes?: number;
  /**
   * The largest payload of a frame accepted, in bytes. Here this and the limits
   * on messages are `Infinity` unless they are given.
   *
   * @default {Infinity}
   */
  readonly maxPayloadBytes?: number;
}

/** A conversation taken apart as its bytes come. */
export interface Dissector {
  /**
   * The next bytes, cut anywhere. They are not changed, and nothing may write to
   * them until the promise resolves; what is given out are copies.
   *
   * @param from Who sent them. Without it they are one stream of both sides, or
   * of one that is not known: a request is from a client, a response from a
   * server, and a frame from a client if it is masked.
   * @returns What ended with them, in order.
   */
  readonly read: (
    bytes: Uint8Array,
    from?: Role,
  ) => Promise<readonly DissectedItem[]>;
  /**
   * So many bytes of a stream were lost, as packets are from a capture: what there
   * was before them, and that nothing after them is read.
   */
  readonly lose: (
    byteLength: number,
    from?: Role,
  ) => Promise<readonly DissectedItem[]>;
  /** No more bytes come: what has not come to its end, and what was not read. */
  readonly end: () => Promise<readonly DissectedItem[]>;
}

/** Longer inputs are read in parts, so that what is inflated of one is bounded. */
const partBytes = 16 * 1024;

/**
 * Takes a conversation apart as it comes, whole or cut anywhere: the heads of the
 * handshake, every frame with its fields, every message, and the first rule that
 * each side breaks.
 *
 * It judges by the functions that the session uses. Whatever comes, nothing is
 * thrown: what could be read is given, then where and why it stops. Memory does
 * not grow with the bytes, but for what `maxShownBytes` keeps of a message. It
 * reads no clock, and writes to nothing that it is given.
 *
 * Calls are to be made one after the other, each when the one before has resolved.
 *
 * Source: {@link https://www.rfc-editor.org/rfc/rfc6455#section-5.2 | RFC 6455 §5.2}.
 *
 * @param options What is known of the conversation, and how much to keep.
 * @throws {TypeError} (`read` rejects) If what is read is not a `Uint8Array`.
 * @throws {RangeError} If a limit is out of its range.
 *
 * @example A server's frame, cut in two
 * ```ts
 * import { createDissector } from "@sluice/websocket/inspect";
 * import { assertEquals } from "@std/assert";
 *
 * const dissector = createDissector();
 * assertEquals(await dissector.read(Uint8Array.of(0x81, 0x02), "server"), []);
 *
 * const items = await dissector.read(Uint8Array.of(0x48, 0x69), "server");
 * assertEquals(items.map(({ type }) => type), ["frame", "message"]);
 * assertEquals(items[1]?.type === "message" && items[1].text, "Hi");
 * ```
 */
export function createDissector(options: DissectOptions = {}): Dissector {
  requireOptions(options);
  const handshake = createHandshakeDissector(
    options.extensions ?? [],
    options.agreed ?? "",
  );
  const createFrames = createFramesMaker(options, handshake);
  const streams = new Map<Role | undefined, StreamDissector>();
  const streamOf = (from: Role | undefined): StreamDissector => {
    const known = streams.get(from);
    if (known !== undefined) return known;
    const stream = createStreamDissector({
      from,
      handshake,
      limits: headLimits(options),
      requireHandshake: options.requireHandshake ?? false,
      createFrames: (offset) => createFrames(from, offset),
    });
    streams.set(from, stream);
    return stream;
  };
  /** The server's first: its answer lets the client's frames be read. */
  const inOrder = () =>
    (["server", "client", undefined] as const)
      .flatMap((from) => streams.get(from) ?? []);
  const ofAll = async (
    run: (stream: StreamDissector) => Promise<readonly DissectedItem[]>,
  ): Promise<readonly DissectedItem[]> => {
    const items: DissectedItem[] = [];
    for (const stream of inOrder()) {
      // One by one: too many arguments of push() would overflow the stack.
      for (const item of await run(stream)) items.push(item);
    }
    return items;
  };
  /** What one stream says may let another go on. */
  const advanceAll = async (): Promise<readonly DissectedItem[]> => {
    const items: DissectedItem[] = [];
    let found: readonly DissectedItem[];
    do {
      found = await ofAll((stream) => stream.advance());
      for (const item of found) items.push(item);
    } while (found.length > 0);
    return items;
  };
  return {
    read: async (bytes, from) => {
      requireBytes(bytes, action);
      requireRole(from, action);
      const stream = streamOf(from);
      const items: DissectedItem[] = [];
      for (let at = 0; at < bytes.length; at += partBytes) {
        stream.push(bytes.subarray(at, at + partBytes));
        for (const item of await advanceAll()) items.push(item);
      }
      return items;
    },
    lose: async (byteLength, from) => {
      requireInteger(byteLength, action, "byteLength");
      requireRole(from, action);
      const items = streamOf(from).lose(byteLength);
      return [...items, ...await advanceAll()];
    },
    end: async () => {
      const items = await ofAll((stream) => stream.end());
      const { client, server } = handshake.codings();
      for (const { codec } of [client, server]) codec?.close?.();
      return items;
    },
  };
}

/**
 * Takes a whole conversation apart at once; see {@linkcode createDissector}.
 *
 * @param bytes The bytes of a conversation: one stream of one side, or of both,
 * one after the other.
 * @param options What is known of the conversation, and who sent the bytes.
 * @returns Everything that was found, in order.
 * @throws {TypeError} (rejects) If `bytes` is not a `Uint8Array`.
 * @throws {RangeError} (rejects) If a limit is out of its range.
 *
 * @example A frame that a client forgot to mask
 * ```ts
 * import { dissect } from "@sluice/websocket/inspect";
 * import { assertEquals } from "@std/assert";
 *
 * const [frame, violation] = await dissect(
 *   Uint8Array.of(0x81, 0x02, 0x48, 0x69),
 *   { from: "client" },
 * );
 *
 * assertEquals(frame?.type === "frame" && frame.opcodeName, "text");
 * assertEquals(
 *   violation?.type === "violation" && violation.code,
 *   "unmasked-client-frame",
 * );
 * ```
 */
export async function dissect(
  bytes: Uint8Array,
  options: DissectOptions & { readonly from?: Role } = {},
): Promise<readonly DissectedItem[]> {
  const dissector = createDissector(options);
  const items = await dissector.read(bytes, options.from);
  return [...items, ...await dissector.end()];
}

const action = "Cannot dissect";

function requireOptions(options: DissectOptions): void {
  const names = [
    "maxShownBytes",
    "maxPayloadBytes",
    "maxMessageBytes",
    "maxFragments",
    "maxTextBytes",
    "maxHeadBytes",
    "maxHeaders",
  ] as const;
  for (const name of names) {
    const limit = options[name];
    if (limit !== undefined) requireLimit(limit, action, name);
  }
}

function headLimits({ maxHeadBytes, maxHeaders }: DissectOptions): HeadLimits {
  return {
    ...maxHeadBytes === undefined ? {} : { maxHeadBytes },
    ...maxHeaders === undefined ? {} : { maxHeaders },
  };
}

/** Both streams share the messages of each side, and the numbers. */
function createFramesMaker(
  options: DissectOptions,
  handshake: HandshakeDissector,
): (from: Role | undefined, offset: number) => FrameDissector {
  const maxShownBytes = options.maxShownBytes ?? 4096;
  const nextFrame = createCounter();
  const nextMessage = createCounter();
  const made: Partial<Record<Role, MessageDissector>> = {};
  const messagesOf = (from: Role): MessageDissector =>
    made[from] ??= createMessageDissector({
      from,
      coding: handshake.codings()[from],
      limits: {
        maxMessageBytes: options.maxMessageBytes ?? Infinity,
        maxFragments: options.maxFragments ?? Infinity,
        maxTextBytes: options.maxTextBytes ?? Infinity,
      },
      maxShownBytes,
      nextNumber: nextMessage,
    });
  return (from, offset) => {
    const { rsv, unknownRsv } = handshake.codings().client;
    return createFrameDissector({
      from,
      offset,
      // Not before there is one: the answer may come after the other side's.
      messages: {
        get client() {
          return messagesOf("client");
        },
        get server() {
          return messagesOf("server");
        },
      },
      allowedRsv: rsv | unknownRsv,
      maxPayloadBytes: options.maxPayloadBytes ?? Infinity,
      maxShownBytes,
      nextNumber: nextFrame,
    });
  };
}

function createCounter(): () => number {
  let count = 0;
  return () => count += 1;
}
