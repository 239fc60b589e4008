/** What is tried on the network, and what has to come of it. */
import type { LinkCounts, LinkQuality, Network } from "./network.ts";
import type { TalkOptions, TalkReport } from "./talk_options.ts";

/** One trial. */
export interface Trial {
  readonly name: string;
  /** What has to come of it, in words. */
  readonly bound: string;
  readonly run: (network: Network) => Promise<string>;
}

/** As bad as a network may be that is still one. */
const badLink: LinkQuality = {
  loss: 0.03,
  delayMs: 20,
  jitterMs: 10,
  reorder: 0.25,
  duplicate: 0.01,
};

/** Longer than any pause that retransmission makes of such a link. */
const patient = {
  heartbeat: { intervalMs: 1_000, timeoutMs: 20_000 },
  closeTimeoutMs: 20_000,
};

type Talk = Omit<TalkOptions, "address" | "port">;

/** Both ends' reports of a talk, and what happens to the link meanwhile. */
async function talk(
  { places: [here, there] }: Network,
  options: Talk,
  meanwhile: () => Promise<void> = () => Promise.resolve(),
): Promise<readonly [TalkReport, TalkReport]> {
  const address = here.address;
  const json = (port?: number) => JSON.stringify({ ...options, address, port });
  await using server = here.start("end.ts", "server", json());
  const { port } = await server.ask<{ port: number }>("where");
  await using client = there.start("end.ts", "client", json(port));
  const talking = client.ask<TalkReport>("talk");
  // A failure is thrown below, also when it comes before.
  talking.catch(() => {});
  await meanwhile();
  const heard = await talking;
  return [await server.ask<TalkReport>("report"), heard];
}

function pause(timeMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, timeMs));
}

/** Throws unless every conversation was whole, on both ends. */
function requireWhole(
  reports: readonly TalkReport[],
  connections: number,
): void {
  for (const { whole, failures, ends } of reports) {
    if (whole === connections && ends["1000"] === connections) continue;
    throw new Error(
      `Found ${whole} of ${connections} whole: ${
        failures.slice(0, 3).join()
      } ` +
        JSON.stringify(ends),
    );
  }
}

function told({ packets, lost, reordered, doubled, cut }: LinkCounts): string {
  return `${packets} packets, ${lost} lost, ${reordered} reordered, ` +
    `${doubled} doubled, ${cut} in the cut`;
}

function difference(after: LinkCounts, before: LinkCounts): LinkCounts {
  return {
    packets: after.packets - before.packets,
    lost: after.lost - before.lost,
    reordered: after.reordered - before.reordered,
    doubled: after.doubled - before.doubled,
    cut: after.cut - before.cut,
  };
}

function many(deflate: boolean): Trial {
  const options = {
    deflate,
    connections: 20,
    messages: 200,
    pauseMs: 5,
    ...patient,
  };
  return {
    name: `20 clients × 200 messages each way${
      deflate ? ", compressed" : ""
    }: 3 % lost, 20 ± 10 ms, 25 % reordered, 1 % doubled`,
    bound: "nothing lost, doubled, changed or out of order",
    run: async (network) => {
      const before = await network.setLink(badLink);
      const reports = await talk(network, options);
      const counts = difference(await network.setLink({}), before);
      requireWhole(reports, options.connections);
      if (counts.lost === 0 || counts.reordered === 0) {
        throw new Error(`Found a good link: ${told(counts)}`);
      }
      return `8,000 messages right; ${told(counts)}`;
    },
  };
}

const healed: Trial = {
  name: "a cut of 3 s that heals",
  bound: "the connections live, nothing is lost",
  run: async (network) => {
    const options = {
      deflate: false,
      connections: 5,
      messages: 200,
      pauseMs: 20,
      ...patient,
    };
    const before = await network.setLink({});
    const reports = await talk(network, options, async () => {
      await pause(2_000);
      await network.setLink({ cut: true });
      await pause(3_000);
      await network.setLink({});
    });
    const counts = difference(await network.setLink({}), before);
    requireWhole(reports, options.connections);
    if (counts.cut === 0) throw new Error("Found no packet in the cut");
    return `2,000 messages right; ${told(counts)}`;
  },
};

const forGood: Trial = {
  name: "a cut for good",
  bound: "both ends give up by heartbeat-timeout, none before the cut",
  run: async (network) => {
    const options = {
      deflate: false,
      connections: 5,
      // More than can be said before the cut.
      messages: 10_000,
      pauseMs: 20,
      heartbeat: { intervalMs: 1_000, timeoutMs: 2_000 },
      closeTimeoutMs: 1_000,
    };
    await network.setLink({});
    let cutMs = Infinity;
    const reports = await talk(network, options, async () => {
      await pause(2_000);
      await network.setLink({ cut: true });
      cutMs = Date.now();
    });
    await network.setLink({});
    for (const { ends, firstEndMs } of reports) {
      if (firstEndMs < cutMs) throw new Error("Found an end before the cut");
      if (ends["heartbeat-timeout"] === options.connections) continue;
      throw new Error(`Found ${JSON.stringify(ends)}, wanted 5 by heartbeat`);
    }
    return "5 of 5 heartbeat-timeout at the server, 5 of 5 at the client";
  },
};

/** In the order of the table. */
export const trials: readonly Trial[] = [
  many(false),
  many(true),
  healed,
  forGood,
];
