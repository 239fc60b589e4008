/**
 * Three processes of the chat behind nginx, sharing Redis, of which one is killed
 * and everything else restarted while people talk: `deno task test:chat`.
 */
import { assert, assertEquals } from "@std/assert";
import { connectRedis } from "../../examples/chat/redis_connection.ts";
import { openRedisStore } from "../../examples/chat/redis_store.ts";
import type { ChatMessage } from "../../examples/chat/protocol.ts";
import { type Random, seededRandom } from "../support/random.ts";
import {
  type Cluster,
  missingPackages,
  startCluster,
} from "./cluster_programs.ts";
import { startWitness, until, type Witness } from "./witness.ts";

const clientCount = 30;
const allChannels = ["lobby", "news", "music", "books", "garden"];
const channelsEach = 3;
/** Messages of each client in each part of the test. */
const messagesEach = 40;
/** Messages that each says at once; a client may have so many to say after a pause. */
const burstEach = 15;
/** Pauses between messages of a client, in milliseconds; less than it may. */
const pauseMs = [100, 200] as const;

/** Clients on three channels each, so that all pairs of channels come about. */
function startWitnesses(url: string): Witness[] {
  return Array.from({ length: clientCount }, (_, at) => {
    const channels = Array.from(
      { length: channelsEach },
      (_, step) => allChannels[(at + step * (1 + at % 2)) % 5]!,
    );
    const nickname = `client ${String(at + 1).padStart(2, "0")}`;
    return startWitness(url, nickname, channels, seededRandom(at + 1));
  });
}

/**
 * Everybody talks. When half of it is said, all say much at once, and `disturb` is
 * called when the first of that is acknowledged: the rest is on its way.
 */
async function talk(
  witnesses: readonly Witness[],
  seed: number,
  disturb: () => Promise<void>,
): Promise<void> {
  const random = seededRandom(seed);
  const half = messagesEach / 2;
  await Promise.all(
    witnesses.map((witness) => talkAtEase(witness, half, random)),
  );
  const acknowledgedBefore = acknowledgedBy(witnesses);
  for (const witness of witnesses) {
    for (let count = 0; count < burstEach; count++) {
      witness.say(random.pick(witness.channels));
    }
  }
  await until(
    "the first message of many is acknowledged",
    () => acknowledgedBy(witnesses) > acknowledgedBefore,
    { pauseMs: 0 },
  );
  await Promise.all([
    disturb(),
    ...witnesses.map((witness) => talkAtEase(witness, half, random)),
  ]);
}

