import { startServer } from "../examples/run_example.ts";
import type { ConformanceCase } from "./conformance_case.ts";
import { runInProcess } from "./in_process.ts";
import { runAgainstClient, runAgainstServer } from "./over_tcp.ts";

/** A way of running the cases. */
export interface Way {
  readonly name: string;
  /** What was expected and seen; `undefined` if the case was passed. */
  readonly run: (testCase: ConformanceCase) => Promise<string | undefined>;
  /** How many cases may run at the same time. */
  readonly concurrency: number;
}

/** The four ways, and how to be done with them. */
export interface Ways extends AsyncDisposable {
  readonly all: readonly Way[];
}

/** What the columns of the table are called, in order. */
export const wayNames = [
  "server in process",
  "client in process",
  "echo_server.ts",
  "echo_client.ts",
] as const;

/** Starts what the ways need: the echo server; clients come one for each case. */
export async function openWays(): Promise<Ways> {
  const server = await startServer("echo_server.ts");
  const runs: [number, Way["run"]][] = [
    [1, (testCase) => runInProcess(testCase, "server")],
    [1, (testCase) => runInProcess(testCase, "client")],
    [4, (testCase) => runAgainstServer(testCase, server.url)],
    [4, runAgainstClient],
  ];
  return {
    all: runs.map(([concurrency, run], at) => ({
      name: wayNames[at]!,
      concurrency,
      run: (testCase) => run(testCase).catch(toProblem),
    })),
    [Symbol.asyncDispose]: async () => {
      await server.stop();
    },
  };
}

/** What was thrown is as good a reason to fail as any. */
function toProblem(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
