import type { WebSocketConnection } from "../connection/connection.ts";
import {
  type Command,
  type Given,
  isGiven,
  numberOf,
  twoColumns,
} from "./command.ts";
import { connectAs, connectOptions, urlOf } from "./connect_options.ts";
import { createDurations, type Durations } from "./percentiles.ts";
import { createProgress, signsOf, sizeOf } from "./progress.ts";
import { ExitCode, type Terminal, UsageError } from "./terminal.ts";

/** `sluice bench`: load for an echo server. */
export const benchCommand: Command = {
  name: "bench",
  summary: "put load on an echo server, and measure how long answers take",
  usage: "[options] URL",
  takesArguments: true,
  details:
    `Sends messages to a server that sends each one back, with so many under
way on each connection, and measures from the sending of a message to the coming
of its answer. Every answer is compared with what was sent.

A closed loop: a slow server gets fewer messages, so that these latencies say
nothing of what happens when they come faster than it can answer. The load is made
by one thread, which is measured with the server.

Exit code: 0 if every answer came and was right; 1 if not; 2 for a wrong command
line; 3 if there was no connection.`,
  options: {
    connections: {
      type: "string",
      short: "c",
      value: "N",
      help: "how many (10)",
    },
    messages: {
      type: "string",
      short: "n",
      value: "N",
      help: "how many in all (10000)",
    },
    "in-flight": {
      type: "string",
      value: "N",
      help: "how many are under way on a connection (1)",
    },
    size: { type: "string", value: "BYTES", help: "how long each is (32)" },
    binary: { type: "boolean", help: "send binary messages, not text" },
    json: { type: "boolean", help: "write the results as JSON" },
    ...connectOptions,
  },
  examples: [
    [
      "sluice bench ws://127.0.0.1:3000/",
      "10,000 messages over 10 connections",
    ],
    [
      "sluice bench -c 100 -n 1000000 --in-flight 16 ws://127.0.0.1:3000/",
      "as many as it can",
    ],
  ],
  run: bench,
};

/** What is to be done. */
interface Load {
  readonly connections: number;
  readonly messages: number;
  readonly inFlight: number;
  readonly message: string | Uint8Array;
}

async function bench(given: Given, terminal: Terminal): Promise<number> {
  const url = urlOf(given, "bench");
  const load = loadOf(given);
  const connecting = createDurations();
  const connections = await openAll(given, url, load, terminal, connecting);
  const progress = createProgress(terminal, load.messages);
  const answering = createDurations();
  let wrong = 0;
  const startMs = performance.now();
  const update = () => {
    const seconds = (performance.now() - startMs) / 1000;
    const rate = Math.round(answering.count() / seconds);
    progress.update(answering.count(), `${rate} messages/s`);
  };
  const shares = share(load.messages, connections.length);
  const errors = await Promise.all(
    connections.map((connection, index) =>
      converse(connection, shares[index]!, load, (ms, isRight) => {
        answering.add(ms);
        if (!isRight) wrong += 1;
        update();
      })
    ),
  );
  const seconds = (performance.now() - startMs) / 1000;
  progress.clear();
  for (const connection of connections) connection.close();
  await Promise.all(connections.map(({ closed }) => closed));
  const result = { load, connecting, answering, seconds, wrong };
  await terminal.write(
    isGiven(given, "json") ? toJson(result) : toText(result),
  );
  const [first] = errors.filter((error) => error !== undefined);
  if (first !== undefined) terminal.note(`${first}\n`);
  const isAll = answering.count() === load.messages;
  return isAll && wrong === 0 ? ExitCode.ok : ExitCode.broken;
}

function loadOf(given: Given): Load {
  const connections = numberOf(given, "connections", 10, 1);
  const messages = numberOf(given, "messages", 10_000, 1);
  const size = numberOf(given, "size", 32);
  if (connections > messages) {
    throw new UsageError(
      `Cannot bench: found ${messages} messages for ${connections} ` +
        "connections, wanted at least one for each",
    );
  }
  const text = "0123456789".repeat(Math.ceil(size / 10)).slice(0, size);
  return {
    connections,
    messages,
    inFlight: numberOf(given, "in-flight", 1, 1),
    message: isGiven(given, "binary") ? new TextEncoder().encode(text) : text,
  };
}

