import {
  describe,
  requireInteger,
  requireLimit,
  requireRole,
} from "../error/require.ts";
import type { Role } from "../frame/frame.ts";
import {
  defaultMaxFragments,
  defaultMaxMessageBytes,
  longestText,
  type MessageLimits,
  type PieceLimits,
} from "../message/read_piece.ts";
import {
  defaultMaxPayloadBytes,
  type ParseFrameOptions,
} from "../frame/parse_frame.ts";

/** When to ask whether the peer is still there. */
export interface HeartbeatOptions {
  /** How long after one Ping the next is sent, in milliseconds. */
  readonly intervalMs: number;
  /** How long a Ping may stay without any sign of life, in milliseconds. */
  readonly timeoutMs: number;
}

/** How a session behaves; every limit is on by default. */
export interface SessionOptions extends MessageLimits {
  /** Our role. */
  readonly role: Role;
  /**
   * Whether messages are given out whole, or piece by piece as they arrive, in
   * constant memory. Piece by piece, the limits of messages, fragments and
   * frames are off by default.
   *
   * @default {"messages"}
   */
  readonly delivery?: "messages" | "pieces";
  /**
   * Which messages we can take; another fails the connection with 1003 as soon
   * as it begins (RFC 6455 §7.4.1).
   *
   * @default {"any"}
   */
  readonly accepts?: "any" | "text" | "binary";
  /**
   * The largest payload of a frame, in bytes; `Infinity` for no limit.
   *
   * @default {16777216}
   */
  readonly maxFrameBytes?: number;
  /**
   * The RSV bits that negotiated extensions use, in their places; what they make
   * of messages is for the `codec` of a step's context.
   *
   * @default {0}
   */
  readonly allowedRsv?: number;
  /**
   * How many bytes may wait to be written, because the peer does not read,
   * before Pongs are held back and only the latest of them is sent
   * (RFC 6455 §5.5.3), and before the heartbeat waits for it to read.
   *
   * @default {65536}
   */
  readonly maxUnwrittenBytes?: number;
  /**
   * How long the peer may be silent, in milliseconds; `Infinity` for ever. The
   * heartbeat makes a living peer speak before that. While we do not read, it is
   * how long nothing may be taken or written.
   *
   * @default {120000}
   */
  readonly idleTimeoutMs?: number;
  /**
   * How long the peer may take to answer a Close, and then to hang up, in
   * milliseconds; and, before that, to take each write of what goes before our
   * Close.
   *
   * @default {5000}
   */
  readonly closeTimeoutMs?: number;
  /**
   * Pings that show whether the peer is there; `false` for none.
   *
   * @default {({ intervalMs: 30000, timeoutMs: 20000 })}
   */
  readonly heartbeat?: HeartbeatOptions | false;
}

/** The options with every default filled in, ready for who judges by them. */
export interface SessionSettings extends Required<SessionOptions> {
  /** By what frames are judged. */
  readonly frames: Required<Omit<ParseFrameOptions, "streamOffset">>;
  /** By what messages are judged. */
  readonly messages: Required<PieceLimits>;
}

/** How many bytes may wait before a peer counts as one that does not read. */
export const defaultMaxUnwrittenBytes: number = 64 * 1024;

/** How long each step of a closing may take by default, in milliseconds. */
export const defaultCloseTimeoutMs = 5_000;

const limitNames = [
  "maxFrameBytes",
  "maxMessageBytes",
  "maxFragments",
  "maxUnwrittenBytes",
  "idleTimeoutMs",
  "closeTimeoutMs",
] as const;

function requireOneOf(
  wanted: readonly string[],
  value: unknown,
  action: string,
  name: string,
): void {
  if (wanted.some((one) => one === value)) return;
  const list = wanted.map((one) => `"${one}"`).join(" or ");
  throw new TypeError(
    `${action}: found ${name} ${describe(value)}, wanted ${list}`,
  );
}

/** The options of a caller, judged and filled up. */
export function requireSettings(options: SessionOptions): SessionSettings {
  const action = "Cannot open session";
  const whole = options.delivery !== "pieces";
  const settings: Required<SessionOptions> = {
    role: options.role,
    delivery: options.delivery ?? "messages",
    accepts: options.accepts ?? "any",
    maxFrameBytes: options.maxFrameBytes ??
      (whole ? defaultMaxPayloadBytes : Infinity),
    maxMessageBytes: options.maxMessageBytes ??
      (whole ? defaultMaxMessageBytes : Infinity),
    maxFragments: options.maxFragments ??
      (whole ? defaultMaxFragments : Infinity),
    allowedRsv: options.allowedRsv ?? 0,
    maxUnwrittenBytes: options.maxUnwrittenBytes ?? defaultMaxUnwrittenBytes,
    idleTimeoutMs: options.idleTimeoutMs ?? 120_000,
    closeTimeoutMs: options.closeTimeoutMs ?? defaultCloseTimeoutMs,
    heartbeat: options.heartbeat ?? { intervalMs: 30_000, timeoutMs: 20_000 },
  };
  // Frames may be read without a role, but nobody can speak without one.
  requireRole(settings.role ?? null, action);
  requireOneOf(["messages", "pieces"], settings.delivery, action, "delivery");
  requireOneOf(["any", "text", "binary"], settings.accepts, action, "accepts");
  for (const name of limitNames) requireLimit(settings[name], action, name);
  if (settings.heartbeat !== false) {
    const { intervalMs, timeoutMs } = settings.heartbeat;
    requireInteger(intervalMs, action, "heartbeat.intervalMs", 1);
    requireInteger(timeoutMs, action, "heartbeat.timeoutMs", 1);
  }
  const { role, allowedRsv, maxFrameBytes, maxMessageBytes, maxFragments } =
    settings;
  const maxTextBytes = whole ? longestText : Infinity;
  return {
    ...settings,
    frames: { role, maxPayloadBytes: maxFrameBytes, allowedRsv },
    messages: { maxMessageBytes, maxFragments, maxTextBytes },
  };
}
