/**
 * The conformance suite: every case of the public Autobahn test plan in groups
 * 1 to 7, 9, 10, 12 and 13, rebuilt by its number, with the strict result required
 * and not the tolerated one.
 *
 *     deno task conformance [--group 6] [--case 6.4.3] [--fast]
 *
 * A case is a value (`conformance_case.ts`, `cases/`): the frames that the
 * tester sends and how they are chopped, what has to come back and in which
 * order, the close code on the wire, who hangs up, and for which rule. The same
 * values are run in four ways:
 *
 * - against a session alone, as server and as client, without a socket or a
 *   timer, with the bytes cut as the case says, in one piece, and one by one;
 * - over TCP against `examples/echo_server.ts` and `examples/echo_client.ts`,
 *   each started as its user would.
 *
 * The tester has a frame writer, a frame reader, a handshake and a compression of
 * its own (`wire.ts`, `raw_handshake.ts`, `wire_deflate.ts`,
 * `deflate_handshake.ts`), so that a mistake in `lib/` is not made twice.
 *
 * Where the plan leaves the result open, it is settled here:
 *
 * - what came before a Close or a broken rule is answered first (3.2, 7.1.6);
 * - a text fails at the byte that makes it hopeless: in process, one byte at a
 *   time, that is checked for every invalid text; in 6.4 the rest is never sent;
 * - a Close is answered with its own code, one without a body with none (7.3.1),
 *   and a reason that is not UTF-8 with 1007 (7.5.1, RFC 6455 §8.1);
 * - codes from 5000 on are invalid (7.13, §7.4.2);
 * - of several offers the first is agreed on, with all that it asks for, and what
 *   is long enough comes back compressed (12, 13; see `cases/compression.ts`).
 *
 * A run of all groups writes `RESULTS.md`. The exit code is 1 if a case failed.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { groups } from "./cases/groups.ts";
import type { Group } from "./conformance_case.ts";
import {
  type CaseFailure,
  failuresOf,
  type GroupResult,
  resultsPage,
  tableOf,
} from "./report.ts";
import { openWays, type Way } from "./ways.ts";

const usage = `Usage: deno task conformance [options]

  --group N    only this group, such as 6
  --case N     only this case, such as 6.4.3
  --fast       without the slow groups 9, 12 and 13
  --help       this text

A run of everything writes tests/conformance/RESULTS.md.`;

/** The groups with no more than the cases that were asked for. */
function selectGroups(
  options: {
    readonly group?: string | undefined;
    readonly case?: string | undefined;
    readonly fast: boolean;
  },
): Group[] {
  return groups
    .filter(({ isSlow }) => !(options.fast && isSlow))
    .filter(({ number }) => [undefined, `${number}`].includes(options.group))
    .map((group) => ({
      ...group,
      cases: group.cases.filter(({ number }) =>
        [undefined, number].includes(options.case)
      ),
    }))
    .filter(({ cases }) => cases.length > 0);
}

async function runGroup(group: Group, way: Way): Promise<GroupResult> {
  const failures: CaseFailure[] = [];
  const queue = group.cases.values();
  // Each takes the next case when it is done with one.
  const work = async () => {
    for (const testCase of queue) {
      const problem = await way.run(testCase);
      if (problem === undefined) continue;
      const { number, title } = testCase;
      failures.push({ number, title, way: way.name, problem });
    }
  };
  await Promise.all(Array.from({ length: way.concurrency }, work));
  const place = ({ number }: CaseFailure) =>
    group.cases.findIndex((testCase) => testCase.number === number);
  failures.sort((a, b) => place(a) - place(b));
  return { group, way: way.name, ran: group.cases.length, failures };
}

async function runAll(selected: readonly Group[]): Promise<GroupResult[]> {
  await using ways = await openWays();
  const results: GroupResult[] = [];
  const startMs = performance.now();
  for (const group of selected) {
    for (const way of ways.all) {
      const result = await runGroup(group, way);
      results.push(result);
      const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
      const passed = `${result.ran - result.failures.length}/${result.ran}`;
      console.log(
        `${seconds.padStart(6)} s  ${passed.padStart(7)}  ` +
          `${group.number} ${group.title}, ${way.name}`,
      );
      result.failures.forEach(printFailure);
    }
  }
  return results;
}

function printFailure({ number, title, problem }: CaseFailure): void {
  console.error(`          FAILED ${number} ${title}\n          ${problem}`);
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      group: { type: "string" },
      case: { type: "string" },
      fast: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const selected = selectGroups(values);
  if (selected.length === 0) {
    console.error(`Found no such group or case.\n\n${usage}`);
    return 2;
  }
  const results = await runAll(selected);
  console.log(`\n${tableOf(results)}\n`);
  const everything = !values.fast && values.group === undefined &&
    values.case === undefined;
  if (everything) {
    const page = new URL("RESULTS.md", import.meta.url);
    await Deno.writeTextFile(page, resultsPage(results));
  }
  const failed = failuresOf(results).length;
  console.log(failed === 0 ? "Nothing failed." : `${failed} failed.`);
  return failed === 0 ? 0 : 1;
}

if (import.meta.main) Deno.exit(await main());