async function talkAtEase(
  witness: Witness,
  messages: number,
  random: Random,
): Promise<void> {
  for (let count = 0; count < messages; count++) {
    witness.say(random.pick(witness.channels));
    const pause = random.integer(...pauseMs);
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

function acknowledgedBy(witnesses: readonly Witness[]): number {
  return sum(witnesses.map(({ stored }) => stored.size));
}

/** What the store has of a channel. */
async function storedIn(
  redisUrl: string,
): Promise<Map<string, readonly ChatMessage[]>> {
  await using store = await openRedisStore(redisUrl, { onError: () => {} });
  const found = new Map<string, readonly ChatMessage[]>();
  for (const channel of allChannels) {
    found.set(channel, await store.read(channel, 0, 100_000));
  }
  return found;
}

/** Waits until all is acknowledged and heard, and compares what was seen. */
async function compare(
  witnesses: readonly Witness[],
  { redisUrl }: Cluster,
): Promise<string> {
  await until(
    "every message is acknowledged",
    () => witnesses.every(({ client }) => client.unconfirmed().length === 0),
  );
  const stored = await storedIn(redisUrl);
  await until(
    "every client has heard the last message of its channels",
    () =>
      witnesses.every(({ heard }) =>
        heard.entries().every(([channel, messages]) =>
          messages.length >= stored.get(channel)!.length
        )
      ),
  );
  for (const [channel, messages] of stored) {
    assertOrder(channel, messages);
    assertEquals(
      messages.map(({ number }) => number),
      messages.map((_, at) => at + 1),
      channel,
    );
  }
  const texts = [...stored.values()].flat().map(({ text }) => text);
  const ids = new Set([...stored.values()].flat().map(({ id }) => id));
  const acknowledged = witnesses.flatMap(({ stored }) => [...stored.keys()]);
  const counts = {
    said: sum(witnesses.map(({ counts }) => counts.said)),
    acknowledged: acknowledged.length,
    stored: texts.length,
    lost: acknowledged.filter((id) => !ids.has(id)).length,
    doubled: texts.length - new Set(texts).size,
  };
  const { said } = counts;
  assertEquals(counts, {
    said,
    acknowledged: said,
    stored: said,
    lost: 0,
    doubled: 0,
  });
  for (const witness of witnesses) assertHeard(witness, stored);
  return Object.entries({
    ...counts,
    "delivered in order": sum(witnesses.map(heardCount)),
    "sent again": sum(witnesses.map(({ counts }) => counts.sentAgain)),
  }).map(([name, count]) => `${name} ${count}`).join(", ");
}

/** What one client said comes in the order in which it said it. */
function assertOrder(channel: string, messages: readonly ChatMessage[]): void {
  const last = new Map<string, number>();
  for (const { nickname, text } of messages) {
    const at = Number(text.split(" ").at(-1));
    assert(at > (last.get(nickname) ?? 0), `${channel}: ${text} came too late`);
    last.set(nickname, at);
  }
}

function assertHeard(
  { nickname, heard, stored: acknowledged }: Witness,
  stored: ReadonlyMap<string, readonly ChatMessage[]>,
): void {
  const numbers = new Map<string, number>();
  for (const [channel, messages] of heard) {
    assertEquals(messages, stored.get(channel), `${nickname} in ${channel}`);
    for (const { id, number } of messages) numbers.set(id, number);
  }
  for (const [id, number] of acknowledged) {
    assertEquals(numbers.get(id), number, `${nickname}: acknowledged ${id}`);
  }
}

function heardCount({ heard }: Witness): number {
  return sum(heard.values().map(({ length }) => length));
}

function sum(numbers: Iterable<number>): number {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
}

/** Everybody is told of exactly those who are there. */
function seesAll(witnesses: readonly Witness[]): boolean {
  return allChannels.every((channel) => {
    const there = witnesses.filter(({ channels }) =>
      channels.includes(channel)
    );
    return there.every(({ present }) =>
      present(channel).size === there.length &&
      there.every(({ nickname }) => present(channel).has(nickname))
    );
  });
}

/** The store by itself, with a second one that hears what the first one stores. */
async function tryStore(redisUrl: string): Promise<void> {
  const options = { keptMessages: 3, onError: () => {} };
  await using one = await openRedisStore(redisUrl, options);
  await using other = await openRedisStore(redisUrl, options);
  const channel = "store";
  const heard: number[] = [];
  const watcher = {
    onMessage: ({ number }: ChatMessage) => heard.push(number),
    onPresence: () => {},
  };
  await other.watch(channel, watcher);
  const draftOf = (at: number) => ({
    id: `message-${at}`,
    nickname: "Ada",
    text: `${at}`,
    atMs: at,
  });
  const append = (at: number) => one.append(channel, draftOf(at));
  const numbers = [1, 1, 2, 3, 4, 4, 5, 3];
  assertEquals(await Promise.all(numbers.map(append)), numbers);
  await until("all are told of, once", () => heard.length === 5);
  assertEquals(heard, [1, 2, 3, 4, 5]);
  // Those that are not kept any more have taken their ids along.
  const kept = await other.read(channel, 0, 10);
  assertEquals(kept.map(({ number }) => number), [3, 4, 5]);
  assertEquals(kept[0], { number: 3, ...draftOf(3) });
  assertEquals(await append(1), 6);
  await other.unwatch(channel, watcher);
  await append(7);
  assertEquals(await other.last(channel), 7);
  await until("the last that was heard of came", () => heard.length === 6);
}

/** A process subscribes to no channel that none of its clients is in. */
async function subscriptions({ redisUrl, ports }: Cluster): Promise<void> {
  await using connection = await connectRedis(redisUrl, {
    onError: () => {},
    onReady: () => {},
  });
  const topics = async () =>
    (await connection.commands.pubSubChannels("*alone*")).length;
  const url = `ws://127.0.0.1:${ports[1]}/chat`;
  const alone = startWitness(url, "alone", ["alone"], seededRandom(98));
  await until("it is there", () => alone.present("alone").has("alone"));
  assertEquals(await topics(), 1);
  await alone.client.close();
  let count = 1;
  for (let looks = 0; looks < 100 && count > 0; looks++) {
    count = await topics();
  }
  assertEquals(count, 0);
}

Deno.test("three processes behind nginx, sharing Redis", async (test) => {
  const missing = await missingPackages();
  if (missing.length > 0) {
    const words = `not installed: apt-get install ${missing.join(" ")}`;
    // Said loudly: who asked for it knows that nothing was tried.
    if (Deno.args.includes("--skip-missing")) {
      return console.log(`The cluster was NOT tried, ${words}`);
    }
    throw new Error(`Cannot start the cluster: ${words}`);
  }
  await using cluster = await startCluster(3);
  const witnesses = startWitnesses(cluster.url);
  let ghost: Witness | undefined;
  const step = (name: string, run: () => Promise<void>) =>
    test.step({ name, fn: run, sanitizeOps: false, sanitizeResources: false });
  try {
    await step(
      "Redis stores a message once, and tells of it once",
      () => tryStore(cluster.redisUrl),
    );
    await step(
      "a process hears of those channels that its clients are in",
      () => subscriptions(cluster),
    );
    await step("everybody sees who is there, in all processes", async () => {
      await until("everybody is seen by all", () => seesAll(witnesses));
    });
    // It knows no other process, so that nobody says that it left.
    const onlyUrl = `ws://127.0.0.1:${cluster.ports[0]}/chat`;
    ghost = startWitness(onlyUrl, "ghost", ["lobby"], seededRandom(99));
    await step(
      "one more, on a process that will die, is seen by all",
      async () => {
        const inLobby = witnesses.filter(({ channels }) =>
          channels.includes("lobby")
        );
        await until(
          "the ghost is seen",
          () => inLobby.every(({ present }) => present("lobby").has("ghost")),
        );
      },
    );
    await step("one process is killed while people talk", async () => {
      await talk(witnesses, 1, () => cluster.processes[0]!.kill("SIGKILL"));
      console.log(`  ${await compare(witnesses, cluster)}`);
      const count = sum(witnesses.map(({ counts }) => counts.connected - 1));
      assert(count > 0, "nobody was connected to the process that was killed");
      console.log(`  ${count} clients had to connect again`);
    });
    await step(
      "whose process died and who does not come back is gone",
      async () => {
        await until("everybody is seen by all", () => seesAll(witnesses));
      },
    );
    await step("nginx is restarted while people talk", async () => {
      await talk(witnesses, 2, cluster.restartNginx);
      console.log(`  ${await compare(witnesses, cluster)}`);
    });
    await step(
      "Redis is killed for two seconds while people talk",
      async () => {
        await talk(witnesses, 3, async () => {
          await cluster.redis().kill("SIGKILL");
          await new Promise((resolve) => setTimeout(resolve, 2_000));
          await cluster.startRedis();
        });
        console.log(`  ${await compare(witnesses, cluster)}`);
        await until("everybody is seen by all", () => seesAll(witnesses));
      },
    );
  } catch (error) {
    for (const { output } of cluster.processes) console.log(output());
    throw error;
  } finally {
    const everybody = ghost === undefined ? witnesses : [...witnesses, ghost];
    await Promise.all(everybody.map(({ client }) => client.close()));
  }
});
