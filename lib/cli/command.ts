import { parseArgs, type ParseArgsConfig } from "node:util";
import { type Terminal, UsageError } from "./terminal.ts";

/** An option of a command, and what its help says. */
export interface CommandOption {
  /** What it takes: a value, or nothing. */
  readonly type: "string" | "boolean";
  /** What stands for the value in the help, such as `"N"`. */
  readonly value?: string;
  /** One letter to write in its place. */
  readonly short?: string;
  /** Whether it may be given more than once. */
  readonly multiple?: boolean;
  /** What it does. */
  readonly help: string;
}

/** The options of a command by their names. */
export type CommandOptions = Readonly<Record<string, CommandOption>>;

/** What was given on the command line. */
export interface Given {
  /** The values of the options that were given. */
  readonly values: Readonly<
    Record<string, string | boolean | readonly (string | boolean)[] | undefined>
  >;
  /** What is no option. */
  readonly positionals: readonly string[];
}

/** Something that the program can do. */
export interface Command {
  /** What it is called by. */
  readonly name: string;
  /** What it does, in a line. */
  readonly summary: string;
  /** What stands behind its name, such as `"[options] URL"`. */
  readonly usage: string;
  /** Whether anything but options may stand there. */
  readonly takesArguments: boolean;
  /** More about it: paragraphs. */
  readonly details: string;
  /** Its options. */
  readonly options: CommandOptions;
  /** Command lines without the program's name, and what they are for. */
  readonly examples: readonly (readonly [line: string, what: string])[];
  /** Does it; gives the exit code. */
  readonly run: (given: Given, terminal: Terminal) => Promise<number>;
}

const help: CommandOption = {
  type: "boolean",
  short: "h",
  help: "show this help",
};

/** What is on a command line, for a command. */
export function parseCommandLine(
  { name, options, takesArguments }: Command,
  args: readonly string[],
): Given {
  const hint = `see sluice ${name} --help`;
  const config: ParseArgsConfig = {
    args: [...args],
    allowPositionals: true,
    options: Object.fromEntries(
      Object.entries({ ...options, help }).map((
        [name, { type, short, multiple }],
      ) => [name, {
        type,
        ...short === undefined ? {} : { short },
        ...multiple === undefined ? {} : { multiple },
      }]),
    ),
  };
  const { values, positionals } = parse(config, hint);
  if (takesArguments || positionals.length === 0) {
    return { values, positionals };
  }
  throw new UsageError(
    `Cannot ${name}: found ${JSON.stringify(positionals[0])}, wanted options ` +
      `only; ${hint}`,
  );
}

function parse(
  config: ParseArgsConfig,
  hint: string,
): ReturnType<typeof parseArgs> {
  try {
    return parseArgs(config);
  } catch (error) {
    // What follows is Node's own advice.
    const [found] = (error as Error).message.split(/\. To specify|\.?\n/);
    throw new UsageError(`${found}; ${hint}`);
  }
}

/** The help of a command. */
export function helpOf(command: Command, program: string): string {
  const { name, usage, summary, details, options, examples } = command;
  const rows = Object.entries({ ...options, help }).map(
    ([name, option]) => [spellOption(name, option), option.help] as const,
  );
  return [
    `${program} ${name}: ${summary}`,
    "",
    `Usage: ${program} ${name} ${usage}`,
    "",
    details,
    "",
    "Options:",
    ...twoColumns(rows),
    "",
    "Examples:",
    ...examples.flatMap(([line, what]) => [
      `  # ${what}`,
      `  ${line.replaceAll("sluice", program)}`,
    ]),
    "",
  ].join("\n");
}

function spellOption(
  name: string,
  { short, value }: CommandOption,
): string {
  const letter = short === undefined ? "    " : `-${short}, `;
  return `${letter}--${name}${value === undefined ? "" : ` ${value}`}`;
}

/** Rows with the second column under itself. */
export function twoColumns(
  rows: readonly (readonly [string, string])[],
): string[] {
  const width = Math.max(...rows.map(([first]) => first.length));
  return rows.map(([first, second]) => `  ${first.padEnd(width)}  ${second}`);
}

/** The value of an option that takes one. */
export function stringOf({ values }: Given, name: string): string | undefined {
  const value = values[name];
  return typeof value === "string" ? value : undefined;
}

/** The values of an option that may be given more than once. */
export function stringsOf({ values }: Given, name: string): string[] {
  const value = values[name];
  return Array.isArray(value) ? value.map(String) : [];
}

/** Whether an option that takes no value was given. */
export function isGiven({ values }: Given, name: string): boolean {
  return values[name] === true;
}

/** The value of an option as a whole number. */
export function numberOf(
  given: Given,
  name: string,
  fallback: number,
  smallest = 0,
): number {
  const text = stringOf(given, name);
  if (text === undefined) return fallback;
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= smallest) return number;
  throw new UsageError(
    `Cannot read --${name}: found ${JSON.stringify(text)}, wanted a whole ` +
      `number of at least ${smallest}`,
  );
}

/** The value of an option that has to be one of some words. */
export function wordOf<Word extends string>(
  given: Given,
  name: string,
  words: readonly Word[],
): Word | undefined {
  const text = stringOf(given, name);
  if (text === undefined) return undefined;
  const word = words.find((one) => one === text);
  if (word !== undefined) return word;
  throw new UsageError(
    `Cannot read --${name}: found ${JSON.stringify(text)}, wanted ${
      words.join(" or ")
    }`,
  );
}
