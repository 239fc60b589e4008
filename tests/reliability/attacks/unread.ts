/** Peers that do not read, and applications that do not. */
import { type Family, requireBound, type World } from "./attack.ts";
import { inKib, inMib, mib } from "./crowd.ts";
import { frame, type RawPeer } from "./raw_peer.ts";

const message = frame(0x2, new Uint8Array(64 * 1024));

/** Writes until nothing goes any more, or the server hangs up. */
async function writeMuch(peer: RawPeer, bytes: number): Promise<number> {
  let written = 0;
  try {
    for (; written < bytes; written += message.length) {
      await peer.write(message);
    }
  } catch {
    // It was given up, which is where this was to lead.
  }
  return written;
}

/** The most that waited in the server while `writing` went on. */
async function mostWaiting(
  { state }: World,
  writing: Promise<unknown>,
  look: () => Promise<void> = () => Promise.resolve(),
): Promise<number> {
  let most = 0;
  let isOver = false;
  const over = writing.then(() => isOver = true);
  while (!isOver) {
    most = Math.max(most, (await state()).mostBufferedBytes);
    await look();
    await Promise.race([
      over,
      new Promise((resolve) => setTimeout(resolve, 20)),
    ]);
  }
  return most;
}

async function neverRead(world: World, target: string): Promise<string> {
  using peer = await world.open(target);
  let written = 0;
  let waiting = 0;
  const grown = await world.growthDuring(async () => {
    const writing = writeMuch(peer, 256 * mib);
    waiting = await mostWaiting(world, writing);
    written = await writing;
  });
  requireBound(written < 256 * mib, `${inMib(written)} taken, all there was`);
  // A megabyte, the message that went past it, and those of the same chunk.
  const most = mib + 2 * message.length;
  requireBound(waiting <= most, `${inKib(waiting)} waiting`);
  requireBound(grown < 48 * mib, `${inMib(grown)} more memory`);
  const { errors } = await world.state();
  requireBound(errors["idle-timeout"] === 1, JSON.stringify(errors));
  return `${inMib(written)} of 256 MiB taken (by the sockets too), at most ` +
    `${inKib(waiting)} waiting, ${inMib(grown)} more memory, idle-timeout`;
}

/** For each a megabyte, what went past it, and what is being read. */
const mostForTwenty = 20 * (mib + 4 * message.length);

async function twentyNeverRead(world: World): Promise<string> {
  const before = await world.heldBytes();
  const writing = Array.from({ length: 20 }, async () => {
    using peer = await world.open();
    return await writeMuch(peer, 64 * mib);
  });
  const all = Promise.all(writing);
  let held = 0;
  const most = await mostWaiting(world, all, async () => {
    held = Math.max(held, await world.heldBytes() - before);
  });
  const written = (await all).reduce((sum, one) => sum + one, 0);
  requireBound(held <= mostForTwenty, `${inMib(held)} held`);
  requireBound(most <= mib + 2 * message.length, `${inKib(most)} waiting`);
  const { errors } = await world.state();
  requireBound(errors["idle-timeout"] === 20, JSON.stringify(errors));
  return `${inMib(written)} of 1,280 MiB taken (by the sockets too), ` +
    `${inMib(held)} held, 20 idle-timeout`;
}

const server = {
  accepting: { idleTimeoutMs: 2_000, closeTimeoutMs: 500, heartbeat: false },
} as const;

export const unread: Family = {
  name: "nobody reads",
  attacks: [
    {
      name: "a client that sends to an echo and never reads",
      source: "websockets/ws #2263; Deno #25070",
      bound: "maxBufferedBytes and a message wait; then idle-timeout",
      server,
      isMeasured: true,
      run: (world) => neverRead(world, "/"),
    },
    {
      name: "20 such clients at once",
      source: "websockets/ws #2263; Deno #25070",
      bound: "20 × maxBufferedBytes and a message are held (25 MiB)",
      server,
      isMeasured: true,
      run: (world) => twentyNeverRead(world),
    },
  ],
};
