import { type Channel, type ChannelSettings, openChannel } from "./channel.ts";

/** The channels that clients of this process are in, or are about to be. */
export interface ChannelDirectory {
  /** Gives a channel, which stays until as many have let go of it as took it. */
  readonly take: (name: string) => Promise<Channel>;
  /** Lets go of a channel. */
  readonly release: (name: string) => Promise<void>;
  /** Those that are open. */
  readonly open: () => Promise<readonly Channel[]>;
}

interface Entry {
  readonly opening: Promise<Channel>;
  users: number;
}

/** Opens channels when they are first wanted, and closes them after the last. */
export function createChannelDirectory(
  settings: ChannelSettings,
): ChannelDirectory {
  const entries = new Map<string, Entry>();
  const entryOf = (name: string): Entry => {
    const known = entries.get(name);
    if (known !== undefined) return known;
    const entry = { opening: openChannel(name, settings), users: 0 };
    entries.set(name, entry);
    return entry;
  };
  const release = async (name: string) => {
    const entry = entries.get(name);
    if (entry === undefined) return;
    entry.users -= 1;
    if (entry.users > 0) return;
    entries.delete(name);
    await (await entry.opening).close();
  };
  return {
    take: async (name) => {
      const entry = entryOf(name);
      entry.users += 1;
      try {
        return await entry.opening;
      } catch (error) {
        // The next one tries again.
        if (entries.get(name) === entry) entries.delete(name);
        throw error;
      }
    },
    release,
    open: async () => {
      const openings = [...entries.values()].map(({ opening }) => opening);
      const settled = await Promise.allSettled(openings);
      return settled.flatMap((result) =>
        result.status === "fulfilled" ? [result.value] : []
      );
    },
  };
}
