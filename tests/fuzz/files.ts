/** Where seeds and crashers are kept. */
import { nameOf } from "./fuzz.ts";
import { pack, unpack } from "./pack.ts";

const here = new URL("./", import.meta.url);

/** The module of a target. */
export function targetFile(name: string): URL {
  return new URL(`targets/${name}.ts`, here);
}

/** Where the inputs are packed that a run found worth keeping. */
function corpusFile(name: string): URL {
  return new URL(`seeds/${name}/corpus.pack`, here);
}

/** An input in a file of its own. */
export interface KeptInput {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** The seeds of a target: those in files of their own, then the packed ones. */
export function readSeeds(name: string): KeptInput[] {
  const { pathname } = corpusFile(name);
  const packed = isThere(pathname) ? unpack(Deno.readFileSync(pathname)) : [];
  return [
    ...readInputs(new URL(`seeds/${name}/`, here)),
    ...packed.map((bytes, at) => ({ path: `${pathname}:${at}`, bytes })),
  ];
}

/** What once broke an invariant of a target. */
export function readCrashers(name: string): KeptInput[] {
  return readInputs(crasherFolder(name));
}

/** Keeps these inputs, and no other packed ones, for the next run. */
export function writeCorpus(
  name: string,
  inputs: readonly Uint8Array[],
): string {
  const { pathname } = corpusFile(name);
  Deno.mkdirSync(new URL(".", corpusFile(name)), { recursive: true });
  Deno.writeFileSync(pathname, pack(inputs));
  return pathname;
}

/** Where the crashers of a target are kept. */
export function crasherFolder(name: string): URL {
  return new URL(`crashers/${name}/`, here);
}

/** Keeps an input that breaks an invariant, and says where. */
export function writeCrasher(folder: URL, bytes: Uint8Array): string {
  Deno.mkdirSync(folder, { recursive: true });
  const { pathname } = new URL(`${nameOf(bytes)}.bin`, folder);
  Deno.writeFileSync(pathname, bytes);
  return pathname;
}

function readInputs(folder: URL): KeptInput[] {
  if (!isThere(folder.pathname)) return [];
  return [...Deno.readDirSync(folder)]
    .map(({ name }) => `${folder.pathname}${name}`)
    .filter((path) => path.endsWith(".bin"))
    .toSorted()
    .map((path) => ({ path, bytes: Deno.readFileSync(path) }));
}

function isThere(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
