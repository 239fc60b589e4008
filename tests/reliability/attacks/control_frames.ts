/** Pings and Closes by the thousand. */
import { type Family, requireBound, requireClose } from "./attack.ts";
import { gather, inKib, inMib, mib } from "./crowd.ts";
import { frame, type RawPeer } from "./raw_peer.ts";
import { joined } from "../../conformance/wire.ts";

const pingCount = 100_000;

/** A Ping that says which it is, as long as a Ping may be. */
function pingNumber(number: number): Uint8Array {
  return frame(0x9, String(number).padStart(125));
}

function numberOf(data: Uint8Array): number {
  return Number(new TextDecoder().decode(data));
}

async function writePings(peer: RawPeer): Promise<void> {
  const perWrite = 500;
  for (let at = 0; at < pingCount; at += perWrite) {
    const pings = Array.from(
      { length: perWrite },
      (_, index) => pingNumber(at + index),
    );
    await peer.write(joined(pings));
  }
}

/** Reads Pongs to the last Ping's, and says how many there were. */
async function readPongs(peer: RawPeer): Promise<number> {
  let before = -1;
  for (let count = 1;; count++) {
    const item = await peer.readItem();
    requireBound(item?.type === "pong", item?.type ?? "the end");
    const number = item?.type === "pong" ? numberOf(item.data) : -1;
    requireBound(number > before, `Pong ${number} after ${before}`);
    before = number;
    if (number === pingCount - 1) return count;
  }
}

/** Everything that one may still send after a Close, and may not be looked at. */
const afterClose = joined([
  frame(0x1, "not to be echoed"),
  frame(0x9, "not to be answered"),
  frame(0x8, Uint8Array.of(0x03, 0xe8)),
  frame(0x3, "broken"),
]);

export const controlFrames: Family = {
  name: "control frames",
  attacks: [
    {
      name: "100,000 Pings, never reading",
      source: "RFC 6455 §5.5.3; R58",
      bound: "64 KiB wait (maxUnwrittenBytes) and a chunk; then the last Pong",
      isMeasured: true,
      run: async ({ open, state, growthDuring }) => {
        using peer = await open();
        let waiting = 0;
        const grown = await growthDuring(async () => {
          await writePings(peer);
          waiting = (await state()).mostBufferedBytes;
        });
        const pongs = await readPongs(peer);
        requireBound(waiting <= 192 * 1024, `${inKib(waiting)} waiting`);
        requireBound(grown < 32 * mib, `${inMib(grown)} more memory`);
        requireBound(pongs < pingCount, `${pongs} Pongs, one for each Ping`);
        return `${inKib(waiting)} waiting, ${inMib(grown)} more memory, ` +
          `${pongs} Pongs, the last for the last Ping`;
      },
    },
    {
      name: "100,000 Pongs that nobody asked for",
      source: "RFC 6455 §5.5.3",
      bound: "no answer, under 32 MiB",
      isMeasured: true,
      run: async ({ open, growthDuring }) => {
        using peer = await open();
        const pongs = joined(Array.from({ length: 1_000 }, () => frame(0xa)));
        const grown = await growthDuring(async () => {
          for (let at = 0; at < 100; at++) await peer.write(pongs);
          await peer.write(frame(0x1, "still there?"));
        });
        const item = await peer.readItem();
        requireBound(item?.type === "text", item?.type ?? "the end");
        requireBound(grown < 32 * mib, `${inMib(grown)} more memory`);
        return `${inMib(grown)} more memory, and the echo after them`;
      },
    },
    {
      name: "1,000 Closes, and frames after them, on 100 connections",
      source: "RFC 6455 §5.5.1, §7.1.7; R56",
      bound: "one Close back, nothing after it looked at",
      run: async ({ open, state }) => {
        using crowd = await gather(100, () => open());
        const close = frame(0x8, Uint8Array.of(0x0f, 0xa0));
        const storm = joined([...Array(1_000).fill(close), afterClose]);
        const { messages: { "/": before = 0 } } = await state();
        let echoed = 0;
        await Promise.all(crowd.peers.map(async (peer) => {
          const writing = peer.write(storm).catch(() => {});
          const items = await peer.readToEnd();
          await writing;
          requireClose(items, 4000, "1,000 Closes");
          requireBound(items.length === 1, `${items.length} items`);
          echoed += items.length - 1;
        }));
        const { errors, messages } = await state();
        requireBound(Object.keys(errors).length === 0, JSON.stringify(errors));
        requireBound((messages["/"] ?? 0) >= before, "fewer messages");
        return `100 × one Close 4000, ${echoed} other frames, no error`;
      },
    },
  ],
};
