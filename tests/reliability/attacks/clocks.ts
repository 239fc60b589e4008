/** Clocks that jump, and event loops that stand still. */
import { type Family, requireBound, type World } from "./attack.ts";
import { joined } from "../../conformance/wire.ts";
import { gather, pause } from "./crowd.ts";
import { frame, type RawPeer } from "./raw_peer.ts";

/** Reads a Ping, and throws if it is told anything else. */
async function readPing(peer: RawPeer): Promise<void> {
  const item = await peer.readItem();
  requireBound(item?.type === "ping", JSON.stringify(item) ?? "the end");
}

async function answerPings(peer: RawPeer, count: number): Promise<void> {
  for (let answered = 0; answered < count; answered++) {
    await readPing(peer);
    await peer.write(frame(0xa));
  }
}

async function pingedOn(world: World, pings: number): Promise<string> {
  using crowd = await gather(20, world.open);
  await Promise.all(crowd.peers.map((peer) => answerPings(peer, pings)));
  const { errors } = await world.state();
  requireBound(Object.keys(errors).length === 0, JSON.stringify(errors));
  return `20 connections, ${pings} Pings each answered, none given up`;
}

/** How long the loop stands still: longer than anybody may be silent. */
const stallMs = 2_000;

/** Reads to the next text, and answers the Pings before it. */
async function readEcho(peer: RawPeer): Promise<void> {
  while (true) {
    const item = await peer.readItem();
    if (item?.type === "text") return;
    requireBound(item?.type === "ping", JSON.stringify(item) ?? "the end");
    await peer.write(frame(0xa, item?.type === "ping" ? item.data : ""));
  }
}

/**
 * Has the server's loop stand still as soon as `isDue`, and everybody speak while
 * it does: what they say can be read only after their time is over.
 */
async function stall(
  world: World,
  isDue: (peer: RawPeer) => Promise<void>,
): Promise<string> {
  const stalls = 3;
  using crowd = await gather(20, world.open);
  using stalling = await world.open("/stall");
  for (let count = 0; count < stalls; count++) {
    await Promise.all(crowd.peers.map(isDue));
    await stalling.write(frame(0x1, String(stallMs)));
    await pause(200);
    await stalling.write(frame(0xa));
    for (const peer of crowd.peers) {
      await peer.write(joined([frame(0xa), frame(0x1, "still here")]));
    }
    await Promise.all([stalling, ...crowd.peers].map(readEcho));
  }
  const { errors } = await world.state();
  requireBound(Object.keys(errors).length === 0, JSON.stringify(errors));
  return `${stalls} × ${stallMs} ms: all of 20 connections live`;
}

export const clocks: Family = {
  name: "clocks",
  attacks: [
    {
      name: "a wall clock that jumps by up to an hour at each look",
      source: "RFC 6455 §5.5.2, §7.2.2",
      bound: "no connection ends, Pings go on",
      server: {
        clockJumps: true,
        accepting: {
          handshakeTimeoutMs: 5_000,
          idleTimeoutMs: 5_000,
          heartbeat: { intervalMs: 300, timeoutMs: 3_000 },
        },
      },
      run: (world) => pingedOn(world, 6),
    },
    {
      name: "a loop that stands still for longer than the heartbeat waits",
      source: "RFC 6455 §5.5.2; Deno #15430",
      bound: "who answered meanwhile is not given up",
      server: {
        accepting: { heartbeat: { intervalMs: 300, timeoutMs: 1_000 } },
      },
      run: (world) => stall(world, (peer) => readPing(peer)),
    },
    {
      name: "a loop that stands still for longer than idleTimeoutMs",
      source: "RFC 6455 §7.2.2; uWebSockets.js #119",
      bound: "who spoke meanwhile is not given up",
      server: {
        accepting: {
          idleTimeoutMs: 1_000,
          heartbeat: false,
        },
      },
      run: (world) => stall(world, () => Promise.resolve()),
    },
  ],
};
