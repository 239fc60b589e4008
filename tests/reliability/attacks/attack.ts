/** What an attack is, and what it can use. */
import type { Item } from "../../conformance/wire.ts";
import type { RawPeer } from "./raw_peer.ts";
import type { ServerState, SubjectOptions } from "./subject_state.ts";

/** One attack: who describes it, what is promised of it, and how it is done. */
export interface Attack {
  readonly name: string;
  /** The section, the advisory or the issue that describes it. */
  readonly source: string;
  /** What the limits promise, in words; `run` asserts it. */
  readonly bound: string;
  /** How the server is set up that is attacked. */
  readonly server?: SubjectOptions;
  /** Whether it runs by itself, so that memory and work are its own. */
  readonly isMeasured?: boolean;
  /** Attacks, throws if the bound does not hold, and says what was found. */
  readonly run: (world: World) => Promise<string>;
}

/** Attacks of one kind. */
export interface Family {
  readonly name: string;
  readonly attacks: readonly Attack[];
}

/** An attack by a server on our client, which brings all that it needs. */
export interface ClientAttackCase
  extends Pick<Attack, "name" | "source" | "bound"> {
  readonly run: () => Promise<
    Pick<Outcome, "found" | "answered" | "handles">
  >;
}

/** Such attacks. */
export interface ClientFamily {
  readonly name: string;
  readonly attacks: readonly ClientAttackCase[];
}

/** A server under attack, as an attacker and an onlooker see it. */
export interface World {
  readonly port: number;
  /** Connects, and says nothing. */
  readonly connect: () => Promise<RawPeer>;
  /** Connects and opens a WebSocket; `target` says what becomes of messages. */
  readonly open: (target?: string, extensions?: string) => Promise<RawPeer>;
  /** What the server says of itself. */
  readonly state: () => Promise<ServerState>;
  /** What went wrong, once so many errors have been told. */
  readonly errors: (count: number) => Promise<ServerState["errors"]>;
  /** By how many bytes the server's memory grew at the most meanwhile. */
  readonly growthDuring: (attack: () => Promise<void>) => Promise<number>;
  /** How many bytes the server holds, without what is waste. */
  readonly heldBytes: () => Promise<number>;
}

/** What came of an attack. */
export interface Outcome {
  readonly family: string;
  readonly attack: Pick<Attack, "name" | "source" | "bound">;
  readonly found: string;
  /** How many messages of a well-behaved client were answered meanwhile. */
  readonly answered: number;
  /** How many handles the server had before, and after. */
  readonly handles: readonly [number, number];
}

/** Throws unless the bound holds. */
export function requireBound(isHeld: boolean, found: string): void {
  if (!isHeld) throw new Error(`The bound does not hold: found ${found}`);
}

/** Throws unless the peer was told goodbye with this code. */
export function requireClose(
  items: readonly Item[],
  code: number,
  what: string,
): void {
  const last = items.at(-1);
  const found = last === undefined
    ? "nothing"
    : last.type === "close"
    ? `close ${last.code}`
    : last.type;
  requireBound(
    last?.type === "close" && last.code === code,
    `${found} after ${what}, wanted close ${code}`,
  );
}
