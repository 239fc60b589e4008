import { setImmediate } from "node:timers";
import { type Random, seededRandom } from "../support/random.ts";
import { type Counters, createCoverage } from "./coverage.ts";
import { execute, failureOf } from "./execute.ts";
import { hashOf } from "./invariants.ts";
import { type Covering, minimise } from "./minimise.ts";
import { mutate } from "./mutate.ts";
import type { FuzzTarget, Meter } from "./target.ts";

/** An input that breaks an invariant, as small as it could be made. */
export interface Crasher {
  readonly bytes: Uint8Array;
  /** What was thrown. */
  readonly message: string;
}

/** How far a run has come. */
export interface FuzzProgress {
  readonly executions: number;
  readonly elapsedMs: number;
  /** How many paths have been seen. */
  readonly paths: number;
  /** How many inputs are worth mutating. */
  readonly corpus: number;
  readonly crashers: number;
}

/** What a run came to. */
export interface FuzzOutcome extends FuzzProgress {
  /** The inputs that took a new path, each with all that it takes. */
  readonly inputs: readonly Covering[];
  /** Whether a counter ever ran. */
  readonly isReached: (counter: number) => boolean;
}

/** How long to run, from where, and who is told. */
export interface FuzzOptions {
  /** The same executions for the same seed. */
  readonly seed: number;
  /** Inputs to begin with. */
  readonly seeds: readonly Uint8Array[];
  readonly maxExecutions: number;
  /** Ends the run by time; never by default. */
  readonly maxMs?: number;
  readonly nowMs?: () => number;
  /** Called with each input before it is executed. */
  readonly onExecution?: (bytes: Uint8Array) => void;
  /** Called about every thousand executions. */
  readonly onProgress?: (progress: FuzzProgress) => void;
  /** Called once for each kind of failure. */
  readonly onCrasher?: (crasher: Crasher) => void;
}

/** An input of the corpus. */
interface Entry extends Covering {
  /** How often it was mutated; a long one counts for more. */
  picks: number;
}

/** What a run knows. */
interface Run {
  readonly target: FuzzTarget;
  readonly random: Random;
  readonly corpus: Entry[];
  readonly failures: Set<string>;
  readonly execute: (bytes: Uint8Array) => Promise<unknown>;
}

/** Executions made of nothing but the generator, before the corpus is used. */
const generatedFirst = 64;

/** More inputs are not kept: each has its paths with it. */
const maxCorpus = 5_000;

/** More kinds of failures are not looked for: something is wrong everywhere. */
const maxFailures = 20;

/** The runtime lets go of what zlib held, once it is closed, between two turns. */
const executionsPerTurn = 16;

function endOfTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** How much is tried to make a crasher smaller. */
const maxTries = 2_000;

/**
 * Searches inputs that break a target's invariant: those that take a path which no
 * other has taken are kept, and mutated further.
 *
 * @param counters Those of the instrumented code that the target runs.
 */
export async function fuzz(
  target: FuzzTarget,
  counters: Counters,
  options: FuzzOptions,
): Promise<FuzzOutcome> {
  const { maxMs = Infinity, nowMs = () => performance.now() } = options;
  const beganMs = nowMs();
  const coverage = createCoverage(counters);
  const run = begin(target, coverage, options);
  let executions = 0;
  const progress = (): FuzzProgress => ({
    executions,
    elapsedMs: nowMs() - beganMs,
    paths: coverage.count(),
    corpus: run.corpus.length,
    crashers: run.failures.size,
  });
  while (
    executions < options.maxExecutions && nowMs() - beganMs < maxMs &&
    run.failures.size < maxFailures
  ) {
    const bytes = options.seeds[executions] ??
      nextInput(run, executions - options.seeds.length);
    executions += 1;
    const error = await run.execute(bytes);
    const isNew = coverage.takeNew() > 0;
    if (error !== undefined) await noteFailure(run, bytes, error, options);
    else if (isNew && run.corpus.length < maxCorpus) {
      run.corpus.push({ bytes, paths: coverage.paths(), picks: 0 });
    }
    if (executions % executionsPerTurn === 0) await endOfTurn();
    if (executions % 1024 === 0) options.onProgress?.(progress());
  }
  const { isReached } = coverage;
  return { ...progress(), inputs: run.corpus, isReached };
}

function begin(
  target: FuzzTarget,
  { begin, spent }: { readonly begin: () => void } & Meter,
  { seed, onExecution }: FuzzOptions,
): Run {
  return {
    target,
    random: seededRandom(seed),
    corpus: [],
    failures: new Set(),
    execute: async (bytes) => {
      onExecution?.(bytes);
      begin();
      try {
        await execute(target, bytes, { spent });
        return undefined;
      } catch (error) {
        return error ?? new Error("Nothing was thrown");
      }
    },
  };
}

/** A generated input, or a mutation of one of the corpus. */
function nextInput(
  { target, random, corpus }: Run,
  execution: number,
): Uint8Array {
  const { generate, tokens, part, maxInputBytes } = target;
  const isGenerated = execution < generatedFirst || corpus.length === 0 ||
    random.chance(0.05);
  if (isGenerated) return generate(random).slice(0, maxInputBytes);
  const { bytes } = pick(corpus, random);
  const other = random.pick(corpus).bytes;
  return mutate(bytes, random, {
    tokens,
    part,
    other,
    maxBytes: maxInputBytes,
  });
}

/** Of two, the one that took less so far, so that new and short ones have turns. */
function pick(corpus: readonly Entry[], random: Random): Entry {
  const [a, b] = [random.pick(corpus), random.pick(corpus)];
  const entry = a.picks <= b.picks ? a : b;
  entry.picks += 1 + entry.bytes.length / 128;
  return entry;
}

async function noteFailure(
  run: Run,
  bytes: Uint8Array,
  error: unknown,
  { onCrasher }: FuzzOptions,
): Promise<void> {
  const failure = failureOf(error);
  if (run.failures.has(failure)) return;
  run.failures.add(failure);
  const isThatFailure = async (candidate: Uint8Array) => {
    const found = await run.execute(candidate);
    return found !== undefined && failureOf(found) === failure;
  };
  const smallest = await minimise(bytes, isThatFailure, maxTries);
  const last = await run.execute(smallest) ?? error;
  const message = last instanceof Error
    ? last.stack ?? last.message
    : String(last);
  onCrasher?.({ bytes: smallest, message });
}

/** A name for an input: the same for the same bytes. */
export function nameOf(bytes: Uint8Array): string {
  return hashOf(bytes).toString(16).padStart(8, "0");
}
