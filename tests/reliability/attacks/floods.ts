/** More connections than anybody needs. */
import { type Family, requireBound, type World } from "./attack.ts";
import { gather, inKib, inMib } from "./crowd.ts";
import { headOf, type RawPeer, requestLines } from "./raw_peer.ts";

/**
 * Beside the socket, a buffer of 512 bytes and what V8 makes of the rest; and a share
 * of the garbage that waits for its collector, 32 MiB on a busy machine, which is
 * why there are thousands.
 */
const mostBytesEach = 32 * 1024;

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
  const each = grown / count;
  requireBound(each < mostBytesEach, `${inKib(each)} for each`);
  return `${inMib(grown)} more memory: ${inKib(each)} for each`;
}

const bound = `under ${inKib(mostBytesEach)} each; others are served`;
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
      name: "5,000 WebSockets that say nothing",
      source: "RFC 6455 §10.7",
      bound,
      isMeasured: true,
      run: (world) => flood(world, 5_000, () => world.open()),
    },
    {
      name: "2,000 connections, one after the other",
      source: "RFC 6455 §10.7",
      bound: "none is kept: under 32 MiB in all",
      isMeasured: true,
      run: async (world) => {
        const grown = await world.growthDuring(async () => {
          for (let count = 0; count < 2_000; count++) {
            using peer = await (count % 2 === 0 ? world.connect : world.open)();
            requireBound(peer.conn !== undefined, "nobody");
          }
        });
        requireBound(grown < 32 * 1024 * 1024, inMib(grown));
        return `${inMib(grown)} more memory`;
      },
    },
  ],
};
