/**
 * What one process of the chat delivers, and what it costs it and Redis:
 * `deno task chat:load`.
 */
import { connectWebSocket, type WebSocketConnection } from "@sluice/websocket";
import { parseArgs } from "node:util";
import { row as markdownRow } from "../../bench/report.ts";
import { reliabilityPage, writeSection } from "../../bench/results_file.ts";
import { openRedisStore } from "../../examples/chat/redis_store.ts";
import { startChat } from "./cluster_programs.ts";
import {
  freePort,
  isInstalled,
  type RunningProgram,
  startProgram,
  untilListening,
} from "./programs.ts";

const help = `Usage: deno task chat:load [options]

Starts Redis and one process of the chat, and has clients of one channel talk.
For each rate it prints what was delivered, how long messages took to be
acknowledged, and how busy the process and Redis were, in shares of a core. Then
what a message costs Redis when nobody, one or three processes hear it. Needs
Linux, redis-server, and a machine that does nothing else.

  --clients N    clients in the channel (100)
  --rates a,b    messages a second, of all clients together (10,50,100,200,400)
  --seconds N    how long each rate is kept (5)
  --results      write the tables to tests/reliability/RESULTS.md
  -h, --help     this text`;

/** Hundredths of a second, as Linux counts them for everybody. */
const tickMs = 10;

const { values } = parseArgs({
  options: {
    clients: { type: "string", default: "100" },
    rates: { type: "string", default: "10,50,100,200,400" },
    seconds: { type: "string", default: "5" },
    results: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});
if (values.help) {
  console.log(help);
  Deno.exit();
}
const clientCount = wholeNumber("clients", values.clients);
const seconds = wholeNumber("seconds", values.seconds);
const rates = values.rates.split(",").map((text) => wholeNumber("rates", text));
if (!await isInstalled("redis-server")) {
  console.error("Cannot start Redis: wanted apt-get install redis-server");
  Deno.exit(3);
}
await run();

function wholeNumber(name: string, text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  console.error(`Found --${name} ${text}, wanted a whole number\n\n${help}`);
  Deno.exit(2);
}

/** What was measured: a head and rows, printed as they come. */
type Table = readonly (readonly string[])[];

/** A client that counts what comes, and times what it says. */
interface Talker {
  readonly connection: WebSocketConnection;
  readonly say: (id: string) => void;
}

/** What came in while a rate was kept. */
interface Tally {
  delivered: number;
  readonly latenciesMs: number[];
}

async function run(): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "chat-load-" });
  const redisPort = freePort();
  await using redis = startProgram("redis-server", [
    ...["--port", `${redisPort}`, "--bind", "127.0.0.1", "--save", ""],
    ...["--appendonly", "yes", "--dir", folder],
  ]);
  await untilListening(redisPort, redis);
  const redisUrl = `redis://127.0.0.1:${redisPort}`;
  const port = freePort();
  await using process = startChat(port, redisUrl);
  await untilListening(port, process);
  try {
    const url = `ws://127.0.0.1:${port}/chat`;
    const rates = await measureRates(url, process, redis);
    const stored = await measureRedis(redisUrl, redis);
    if (values.results) {
      await writeSection("chat", makeSection(rates, stored), reliabilityPage);
    }
  } finally {
    await process.kill("SIGTERM");
    await redis.kill("SIGTERM");
    await Deno.remove(folder, { recursive: true });
  }
}

function makeSection(rates: Table, stored: Table): string {
  return `## Chat

\`deno task chat:load\` wrote this: ${clientCount} clients in one channel of one process
of \`examples/chat/\`, with Redis, saying so many messages a second together for
${seconds} seconds. How busy the process and Redis were is in shares of a core; both, and
what measures, had two cores together.

${markdownOf(rates)}

What storing a message and telling so many processes costs Redis, when one writes
as fast as it can:

${markdownOf(stored)}
`;
}

function markdownOf([head, ...rows]: Table): string {
  const rule = head!.map(() => "---:");
  return [head!, rule, ...rows].map(markdownRow).join("\n");
}

