import { parseArgs } from "node:util";

/** The options that a program takes: numbers with their defaults, and flags. */
export interface CommandLine<Number extends string, Flag extends string> {
  /** What `--help` says, and a mistake. */
  readonly usage: string;
  readonly numbers: Readonly<Record<Number, number>>;
  readonly flags: readonly Flag[];
}

/**
 * Reads the options of this program. `--help` and a mistake say how it is used,
 * and end it, with 0 and 2.
 */
export function readCommandLine<Number extends string, Flag extends string>(
  { usage, numbers, flags }: CommandLine<Number, Flag>,
): Record<Number, number> & Record<Flag, boolean> {
  const refuse = (why: string): never => {
    console.error(`${why}\n\n${usage}`);
    Deno.exit(2);
  };
  const options = Object.fromEntries([
    ...Object.keys(numbers).map((name) => [name, { type: "string" as const }]),
    ...[...flags, "help"].map((name) => [name, { type: "boolean" as const }]),
  ]);
  const read = (): Record<string, unknown> => {
    try {
      return parseArgs({ options }).values;
    } catch (error) {
      return refuse((error as Error).message);
    }
  };
  const values = read();
  if (values.help) {
    console.log(usage);
    Deno.exit();
  }
  const entries = Object.entries<number>(numbers).map(([name, usual]) => {
    const number = Number(values[name] ?? usual);
    if (number > 0) return [name, number];
    return refuse(`Found --${name} ${values[name]}, wanted a number above 0`);
  });
  return Object.fromEntries([
    ...entries,
    ...flags.map((name) => [name, values[name] === true]),
  ]);
}