async function openAll(
  given: Given,
  url: string,
  { connections: count }: Load,
  terminal: Terminal,
  durations: Durations,
): Promise<WebSocketConnection[]> {
  const progress = createProgress(terminal, count);
  const connections: WebSocketConnection[] = [];
  while (connections.length < count) {
    const startMs = performance.now();
    connections.push(await connectAs(given, url, terminal));
    durations.add(performance.now() - startMs);
    progress.update(connections.length, "connecting");
  }
  progress.clear();
  return connections;
}

/** So many things in so many parts, as even as can be. */
function share(count: number, parts: number): number[] {
  const least = Math.floor(count / parts);
  return Array.from(
    { length: parts },
    (_, index) => least + (index < count % parts ? 1 : 0),
  );
}

/** Sends messages and waits for their answers; gives what went wrong. */
async function converse(
  connection: WebSocketConnection,
  messages: number,
  { inFlight, message }: Load,
  onAnswer: (ms: number, isRight: boolean) => void,
): Promise<string | undefined> {
  const sentAtMs: number[] = [];
  let sent = 0;
  const send = () => {
    if (sent === messages || !connection.send(message)) return;
    sent += 1;
    sentAtMs.push(performance.now());
  };
  try {
    for (let index = 0; index < inFlight; index++) send();
    for (let received = 0; received < messages; received++) {
      const answer = await connection.receive();
      if (answer === undefined) {
        const { closeCode, reason } = await connection.closed;
        return `Closed after ${received} answers: ${closeCode} ${reason}`;
      }
      const [startMs = performance.now()] = sentAtMs.splice(0, 1);
      onAnswer(performance.now() - startMs, isSame(answer, message));
      send();
    }
  } catch (error) {
    return (error as Error).message;
  }
}

function isSame(a: string | Uint8Array, b: string | Uint8Array): boolean {
  if (typeof a === "string" || typeof b === "string") return a === b;
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

/** What was measured. */
interface Result {
  readonly load: Load;
  readonly connecting: Durations;
  readonly answering: Durations;
  readonly seconds: number;
  readonly wrong: number;
}

const shares = [0.5, 0.9, 0.99, 0.999] as const;

function toText(
  { load, connecting, answering, seconds, wrong }: Result,
): string {
  const rate = answering.count() / seconds;
  const bytes = rate * load.message.length;
  const longestMs = answering.longest();
  const rows = [
    ...shares.map((part) =>
      [`p${part * 100}`, answering.percentile(part)] as const
    ),
    ["longest", longestMs] as const,
  ];
  const lines = rows.map(([name, ms]) =>
    [
      name,
      `${milliseconds(ms).padStart(12)}  ${signsOf(ms, longestMs)}`.trimEnd(),
    ] as const
  );
  return [
    `${load.connections} connections, opened in ` +
    `${milliseconds(connecting.percentile(0.5))} each (p50)`,
    `${answering.count()} of ${load.messages} messages of ` +
    `${load.message.length} bytes answered in ${seconds.toFixed(2)} s: ` +
    `${Math.round(rate)} messages/s, ${sizeOf(bytes)}/s each way`,
    ...wrong === 0 ? [] : [`${wrong} answers were not what was sent`],
    ...answering.count() === 0 ? [] : ["", "Latency", ...twoColumns(lines)],
    "",
  ].join("\n");
}

function milliseconds(ms: number): string {
  return `${ms < 10 ? ms.toFixed(3) : ms.toFixed(1)} ms`;
}

function toJson(
  { load, connecting, answering, seconds, wrong }: Result,
): string {
  const latencies = (durations: Durations) =>
    Object.fromEntries([
      ...shares.map((part) => [`p${part * 100}`, durations.percentile(part)]),
      ["longest", durations.longest()],
    ]);
  return `${
    JSON.stringify({
      connections: load.connections,
      messages: load.messages,
      bytes: load.message.length,
      inFlight: load.inFlight,
      answered: answering.count(),
      wrong,
      seconds,
      messagesPerSecond: answering.count() / seconds,
      connectMs: latencies(connecting),
      latencyMs: latencies(answering),
    })
  }\n`;
}
