/** A program that is attacked, as an onlooker sees it: handles and memory. */
import { type Child, startChild } from "../../../bench/processes.ts";
import { countHandles } from "../handles.ts";

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

async function statusBytes(pid: number, name: string): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  const [, kibibytes] = new RegExp(`^${name}:\\s+(\\d+) kB`, "m")
    .exec(status)!;
  return Number(kibibytes) * 1024;
}
