import {
  type Command,
  helpOf,
  isGiven,
  parseCommandLine,
  twoColumns,
} from "./command.ts";
import { benchCommand } from "./bench_command.ts";
import { connectCommand } from "./connect_command.ts";
import { inspectCommand } from "./inspect_command.ts";
import { serveCommand } from "./serve_command.ts";
import { tapCommand } from "./tap_command.ts";
import {
  ExitCode,
  noteError,
  type Terminal,
  UnreachableError,
  UsageError,
} from "./terminal.ts";

/** Everything that the program can do. */
const commands: readonly Command[] = [
  inspectCommand,
  tapCommand,
  connectCommand,
  serveCommand,
  benchCommand,
];

/** What the program is called by in its own help. */
const program = "sluice";

/**
 * Runs the program.
 *
 * @param args What stands behind its name on the command line.
 * @param terminal Where it reads and writes.
 * @returns The exit code: 0 if all went well, 1 if a rule of the protocol was
 * broken, 2 for a wrong command line, 3 if something could not be read or reached.
 */
export async function main(
  args: readonly string[],
  terminal: Terminal,
): Promise<number> {
  try {
    return await runCommand(args, terminal);
  } catch (error) {
    if (error instanceof UsageError) {
      noteError(terminal, error);
      return ExitCode.usage;
    }
    if (error instanceof UnreachableError) {
      noteError(terminal, error);
      return ExitCode.unreachable;
    }
    throw error;
  }
}

async function runCommand(
  [name, ...args]: readonly string[],
  terminal: Terminal,
): Promise<number> {
  if (name === undefined || name === "--help" || name === "-h") {
    await terminal.write(overview());
    return name === undefined ? ExitCode.usage : ExitCode.ok;
  }
  const command = commands.find((one) => one.name === name);
  if (command === undefined) {
    const names = commands.map(({ name }) => name).join(", ");
    throw new UsageError(
      `Cannot run ${JSON.stringify(name)}: found no such command, wanted one ` +
        `of ${names}; see ${program} --help`,
    );
  }
  const given = parseCommandLine(command, args);
  if (isGiven(given, "help")) {
    await terminal.write(helpOf(command, program));
    return ExitCode.ok;
  }
  return await command.run(given, terminal);
}

function overview(): string {
  return [
    `${program}: WebSocket, bit by bit`,
    "",
    `Usage: ${program} COMMAND [options]`,
    "",
    "Commands:",
    ...twoColumns(commands.map(({ name, summary }) => [name, summary])),
    "",
    `${program} COMMAND --help says more, with examples.`,
    "",
    "Exit code: 0 if all went well, 1 if a rule of the protocol was broken or",
    "messages were lost, 2 for a wrong command line, 3 if something could not be",
    "read or reached.",
    "",
  ].join("\n");
}
