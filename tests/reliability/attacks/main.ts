/**
 * What comes of each attack, as a table: `deno task attacks`.
 *
 * `deno task test:attacks` runs the same as tests.
 */
import { parseArgs } from "node:util";
import { reliabilityPage, writeSection } from "../../../bench/results_file.ts";
import { showProgress } from "../../../bench/rounds.ts";
import type { Outcome } from "./attack.ts";
import { families, type Trial } from "./families.ts";
import { makeTable, tryAll } from "./try_all.ts";

const help = `Usage: deno task attacks [options]

  --family NAME  only this one, more than once for more: one of
                 ${families.map(({ name }) => name).join(", ")}
  --results      write the section "attacks" of tests/reliability/RESULTS.md
  --help         this text

Each attack runs against a server or a client of ours in a process of its own,
beside a client that does nothing wrong. It fails if its bound does not hold.`;

const intro =
  `${"`deno task attacks --results`"}: each attack against a process of ours, beside
a client that does nothing wrong and was answered so many times meanwhile. A
handle is a file or a socket of the process, before and after. Memory is that of
the process, garbage included, at its most; "held" is without garbage.`;

const { family, results } = readArgs();
const chosen = families.filter(({ name }) => family?.includes(name) ?? true);
const outcomes: Outcome[] = [];
const failures: string[] = [];

for (const one of chosen) {
  const found = await tryAll(one, tryOne);
  outcomes.push(...found.filter((outcome) => outcome !== undefined));
}
const table = makeTable(outcomes);
console.log(`\n${table}\n`);
for (const failure of failures) console.error(failure);
console.log(`${outcomes.length} held, ${failures.length} failed`);
if (results && failures.length === 0) {
  await writeSection(
    "attacks",
    `## Attacks\n\n${intro}\n\n${table}`,
    reliabilityPage,
  );
}
if (failures.length > 0) Deno.exitCode = 1;

function readArgs() {
  try {
    const { values } = parseArgs({
      options: {
        family: { type: "string", multiple: true },
        results: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    if (values.help) {
      console.log(help);
      Deno.exit();
    }
    requireFamilies(values.family ?? []);
    return values;
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${help}`);
    Deno.exit(2);
  }
}

function requireFamilies(names: readonly string[]): void {
  for (const name of names) {
    if (families.some((family) => family.name === name)) continue;
    throw new RangeError(`Found --family ${name}, wanted one that is listed`);
  }
}

/** The outcome of an attack; a failure is kept for the end. */
async function tryOne({ name, run }: Trial): Promise<Outcome | undefined> {
  try {
    const outcome = await run();
    showProgress(`${name}: ${outcome.found}`);
    return outcome;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    failures.push(`${name}: ${reason}`);
    showProgress(failures.at(-1)!);
  }
}
