/** What one client of the soak does, drawn by chance. */
import {
  connectWebSocket,
  type ConnectWebSocketOptions,
  type MessageData,
  type WebSocketConnection,
} from "@sluice/websocket";
import { permessageDeflate } from "@sluice/websocket/deflate";
import type { Random } from "../../support/random.ts";
import type { Faults } from "./faults.ts";
import { drawNumbered, readNumbered } from "./numbered.ts";

/** What all clients share. */
export interface World {
  readonly url: string;
  readonly faults: Faults;
  /** Aborts when everybody is to come to an end. */
  readonly signal: AbortSignal;
  /** What each client that has a connection is doing. */
  readonly doing: Set<{ readonly deed: string }>;
  /** Counts what happened. */
  readonly count: (what: Happening, by?: number) => void;
}

/** What is counted. */
export type Happening =
  | "connections"
  | "messages"
  | "answers"
  | "pings"
  | "clean ends"
  | "broken off";

/** A connection, and what is known of its messages. */
interface Talk {
  readonly connection: WebSocketConnection;
  readonly random: Random;
  readonly world: World;
  /** What it does at the moment, for who wonders why it does not end. */
  deed: string;
  /** The number of the next message. */
  next: number;
  /** The number of the next answer. */
  answered: number;
  /** Resolves when reading may go on. */
  reading: Promise<void>;
  /** What it goes over, if that is ours to tear apart. */
  readonly conn: Deno.Conn | undefined;
  /** Whether the end was ours to choose, so that answers may be missing. */
  isBrokenOff: boolean;
}

/** One client after the other, until the signal aborts. */
export async function live(random: Random, world: World): Promise<void> {
  while (!world.signal.aborted) {
    try {
      await talk(random, world);
    } catch (error) {
      if (!world.signal.aborted) {
        world.faults.note(`client: ${(error as Error).stack}`);
      }
    }
  }
}

/** How clients differ. */
function drawOptions(random: Random): ConnectWebSocketOptions {
  return {
    extensions: random.chance(0.5)
      ? [
        permessageDeflate({
          level: 1,
          thresholdBytes: random.pick([0, 1024]),
          clientNoContextTakeover: random.chance(0.5),
          serverNoContextTakeover: random.chance(0.5),
        }),
      ]
      : [],
    heartbeat: random.chance(0.5)
      ? false
      : { intervalMs: 3_000, timeoutMs: 20_000 },
    maxBufferedBytes: random.pick([16 * 1024, 1024 * 1024]),
    // What is slow on a machine that does something else is no fault.
    handshakeTimeoutMs: 60_000,
    closeTimeoutMs: 30_000,
  };
}

/** A connection from its opening to its end. */
async function talk(random: Random, world: World): Promise<void> {
  const { hostname, port } = new URL(world.url);
  const conn = random.chance(0.3)
    ? await Deno.connect({ hostname, port: Number(port) })
    : undefined;
  const connection = await connectWebSocket(world.url, {
    ...drawOptions(random),
    ...conn === undefined ? {} : { carrier: conn },
  });
  world.count("connections");
  const talk: Talk = {
    connection,
    conn,
    random,
    world,
    deed: "",
    next: 0,
    answered: 0,
    reading: Promise.resolve(),
    isBrokenOff: false,
  };
  world.doing.add(talk);
  const reading = readAll(talk);
  const turns = random.integer(1, 200);
  for (let turn = 0; turn < turns && !world.signal.aborted; turn++) {
    await doOne(talk, deeds);
  }
  await doOne(talk, ends);
  talk.deed += ", then reading to the end";
  await reading;
  talk.deed += ", then being closed";
  await connection.closed;
  world.doing.delete(talk);
}

async function doOne(talk: Talk, among: readonly Deed[]): Promise<void> {
  const deed = talk.random.pick(among);
  talk.deed = deed.name;
  await deed(talk);
}

