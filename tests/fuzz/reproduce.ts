import { basename, dirname } from "node:path";
import { ExitCode, UsageError } from "../../lib/cli/terminal.ts";
import { createCoverage } from "./coverage.ts";
import { execute } from "./execute.ts";
import { targetFile } from "./files.ts";
import { instrument } from "./instrument.ts";
import { targetNames } from "./target_names.ts";

/**
 * Runs one input through its target, which is named by the folder that it lies in,
 * and prints what is thrown. Gives the exit code.
 */
export async function reproduce(
  path: string,
  target: string | undefined,
): Promise<number> {
  const name = target ?? basename(dirname(path));
  if (!targetNames.some((one) => one === name)) {
    throw new UsageError(
      `Cannot tell the target of ${path}; name it with --targets`,
    );
  }
  const bytes = readFile(path);
  // Instrumented, since it may be about the work that is done.
  const instrumented = await instrument(targetFile(name), /^lib\//);
  const { begin, spent } = createCoverage(instrumented.counters);
  begin();
  try {
    await execute(instrumented.target, bytes, { spent });
  } catch (error) {
    console.log(error);
    return ExitCode.broken;
  }
  console.log(`${name}: the invariant holds for these ${bytes.length} bytes`);
  return ExitCode.ok;
}

function readFile(path: string): Uint8Array {
  try {
    return Deno.readFileSync(path);
  } catch (error) {
    throw new UsageError(`Cannot read ${path}: ${(error as Error).message}`);
  }
}
