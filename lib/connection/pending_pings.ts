import type { SentPing } from "../session/session.ts";

/** Pings that an application waits to be answered. */
export interface PendingPings {
  /** A payload that no waiting Ping has, of 4 bytes. */
  readonly createData: () => Uint8Array;
  /** Resolves with the latency when the answer comes. */
  readonly wait: (data: Uint8Array) => Promise<number>;
  /**
   * An answer came, to a Ping and to all before it; these are still without one.
   * It may have been to one of the heartbeat, which nobody waits for here.
   */
  readonly answer: (
    unanswered: readonly Pick<SentPing, "data">[],
    latencyMs: number,
  ) => void;
  /** No answers will come. */
  readonly end: () => void;
}

interface PendingPing extends PromiseWithResolvers<number> {
  readonly data: Uint8Array;
}

/** The Pings of one connection. */
export function createPendingPings(): PendingPings {
  let pending: readonly PendingPing[] = [];
  let count = 0;
  return {
    createData: () => {
      count += 1;
      return new Uint8Array(Uint32Array.of(count).buffer);
    },
    wait: (data) => {
      const ping = {
        data: new Uint8Array(data),
        ...Promise.withResolvers<number>(),
      };
      // Who does not look at the answer is not to be troubled by its absence.
      ping.promise.catch(() => {});
      pending = [...pending, ping];
      return ping.promise;
    },
    answer: (unanswered, latencyMs) => {
      const waiting = new Set(unanswered.map(({ data }) => String(data)));
      const isWaiting = ({ data }: PendingPing) => waiting.has(String(data));
      for (const ping of pending) {
        if (!isWaiting(ping)) ping.resolve(latencyMs);
      }
      pending = pending.filter(isWaiting);
    },
    end: () => {
      for (const { reject } of pending) {
        reject(new Error("Cannot wait for Pong: the connection has ended"));
      }
      pending = [];
    },
  };
}
