/** What the ways came to, as bars: bytes, CPU time, delay. */
import {
  linear,
  logarithmic,
  makeDrawing,
  type Panel,
  type Series,
} from "../bars.ts";
import type { Load } from "./load.ts";
import type { Sample } from "./measure.ts";
import { medianOf, type WayResult } from "./report.ts";
import { ours } from "./ways.ts";

/** A panel for each thing that was measured, with a row for each way. */
export function makePlot(results: readonly WayResult[], load: Load): string {
  const { updates, clients } = load;
  const title = `${updates} updates to ${clients} clients: shorter is better`;
  return makeDrawing({
    title,
    head: `<text class="title" x="8" y="20">${title}</text>`,
    panels: [
      makePanel(results, {
        heading: "Bytes on the wire, MB",
        legend: ["to clients", "to server"],
        scale: linear,
        values: ({ receivedBytes, sentBytes }) => [
          receivedBytes / 1e6,
          sentBytes / 1e6,
        ],
      }),
      makePanel(results, {
        heading: "Server CPU, seconds",
        scale: linear,
        values: ({ serverCpuSeconds }) => [serverCpuSeconds],
      }),
      makePanel(results, {
        heading: "Delay, ms, logarithmic",
        legend: ["p50", "p99"],
        scale: logarithmic,
        values: ({ delayP50Ms, delayP99Ms }) => [delayP50Ms, delayP99Ms],
      }),
    ],
  });
}

interface PanelOf extends Omit<Panel, "rows"> {
  readonly values: (sample: Sample) => readonly number[];
}

const series: readonly Series[] = ["first", "second"];

function makePanel(
  results: readonly WayResult[],
  { values, ...panel }: PanelOf,
): Panel {
  return {
    ...panel,
    rows: results.map(({ way, samples }) => ({
      label: way.title,
      isOurs: way.name === ours,
      values: new Map(
        values(medianOf(samples)).map((
          value,
          index,
        ) => [series[index]!, value]),
      ),
    })),
  };
}
