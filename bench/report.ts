/** The results of the echo benchmark, as Markdown. */
import {
  type Kind,
  kinds,
  limitOf,
  ours,
  serverOf,
  type Target,
  targets,
} from "./plan.ts";
import type { CaseResult, Sample } from "./rounds.ts";
import {
  count,
  formatRatio,
  mebibytes,
  median,
  short,
  verdictOf,
} from "./statistics.ts";

/** What the tables come with. */
export interface ReportContext {
  readonly versions: ReadonlyMap<string, string>;
  readonly rounds: number;
  readonly runMs: number;
}

/** The whole section. */
export function makeReport(
  results: readonly CaseResult[],
  context: ReportContext,
): string {
  return [
    makeIntroduction(context),
    "## Targets\n",
    makeTargetTable(results),
    "## Workloads\n",
    "![Server CPU time a message](results.svg)\n",
    ...results.map((result) => makeCaseTable(result)),
  ].join("\n");
}

function makeIntroduction({ versions, rounds, runMs }: ReportContext): string {
  const list = [...versions].map(([name, version]) => `- ${name}: ${version}`);
  return `\`deno task bench\` wrote this: the user and system time of each echo
server's own process, over the messages that a driver in another process sent it
in a closed loop on loopback. Connections × messages in flight × bytes a
message; median of ${rounds} rounds of ${runMs} ms after a warm-up, a fresh
process for each, the servers in turns. A ratio is the median over the rounds of
ours ÷ theirs in the same round: less than 1 means that ours costs less.

Binary messages are any bytes, texts are ASCII. Every server hands a text to its
application as a string, but for \`ws\`, which hands out the buffer.

${list.join("\n")}
`;
}

/** One case as a table, ours first. */
export function makeCaseTable(result: CaseResult): string {
  const { workload, kind, samples } = result;
  const rows = [...samples].map(([name, all]) => {
    const ratio = ratioOf(result, ours, all);
    return row([
      serverOf(name).title,
      short(median(all.map(cpuOf))),
      `${short(Math.min(...all.map(cpuOf)))}–${
        short(Math.max(...all.map(cpuOf)))
      }`,
      count(median(all.map((sample) => sample.messagesPerSecond))),
      mebibytes(median(all.map((sample) => sample.rssBytes))),
      name === ours || ratio === undefined ? "" : formatRatio(ratio),
    ]);
  });
  return [
    `### ${workload.name} ${kind}\n`,
    row([
      "server",
      "CPU µs/message",
      "from–to",
      "messages/s",
      "resident",
      "ours ÷ theirs",
    ]),
    row(["---", "---:", "---:", "---:", "---:", "---:"]),
    ...rows,
    "",
  ].join("\n");
}

function makeTargetTable(results: readonly CaseResult[]): string {
  const rows = targets.flatMap((target) =>
    kinds.flatMap((kind) => makeTargetRow(results, target, kind) ?? [])
  );
  return [
    row(["ours", "workload", "theirs", "at most", "measured", ""]),
    row(["---", "---", "---", "---:", "---:", "---"]),
    ...rows,
    "",
  ].join("\n");
}

/** Nothing where one of the two was not measured. */
function makeTargetRow(
  results: readonly CaseResult[],
  target: Target,
  kind: Kind,
): string | undefined {
  const result = results.find((one) =>
    one.workload.name === target.workload && one.kind === kind
  );
  if (result === undefined) return undefined;
  const theirs = samplesOf(results, target.peer, result);
  const ratio = ratioOf(result, target.server, theirs);
  if (ratio === undefined) return undefined;
  const limit = limitOf(target, kind);
  return row([
    serverOf(target.server).title,
    `${target.workload} ${kind}`,
    serverOf(target.peer).title,
    formatRatio(limit),
    formatRatio(ratio),
    verdictOf(ratio, limit),
  ]);
}

/** Those of servers that know no messages are with the binary case. */
function samplesOf(
  results: readonly CaseResult[],
  name: string,
  { workload, kind }: CaseResult,
): readonly Sample[] | undefined {
  const wanted = serverOf(name).raw ? "binary" : kind;
  return results.find((one) => one.workload === workload && one.kind === wanted)
    ?.samples.get(name);
}

/** The median of the ratios of each round. */
function ratioOf(
  { samples }: CaseResult,
  name: string,
  theirs: readonly Sample[] | undefined,
): number | undefined {
  const own = samples.get(name);
  if (own === undefined || theirs === undefined) return undefined;
  return median(
    own.map((sample, round) => cpuOf(sample) / cpuOf(theirs[round]!)),
  );
}

function cpuOf({ cpuMicrosecondsPerMessage }: Sample): number {
  return cpuMicrosecondsPerMessage;
}

export function row(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}
