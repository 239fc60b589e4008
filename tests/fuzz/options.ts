import { parseArgs } from "node:util";
import { UsageError } from "../../lib/cli/terminal.ts";
import { targetNames } from "./target_names.ts";

/** What `deno task fuzz --help` says. */
export const help: string = `Usage: deno task fuzz [options]

  --minutes N        how long each target is fuzzed (1, without --executions)
  --executions N     how many inputs each target gets at the most
  --targets a,b      of: ${targetNames.join(", ")}
  --seed N           the same executions for the same number (1)
  --jobs N           so many targets at once, each in a process of its own (1)
  --save-corpus      keep the smallest set of inputs that covers what was found
  --results          write the table into tests/reliability/RESULTS.md
  --reproduce FILE   run one input, such as a crasher, and say what is thrown
  --help             this text

An input that breaks the invariant of its target (see the file of that name in
tests/fuzz/targets) is made smaller and written to tests/fuzz/crashers. The exit
code is 1 if there is one.`;

/** What the command line wants. */
export interface Options {
  readonly targets: readonly string[];
  readonly seed: number;
  readonly jobs: number;
  /** How long each target is fuzzed; `Infinity` where executions are counted. */
  readonly maxMs: number;
  /** How many inputs each target gets at the most. */
  readonly maxExecutions: number | undefined;
  readonly saveCorpus: boolean;
  readonly results: boolean;
  /** A file to be run once. */
  readonly reproduce: string | undefined;
  /** The only target that was named, for a file that does not lie in its folder. */
  readonly target: string | undefined;
}

/**
 * Reads the command line; `undefined` if it asks for help.
 *
 * @throws {UsageError} If it is wrong.
 */
export function readOptions(args: readonly string[]): Options | undefined {
  const values = parse(args);
  if (values.help) return undefined;
  const targets = values.targets?.split(",") ?? [...targetNames];
  for (const target of targets) requireTarget(target);
  const maxExecutions = values.executions === undefined
    ? undefined
    : numberOf("executions", values.executions, 1);
  const minutes = values.minutes === undefined
    ? maxExecutions === undefined ? 1 : Infinity
    : numberOf("minutes", values.minutes, 0);
  return {
    targets,
    maxExecutions,
    maxMs: minutes * 60_000,
    seed: numberOf("seed", values.seed ?? "1", 0),
    jobs: Math.min(targets.length, numberOf("jobs", values.jobs ?? "1", 1)),
    saveCorpus: values["save-corpus"] ?? false,
    results: values.results ?? false,
    reproduce: values.reproduce,
    target: targets.length === 1 ? targets[0] : undefined,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        minutes: { type: "string" },
        executions: { type: "string" },
        targets: { type: "string" },
        seed: { type: "string" },
        jobs: { type: "string" },
        "save-corpus": { type: "boolean" },
        results: { type: "boolean" },
        reproduce: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    }).values;
  } catch (error) {
    const [found] = (error as Error).message.split(". To specify");
    throw new UsageError(`${found}; see deno task fuzz --help`);
  }
}

function requireTarget(name: string): void {
  if (targetNames.some((one) => one === name)) return;
  throw new UsageError(
    `Cannot fuzz: found target ${JSON.stringify(name)}, wanted one of ` +
      targetNames.join(", "),
  );
}

/** A number; only minutes may have a fraction. */
function numberOf(name: string, text: string, least: number): number {
  const number = Number(text);
  const isRight = name === "minutes"
    ? number > least && number <= mostMinutes
    : Number.isSafeInteger(number) && number >= least;
  if (isRight && text.trim() !== "") return number;
  throw new UsageError(
    `Cannot read --${name}: found ${JSON.stringify(text)}, wanted a number ` +
      (name === "minutes"
        ? `above 0, at most ${mostMinutes}`
        : `of at least ${least}`),
  );
}

/** A week. */
const mostMinutes = 7 * 24 * 60;
