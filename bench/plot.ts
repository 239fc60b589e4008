/** The results of the echo benchmark, as bars on a logarithmic axis. */
import {
  labelWidth,
  logarithmic,
  makeDrawing,
  makeLegend,
  type Row,
  type Series,
} from "./bars.ts";
import { type Kind, kinds, serverOf } from "./plan.ts";
import type { CaseResult } from "./rounds.ts";
import { median } from "./statistics.ts";

/** The workloads one below the other, each with a bar for each server. */
export function makePlot(results: readonly CaseResult[]): string {
  const names = [...new Set(results.map(({ workload }) => workload.name))];
  return makeDrawing({
    title: "Server CPU time a message, in microseconds",
    head: makeHead(),
    panels: names.map((name) => ({
      heading: name,
      rows: rowsOf(results.filter((one) => one.workload.name === name)),
      scale: logarithmic,
    })),
  });
}

/** The servers of one workload, the cheapest first. */
function rowsOf(results: readonly CaseResult[]): Row[] {
  const rows = new Map<string, Map<Series, number>>();
  for (const { kind, samples } of results) {
    for (const [name, all] of samples) {
      const costs = rows.get(name) ?? new Map<Series, number>();
      const values = all.map((sample) => sample.cpuMicrosecondsPerMessage);
      rows.set(name, costs.set(seriesOf(kind), median(values)));
    }
  }
  return [...rows].map(([name, values]) => ({
    label: serverOf(name).title.replaceAll("`", ""),
    isOurs: name.startsWith("sluice"),
    values,
  })).sort((a, b) => lowest(a) - lowest(b));
}

function seriesOf(kind: Kind): Series {
  return kind === "binary" ? "first" : "second";
}

function lowest({ values }: Row): number {
  return Math.min(...values.values());
}

function makeHead(): string {
  const heading = '<text class="title" x="8" y="20">' +
    "Server CPU a message, µs, logarithmic: shorter is better</text>";
  return `${heading}\n${makeLegend(kinds, { x: labelWidth + 330, y: 10 })}`;
}
