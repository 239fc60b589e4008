/** Compressed messages that become more than they look like. */
import { constants, deflateRawSync } from "node:zlib";
import {
  type Family,
  requireBound,
  requireClose,
  type World,
} from "./attack.ts";
import { inMib, mib, pause } from "./crowd.ts";
import { frame, type RawPeer } from "./raw_peer.ts";
import { type Item, joined } from "../../conformance/wire.ts";

const extension = "permessage-deflate";
const rsv1 = 4;

/** A compressed message's payload: what ends it is left out (RFC 7692 §7.2.1). */
function deflated(data: Uint8Array): Uint8Array {
  const finishFlush = constants.Z_SYNC_FLUSH;
  return deflateRawSync(data, { level: 9, finishFlush }).subarray(0, -4);
}

/** 256 MiB in 256 KiB, sixteen times what a message may be. */
const bomb = deflated(new Uint8Array(256 * mib));

/** An empty stored block, that is the last of its stream or not. */
function emptyBlocks(count: number, isFinal: boolean): Uint8Array {
  const block = [isFinal ? 1 : 0, 0, 0, 0xff, 0xff];
  return Uint8Array.from({ length: count * 5 }, (_, at) => block[at % 5]!);
}

/** Writes what may be refused before it is all written. */
async function writeAndRead(
  peer: RawPeer,
  parts: readonly Uint8Array[],
): Promise<Item[]> {
  const writing = (async () => {
    for (const part of parts) await peer.write(part);
  })().catch(() => {});
  const items = await peer.readToEnd();
  await writing;
  return items;
}

/** Sends a bomb, which is to end with 1009 for this reason, in that much memory. */
async function explode(
  world: World,
  parts: readonly Uint8Array[],
  error: string,
  mostBytes: number,
): Promise<string> {
  const grown = await world.growthDuring(async () => {
    using peer = await world.open("/sink", extension);
    requireClose(await writeAndRead(peer, parts), 1009, "the bomb");
  });
  const { errors } = await world.state();
  requireBound(errors[error] === 1, JSON.stringify(errors));
  requireBound(grown < mostBytes, `${inMib(grown)} more memory`);
  return `${error}, 1009, ${inMib(grown)} more memory`;
}

/** A message of that many blocks with nothing in them, and what comes of it. */
async function nothingAtLength(
  world: World,
  isFinal: boolean,
  requireAnswer: (item: Item | undefined) => void,
): Promise<string> {
  const payload = emptyBlocks(200_000, isFinal);
  using peer = await world.open("/", extension);
  const before = (await world.state()).cpuMicroseconds;
  const grown = await world.growthDuring(async () => {
    await peer.write(frame(0x2, payload, { rsv: rsv1 }));
    requireAnswer(await peer.readItem());
  });
  const spentMs = ((await world.state()).cpuMicroseconds - before) / 1000;
  requireBound(grown < 32 * mib, `${inMib(grown)} more memory`);
  return `${inMib(grown)} more memory, ${spentMs.toFixed(0)} ms of processor`;
}

/** Cut into fragments, of which the first says that they are compressed. */
function fragmentsOf(payload: Uint8Array, count: number): Uint8Array[] {
  const each = Math.ceil(payload.length / count);
  return Array.from({ length: count }, (_, at) =>
    frame(
      at === 0 ? 0x2 : 0x0,
      payload.subarray(at * each, (at + 1) * each),
      { fin: at === count - 1, rsv: at === 0 ? rsv1 : 0 },
    ));
}

/** A message of 1 MiB in a kilobyte, again and again out of one window. */
async function takeOver({ open, growthDuring }: World): Promise<string> {
  const rounds = 1_000;
  const payload = deflated(new Uint8Array(mib));
  const grown = await growthDuring(async () => {
    using peer = await open("/sink", extension);
    for (let round = 0; round < rounds; round++) {
      await peer.write(frame(0x2, payload, { rsv: rsv1 }));
    }
    await peer.write(frame(0x9, "all there?"));
    const item = await peer.readItem();
    requireBound(item?.type === "pong", item?.type ?? "the end");
  });
  requireBound(grown < 512 * mib, `${inMib(grown)} more memory`);
  return `${rounds} MiB came of ${
    inMib(rounds * payload.length)
  }, one by one: ${inMib(grown)} more memory`;
}

