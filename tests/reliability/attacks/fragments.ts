/** Messages in more parts than they need. */
import {
  type Family,
  requireBound,
  requireClose,
  type World,
} from "./attack.ts";
import { inMib, mib } from "./crowd.ts";
import { frame } from "./raw_peer.ts";
import { joined } from "../../conformance/wire.ts";

/** The default of maxFragments. */
const maxFragments = 131_072;
const slackBytes = 48 * mib;

/** A message in that many fragments, all but the last without FIN. */
async function sendFragments(
  { open, growthDuring }: World,
  count: number,
  payload: string,
  isEnded: boolean,
) {
  using peer = await open();
  const rest = frame(0x0, payload, { fin: false });
  const grown = await growthDuring(async () => {
    await peer.write(frame(0x1, payload, { fin: false }));
    const run = joined(Array(1_000).fill(rest));
    let left = count - 2;
    for (; left >= 1_000; left -= 1_000) await peer.write(run);
    await peer.write(joined(Array(left).fill(rest)));
    await peer.write(frame(0x0, payload, { fin: isEnded }));
  });
  const item = await peer.readItem();
  return { item, grown };
}

async function pastTheLimit(world: World, payload: string): Promise<string> {
  const count = maxFragments + 1;
  const { item, grown } = await sendFragments(world, count, payload, false);
  requireClose(item === undefined ? [] : [item], 1009, `${count} fragments`);
  const { errors } = await world.state();
  requireBound(errors["too-many-fragments"] === 1, JSON.stringify(errors));
  requireBound(grown < slackBytes, `${inMib(grown)} more memory`);
  return `1009 at the ${count}th, ${inMib(grown)} more memory`;
}

export const fragments: Family = {
  name: "fragments and chunks",
  attacks: [
    {
      name: "fragments of one byte, as many as may be",
      source: "websockets/ws, advisory of 22 May 2026; RFC 6455 §10.4",
      bound: "131,072 fragments are one message, under 48 MiB",
      isMeasured: true,
      run: async (world) => {
        const { item, grown } = await sendFragments(
          world,
          maxFragments,
          "x",
          true,
        );
        const length = item?.type === "text" ? item.data.length : -1;
        requireBound(length === maxFragments, `an echo of ${length} bytes`);
        requireBound(grown < slackBytes, `${inMib(grown)} more memory`);
        return `echoed whole, ${inMib(grown)} more memory`;
      },
    },
    {
      name: "fragments of one byte, one too many",
      source: "websockets/ws, advisory of 22 May 2026; RFC 6455 §10.4",
      bound: "too-many-fragments, 1009, under 48 MiB",
      isMeasured: true,
      run: (world) => pastTheLimit(world, "x"),
    },
    {
      name: "empty fragments, one too many",
      source: "websockets/ws, advisory of 22 May 2026; RFC 6455 §10.4",
      bound: "too-many-fragments, 1009, under 48 MiB",
      isMeasured: true,
      run: (world) => pastTheLimit(world, ""),
    },
    {
      name: "a message of 32 KiB, one byte for each write",
      source: "websockets/ws, advisory of 22 May 2026 (maxBufferedChunks)",
      bound: "echoed whole, under 32 MiB",
      isMeasured: true,
      run: async ({ open, growthDuring, state }) => {
        using peer = await open();
        const payload = "y".repeat(32 * 1024);
        const { cpuMicroseconds } = await state();
        const grown = await growthDuring(async () => {
          for (const byte of frame(0x1, payload)) {
            await peer.write(Uint8Array.of(byte));
          }
        });
        const item = await peer.readItem();
        const length = item?.type === "text" ? item.data.length : -1;
        requireBound(length === payload.length, `${length} bytes`);
        requireBound(grown < 32 * mib, `${inMib(grown)} more memory`);
        const spent = (await state()).cpuMicroseconds - cpuMicroseconds;
        const each = (spent / payload.length).toFixed(1);
        return `echoed, ${inMib(grown)} more memory, ${each} µs for each byte`;
      },
    },
  ],
};
