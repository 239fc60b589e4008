import { requireInteger, requireLimit } from "../error/require.ts";
import type {
  Agreement,
  Extension,
  OutgoingPiece,
} from "../extension/extension.ts";
import type { Role } from "../frame/frame.ts";
import { compressedBit, createDeflateCodec } from "./codec.ts";
import type { DeflateEngine } from "./engine.ts";
import { createLender, keep, type Lent } from "./lender.ts";
import { pakoEngine } from "./pako_engine.ts";
import {
  acceptOffer,
  confirmAnswer,
  type DeflateParameters,
  mostWindowBits,
  writeOffer,
} from "./parameters.ts";
import { zlibEngine } from "./zlib_engine.ts";

/** How to compress, and what to ask of the peer. */
export interface PermessageDeflateOptions {
  /**
   * Who compresses.
   *
   * @default `zlibEngine()` where there is one, else `pakoEngine`
   */
  readonly engine?: DeflateEngine;
  /**
   * 0 for no compression, 1 for the fastest, to 9 for the smallest.
   *
   * @default {6}
   */
  readonly level?: number;
  /**
   * How much memory compressing takes beside the window, 1 to 9.
   *
   * @default {8}
   */
  readonly memLevel?: number;
  /**
   * Shorter messages are sent as they are, in bytes; those sent piece by piece are
   * compressed, since nobody knows how long they will be.
   *
   * @default {1024}
   */
  readonly thresholdBytes?: number;
  /**
   * How many times as long as it came a message of more than 64 KiB may become; a
   * longer one fails the connection with 1009. DEFLATE can do up to 1,032 times.
   *
   * @default {Infinity}
   */
  readonly maxRatio?: number;
  /**
   * Whether the server starts every message with an empty window: more bytes, and
   * no memory between messages.
   *
   * @default {false}
   */
  readonly serverNoContextTakeover?: boolean;
  /**
   * Whether the client does.
   *
   * @default {false}
   */
  readonly clientNoContextTakeover?: boolean;
  /**
   * The most that the server's window may have, 8 to 15, in bits.
   *
   * @default {15}
   */
  readonly serverMaxWindowBits?: number;
  /**
   * The most that the client's window may have. As a server, of clients that say
   * they understand it; others have up to 15.
   *
   * @default {15}
   */
  readonly clientMaxWindowBits?: number;
}

/** What the options come to. */
interface Settings extends DeflateParameters {
  readonly engine: DeflateEngine;
  readonly level: number;
  readonly memLevel: number;
  readonly thresholdBytes: number;
  readonly maxRatio: number;
}

/**
 * Compression of messages, `permessage-deflate`, for either role.
 *
 * Messages are decompressed as they come: the limit on messages holds for what
 * comes of them, and `maxRatio` beside it. Messages under `thresholdBytes` go out
 * as they are, and `send(data, { compress })` chooses for one message.
 *
 * Without context takeover a connection has no memory of its own between messages;
 * with it, one for each direction from the first compressed message on.
 *
 * Source: {@link https://www.rfc-editor.org/rfc/rfc7692#section-7 | RFC 7692 §7}.
 *
 * @param options How to compress, and what to ask of the peer.
 * @throws {RangeError} If an option is out of its range.
 *
 * @example
 * ```ts
 * import { connectWebSocket, serveWebSocket } from "@sluice/websocket/connection";
 * import { permessageDeflate } from "@sluice/websocket/deflate";
 * import { assertEquals } from "@std/assert";
 *
 * const extensions = [permessageDeflate()];
 * await using server = serveWebSocket({ hostname: "127.0.0.1", extensions }, {
 *   message: (connection, data) => connection.send(data),
 * });
 * await using connection = await connectWebSocket(`ws://${server.address}/`, {
 *   extensions,
 * });
 * assertEquals(connection.extensions, "permessage-deflate");
 *
 * const text = "All work and no play. ".repeat(1000);
 * connection.send(text);
 * assertEquals(await connection.receive(), text);
 * ```
 */