/** The same for an application that takes one of them and no other. */
async function leaveWaiting(
  { open, heldBytes }: World,
  mostBytes: number,
): Promise<string> {
  const payload = deflated(new Uint8Array(mib));
  const before = await heldBytes();
  using peer = await open("/asleep", extension);
  const message = frame(0x2, payload, { rsv: rsv1 });
  // What is read at once grows with what comes; this is what is taken.
  await peer.write(frame(0x2, new Uint8Array(256 * 1024)));
  await peer.write(joined(Array(500).fill(message)));
  let held = 0;
  // Until no more of them is taken.
  for (let last = -mib; held - last > mib / 8;) {
    last = held;
    await pause(200);
    held = await heldBytes() - before;
  }
  requireBound(held <= mostBytes, `${inMib(held)} held`);
  return `${inMib(held)} held of 500 MiB in ${inMib(500 * message.length)}`;
}

const server = { deflate: {} };
/** Its application takes one message and no other. */
const sleeper = {
  accepting: { idleTimeoutMs: 3_000, closeTimeoutMs: 500 },
  deflate: {},
  readsAlone: true,
};
const source = "CVE-2026-1526; RFC 7692 §8";

export const bombs: Family = {
  name: "compression bombs",
  attacks: [
    {
      name: "256 MiB in 256 KiB, in one frame",
      source,
      bound: "message-too-large, 1009, by 16 MiB: under 64 MiB",
      server,
      isMeasured: true,
      run: (world) =>
        explode(
          world,
          [frame(0x2, bomb, { rsv: rsv1 })],
          "message-too-large",
          64 * mib,
        ),
    },
    {
      name: "256 MiB in 256 KiB, in 1,000 fragments",
      source,
      bound: "message-too-large, 1009, by 16 MiB: under 64 MiB",
      server,
      isMeasured: true,
      run: (world) =>
        explode(world, fragmentsOf(bomb, 1_000), "message-too-large", 64 * mib),
    },
    {
      name: "256 MiB in 256 KiB, with maxRatio 100",
      source,
      bound: "inflated-too-much, 1009, long before 16 MiB: under 32 MiB",
      server: { deflate: { maxRatio: 100 } },
      isMeasured: true,
      run: (world) =>
        explode(
          world,
          [frame(0x2, bomb, { rsv: rsv1 })],
          "inflated-too-much",
          32 * mib,
        ),
    },
    {
      name: "1,000 messages of 1 MiB in 1 KiB, one window",
      source,
      bound: "each by itself: under 512 MiB with its waste, not 1,000",
      server,
      isMeasured: true,
      run: takeOver,
    },
    {
      name: "500 messages of 1 MiB in 1 KiB, for who does not read",
      source,
      bound: "maxBufferedBytes wait, and what 16 KiB become: 36 MiB",
      server: sleeper,
      isMeasured: true,
      run: (world) => leaveWaiting(world, 36 * mib),
    },
    {
      name: "the same, where a message may have 1 MiB",
      source,
      bound: "maxBufferedBytes wait, and what 4 KiB become: 16 MiB",
      server: {
        ...sleeper,
        accepting: { ...sleeper.accepting, maxMessageBytes: mib },
      },
      isMeasured: true,
      run: (world) => leaveWaiting(world, 16 * mib),
    },
    {
      name: "200,000 empty blocks",
      source: "RFC 7692 §7.2.1",
      bound: "an empty message, under 32 MiB",
      server,
      isMeasured: true,
      run: (world) =>
        nothingAtLength(world, false, (item) => {
          const length = item?.type === "binary" ? item.data.length : -1;
          requireBound(length === 0, `${length} bytes of ${item?.type}`);
        }),
    },
    {
      name: "200,000 final blocks",
      source: "RFC 7692 §7.2.3.4; zlib streams that end and begin anew",
      bound: "too many of them are corrupt, 1007, under 32 MiB",
      server,
      isMeasured: true,
      run: (world) =>
        nothingAtLength(world, true, (item) => {
          requireClose(item === undefined ? [] : [item], 1007, "final blocks");
        }),
    },
    {
      name: "what no compressor makes",
      source: "RFC 7692 §7.2.2; R98",
      bound: "corrupt-compression, 1007",
      server,
      run: async ({ open, state }) => {
        const broken = [[0xff, 0xff, 0xff], [0x07, 0x00], [0x05, 0x00, 0x81]];
        for (const payload of broken) {
          using peer = await open("/sink", extension);
          const bytes = frame(0x2, Uint8Array.from(payload), { rsv: rsv1 });
          const items = await writeAndRead(peer, [bytes]);
          requireClose(items, 1007, payload.join());
        }
        const { errors } = await state();
        const found = errors["corrupt-compression"] ?? 0;
        requireBound(found === broken.length, JSON.stringify(errors));
        return `${found} of ${broken.length} told 1007`;
      },
    },
  ],
};
