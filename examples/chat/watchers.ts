import type { ChannelWatcher } from "./store.ts";

/** Who of this process watches which channel. */
export interface Watchers {
  /** Adds one; whether it is the channel's first. */
  readonly add: (channel: string, watcher: ChannelWatcher) => boolean;
  /** Takes one away; whether it was the channel's last. */
  readonly delete: (channel: string, watcher: ChannelWatcher) => boolean;
  /** Those of a channel. */
  readonly of: (channel: string) => readonly ChannelWatcher[];
}

/** Nobody watches anything at first. */
export function createWatchers(): Watchers {
  const channels = new Map<string, Set<ChannelWatcher>>();
  return {
    add: (channel, watcher) => {
      const watching = channels.get(channel);
      watching?.add(watcher);
      if (watching === undefined) channels.set(channel, new Set([watcher]));
      return watching === undefined;
    },
    delete: (channel, watcher) => {
      const watching = channels.get(channel);
      watching?.delete(watcher);
      return watching?.size === 0 && channels.delete(channel);
    },
    of: (channel) => [...channels.get(channel) ?? []],
  };
}
