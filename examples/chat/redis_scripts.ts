/** What Redis does in one step, in its Lua. */
import { type CommandParser, defineScript } from "@redis/client";

/** A script as the client knows it: called with keys, then with values. */
export interface ChatScript<Reply> {
  readonly NUMBER_OF_KEYS: number;
  readonly SCRIPT: string;
  readonly SHA1: string;
  readonly parseCommand: typeof parseCommand;
  readonly transformReply: (this: void, reply: Reply) => Reply;
}

function parseCommand(
  this: void,
  parser: CommandParser,
  keys: readonly string[],
  ...values: readonly string[]
): void {
  parser.pushKeys([...keys]);
  parser.push(...values);
}

/**
 * Stores a message, unless its id is known; gives its number. The number is the
 * id in the stream, too, and a message is told of within the same step: so that
 * numbers have no gaps and are told of in their order.
 *
 * Keys: the stream, the hash of ids, the last number. Arguments: id, body, where to
 * publish, how many messages are kept, how long in milliseconds.
 */
export const append: ChatScript<number> = defineScript({
  NUMBER_OF_KEYS: 3,
  SCRIPT: `
    local known = redis.call('HGET', KEYS[2], ARGV[1])
    if known then return tonumber(known) end
    local number = redis.call('INCR', KEYS[3])
    redis.call('HSET', KEYS[2], ARGV[1], number)
    redis.call('XADD', KEYS[1], number .. '-0', 'id', ARGV[1], 'body', ARGV[2])
    local surplus = redis.call('XLEN', KEYS[1]) - tonumber(ARGV[4])
    if surplus > 0 then
      local count = math.min(surplus, 100)
      for _, old in ipairs(redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', count)) do
        redis.call('HDEL', KEYS[2], old[2][2])
        redis.call('XDEL', KEYS[1], old[1])
      end
    end
    for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, ARGV[5]) end
    redis.call('PUBLISH', ARGV[3], number .. ' ' .. ARGV[2])
    return number
  `,
  parseCommand,
  transformReply: (reply: number): number => reply,
});

/**
 * Says that a process lives, and forgets those that have not said so for too long.
 * By the clock of Redis, since those of processes differ.
 *
 * Keys: the sorted set of processes. Arguments: the process, how long it is taken to
 * live in milliseconds.
 */
export const renew: ChatScript<number> = defineScript({
  NUMBER_OF_KEYS: 1,
  SCRIPT: `
    local time = redis.call('TIME')
    local now = time[1] * 1000 + math.floor(time[2] / 1000)
    redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
    redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
    return 0
  `,
  parseCommand,
  transformReply: (reply: number): number => reply,
});

/**
 * The members of a channel: a list of key, nickname, key, nickname. Those whose
 * process does not live any more are taken out for good.
 *
 * Keys: the hash of members, the sorted set of processes.
 */
export const listMembers: ChatScript<readonly string[]> = defineScript({
  NUMBER_OF_KEYS: 2,
  SCRIPT: `
    local time = redis.call('TIME')
    local now = time[1] * 1000 + math.floor(time[2] / 1000)
    local fields = redis.call('HGETALL', KEYS[1])
    local lives, members = {}, {}
    for at = 1, #fields, 2 do
      local process = string.match(fields[at], '^[^/]+')
      if lives[process] == nil then
        local untilMs = redis.call('ZSCORE', KEYS[2], process) or 0
        lives[process] = tonumber(untilMs) > now
      end
      if lives[process] then
        table.insert(members, fields[at])
        table.insert(members, fields[at + 1])
      else
        redis.call('HDEL', KEYS[1], fields[at])
      end
    end
    return members
  `,
  parseCommand,
  transformReply: (reply: readonly string[]): readonly string[] => reply,
});
