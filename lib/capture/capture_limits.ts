import { requireInteger, requireLimit } from "../error/require.ts";

/** How much a reader of captures keeps, so that no capture can exhaust memory. */
export interface CaptureReaderOptions {
  /**
   * How many connections are followed at once. One more, and the one that was
   * idle longest is closed as `given up`; those that have ended go first. Each
   * takes about a kilobyte.
   *
   * @default {65536}
   */
  readonly maxConnections?: number;
  /**
   * How many bytes of one direction of a connection are held while one before
   * them is missing; each segment counts 256 bytes more than it has. Beyond it
   * the missing ones become a `gap`.
   *
   * @default {1048576}
   */
  readonly maxHeldBytes?: number;
  /**
   * The same for all the connections together. Beyond it the gap that has been
   * waited for longest is given up.
   *
   * @default {67108864}
   */
  readonly maxTotalHeldBytes?: number;
  /**
   * How many packets of a connection are still waited for, at least, once the
   * receiver has acknowledged bytes that were not captured: a capture may have
   * its packets in another order than the wire. After at most twice as many the
   * bytes become a `gap`.
   *
   * @default {16}
   */
  readonly maxReorderedPackets?: number;
  /**
   * The longest record of a packet, in bytes, with what stands around the
   * packet. A longer one breaks the capture.
   *
   * Precedent: libpcap reads pcapng blocks of up to 16 MiB.
   *
   * @default {16777216}
   */
  readonly maxPacketBytes?: number;
}

/** All of {@linkcode CaptureReaderOptions}, judged and filled up. */
export type CaptureLimits = Required<CaptureReaderOptions>;

const defaults: CaptureLimits = {
  maxConnections: 65536,
  maxHeldBytes: 1024 * 1024,
  maxTotalHeldBytes: 64 * 1024 * 1024,
  maxReorderedPackets: 16,
  maxPacketBytes: 16 * 1024 * 1024,
};

/**
 * The options of the caller, judged and filled up.
 *
 * @throws {RangeError} If one of them is out of its range.
 */
export function captureLimits(
  options: CaptureReaderOptions,
  action: string,
): CaptureLimits {
  const limits = { ...defaults, ...withoutUndefined(options) };
  requireLimit(limits.maxConnections, action, "maxConnections", 1);
  requireLimit(limits.maxHeldBytes, action, "maxHeldBytes");
  requireLimit(limits.maxTotalHeldBytes, action, "maxTotalHeldBytes");
  requireInteger(limits.maxReorderedPackets, action, "maxReorderedPackets");
  requireLimit(limits.maxPacketBytes, action, "maxPacketBytes", 1);
  return limits;
}

/** An option that is there but undefined is one that is not given. */
function withoutUndefined(
  options: CaptureReaderOptions,
): Partial<CaptureLimits> {
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  );
}
