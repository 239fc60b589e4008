/** Lengths that are declared, and do not come. */
import {
  type Family,
  requireBound,
  requireClose,
  type World,
} from "./attack.ts";
import { gather, inMib, mib } from "./crowd.ts";
import { frame, headerOf } from "./raw_peer.ts";
import { joined } from "../../conformance/wire.ts";

const limit = 16 * mib;

/** What is sent, what it is answered with, and nothing more is sent. */
interface LengthCase {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly code: number;
  readonly error: string;
}

/** A length in a form that is longer than it needs to be. */
const longForm = headerOf(0x82, 125n);

const cases: readonly LengthCase[] = [
  {
    name: "2^63-1",
    bytes: headerOf(0x82, 2n ** 63n - 1n),
    code: 1009,
    error: "frame-too-large",
  },
  {
    name: "2^53",
    bytes: headerOf(0x82, 2n ** 53n),
    code: 1009,
    error: "frame-too-large",
  },
  {
    name: "2^32",
    bytes: headerOf(0x82, 2n ** 32n),
    code: 1009,
    error: "frame-too-large",
  },
  {
    name: "2^63",
    bytes: headerOf(0x82, 2n ** 63n),
    code: 1002,
    error: "length-out-of-range",
  },
  {
    name: "2^64-1",
    bytes: headerOf(0x82, 2n ** 64n - 1n),
    code: 1002,
    error: "length-out-of-range",
  },
  {
    name: "16 MiB + 1",
    bytes: headerOf(0x82, BigInt(limit + 1)),
    code: 1009,
    error: "frame-too-large",
  },
  {
    name: "16 MiB in a continuation of one byte",
    bytes: joined([
      frame(0x2, "x", { fin: false }),
      headerOf(0x80, BigInt(limit)),
    ]),
    code: 1009,
    error: "message-too-large",
  },
  {
    name: "125 in eight bytes",
    bytes: longForm,
    code: 1002,
    error: "non-minimal-length",
  },
  {
    name: "a Ping of 16 MiB",
    bytes: headerOf(0x89, BigInt(limit)),
    code: 1002,
    error: "control-frame-too-large",
  },
];

async function tryLength(
  { open }: World,
  { name, bytes, code }: LengthCase,
): Promise<void> {
  using peer = await open("/sink");
  await peer.write(bytes);
  requireClose(await peer.readToEnd(), code, name);
}

export const lengths: Family = {
  name: "declared lengths",
  attacks: [
    {
      name: `${cases.length} lengths that may not be`,
      source: "RFC 6455 §5.2, §10.4; undici, 64-bit lengths",
      bound: "1009 or 1002 by the header alone, under 16 MiB in all",
      isMeasured: true,
      run: async (world) => {
        const grown = await world.growthDuring(async () => {
          for (const one of cases) await tryLength(world, one);
        });
        const { errors } = await world.state();
        for (const { error } of cases) {
          const wanted = cases.filter((one) => one.error === error).length;
          requireBound(errors[error] === wanted, JSON.stringify(errors));
        }
        requireBound(grown < 16 * mib, `${inMib(grown)} more memory`);
        return `${cases.length} of ${cases.length} told the right code, ` +
          `${inMib(grown)} more memory`;
      },
    },
    {
      name: "100 frames of 16 MiB that never come",
      source: "RFC 6455 §10.4; old deno std/ws",
      bound: "nothing is set aside: under 16 MiB held, not 1,600",
      isMeasured: true,
      run: async ({ open, heldBytes }) => {
        const before = await heldBytes();
        using crowd = await gather(100, () => open("/sink"));
        for (const peer of crowd.peers) {
          await peer.write(headerOf(0x82, BigInt(limit)));
          await peer.write("one part of it");
          // Answered by the one beside it: what was written before has come.
          using other = await open();
          await other.write(frame(0x1, "x"));
          requireBound((await other.readItem())?.type === "text", "no echo");
        }
        const held = await heldBytes() - before;
        requireBound(held < 16 * mib, `${inMib(held)} held`);
        return `${inMib(held)} held`;
      },
    },
    {
      name: "a message of 16 MiB, whole and in fragments",
      source: "RFC 6455 §10.4",
      bound: "exactly maxMessageBytes is taken, one byte more is 1009",
      isMeasured: true,
      run: async ({ open, state }) => {
        const half = new Uint8Array(limit / 2);
        {
          using whole = await open("/");
          await whole.write(frame(0x2, half, { fin: false }));
          await whole.write(frame(0x0, half));
          const item = await whole.readItem();
          const length = item?.type === "binary" ? item.data.length : -1;
          requireBound(length === limit, `an echo of ${length} bytes`);
        }
        using more = await open("/sink");
        await more.write(frame(0x2, half, { fin: false }));
        await more.write(frame(0x0, half, { fin: false }));
        await more.write(frame(0x0, "x"));
        requireClose(await more.readToEnd(), 1009, "one byte more");
        const { errors } = await state();
        const { "message-too-large": tooLarge, ...others } = errors;
        requireBound(tooLarge === 1, JSON.stringify(others));
        return "16,777,216 bytes echoed, 16,777,217 told 1009";
      },
    },
  ],
};
