/** The results of the echo benchmark, as bars on a logarithmic axis. */
import { type Kind, kinds, serverOf } from "./plan.ts";
import type { CaseResult } from "./rounds.ts";
import { median, short } from "./statistics.ts";

const width = 760;
const labelWidth = 170;
const valueWidth = 60;
const barHeight = 9;
const rowGap = 5;
const headHeight = 46;
const panelGap = 26;

/** Colours that can be read on a light and on a dark page. */
const style = `
  text { font: 12px system-ui, sans-serif; fill: #57606a; }
  .title { font-size: 14px; font-weight: 600; fill: #24292f; }
  .value { font-size: 10px; }
  .grid { stroke: #8b949e; stroke-opacity: 0.3; }
  .binary { fill: #8b949e; } .text { fill: #b4bbc3; }
  .binary.ours { fill: #0b7285; } .text.ours { fill: #3bb4c8; }
  @media (prefers-color-scheme: dark) {
    text { fill: #9aa4af; } .title { fill: #e6edf3; }
    .binary { fill: #7d8590; } .text { fill: #525a64; }
    .binary.ours { fill: #4fd1e5; } .text.ours { fill: #1f8798; }
  }`;

/** The bars of one server: its name, and its cost by kind. */
interface Row {
  readonly name: string;
  readonly costs: ReadonlyMap<Kind, number>;
}

/** The workloads one below the other, each with a bar for each server. */
export function makePlot(results: readonly CaseResult[]): string {
  const names = [...new Set(results.map(({ workload }) => workload.name))];
  let y = headHeight;
  const panels = names.map((name) => {
    const rows = rowsOf(results.filter((one) => one.workload.name === name));
    const panel = makePanel(name, rows, y);
    y += panelHeight(rows) + panelGap;
    return panel;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y}" ` +
    `width="${width}" height="${y}" role="img">
<title>Server CPU time a message, in microseconds</title>
<style>${style}
</style>
${makeLegend()}
${panels.join("\n")}
</svg>
`;
}

/** The servers of one workload, the cheapest first. */
function rowsOf(results: readonly CaseResult[]): Row[] {
  const rows = new Map<string, Map<Kind, number>>();
  for (const { kind, samples } of results) {
    for (const [name, all] of samples) {
      const costs = rows.get(name) ?? new Map<Kind, number>();
      const values = all.map((sample) => sample.cpuMicrosecondsPerMessage);
      rows.set(name, costs.set(kind, median(values)));
    }
  }
  return [...rows].map(([name, costs]) => ({ name, costs }))
    .sort((a, b) => lowest(a) - lowest(b));
}

function lowest({ costs }: Row): number {
  return Math.min(...costs.values());
}

function rowHeight({ costs }: Row): number {
  return costs.size * barHeight + rowGap;
}

function panelHeight(rows: readonly Row[]): number {
  return rows.reduce((sum, row) => sum + rowHeight(row), 40);
}

function makePanel(name: string, rows: readonly Row[], top: number): string {
  const costs = rows.flatMap((row) => [...row.costs.values()]);
  const from = Math.floor(Math.log10(Math.min(...costs)));
  const to = Math.max(from + 1, Math.ceil(Math.log10(Math.max(...costs))));
  const space = width - labelWidth - valueWidth;
  const toX = (cost: number) =>
    labelWidth + Math.max(1, (Math.log10(cost) - from) / (to - from) * space);
  const bottom = top + panelHeight(rows) - 16;
  const grid = Array.from({ length: to - from + 1 }, (_, index) => {
    const cost = 10 ** (from + index);
    return makeGridLine(toX(cost), top + 10, bottom, formatPower(from + index));
  });
  let y = top + 14;
  const bars = rows.map((row) => {
    const drawn = makeBars(row, y, toX);
    y += rowHeight(row);
    return drawn;
  });
  const heading = `<text class="title" x="8" y="${top}">${name}</text>`;
  return [heading, ...grid, ...bars].join("\n");
}

function makeGridLine(
  x: number,
  top: number,
  bottom: number,
  label: string,
): string {
  const at = x.toFixed(1);
  return `<line class="grid" x1="${at}" x2="${at}" y1="${top}" y2="${bottom}"/>` +
    `<text class="value" x="${at}" y="${bottom + 12}" ` +
    `text-anchor="middle">${label}</text>`;
}

function formatPower(exponent: number): string {
  return exponent < 0
    ? (10 ** exponent).toFixed(-exponent)
    : `${10 ** exponent}`;
}

function makeBars(
  row: Row,
  top: number,
  toX: (cost: number) => number,
): string {
  const isOurs = row.name.startsWith("sluice") ? " ours" : "";
  const title = serverOf(row.name).title.replaceAll("`", "");
  const middle = top + row.costs.size * barHeight / 2 + 4;
  const label = `<text x="${labelWidth - 8}" y="${middle}" ` +
    `text-anchor="end">${title}</text>`;
  const bars = [...row.costs].map(([kind, cost], index) => {
    const y = top + index * barHeight;
    const end = toX(cost);
    return `<rect class="${kind}${isOurs}" x="${labelWidth}" y="${y}" ` +
      `width="${(end - labelWidth).toFixed(1)}" height="${barHeight - 1}"/>` +
      `<text class="value" x="${(end + 4).toFixed(1)}" y="${
        y + barHeight - 1
      }">` +
      `${short(cost)}</text>`;
  });
  return [label, ...bars].join("\n");
}

function makeLegend(): string {
  const squares = kinds.map((kind, index) => {
    const x = labelWidth + 330 + index * 90;
    return `<rect class="${kind} ours" x="${x}" y="10" width="14" height="10"/>` +
      `<text x="${x + 20}" y="19">${kind}</text>`;
  });
  const heading = '<text class="title" x="8" y="20">' +
    "Server CPU a message, µs, logarithmic: shorter is better</text>";
  return [heading, ...squares].join("\n");
}
