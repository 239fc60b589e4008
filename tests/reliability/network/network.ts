/** Two network namespaces with a bad link between them. */
import { type Child, startChild } from "../../../bench/processes.ts";

/** How bad a link is; nothing given is nothing wrong. */
export interface LinkQuality {
  /** How many packets of one are lost. */
  readonly loss?: number;
  readonly delayMs?: number;
  readonly jitterMs?: number;
  /** How many packets of one overtake those before them. */
  readonly reorder?: number;
  readonly duplicate?: number;
  /** Whether nothing passes. */
  readonly cut?: boolean;
}

/** What has passed the link. */
export interface LinkCounts {
  readonly packets: number;
  readonly lost: number;
  readonly reordered: number;
  readonly doubled: number;
  readonly cut: number;
}

/** A place on the network. */
export interface Place {
  readonly address: string;
  /** Starts a program of this folder there. */
  readonly start: (file: string, ...args: readonly string[]) => Child;
}

/** Two places, and what is between them. */
export interface Network extends AsyncDisposable {
  readonly places: readonly [Place, Place];
  /** Sets the link, and says what has passed before. */
  readonly setLink: (quality: LinkQuality) => Promise<LinkCounts>;
}

/** Why there can be no such network here. */
export class NoNetwork extends Error {
  /** Always `"NoNetwork"`. */
  override readonly name = "NoNetwork";
}

async function run(command: string, ...args: readonly string[]): Promise<void> {
  const line = [command, ...args].join(" ");
  let stderr: Uint8Array;
  try {
    const output = await new Deno.Command(command, { args: [...args] })
      .output();
    if (output.success) return;
    stderr = output.stderr;
  } catch (error) {
    throw new NoNetwork(`\`${line}\`: ${(error as Error).message}`);
  }
  const reason = new TextDecoder().decode(stderr).trim();
  throw new NoNetwork(`\`${line}\`: ${reason}`);
}

const folder = import.meta.dirname!;

/** Where a device and a namespace are that are called the same. */
function placeOf(name: string, address: string): Place {
  return {
    address,
    start: (file, ...args) =>
      startChild("ip", [
        ...["netns", "exec", name, Deno.execPath()],
        ...["run", "--quiet", "--no-check", "--allow-all"],
        ...[`${folder}/${file}`, ...args],
      ]),
  };
}

async function join(name: string, address: string): Promise<void> {
  await run("ip", "netns", "add", name);
  await run("ip", "link", "set", name, "netns", name);
  const inside = ["-n", name];
  await run("ip", ...inside, "addr", "add", `${address}/24`, "dev", name);
  await run("ip", ...inside, "link", "set", "lo", "up");
  await run("ip", ...inside, "link", "set", name, "up");
}

/** Opens the devices; they are gone when the program has ended. */
async function startLink(
  names: readonly string[],
  seed: number,
): Promise<Child> {
  await run("python3", "-c", "import fcntl, select");
  await run("test", "-c", "/dev/net/tun");
  const link = startChild("python3", [
    `${folder}/bad_link.py`,
    ...names,
    String(seed),
  ]);
  try {
    // Answered when the devices are there.
    await link.ask("{}");
    return link;
  } catch (error) {
    await link[Symbol.asyncDispose]();
    throw new NoNetwork(`TUN devices: ${(error as Error).message}`);
  }
}

/**
 * Makes the network, which is gone when it is disposed of.
 *
 * @throws {NoNetwork} (rejects) If this machine does not allow it.
 */
export async function makeNetwork(seed: number): Promise<Network> {
  const names = ["a", "b"].map((side) => `sluice${side}${Deno.pid}`);
  const addresses = ["10.77.0.1", "10.77.0.2"];
  await run("ip", "-V");
  const link = await startLink(names, seed);
  const remove = async () => {
    await link[Symbol.asyncDispose]();
    for (const name of names) {
      await run("ip", "netns", "del", name).catch(() => {});
    }
  };
  try {
    for (const [at, name] of names.entries()) await join(name, addresses[at]!);
  } catch (error) {
    await remove();
    throw error;
  }
  return {
    places: [
      placeOf(names[0]!, addresses[0]!),
      placeOf(names[1]!, addresses[1]!),
    ],
    setLink: (quality) => link.ask<LinkCounts>(JSON.stringify(quality)),
    [Symbol.asyncDispose]: remove,
  };
}
