/** The programs that are compared with, from npm, in a folder thrown away. */
import type { Server } from "./plan.ts";

/** What could be installed. */
export interface Peers extends Disposable {
  /** The folder that a package was installed in. */
  readonly folderOf: (peer: Peer) => string;
  /** The library in one file, for runtimes that cannot import it. */
  readonly bundle: string;
  /** The version of each package that is there. */
  readonly versions: ReadonlyMap<string, string>;
}

/** A package from npm. */
export type Peer = NonNullable<Server["peer"]>;

const specifiers: Readonly<Record<Peer, string>> = {
  ws: "ws@8",
  bun: "bun@1",
  node: "node@24",
};

/** Installs those that the servers need; one that fails is named. */
export async function installPeers(servers: readonly Server[]): Promise<Peers> {
  const folder = await Deno.makeTempDir({ prefix: "sluice-bench-" });
  // A folder each: npm removes from one what it was not asked for.
  const folderOf = (peer: Peer) => `${folder}/${peer}`;
  const remove = () => Deno.removeSync(folder, { recursive: true });
  const giveUp = () => {
    remove();
    Deno.exit(130);
  };
  Deno.addSignalListener("SIGINT", giveUp);
  const versions = new Map<string, string>();
  const wanted = new Set(servers.flatMap(({ peer }) => peer ?? []));
  for (const peer of wanted) {
    console.log(`Installing ${specifiers[peer]} in a temporary folder`);
    const version = await install(folderOf(peer), peer);
    if (version === undefined) console.log(`Left out: ${peer}`);
    else versions.set(peer, version);
  }
  const bundle = `${folder}/sluice.mjs`;
  if (servers.some(({ bundled }) => bundled)) await makeBundle(bundle);
  return {
    folderOf,
    bundle,
    versions,
    [Symbol.dispose]: () => {
      Deno.removeSignalListener("SIGINT", giveUp);
      remove();
    },
  };
}

/** The library with what a server on Node or Bun needs of it. */
async function makeBundle(path: string): Promise<void> {
  const entry = `${import.meta.dirname!}/servers/bundle.ts`;
  await output(Deno.execPath(), [
    ...["bundle", "--quiet", "--platform=browser", "-o", path, entry],
  ]);
}

/** The version that is there afterwards, if it works. */
async function install(
  folder: string,
  peer: Peer,
): Promise<string | undefined> {
  try {
    await Deno.mkdir(folder);
    await output("npm", [
      "install",
      "--prefix",
      folder,
      "--no-save",
      "--no-fund",
      "--no-audit",
      specifiers[peer],
    ]);
    const path = `${folder}/node_modules/${peer}/package.json`;
    const { version } = JSON.parse(await Deno.readTextFile(path));
    if (peer === "bun") await output(bunProgram(folder), ["--version"]);
    if (peer === "node") await output(nodeProgram(folder), ["--version"]);
    return version;
  } catch (error) {
    console.error(String(error));
    return undefined;
  }
}

/** Where the `bun` program is, in the folder that it was installed in. */
export function bunProgram(folder: string): string {
  return `${folder}/node_modules/.bin/bun`;
}

/** Where the `node` program is, in the folder that it was installed in. */
export function nodeProgram(folder: string): string {
  return `${folder}/node_modules/node/bin/node`;
}

/** What a command prints; throws what it complains of if it fails. */
async function output(
  command: string,
  args: readonly string[],
): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, {
    args: [...args],
  }).output();
  if (!success) {
    throw new Error(`${command}: ${new TextDecoder().decode(stderr)}`);
  }
  return new TextDecoder().decode(stdout).trim();
}

/** The servers that can be started with what could be installed. */
export function available(
  servers: readonly Server[],
  { versions }: Peers,
): Server[] {
  return servers.filter(({ peer }) => peer === undefined || versions.has(peer));
}
