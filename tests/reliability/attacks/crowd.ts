/** Many peers at once. */
import type { RawPeer } from "./raw_peer.ts";

/** How many connect at the same time: the queue of a listener is short. */
const atOnce = 100;

/** Makes many peers, which are all let go of together. */
export async function gather(
  count: number,
  connect: () => Promise<RawPeer>,
): Promise<Crowd> {
  const peers: RawPeer[] = [];
  while (peers.length < count) {
    const more = Math.min(atOnce, count - peers.length);
    peers.push(
      ...await Promise.all(Array.from({ length: more }, () => connect())),
    );
  }
  return {
    peers,
    [Symbol.dispose]: () => {
      for (const peer of peers) peer[Symbol.dispose]();
    },
  };
}

/** Peers that come and go together. */
export interface Crowd extends Disposable {
  readonly peers: readonly RawPeer[];
}

/** Waits for that long: an attacker's own pace, never what is asserted. */
export function pause(timeMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, timeMs));
}

/** A number of bytes for a table. */
export function inKib(bytes: number): string {
  return `${(bytes / 1024).toFixed(1)} KiB`;
}

/** A number of bytes for a table. */
export function inMib(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}

export const mib: number = 1024 * 1024;
