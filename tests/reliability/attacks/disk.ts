/** A disk that is full behind the application. */
import { type Family, requireBound, type World } from "./attack.ts";
import { frame } from "./raw_peer.ts";

const folder = new URL(
  `../../../.scratch/full_disk_${Deno.pid}`,
  import.meta.url,
).pathname;

/** Where the handler writes to; a link to what is full from the beginning. */
const path = `${folder}/messages`;

async function run(command: string, ...args: string[]): Promise<boolean> {
  const { success } = await new Deno.Command(command, {
    args,
    stderr: "null",
  }).output();
  return success;
}

/** A disk of 64 KiB; where none may be mounted the device that is always full. */
async function mountSmall(): Promise<
  AsyncDisposable & { readonly holdsBytes: number }
> {
  await Deno.mkdir(folder, { recursive: true });
  const isMounted = await run(
    "mount",
    ...["-t", "tmpfs", "-o", "size=64k", "none", folder],
  );
  if (!isMounted) await Deno.symlink("/dev/full", path);
  return {
    holdsBytes: isMounted ? 64 * 1024 : 0,
    [Symbol.asyncDispose]: async () => {
      if (isMounted) await run("umount", folder);
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** Has messages written until the connection ends, and gives what ended it. */
async function fill({ open }: World) {
  using peer = await open("/disk");
  const message = frame(0x1, "z".repeat(4096));
  for (let written = 0; written < 1_000; written++) {
    await peer.write(message);
    const item = await peer.readItem();
    if (item?.type !== "text") return { written, item };
  }
  throw new Error("Found a disk that does not fill");
}

export const disk: Family = {
  name: "disk",
  attacks: [
    {
      name: "a handler that writes to a full disk",
      source: "RFC 6455 §7.4.1",
      bound: "1011 for that connection; others go on; room again, all well",
      server: { diskPath: path },
      run: async (world) => {
        await using small = await mountSmall();
        let written = 0;
        for (let round = 0; round < 5; round++) {
          const { written: more, item } = await fill(world);
          const code = item?.type === "close" ? item.code : undefined;
          requireBound(code === 1011, JSON.stringify(item) ?? "the end");
          written += more;
        }
        requireBound(
          written === small.holdsBytes / 4096,
          `${written} messages on ${small.holdsBytes} bytes`,
        );
        const { errors } = await world.state();
        const [error = "none", count] = Object.entries(errors)[0] ?? [];
        requireBound(count === 5, JSON.stringify(errors));
        await Deno.remove(path);
        using peer = await world.open("/disk");
        await peer.write(frame(0x1, "room again"));
        const item = await peer.readItem();
        // Without a small disk there is a real one where the link was.
        requireBound(item?.type === "text", JSON.stringify(item) ?? "the end");
        return `${written} messages written, 5 × 1011 (${error}), then room`;
      },
    },
  ],
};
