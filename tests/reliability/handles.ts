/**
 * How many files and connections a process has open; not the pairs of Unix sockets
 * by which the runtime wakes its own threads, nor its caches, since it opens them
 * when it likes; nor its standard input, which it has twice while it reads.
 */
export function countHandles(pid: number | "self"): number {
  const unix = Deno.readTextFileSync(`/proc/${pid}/net/unix`);
  const inodes = new Set([...unix.matchAll(/^\w+: .* (\d+)(?: \S+)?$/gm)].map(
    ([, inode]) => inode!,
  ));
  const input = linkOf(`/proc/${pid}/fd/0`);
  return [...Deno.readDirSync(`/proc/${pid}/fd`)].filter(({ name }) => {
    const target = linkOf(`/proc/${pid}/fd/${name}`);
    const [, inode = ""] = /^socket:\[(\d+)\]$/.exec(target) ?? [];
    const isCache = /_cache_v\d/.test(target);
    return !["", input].includes(target) && !isCache && !inodes.has(inode);
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
