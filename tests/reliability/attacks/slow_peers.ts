/** Peers that take their time, so that somebody waits for them. */
import {
  type Family,
  requireBound,
  requireClose,
  type World,
} from "./attack.ts";
import { gather, inMib, mib, pause } from "./crowd.ts";
import {
  frame,
  headerOf,
  headOf,
  type RawPeer,
  requestLines,
} from "./raw_peer.ts";

/** What the collector may not have taken away yet. */
const slackBytes = 64 * mib;

/** A byte of the head every now and then, until the server has had enough. */
async function dripHead(peer: RawPeer, everyMs: number): Promise<void> {
  const head = headOf(requestLines());
  for (let at = 20; at < head.length - 1; at++) {
    await pause(everyMs);
    try {
      await peer.write(head[at]!);
    } catch {
      return;
    }
  }
}

async function slowHeads(
  { connect, errors, growthDuring }: World,
  everyMs: number | undefined,
): Promise<string> {
  const count = 500;
  let refused = 0;
  const grown = await growthDuring(async () => {
    using crowd = await gather(count, connect);
    await Promise.all(crowd.peers.map(async (peer) => {
      await peer.write(headOf(requestLines()).slice(0, 20));
      const dripping = everyMs === undefined
        ? undefined
        : dripHead(peer, everyMs);
      const answer = new TextDecoder().decode(await peer.readBytesToEnd());
      if (answer.startsWith("HTTP/1.1 408 ")) refused += 1;
      await dripping;
    }));
  });
  const { "handshake-timeout": timedOut = 0 } = await errors(count);
  requireBound(
    timedOut === count,
    `${timedOut} of ${count} given up by handshake-timeout`,
  );
  requireBound(grown < slackBytes, `${inMib(grown)} more memory`);
  return `${timedOut} of ${count} given up, ${refused} told 408, ` +
    `${inMib(grown)} more memory`;
}

async function slowFrames({ open, growthDuring }: World): Promise<string> {
  const count = 50;
  const grown = await growthDuring(async () => {
    using crowd = await gather(count, () => open("/sink"));
    for (const peer of crowd.peers) {
      await peer.write(headerOf(0x82, BigInt(16 * mib)));
    }
    for (let round = 0; round < 40; round++) {
      for (const peer of crowd.peers) await peer.write(Uint8Array.of(round));
      await pause(5);
    }
  });
  requireBound(grown < slackBytes, `${inMib(grown)} more memory`);
  return `${count} × 16 MiB declared, 40 bytes each came: ` +
    `${inMib(grown)} more memory`;
}

async function stopsInside({ open }: World, bytes: Uint8Array) {
  using peer = await open();
  await peer.write(bytes);
  requireClose(await peer.readToEnd(), 1008, "a frame that does not go on");
}

/** A frame at each of whose bytes its sender may fall asleep. */
const sleeper = frame(0x1, "Hello");

export const slowPeers: Family = {
  name: "slow peers",
  attacks: [
    {
      name: "500 heads, a byte each 20 ms",
      source: "RFC 6455 §10.7",
      bound: "all gone by handshakeTimeoutMs, under 64 MiB in all",
      server: { accepting: { handshakeTimeoutMs: 1_500 } },
      isMeasured: true,
      run: (world) => slowHeads(world, 20),
    },
    {
      name: "500 heads that never go on",
      source: "RFC 6455 §10.7",
      bound: "all gone by handshakeTimeoutMs, under 64 MiB in all",
      server: { accepting: { handshakeTimeoutMs: 1_500 } },
      isMeasured: true,
      run: (world) => slowHeads(world, undefined),
    },
    {
      name: "50 frames of 16 MiB, a byte now and then",
      source: "RFC 6455 §10.4",
      bound: "memory by what came (64 MiB), not what was declared (800 MiB)",
      isMeasured: true,
      run: slowFrames,
    },
    {
      name: "a frame that stops at each of its bytes",
      source: "RFC 6455 §7.2.2",
      bound: "idle-timeout, 1008, by idleTimeoutMs",
      server: { accepting: { idleTimeoutMs: 1_500, heartbeat: false } },
      run: async (world) => {
        const cuts = Array.from({ length: sleeper.length }, (_, cut) => cut);
        await Promise.all(
          cuts.map((cut) => stopsInside(world, sleeper.subarray(0, cut))),
        );
        const { errors } = await world.state();
        const timedOut = errors["idle-timeout"] ?? 0;
        requireBound(timedOut === cuts.length, `${timedOut} idle-timeout`);
        return `${timedOut} of ${cuts.length} told 1008`;
      },
    },
    {
      name: "a peer that answers no Ping",
      source: "RFC 6455 §5.5.2; Deno #15430",
      bound: "heartbeat-timeout, 1008, by intervalMs + timeoutMs",
      server: {
        accepting: { heartbeat: { intervalMs: 500, timeoutMs: 500 } },
      },
      run: async ({ open, state }) => {
        using peer = await open();
        const items = await peer.readToEnd();
        requireClose(items, 1008, "a Ping without an answer");
        const kinds = items.map(({ type }) => type).join(", ");
        requireBound(kinds === "ping, close", kinds);
        const { errors } = await state();
        requireBound(errors["heartbeat-timeout"] === 1, JSON.stringify(errors));
        return `it was sent: ${kinds} 1008`;
      },
    },
  ],
};
