/**
 * Searches inputs that the library is wrong about: `deno task fuzz`.
 *
 * Each target is bundled with the library and instrumented, and fuzzed in a process
 * of its own: the paths that an input takes say whether it is worth mutating.
 */
import { reliabilityPage, writeSection } from "../../bench/results_file.ts";
import { ExitCode, UsageError } from "../../lib/cli/terminal.ts";
import { runJob } from "./jobs.ts";
import { help, type Options, readOptions } from "./options.ts";
import { makeSection, makeTable, type Row } from "./report.ts";
import { reproduce } from "./reproduce.ts";
import { createStatus } from "./status.ts";

Deno.exit(await main(Deno.args));

async function main(args: readonly string[]): Promise<number> {
  try {
    const options = readOptions(args);
    if (options === undefined) {
      console.log(help);
      return ExitCode.ok;
    }
    if (options.reproduce !== undefined) {
      return await reproduce(options.reproduce, options.target);
    }
    return await fuzzAll(options);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(error.message);
    return ExitCode.usage;
  }
}

async function fuzzAll(options: Options): Promise<number> {
  const rows = await runAll(options);
  console.log(makeTable(rows));
  if (options.results) {
    await writeSection("fuzz", makeSection(rows), reliabilityPage);
  }
  const isClean = rows.every(({ crashers }) => crashers === 0);
  return isClean ? ExitCode.ok : ExitCode.broken;
}

/** Runs the targets, so many at once as there are to be jobs. */
async function runAll(options: Options): Promise<Row[]> {
  const { targets, jobs } = options;
  const status = createStatus(options);
  const waiting = [...targets.entries()];
  const rows: Row[] = [];
  const work = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [index, target] = next;
      rows[index] = await runJob(target, options, {
        progress: (report) => status.update(target, report),
        crasher: (path, message) => {
          status.clear();
          console.log(`${target}: ${message}\n${howToReproduce(path)}`);
        },
      });
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
  status.clear();
  return rows;
}

function howToReproduce(path: string): string {
  return `  written to ${path}\n  deno task fuzz --reproduce ${path}\n`;
}
