import { denoTerminal } from "../../lib/cli/deno_terminal.ts";
import { createProgress } from "../../lib/cli/progress.ts";
import type { Options } from "./options.ts";
import type { JobReport } from "./order.ts";

/** How long nothing is said where nobody looks, in milliseconds. */
const quietMs = 30_000;

/** What is said while jobs run. */
export interface Status {
  readonly update: (target: string, report: JobReport) => void;
  /** Takes the line away, so that something else can be written. */
  readonly clear: () => void;
}

/** A line that is rewritten on a terminal, and one now and then elsewhere. */
export function createStatus(
  { targets, maxMs, maxExecutions }: Options,
): Status {
  const terminal = denoTerminal();
  const isBounded = maxExecutions !== undefined;
  const eachTotal = isBounded ? maxExecutions : maxMs;
  const progress = createProgress(terminal, targets.length * eachTotal);
  const done = new Map<string, number>();
  let spokenMs = performance.now();
  return {
    clear: progress.clear,
    update: (target: string, report: JobReport) => {
      const { executions, elapsedMs } = report;
      done.set(target, isBounded ? executions : Math.min(elapsedMs, maxMs));
      const sum = [...done.values()].reduce((sum, part) => sum + part, 0);
      progress.update(sum, `${target}: ${inWords(report)}`);
      const isQuiet = performance.now() - spokenMs > quietMs;
      if (terminal.isNoteRead || !isQuiet) return;
      spokenMs = performance.now();
      console.log(`${target}: ${inWords(report)}`);
    },
  };
}

function inWords(report: JobReport): string {
  const { executions, elapsedMs, paths, corpus, crashers } = report;
  const rate = Math.round(executions / (elapsedMs / 1000));
  return `${executions} executions, ${rate}/s, ${paths} paths, ` +
    `${corpus} inputs, ${crashers} crashers`;
}
