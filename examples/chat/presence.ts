/** Who is in which channel, and who came and went. */

/** Somebody's connection in a channel. */
export interface Member {
  /** No other connection of any process has it. */
  readonly key: string;
  readonly nickname: string;
}

/** Who is where, in all processes. */
export interface Presence {
  /** A connection of this process came into a channel. */
  readonly enter: (channel: string, member: Member) => Promise<void>;
  /** It left. */
  readonly leave: (channel: string, key: string) => Promise<void>;
  /** Who is in a channel; those of a process that died are left out in time. */
  readonly list: (channel: string) => Promise<readonly Member[]>;
}

/** Who came and who went between two looks. */
export interface PresenceChange {
  readonly arrived: readonly string[];
  readonly left: readonly string[];
}

/** The nicknames of members: who has two windows open is there once. */
export function nicknamesOf(members: readonly Member[]): ReadonlySet<string> {
  return new Set(members.map(({ nickname }) => nickname).sort());
}

/** What to tell who knows of `before`. */
export function presenceChange(
  before: ReadonlySet<string>,
  after: ReadonlySet<string>,
): PresenceChange {
  return {
    arrived: [...after.difference(before)],
    left: [...before.difference(after)],
  };
}

/** Presence within one process. */
export function createLocalPresence(
  onChange: (channel: string) => void,
): Presence {
  const channels = new Map<string, Map<string, Member>>();
  return {
    enter: (channel, member) => {
      const members = channels.get(channel) ?? new Map<string, Member>();
      channels.set(channel, members.set(member.key, member));
      onChange(channel);
      return Promise.resolve();
    },
    leave: (channel, key) => {
      const members = channels.get(channel);
      members?.delete(key);
      if (members?.size === 0) channels.delete(channel);
      onChange(channel);
      return Promise.resolve();
    },
    list: (channel) =>
      Promise.resolve([...channels.get(channel)?.values() ?? []]),
  };
}
