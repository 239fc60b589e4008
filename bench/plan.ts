/** What is measured, and what is wanted of it. */

/** A closed loop: so many connections, messages in flight, bytes a message. */
export interface Workload {
  readonly name: string;
  readonly connections: number;
  readonly inFlight: number;
  readonly bytes: number;
}

export const workloads: readonly Workload[] = [
  { name: "64×1×32B", connections: 64, inFlight: 1, bytes: 32 },
  { name: "16×64×32B", connections: 16, inFlight: 64, bytes: 32 },
  { name: "16×64×512B", connections: 16, inFlight: 64, bytes: 512 },
  { name: "16×16×16KiB", connections: 16, inFlight: 16, bytes: 16 * 1024 },
  { name: "4×2×1MiB", connections: 4, inFlight: 2, bytes: 1024 * 1024 },
];

/** What a message is. */
export type Kind = "binary" | "text";

export const kinds: readonly Kind[] = ["binary", "text"];

/** An echo server under `bench/servers/`. */
export interface Server {
  readonly name: string;
  readonly file: string;
  readonly runtime: "deno" | "node" | "node24" | "bun";
  /** The npm package without which it is left out. */
  readonly peer?: "ws" | "bun" | "node";
  /** Whether it is given the library as a bundle, having no way to import it. */
  readonly bundled?: boolean;
  /** Whether it echoes bytes and knows no frames. */
  readonly raw?: boolean;
  /** How it is called in tables. */
  readonly title: string;
}

export const servers: readonly Server[] = [
  {
    name: "sluice",
    file: "sluice.ts",
    runtime: "deno",
    title: "Sluice, handlers",
  },
  {
    name: "deno_native",
    file: "deno_native.ts",
    runtime: "deno",
    title: "Deno native",
  },
  {
    name: "ws_node",
    file: "ws_node.mjs",
    runtime: "node",
    peer: "ws",
    title: "`ws` on Node",
  },
  {
    name: "bun_native",
    file: "bun_native.ts",
    runtime: "bun",
    peer: "bun",
    title: "Bun native",
  },
  {
    name: "raw_tcp",
    file: "raw_tcp.ts",
    runtime: "deno",
    raw: true,
    title: "raw TCP on Deno",
  },
  {
    name: "sluice_iterate",
    file: "sluice_iterate.ts",
    runtime: "deno",
    title: "Sluice, `for await`",
  },
  {
    name: "sluice_pipeline",
    file: "sluice_pipeline.ts",
    runtime: "deno",
    title: "Sluice, streams",
  },
  {
    name: "sluice_node",
    file: "sluice_bundle.mjs",
    runtime: "node24",
    peer: "node",
    bundled: true,
    title: "Sluice on Node 24",
  },
  {
    name: "sluice_bun",
    file: "sluice_bundle.mjs",
    runtime: "bun",
    peer: "bun",
    bundled: true,
    title: "Sluice on Bun",
  },
  {
    name: "raw_pipe",
    file: "raw_pipe.ts",
    runtime: "deno",
    raw: true,
    title: "raw `pipeTo` on Deno",
  },
];

/** The server whose ratios to the others are printed. */
export const ours = "sluice";

/** The most that `server` may cost, as a ratio to `peer`. */
export interface Target {
  readonly server: string;
  readonly workload: string;
  readonly peer: string;
  readonly ratio: number;
}

/** How much more text may cost where the string itself is what costs. */
const textAllowance = 1.6;
const textAllowanceUpToBytes = 512;

/** Text becomes a string, which shows in a small message. */
export function limitOf(target: Target, kind: Kind): number {
  const { bytes } = workloadOf(target.workload);
  const isAllowed = kind === "text" && bytes <= textAllowanceUpToBytes;
  return isAllowed ? target.ratio * textAllowance : target.ratio;
}

export function workloadOf(name: string): Workload {
  return find(workloads, name, "workload");
}

export function serverOf(name: string): Server {
  return find(servers, name, "server");
}

function find<Item extends { readonly name: string }>(
  items: readonly Item[],
  name: string,
  what: string,
): Item {
  const item = items.find((item) => item.name === name);
  if (item !== undefined) return item;
  const names = items.map((item) => item.name).join(", ");
  throw new RangeError(
    `Cannot find ${what}: found "${name}", wanted one of ${names}`,
  );
}

const handlerTargets: Record<string, Record<string, number>> = {
  "64×1×32B": {
    deno_native: 0.9,
    ws_node: 0.65,
    bun_native: 1.5,
    raw_tcp: 1.3,
  },
  "16×64×32B": { deno_native: 0.06, ws_node: 0.06, bun_native: 1.4 },
  "16×64×512B": { deno_native: 0.12, ws_node: 0.14, bun_native: 2 },
  "16×16×16KiB": {
    deno_native: 0.6,
    ws_node: 0.3,
    bun_native: 1,
    raw_tcp: 1.6,
  },
  "4×2×1MiB": {
    deno_native: 0.85,
    ws_node: 0.22,
    bun_native: 0.9,
    raw_tcp: 2.2,
  },
};

export const targets: readonly Target[] = [
  ...Object.entries(handlerTargets).flatMap(([workload, peers]) =>
    Object.entries(peers).map(([peer, ratio]) => ({
      server: ours,
      workload,
      peer,
      ratio,
    }))
  ),
  {
    server: "sluice_iterate",
    workload: "64×1×32B",
    peer: "deno_native",
    ratio: 1.3,
  },
  {
    server: "sluice_iterate",
    workload: "16×64×32B",
    peer: "deno_native",
    ratio: 0.25,
  },
  {
    server: "sluice_pipeline",
    workload: "64×1×32B",
    peer: "raw_pipe",
    ratio: 1.2,
  },
  {
    server: "sluice_pipeline",
    workload: "16×64×32B",
    peer: "deno_native",
    ratio: 1.5,
  },
];
