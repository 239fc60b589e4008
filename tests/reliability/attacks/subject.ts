/** A program that is attacked, as an onlooker sees it: handles and memory. */
import { type Child, startChild } from "../../../bench/processes.ts";

/** A program under attack. */
export interface Subject extends AsyncDisposable {
  readonly child: Child;
  readonly pid: number;
  readonly port: number;
  /** How many files and sockets it has open. */
  readonly handles: () => number;
  /** By how many bytes its memory grew at the most meanwhile. */
  readonly growthDuring: (attack: () => Promise<void>) => Promise<number>;
  /** How many bytes it holds, without what the collector can take away. */
  readonly heldBytes: () => Promise<number>;
}

/** Starts a program of this folder, which answers `where` and `collect`. */
export async function startSubject(
  file: string,
  args: readonly string[],
): Promise<Subject> {
  const child = startChild(Deno.execPath(), [
    "run",
    "--quiet",
    "--no-check",
    "--allow-all",
    "--v8-flags=--expose-gc",
    `${import.meta.dirname!}/${file}`,
    ...args,
  ]);
  const { pid, port } = await child.ask<{ pid: number; port: number }>("where");
  return {
    child,
    pid,
    port,
    handles: () => countHandles(pid),
    growthDuring: async (attack) => {
      await child.ask("collect");
      // Has the kernel forget the most that there ever was.
      await Deno.writeTextFile(`/proc/${pid}/clear_refs`, "5");
      const before = await statusBytes(pid, "VmRSS");
      await attack();
      return await statusBytes(pid, "VmHWM") - before;
    },
    heldBytes: async () =>
      (await child.ask<{ heldBytes: number }>("collect")).heldBytes,
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}

/**
 * Files and connections; not the pairs of Unix sockets by which the runtime wakes
 * its own threads, nor its caches, since it opens them when it likes.
 */
function countHandles(pid: number): number {
  const unix = Deno.readTextFileSync(`/proc/${pid}/net/unix`);
  const inodes = new Set([...unix.matchAll(/^\w+: .* (\d+)(?: \S+)?$/gm)].map(
    ([, inode]) => inode!,
  ));
  return [...Deno.readDirSync(`/proc/${pid}/fd`)].filter(({ name }) => {
    const target = linkOf(`/proc/${pid}/fd/${name}`);
    const [, inode = ""] = /^socket:\[(\d+)\]$/.exec(target) ?? [];
    return target !== "" && !/_cache_v\d/.test(target) && !inodes.has(inode);
  }).length;
}

/** Where a link leads; empty if it has gone meanwhile. */
function linkOf(path: string): string {
  try {
    return Deno.readLinkSync(path);
  } catch {
    return "";
  }
}

async function statusBytes(pid: number, name: string): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  const [, kibibytes] = new RegExp(`^${name}:\\s+(\\d+) kB`, "m")
    .exec(status)!;
  return Number(kibibytes) * 1024;
}
