/** One way under one load. */
import process from "node:process";
import {
  type Child,
  denoArgs,
  freePort,
  startChild,
  type Usage,
  withinTime,
} from "../processes.ts";
import type { Client } from "./clients.ts";
import { type Load, warmUpOf } from "./load.ts";
import { createNetwork, type Traffic } from "./network.ts";
import { createReceiver } from "./receiver.ts";
import type { Way } from "./ways.ts";

/** What it came to, over all clients. */
export interface Sample extends Readonly<Traffic> {
  /** The user and system time of the server's process. */
  readonly serverCpuSeconds: number;
  readonly delayP50Ms: number;
  readonly delayP99Ms: number;
  /** How much of one core the driver, with all clients in it, has used. */
  readonly driverBusy: number;
}

/** What a run may take beyond the time in which updates are made. */
const spareMs = 30_000;

/** A way from the start of its server to its end, every update verified. */
export async function measure(way: Way, load: Load): Promise<Sample> {
  const port = freePort();
  const path = `polling/${way.server}`;
  await using server = startChild(
    Deno.execPath(),
    [...denoArgs(path), String(port), JSON.stringify(load)],
  );
  const context = { way, server, port };
  await server.ask<Usage>("usage");
  await deliver(context, warmUpOf(load), "warm up");
  const before = await server.ask<Usage>("usage");
  const delivered = await deliver(context, load, "start");
  const after = await server.ask<Usage>("usage");
  const cpuMicroseconds = after.cpuMicroseconds - before.cpuMicroseconds;
  return { ...delivered, serverCpuSeconds: cpuMicroseconds / 1e6 };
}

interface Context {
  readonly way: Way;
  readonly server: Child;
  readonly port: number;
}

/** Has every client get every update, from its connecting to its close. */
async function deliver(
  { way, server, port }: Context,
  { updates, clients: count, everyMs }: Load,
  command: "warm up" | "start",
): Promise<Omit<Sample, "serverCpuSeconds">> {
  using network = createNetwork(port);
  const receivers = Array.from(
    { length: count },
    () => createReceiver(updates),
  );
  const cpu = process.cpuUsage();
  const startedMs = performance.now();
  const run = async () => {
    const clients: Client[] = await Promise.all(
      receivers.map((receiver, index) =>
        way.open({ network, receiver, place: index / count })
      ),
    );
    // First, or who asks at once would be answered from the run before.
    await server.ask(command);
    await Promise.all(clients.map(({ receive }) => receive()));
  };
  await withinTime(run(), way.title, updates * everyMs + spareMs);
  const { user, system } = process.cpuUsage(cpu);
  const tookMs = performance.now() - startedMs;
  const delaysMs = receivers.flatMap((receiver) => [...receiver.delaysMs])
    .sort((a, b) => a - b);
  return {
    ...network.traffic,
    delayP50Ms: quantile(delaysMs, 0.5),
    delayP99Ms: quantile(delaysMs, 0.99),
    driverBusy: (user + system) / 1000 / tookMs,
  };
}

/** The least value that so much of all values are no larger than. */
function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.ceil(sorted.length * share) - 1]!;
}
