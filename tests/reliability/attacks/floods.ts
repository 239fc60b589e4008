/** More connections than anybody needs. */
import { type Family, requireBound, type World } from "./attack.ts";
import { gather, inKib, inMib } from "./crowd.ts";
import { headOf, type RawPeer, requestLines } from "./raw_peer.ts";

/** Beside the socket, a buffer of 512 bytes and what V8 makes of the rest. */
const mostBytesEach = 24 * 1024;
/**
 * What waits for V8's collector: its young generation grows to two halves of 16 MiB,
 * however many connections there are, and on a busy machine it does.
 */
const mostGarbageBytes = 32 * 1024 * 1024;

async function flood(
  world: World,
  count: number,
  connect: () => Promise<RawPeer>,
): Promise<string> {
  const grown = await world.growthDuring(async () => {
    using crowd = await gather(count, connect);
    requireBound(crowd.peers.length === count, `${crowd.peers.length} peers`);
    // Answered to the last: all who came before have been taken.
    using last = await world.open();
    requireBound(last.conn !== undefined, "nobody");
  });
  const found = `${inMib(grown)} more memory: ${inKib(grown / count)} for each`;
  requireBound(grown < mostGarbageBytes + count * mostBytesEach, found);
  return found;
}

const bound = `under ${inKib(mostBytesEach)} each, beside ${
  inMib(mostGarbageBytes)
} of garbage; others are served`;
const halfAHead = headOf(requestLines()).slice(0, 100);

export const floods: Family = {
  name: "connection floods",
  attacks: [
    {
      name: "5,000 connections that say nothing",
      source: "RFC 6455 §10.7",
      bound,
      isMeasured: true,
      run: (world) => flood(world, 5_000, world.connect),
    },
    {
      name: "5,000 connections that say half a head",
      source: "RFC 6455 §10.7",
      bound,
      isMeasured: true,
      run: (world) =>
        flood(world, 5_000, async () => {
          const peer = await world.connect();
          await peer.write(halfAHead);
          return peer;
        }),
    },
    {
      name: "2,000 WebSockets that say nothing",
      source: "RFC 6455 §10.7",
      bound,
      isMeasured: true,
      run: (world) => flood(world, 2_000, () => world.open()),
    },
    {
      name: "2,000 connections, one after the other",
      source: "RFC 6455 §10.7",
      bound: `none is kept: under ${inMib(mostGarbageBytes)} in all`,
      isMeasured: true,
      run: async (world) => {
        const grown = await world.growthDuring(async () => {
          for (let count = 0; count < 2_000; count++) {
            using peer = await (count % 2 === 0 ? world.connect : world.open)();
            requireBound(peer.conn !== undefined, "nobody");
          }
        });
        requireBound(grown < mostGarbageBytes, inMib(grown));
        return `${inMib(grown)} more memory`;
      },
    },
  ],
};