/** Judges the answers: each whole, the next one, and all of them there. */
async function readAll(talk: Talk): Promise<void> {
  const { connection, world } = talk;
  try {
    for await (const data of connection) {
      judge(talk, data);
      await talk.reading;
    }
  } catch (error) {
    if (!talk.isBrokenOff) world.faults.note(`client reading: ${error}`);
  }
  if (talk.isBrokenOff) return world.count("broken off");
  world.count("clean ends");
  const { wasClean, closeCode, reason } = await connection.closed;
  if (talk.answered !== talk.next || !wasClean || closeCode !== 1000) {
    world.faults.note(
      `client: ${talk.answered} of ${talk.next} answered, ${closeCode} ` +
        `"${reason}", clean: ${wasClean}, "${connection.extensions}", ` +
        `while it did ${talk.deed}`,
    );
  }
}

function judge(talk: Talk, data: MessageData): void {
  const found = readNumbered(data);
  const wanted = talk.answered++;
  talk.world.count("answers");
  if (found?.number === wanted && found.isWhole) return;
  talk.world.faults.note(
    `client: wanted ${wanted}, found ${JSON.stringify(found)}`,
  );
}

function send(talk: Talk): void {
  const { connection, random, world } = talk;
  world.count("messages");
  const compress = random.pick([undefined, true, false]);
  connection.send(drawNumbered(talk.next++, random), { compress });
}

/** Something that a client does. */
type Deed = (talk: Talk) => Promise<void>;

async function sendMany(talk: Talk): Promise<void> {
  for (let count = talk.random.integer(1, 8); count > 0; count--) send(talk);
  await talk.connection.drained();
}

function sendAndPause(talk: Talk): Promise<void> {
  send(talk);
  return pause(talk, 3_000);
}

function idle(talk: Talk): Promise<void> {
  return pause(talk, 6_000);
}

async function ping({ connection, world }: Talk): Promise<void> {
  await connection.ping();
  world.count("pings");
}

/** In pieces, with another message that has to wait for the last of them. */
async function sendPieces(talk: Talk): Promise<void> {
  const { connection, random, world } = talk;
  world.count("messages");
  const data = drawNumbered(talk.next++, random);
  const type = typeof data === "string" ? "text" : "binary";
  const sending = connection.sendFrom(type, piecesOf(data, random));
  send(talk);
  await sending;
}

/** Goes on with what else it does. */
function stopReadingForAWhile(talk: Talk): Promise<void> {
  talk.reading = pause(talk, 2_000);
  return Promise.resolve();
}

/** What a client does in the middle of its life. */
const deeds: readonly Deed[] = [
  sendMany,
  sendAndPause,
  idle,
  ping,
  sendPieces,
  stopReadingForAWhile,
];

/** Cut anywhere, between the halves of a surrogate pair too. */
function* piecesOf(data: MessageData, random: Random): Iterable<MessageData> {
  for (let at = 0; at < data.length;) {
    const end = at + random.integer(1, 5_000);
    yield typeof data === "string"
      ? data.slice(at, end)
      : data.subarray(at, end);
    at = end;
  }
}

/** With answers on their way, which it will not wait for. */
function closeAtOnce(talk: Talk): Promise<void> {
  talk.isBrokenOff = true;
  send(talk);
  talk.connection.close({ closeCode: 3000 + talk.random.integer(0, 1999) });
  return Promise.resolve();
}

/** In the middle of whatever it is. */
async function breakOff(talk: Talk): Promise<void> {
  talk.isBrokenOff = true;
  for (let count = 0; count < 5; count++) send(talk);
  if (talk.conn === undefined) await talk.connection.readable.cancel();
  else talk.conn.close();
}

/** How it ends. */
const ends: readonly Deed[] = [
  closeWhenAnswered,
  closeWhenAnswered,
  closeWhenAnswered,
  closeAtOnce,
  breakOff,
];

/** How long answers may take before they are taken for lost. */
const answerLimitMs = 60_000;

async function closeWhenAnswered(talk: Talk): Promise<void> {
  const limitMs = performance.now() + answerLimitMs;
  while (talk.answered < talk.next && performance.now() < limitMs) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  talk.connection.close();
}

/** Some time up to `mostMs`, or until everybody is to end. */
function pause({ random, world }: Talk, mostMs: number): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(id);
      world.signal.removeEventListener("abort", done);
      resolve();
    };
    const id = setTimeout(done, random.integer(0, mostMs));
    world.signal.addEventListener("abort", done);
    if (world.signal.aborted) done();
  });
}
