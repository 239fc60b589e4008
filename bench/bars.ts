/** Panels of horizontal bars, as SVG: what the plots are made of. */
import { short } from "./statistics.ts";

const width = 760;

/** Where the bars begin; the labels are to the left of it. */
export const labelWidth = 170;
const valueWidth = 60;
const barHeight = 9;
const rowGap = 5;
/** The room of what heads a plot. */
const headHeight = 46;
const panelGap = 26;

/** Colours that can be read on a light and on a dark page. */
const style = `
  text { font: 12px system-ui, sans-serif; fill: #57606a; }
  .title { font-size: 14px; font-weight: 600; fill: #24292f; }
  .value { font-size: 10px; }
  .grid { stroke: #8b949e; stroke-opacity: 0.3; }
  .first { fill: #8b949e; } .second { fill: #b4bbc3; }
  .first.ours { fill: #0b7285; } .second.ours { fill: #3bb4c8; }
  @media (prefers-color-scheme: dark) {
    text { fill: #9aa4af; } .title { fill: #e6edf3; }
    .first { fill: #7d8590; } .second { fill: #525a64; }
    .first.ours { fill: #4fd1e5; } .second.ours { fill: #1f8798; }
  }`;

/** Which of the two bars of a row one is. */
export type Series = "first" | "second";

/** The bars of one thing that is compared. */
export interface Row {
  readonly label: string;
  readonly isOurs: boolean;
  readonly values: ReadonlyMap<Series, number>;
}

/** Where a value is between the left end of a panel, 0, and the right one, 1. */
export interface Scale {
  readonly toFraction: (value: number) => number;
  readonly ticks: readonly { readonly value: number; readonly label: string }[];
}

/** Rows with a heading, and with squares that say what their bars are. */
export interface Panel {
  readonly heading: string;
  readonly legend?: readonly string[];
  readonly rows: readonly Row[];
  readonly scale: (values: readonly number[]) => Scale;
}

/** The panels one below the other, under `head`. */
export function makeDrawing(
  { title, head, panels }: {
    readonly title: string;
    readonly head: string;
    readonly panels: readonly Panel[];
  },
): string {
  let y = headHeight;
  const drawn = panels.map((panel) => {
    const one = makePanel(panel, y);
    y += panelHeight(panel.rows) + panelGap;
    return one;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y}" ` +
    `width="${width}" height="${y}" role="img">
<title>${title}</title>
<style>${style}
</style>
${head}
${drawn.join("\n")}
</svg>
`;
}

/** Powers of ten at equal distances. */
export function logarithmic(values: readonly number[]): Scale {
  const from = Math.floor(Math.log10(Math.min(...values)));
  const to = Math.max(from + 1, Math.ceil(Math.log10(Math.max(...values))));
  return {
    toFraction: (value) => (Math.log10(value) - from) / (to - from),
    ticks: Array.from({ length: to - from + 1 }, (_, index) => ({
      value: 10 ** (from + index),
      label: formatPower(from + index),
    })),
  };
}

/** From zero on, so that twice as much is twice as long. */
export function linear(values: readonly number[]): Scale {
  const largest = Math.max(...values);
  const power = 10 ** Math.floor(Math.log10(largest));
  const step = [0.2, 0.5, 1, 2].map((factor) => factor * power)
    .find((step) => largest / step <= 5) ?? power;
  const count = Math.ceil(largest / step);
  return {
    toFraction: (value) => value / (count * step),
    ticks: Array.from({ length: count + 1 }, (_, index) => ({
      value: index * step,
      label: index === 0 ? "0" : String(Number((index * step).toPrecision(3))),
    })),
  };
}

/** Squares in the colours of the bars, and what these are. */
export function makeLegend(
  names: readonly string[],
  { x, y }: { readonly x: number; readonly y: number },
): string {
  return names.map((name, index) => {
    const series = index === 0 ? "first" : "second";
    const at = x + index * 90;
    return `<rect class="${series} ours" x="${at}" y="${y}" width="14" height="10"/>` +
      `<text x="${at + 20}" y="${y + 9}">${name}</text>`;
  }).join("\n");
}

function rowHeight({ values }: Row): number {
  return values.size * barHeight + rowGap;
}

function panelHeight(rows: readonly Row[]): number {
  return rows.reduce((sum, row) => sum + rowHeight(row), 40);
}

function makePanel(
  { heading, legend = [], rows, scale }: Panel,
  top: number,
): string {
  const { toFraction, ticks } = scale(
    rows.flatMap(({ values }) => [...values.values()]),
  );
  const space = width - labelWidth - valueWidth;
  const toX = (value: number) =>
    labelWidth + Math.max(1, toFraction(value) * space);
  const bottom = top + panelHeight(rows) - 16;
  const grid = ticks.map(({ value, label }) =>
    makeGridLine(toX(value), top + 10, bottom, label)
  );
  let y = top + 14;
  const bars = rows.map((row) => {
    const drawn = makeBars(row, y, toX);
    y += rowHeight(row);
    return drawn;
  });
  return [
    `<text class="title" x="8" y="${top}">${heading}</text>`,
    ...legend.length === 0
      ? []
      : [makeLegend(legend, { x: labelWidth + 330, y: top - 9 })],
    ...grid,
    ...bars,
  ].join("\n");
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
  toX: (value: number) => number,
): string {
  const isOurs = row.isOurs ? " ours" : "";
  const middle = top + row.values.size * barHeight / 2 + 4;
  const label = `<text x="${labelWidth - 8}" y="${middle}" ` +
    `text-anchor="end">${row.label}</text>`;
  const bars = [...row.values].map(([series, value], index) => {
    const y = top + index * barHeight;
    const end = toX(value);
    return `<rect class="${series}${isOurs}" x="${labelWidth}" y="${y}" ` +
      `width="${(end - labelWidth).toFixed(1)}" height="${barHeight - 1}"/>` +
      `<text class="value" x="${(end + 4).toFixed(1)}" y="${
        y + barHeight - 1
      }">` +
      `${short(value)}</text>`;
  });
  return [label, ...bars].join("\n");
}
