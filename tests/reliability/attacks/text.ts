/** Text that is none. */
import {
  type Family,
  requireBound,
  requireClose,
  type World,
} from "./attack.ts";
import { frame } from "./raw_peer.ts";
import { joined } from "../../conformance/wire.ts";

/** Sequences that end with the first byte that cannot be. */
const sequences: Readonly<Record<string, readonly number[]>> = {
  "a continuation byte alone": [0x80],
  "a byte that never occurs": [0xff],
  "an overlong slash in two bytes": [0xc0],
  "an overlong slash in three": [0xe0, 0x80],
  "an overlong slash in four": [0xf0, 0x80],
  "a high surrogate": [0xed, 0xa0],
  "a low surrogate": [0xed, 0xb0],
  "beyond U+10FFFF": [0xf4, 0x90],
  "a lead byte of five": [0xf8],
  "a letter in the middle of three bytes": [0xe2, 0x82, 0x41],
  "a lead byte after a lead byte": [0xc3, 0xc3],
};

const valid = new TextEncoder().encode("κόσμε ");

/** How the same bytes may come; none of them ends the message. */
const ways: Readonly<
  Record<string, (text: Uint8Array) => readonly Uint8Array[]>
> = {
  // The frame says more than comes: what is wrong is not to wait for the rest.
  "in an unfinished frame": (text) => [
    frame(0x1, joined([text, new Uint8Array(100)])).subarray(
      0,
      6 + text.length,
    ),
  ],
  "in a fragment": (text) => [frame(0x1, text, { fin: false })],
  "cut over two fragments": (text) => [
    frame(0x1, text.subarray(0, -1), { fin: false }),
    frame(0x0, text.subarray(-1), { fin: false }),
  ],
  "byte by byte": (text) =>
    [...frame(0x1, text, { fin: false })].map((byte) => Uint8Array.of(byte)),
};

/** Text that is cut off where the message ends, and reasons of a Close. */
const ended: Readonly<Record<string, Uint8Array>> = {
  "a message that ends inside a character": frame(0x1, Uint8Array.of(0xe2)),
  "the same in two fragments": joined([
    frame(0x1, Uint8Array.of(0xe2), { fin: false }),
    frame(0x0, Uint8Array.of(0x82)),
  ]),
  "a reason with 0xff": frame(0x8, Uint8Array.of(0x03, 0xe8, 0xff)),
  "a reason cut inside a character": frame(
    0x8,
    Uint8Array.of(0x03, 0xe8, 0xe2, 0x82),
  ),
  "a reason with a surrogate": frame(
    0x8,
    Uint8Array.of(0x03, 0xe8, 0xed, 0xa0, 0x80),
  ),
};

async function isTold1007(
  { open }: World,
  parts: readonly Uint8Array[],
  what: string,
): Promise<void> {
  using peer = await open();
  for (const part of parts) await peer.write(part);
  requireClose(await peer.readToEnd(), 1007, what);
}

export const text: Family = {
  name: "text",
  attacks: [
    {
      name: `${Object.keys(sequences).length} sequences × ${
        Object.keys(ways).length
      } ways`,
      source: "RFC 6455 §8.1; R60, R61",
      bound: "1007 at the first byte that cannot be, nothing awaited after it",
      run: async (world) => {
        let count = 0;
        for (const [name, bytes] of Object.entries(sequences)) {
          const bad = joined([valid, Uint8Array.from(bytes)]);
          for (const [way, cut] of Object.entries(ways)) {
            await isTold1007(world, cut(bad), `${name}, ${way}`);
            count += 1;
          }
        }
        const { errors } = await world.state();
        const found = errors["invalid-utf8"] ?? 0;
        requireBound(found === count, JSON.stringify(errors));
        return `${found} of ${count} told 1007`;
      },
    },
    {
      name: "text and reasons that end too early",
      source: "RFC 6455 §5.5.1, §8.1",
      bound: "1007",
      run: async (world) => {
        const all = Object.entries(ended);
        for (const [name, bytes] of all) {
          await isTold1007(world, [bytes], name);
        }
        return `${all.length} of ${all.length} told 1007`;
      },
    },
  ],
};