async function measureRates(
  url: string,
  process: RunningProgram,
  redis: RunningProgram,
): Promise<Table> {
  const tally: Tally = { delivered: 0, latenciesMs: [] };
  const talkers: Talker[] = [];
  for (let at = 0; at < clientCount; at++) {
    talkers.push(await startTalker(url, `client ${at}`, tally));
  }
  console.log(`${clientCount} clients in one channel of one process\n`);
  const table = [[
    "said/s",
    "delivered/s",
    "ack p50 ms",
    "ack p99 ms",
    "process",
    "Redis",
    "µs/delivery",
  ]];
  console.log(lineOf(table[0]!));
  for (const rate of rates) {
    const before = { process: cpuMs(process), redis: cpuMs(redis) };
    const startMs = performance.now();
    Object.assign(tally, { delivered: 0, latenciesMs: [] });
    const said = await keepRate(talkers, rate);
    await untilDelivered(tally, said * clientCount);
    const tookMs = performance.now() - startMs;
    const processMs = cpuMs(process) - before.process;
    const redisMs = cpuMs(redis) - before.redis;
    const sorted = tally.latenciesMs.toSorted((a, b) => a - b);
    table.push([
      (said * 1000 / tookMs).toFixed(0),
      (tally.delivered * 1000 / tookMs).toFixed(0),
      (sorted[Math.floor(sorted.length * 0.5)] ?? NaN).toFixed(1),
      (sorted[Math.floor(sorted.length * 0.99)] ?? NaN).toFixed(1),
      `${(processMs * 100 / tookMs).toFixed(0)} %`,
      `${(redisMs * 100 / tookMs).toFixed(1)} %`,
      (processMs * 1000 / tally.delivered).toFixed(1),
    ]);
    console.log(lineOf(table.at(-1)!));
  }
  for (const { connection } of talkers) connection.close();
  await Promise.all(talkers.map(({ connection }) => connection.closed));
  return table;
}

function lineOf(cells: readonly string[]): string {
  return cells.map((cell) => cell.padStart(12)).join("");
}

async function startTalker(
  url: string,
  nickname: string,
  tally: Tally,
): Promise<Talker> {
  const connection = await connectWebSocket(url);
  const saidMs = new Map<string, number>();
  const joined = Promise.withResolvers<void>();
  const read = async () => {
    for await (const data of connection) {
      const text = String(data);
      // Only the beginning is looked at, so that who measures is not what limits.
      if (text.startsWith('{"type":"message"')) tally.delivered += 1;
      else if (text.startsWith('{"type":"joined"')) joined.resolve();
      else if (text.startsWith('{"type":"stored"')) {
        const { id } = JSON.parse(text);
        tally.latenciesMs.push(performance.now() - saidMs.get(id)!);
        saidMs.delete(id);
      }
    }
  };
  read().catch(joined.reject);
  const send = (request: object) => connection.send(JSON.stringify(request));
  send({ type: "hello", nickname });
  send({ type: "join", channel: "lobby" });
  await joined.promise;
  return {
    connection,
    say: (id) => {
      saidMs.set(id, performance.now());
      const text = "What people say in a chat is about as long as this is.";
      send({ type: "say", channel: "lobby", id, text });
    },
  };
}

/** Everybody says something in turn, so many a second in all. */
async function keepRate(
  talkers: readonly Talker[],
  rate: number,
): Promise<number> {
  const startMs = performance.now();
  const total = rate * seconds;
  let said = 0;
  while (said < total) {
    const due = Math.min(total, (performance.now() - startMs) * rate / 1000);
    for (; said < due; said++) {
      talkers[said % talkers.length]!.say(`${rate}-${startMs | 0}-${said}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  return said;
}

async function untilDelivered(tally: Tally, wanted: number): Promise<void> {
  const endMs = performance.now() + 30_000;
  while (tally.delivered < wanted) {
    if (performance.now() > endMs) {
      throw new Error(`Found ${tally.delivered} deliveries, wanted ${wanted}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** What it costs Redis to store a message and to tell processes of it. */
async function measureRedis(
  redisUrl: string,
  redis: RunningProgram,
): Promise<Table> {
  const count = 20_000;
  const table = [["processes", "stored/s", "Redis µs"]];
  console.log(`\n${lineOf(table[0]!)}`);
  for (const processes of [0, 1, 3]) {
    await using stack = new AsyncDisposableStack();
    const open = async () =>
      stack.use(await openRedisStore(redisUrl, { onError: console.error }));
    const writer = await open();
    const channel = `load-${processes}`;
    for (let at = 0; at < processes; at++) {
      const watcher = { onMessage: () => {}, onPresence: () => {} };
      await (await open()).watch(channel, watcher);
    }
    const before = cpuMs(redis);
    const startMs = performance.now();
    for (let at = 0; at < count; at += 100) {
      await Promise.all(
        Array.from({ length: 100 }, (_, step) =>
          writer.append(channel, {
            id: `message-${at + step}`,
            nickname: "Ada",
            text: "What people say in a chat is about as long as this is.",
            atMs: 0,
          })),
      );
    }
    const tookMs = performance.now() - startMs;
    table.push([
      String(processes),
      (count * 1000 / tookMs).toFixed(0),
      ((cpuMs(redis) - before) * 1000 / count).toFixed(1),
    ]);
    console.log(lineOf(table.at(-1)!));
  }
  return table;
}

/** The processor time that a program has used so far. */
function cpuMs({ pid }: RunningProgram): number {
  const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
  // The name may have spaces: fields are counted from the bracket behind it.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * tickMs;
}
