/** Pings that an application waits to be answered. */
export interface PendingPings {
  /** A payload that no waiting Ping has, of 4 bytes. */
  readonly createData: () => Uint8Array;
  /** Resolves with the latency when the answer comes. */
  readonly wait: (data: Uint8Array) => Promise<number>;
  /** An answer came: to the Ping with this data, and to those before it. */
  readonly answer: (data: Uint8Array, latencyMs: number) => void;
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
    answer: (data, latencyMs) => {
      const at = pending.findLastIndex((ping) =>
        String(ping.data) === String(data)
      );
      for (const ping of pending.slice(0, at + 1)) ping.resolve(latencyMs);
      pending = pending.slice(at + 1);
    },
    end: () => {
      for (const { reject } of pending) {
        reject(new Error("Cannot wait for Pong: the connection has ended"));
      }
      pending = [];
    },
  };
}
