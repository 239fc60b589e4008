import type { Member, Presence } from "./presence.ts";
import { answered, type RedisClient } from "./redis_connection.ts";
import { channelKeys, presenceWord, processesKey } from "./redis_keys.ts";

/** Presence in all processes, and that this one lives. */
export interface RedisPresence extends Presence, AsyncDisposable {}

/** How presence is kept. */
export interface RedisPresenceOptions {
  readonly commands: RedisClient;
  /** How long a process that says nothing is taken to live, in milliseconds. */
  readonly leaseMs: number;
  readonly onError: (error: unknown) => void;
}

/** A channel's members are forgotten with the channel, if all processes died. */
const membersMs = 86_400_000;

/**
 * Keeps the members of each channel in a hash of Redis. Each belongs to a process,
 * and each process says every so often that it lives: one that died takes all its
 * members along when its time is over, with no more than one command a process.
 */
export async function openRedisPresence(
  { commands, leaseMs, onError }: RedisPresenceOptions,
): Promise<RedisPresence> {
  const process = crypto.randomUUID();
  const fieldOf = (key: string) => `${process}/${key}`;
  /** The members of this process, by channel and field. */
  const ours = new Map<string, Map<string, string>>();

  const renew = () =>
    answered(commands.renew([processesKey], process, String(leaseMs)));
  const tellOf = async (channel: string) => {
    await answered(
      commands.publish(channelKeys(channel).topic, presenceWord),
    );
  };
  const store = async (channel: string, fields: Record<string, string>) => {
    const { members } = channelKeys(channel);
    await answered(
      commands.multi().hSet(members, fields).pExpire(members, membersMs)
        .exec(),
    );
  };
  await renew();
  const timer = setInterval(() => renew().catch(onError), leaseMs / 3);

  return {
    enter: async (channel, { key, nickname }) => {
      const members = ours.get(channel) ?? new Map<string, string>();
      ours.set(channel, members.set(fieldOf(key), nickname));
      await store(channel, { [fieldOf(key)]: nickname });
      await tellOf(channel);
    },
    leave: async (channel, key) => {
      const members = ours.get(channel);
      members?.delete(fieldOf(key));
      if (members?.size === 0) ours.delete(channel);
      await answered(
        commands.hDel(channelKeys(channel).members, fieldOf(key)),
      );
      await tellOf(channel);
    },
    list: async (channel) => {
      const keys = [channelKeys(channel).members, processesKey];
      const found = toMembers(await answered(commands.listMembers(keys)));
      const lost = missingOf(ours.get(channel), found);
      if (lost.length === 0) return found;
      // We were taken for dead, or a leave did not come through.
      await store(channel, Object.fromEntries(lost));
      return [
        ...found,
        ...lost.map(([key, nickname]) => ({ key, nickname })),
      ];
    },
    [Symbol.asyncDispose]: async () => {
      clearInterval(timer);
      // A process that ends is gone at once.
      await answered(commands.zRem(processesKey, process)).catch(onError);
    },
  };
}

/** Pairs of key and nickname. */
function toMembers(list: readonly string[]): Member[] {
  const members: Member[] = [];
  for (let at = 0; at + 1 < list.length; at += 2) {
    members.push({ key: list[at]!, nickname: list[at + 1]! });
  }
  return members;
}

/** Our own members that are not among those that were found. */
function missingOf(
  ours: ReadonlyMap<string, string> | undefined,
  found: readonly Member[],
): readonly (readonly [field: string, nickname: string])[] {
  if (ours === undefined) return [];
  const known = new Set(found.map(({ key }) => key));
  return [...ours].filter(([field]) => !known.has(field));
}
