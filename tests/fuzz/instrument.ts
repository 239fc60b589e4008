/** A target with counters in the code that it runs. */
import { createInstrumenter } from "istanbul-lib-instrument";
import type { Counters } from "./coverage.ts";
import type { FuzzTarget } from "./target.ts";

/** A target that was bundled with the library and instrumented. */
export interface Instrumented {
  readonly target: FuzzTarget;
  readonly counters: Counters;
  /** The file of the project that each counter is in, such as `lib/frame/mask.ts`. */
  readonly files: readonly string[];
}

/** What istanbul says of the places that it counts, by their numbers. */
interface CoverageData {
  readonly statementMap: Readonly<Record<string, Place>>;
  readonly branchMap: Readonly<Record<string, { readonly loc: Place }>>;
  /** A counter for each way of a branch. */
  readonly b: Readonly<Record<string, readonly number[]>>;
}

interface Place {
  readonly start: { readonly line: number };
}

/** By which instrumented code finds its counters while it is imported. */
const variable = "sluiceFuzzCounters";
const scratch = new URL("../../.scratch/", import.meta.url);

/**
 * Bundles the file of a target, puts a counter at each statement and branch, and
 * imports that.
 *
 * @param file A module that exports a `target`.
 * @param counted Matches the files of the project whose counters count.
 */
export async function instrument(
  file: URL,
  counted: RegExp,
): Promise<Instrumented> {
  await Deno.mkdir(scratch, { recursive: true });
  const path = `${scratch.pathname}fuzz_${crypto.randomUUID()}.js`;
  await bundle(file, path);
  const code = await Deno.readTextFile(path);
  const { instrumented, data } = addCounters(code, path);
  const numbering = numberCounters(data);
  const values = new Uint32Array(numbering.places.length);
  await Deno.writeTextFile(path, flatten(instrumented, numbering));
  const scope = globalThis as unknown as Record<string, unknown>;
  scope[variable] = values;
  try {
    const { target }: { target: FuzzTarget } = await import(`file://${path}`);
    const fileAt = filesByLine(code);
    const files = numbering.places.map(({ start }) => fileAt[start.line] ?? "");
    const isCounted = Uint8Array.from(
      files,
      (file) => Number(counted.test(file)),
    );
    const { statements } = numbering;
    return { target, counters: { values, isCounted, statements }, files };
  } finally {
    delete scope[variable];
    await Deno.remove(path);
  }
}

/** The target with all that it imports in one file; pako stays outside. */
async function bundle(file: URL, output: string): Promise<void> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["bundle", "--quiet", "--platform", "deno", "--external", "pako"],
      ...["--external", "node:*", "-o", output, file.pathname],
    ],
    stdout: "null",
    stderr: "piped",
  }).output();
  if (success) return;
  throw new Error(
    `Cannot bundle ${file.pathname}: ${new TextDecoder().decode(stderr)}`,
  );
}

function addCounters(
  code: string,
  path: string,
): { readonly instrumented: string; readonly data: CoverageData } {
  const instrumenter = createInstrumenter({ esModules: true, compact: true });
  const instrumented = instrumenter.instrumentSync(code, path);
  return { instrumented, data: instrumenter.lastFileCoverage() };
}

/** All counters in one row: first the statements, then the ways of branches. */
interface Numbering {
  readonly statements: number;
  readonly places: readonly Place[];
  /** Where the ways of each branch begin. */
  readonly branchAt: ReadonlyMap<string, number>;
}

function numberCounters(
  { statementMap, branchMap, b }: CoverageData,
): Numbering {
  const places = Object.values(statementMap);
  const statements = places.length;
  const branchAt = new Map<string, number>();
  for (const [id, { loc }] of Object.entries(branchMap)) {
    branchAt.set(id, places.length);
    for (const _ of b[id]!) places.push(loc);
  }
  return { statements, places, branchAt };
}

/**
 * Has instrumented code count in one array, in place of the objects that it looks
 * up each time: that is several times as fast, and read in microseconds.
 */
function flatten(code: string, { branchAt }: Numbering): string {
  const flat = code
    .replace(/cov_\w+\(\)\.f\[\d+\]\+\+;/g, "")
    .replace(/cov_\w+\(\)\.s\[(\d+)\]/g, `${variable}[$1]`)
    .replace(
      /cov_\w+\(\)\.b\[(\d+)\]\[(\d+)\]/g,
      (_, id: string, way: string) =>
        `${variable}[${branchAt.get(id)! + Number(way)}]`,
    );
  return `const ${variable}=globalThis.${variable};${flat}`;
}

/** Which file each line of a bundle is from: a comment stands before each. */
function filesByLine(code: string): string[] {
  const files = [""];
  let file = "";
  for (const line of code.split("\n")) {
    file = /^\/\/ (\S+\.[cm]?[jt]s)$/.exec(line)?.[1] ?? file;
    files.push(file);
  }
  return files;
}
