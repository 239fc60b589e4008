/** All attacks of a kind: those that are measured alone, the others together. */
import type { Outcome } from "./attack.ts";
import type { Trial, Trials } from "./families.ts";

/** How many attacks go on at the same time where nothing is measured. */
const atOnce = 4;

/** Runs what is given, each attack by `run`, and gives what came of it in order. */
export async function tryAll<Result>(
  { trials }: Trials,
  run: (trial: Trial) => Promise<Result>,
): Promise<Result[]> {
  const results = new Map<Trial, Result>();
  const runInto = async (trial: Trial) => {
    results.set(trial, await run(trial));
  };
  // A queue that as many take from as may run at once.
  const queue = trials.filter(({ isMeasured }) => !isMeasured).values();
  const work = async () => {
    for (const trial of queue) await runInto(trial);
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  for (const trial of trials) if (trial.isMeasured) await runInto(trial);
  return trials.map((trial) => results.get(trial)!);
}

/** The outcomes as a table, for people and for the page of results. */
export function makeTable(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map(({ family, attack, found, answered, handles }) => [
    ...[family, attack.name, attack.source, attack.bound, found],
    String(answered),
    handles.join(" → "),
  ]);
  const names = [
    ...["kind", "attack", "source", "bound", "found"],
    ...["echoes meanwhile", "handles"],
  ];
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(names), line(names.map(() => "---")), ...rows.map(line)]
    .join("\n");
}
