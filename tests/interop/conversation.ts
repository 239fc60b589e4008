import type { WebSocketConnection } from "@sluice/websocket";
import { assert, assertEquals } from "@std/assert";
import { seededRandom } from "../support/random.ts";

/** What is tried with every peer, in this order. */
export const checks = [
  "subprotocol",
  "deflate",
  "text",
  "UTF-8",
  "binary",
  "70 kB",
  "1 MiB",
  "fragments",
  "Ping between",
  "Pong",
  "empty",
  "idle",
  "close",
] as const;

/** One of those, or what somebody who looks on makes of it. */
export type Check = typeof checks[number] | "dissected" | "saved";

/** All of them, in the order of the table. */
export const columns: readonly Check[] = [...checks, "dissected", "saved"];

/** What a peer was asked for. */
export interface Asked {
  /** Whether both sides are to compress. */
  readonly deflate: boolean;
  /** After how long a silent link is cut, in milliseconds, if it is. */
  readonly idleCutMs?: number | undefined;
}

/** Talks with a peer that sends back what it gets; throws what is wrong. */
export type Trial = (
  connection: WebSocketConnection,
  asked: Asked,
) => unknown;

/** As JSON of so many bytes, which compresses well. */
function jsonOf(byteLength: number): string {
  const line = JSON.stringify({ id: 1, name: "sluice", tags: ["a", "b"] });
  return line.repeat(Math.ceil(byteLength / line.length)).slice(0, byteLength);
}

async function echo(
  connection: WebSocketConnection,
  message: string | Uint8Array,
): Promise<void> {
  connection.send(message);
  await receive(connection, message);
}

async function receive(
  connection: WebSocketConnection,
  wanted: string | Uint8Array,
): Promise<void> {
  const message = await connection.receive();
  assertEquals(typeof message, typeof wanted);
  assertEquals(message?.length, wanted.length);
  // As a difference a megabyte is of no use to anybody.
  assert(areEqual(message!, wanted), "other contents");
}

function areEqual(a: string | Uint8Array, b: string | Uint8Array): boolean {
  if (typeof a === "string" || typeof b === "string") return a === b;
  return a.every((byte, index) => byte === b[index]);
}

export const trials: Readonly<Record<typeof checks[number], Trial>> = {
  subprotocol: ({ protocol }) => assertEquals(protocol, "echo"),
  deflate: ({ extensions }, { deflate }) =>
    assertEquals(extensions.startsWith("permessage-deflate"), deflate),
  text: async (connection) => {
    // The second is known from the first, where the context is taken over.
    for (let turn = 0; turn < 3; turn++) await echo(connection, jsonOf(2_000));
  },
  "UTF-8": (connection) => echo(connection, "κόσμε 🌍 ".repeat(300)),
  binary: async (connection) => {
    const random = seededRandom(1);
    for (const length of [1, 125, 126, 2_000, 65_535, 65_536]) {
      await echo(connection, random.bytes(length));
    }
  },
  "70 kB": async (connection) => {
    await echo(connection, jsonOf(70_000));
    await echo(connection, new Uint8Array(70_000).fill(7));
  },
  "1 MiB": (connection) => echo(connection, seededRandom(2).bytes(1024 * 1024)),
  fragments: async (connection) => {
    const pieces = ["one ", "", jsonOf(3_000), " €", "🌍"];
    await connection.sendFrom("text", pieces);
    await receive(connection, pieces.join(""));
  },
  "Ping between": async (connection) => {
    async function* pieces() {
      yield jsonOf(2_000);
      await connection.ping();
      yield "the end";
    }
    await connection.sendFrom("text", pieces());
    await receive(connection, `${jsonOf(2_000)}the end`);
  },
  Pong: async (connection) => {
    await connection.ping(new TextEncoder().encode("are you there"));
    await connection.ping(new Uint8Array(0));
    await connection.ping(new Uint8Array(125));
  },
  empty: async (connection) => {
    await echo(connection, "");
    await echo(connection, new Uint8Array(0));
  },
  // The heartbeat keeps it, though no message comes for a long time.
  idle: async (connection, { idleCutMs = 0 }) => {
    await new Promise((resolve) => setTimeout(resolve, 2.5 * idleCutMs));
    await echo(connection, "still here");
  },
  close: async (connection) => {
    connection.close({ closeCode: 4000, reason: "bye" });
    const { closeCode, reason, wasClean } = await connection.closed;
    assertEquals({ closeCode, reason, wasClean }, {
      closeCode: 4000,
      reason: "bye",
      wasClean: true,
    });
  },
};

/** How a check came out: nothing if it went well, else what was wrong. */
export type Outcomes = ReadonlyMap<Check, string | undefined>;

/** Longer than anything here takes on a busy machine. */
const checkTimeoutMs = 10_000;

/** Makes every check, but those that a peer is known not to survive. */
export async function converse(
  connection: WebSocketConnection,
  asked: Asked,
  leftOut: readonly Check[],
): Promise<Outcomes> {
  const outcomes = new Map<Check, string | undefined>();
  for (const check of checks) {
    if (leftOut.includes(check)) continue;
    if (check === "idle" && asked.idleCutMs === undefined) continue;
    outcomes.set(check, await outcomeOf(check, connection, asked));
  }
  return outcomes;
}

async function outcomeOf(
  check: typeof checks[number],
  connection: WebSocketConnection,
  asked: Asked,
): Promise<string | undefined> {
  const { promise: tooLate, reject } = Promise.withResolvers<never>();
  const id = setTimeout(
    () => reject(new Error(`no answer in ${checkTimeoutMs} ms`)),
    checkTimeoutMs,
  );
  try {
    const trial = (async () => await trials[check](connection, asked))();
    await Promise.race([trial, tooLate]);
  } catch (error) {
    return String(error).split("\n").filter((line) => line.trim() !== "")
      .slice(0, 6).join(" ");
  } finally {
    clearTimeout(id);
  }
}