export function permessageDeflate(
  options: PermessageDeflateOptions = {},
): Extension {
  const settings = requireSettings(options);
  const open = createOpener(settings);
  return {
    name: "permessage-deflate",
    rsv: compressedBit,
    offer: () => [writeOffer(settings)],
    accept: (offer): Agreement | undefined => {
      const accepted = acceptOffer(offer, settings);
      if (accepted === undefined) return undefined;
      const { agreed, answer } = accepted;
      return { parameters: answer, open: () => open("server", agreed) };
    },
    confirm: (answer): Agreement | string => {
      const agreed = confirmAnswer(answer, settings);
      if (typeof agreed === "string") return agreed;
      return { parameters: answer, open: () => open("client", agreed) };
    },
  };
}

function requireSettings(options: PermessageDeflateOptions): Settings {
  const action = "Cannot use permessage-deflate";
  const settings = {
    engine: options.engine ?? zlibEngine() ?? pakoEngine,
    level: options.level ?? 6,
    memLevel: options.memLevel ?? 8,
    thresholdBytes: options.thresholdBytes ?? 1024,
    maxRatio: options.maxRatio ?? Infinity,
    serverNoContextTakeover: options.serverNoContextTakeover ?? false,
    clientNoContextTakeover: options.clientNoContextTakeover ?? false,
    serverMaxWindowBits: options.serverMaxWindowBits ?? mostWindowBits,
    clientMaxWindowBits: options.clientMaxWindowBits ?? mostWindowBits,
  };
  const { level, memLevel, thresholdBytes, maxRatio } = settings;
  requireInteger(level, action, "level", 0, 9);
  requireInteger(memLevel, action, "memLevel", 1, 9);
  requireLimit(thresholdBytes, action, "thresholdBytes");
  requireLimit(maxRatio, action, "maxRatio");
  for (const name of ["serverMaxWindowBits", "clientMaxWindowBits"] as const) {
    requireInteger(settings[name], action, name, 8, mostWindowBits);
  }
  return settings;
}

/** Makes the codec of each connection; what they can share, they share. */
function createOpener(settings: Settings) {
  const { engine, level, memLevel, maxRatio } = settings;
  const deflaters = createLenders((windowBits) =>
    engine.createDeflater({ windowBits, level, memLevel })
  );
  const inflaters = createLenders((windowBits) =>
    engine.createInflater({ windowBits })
  );
  const isWorthIt = ({ compress, last, payload }: OutgoingPiece): boolean =>
    compress ?? (!last || payload.length >= settings.thresholdBytes);
  return (role: Role, agreed: DeflateParameters) => {
    const server = {
      windowBits: agreed.serverMaxWindowBits,
      isReset: agreed.serverNoContextTakeover,
    };
    const client = {
      windowBits: agreed.clientMaxWindowBits,
      isReset: agreed.clientNoContextTakeover,
    };
    const [own, peer] = role === "server" ? [server, client] : [client, server];
    const lendShared = deflaters.lenderOf(own.windowBits);
    return createDeflateCodec({
      deflater: deflaters.of(own),
      sharedDeflater: lendShared(),
      sharedKey: lendShared,
      inflater: inflaters.of(peer),
      isWorthIt,
      maxRatio,
    });
  };
}

/** How one side compresses. */
interface Side {
  readonly windowBits: number;
  readonly isReset: boolean;
}

/** Those that are kept by a connection, and those that are lent to all. */
interface Lenders<Stream> {
  /** One for a connection, as its side is to compress. */
  readonly of: (side: Side) => Lent<Stream>;
  /** What lends those with a window of this size; always the same function. */
  readonly lenderOf: (windowBits: number) => () => Lent<Stream>;
}

function createLenders<Stream extends { reset(): void; close(): void }>(
  create: (windowBits: number) => Stream,
): Lenders<Stream> {
  const lenders = new Map<number, () => Lent<Stream>>();
  const lenderOf = (windowBits: number) => {
    const lend = lenders.get(windowBits) ??
      createLender(() => create(windowBits));
    lenders.set(windowBits, lend);
    return lend;
  };
  return {
    lenderOf,
    of: ({ windowBits, isReset }) =>
      isReset ? lenderOf(windowBits)() : keep(() => create(windowBits)),
  };
}
