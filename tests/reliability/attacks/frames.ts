/** Frames that may not be. */
import {
  type Family,
  requireBound,
  requireClose,
  type World,
} from "./attack.ts";
import { frame, serverFrame } from "./raw_peer.ts";
import { joined } from "../../conformance/wire.ts";

/** Something illegal, and the rule that it breaks. */
interface FrameCase {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly error: string;
}

function closeOf(code: number): Uint8Array {
  return frame(0x8, Uint8Array.of(code >> 8, code & 0xff));
}

/** Codes that are never on the wire, or mean nothing (RFC 6455 §7.4). */
const wrongCodes = [
  ...[0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999],
  ...[5000, 65_535],
];

const opcodes = [3, 4, 5, 6, 7, 11, 12, 13, 14, 15];

const cases: readonly FrameCase[] = [
  ...[1, 2, 3, 4, 5, 6, 7].map((rsv) => ({
    name: `RSV ${rsv}`,
    bytes: frame(0x1, "x", { rsv }),
    error: "reserved-bits",
  })),
  ...opcodes.map((opcode) => ({
    name: `opcode ${opcode}`,
    bytes: frame(opcode, "x"),
    error: "reserved-opcode",
  })),
  ...[0x8, 0x9, 0xa].flatMap((opcode) => [
    {
      name: `control frame ${opcode} in fragments`,
      bytes: frame(opcode, "", { fin: false }),
      error: "fragmented-control-frame",
    },
    {
      name: `control frame ${opcode} of 126 bytes`,
      bytes: frame(opcode, "x".repeat(126)),
      error: "control-frame-too-large",
    },
  ]),
  ...[0x1, 0x2, 0x8, 0x9, 0xa].map((opcode) => ({
    name: `frame ${opcode} without a mask`,
    bytes: serverFrame(opcode),
    error: "unmasked-client-frame",
  })),
  {
    name: "a continuation of nothing",
    bytes: frame(0x0, "x"),
    error: "unexpected-continuation",
  },
  {
    name: "a message inside a message",
    bytes: joined([frame(0x1, "x", { fin: false }), frame(0x2, "x")]),
    error: "interleaved-message",
  },
  {
    name: "half a close code",
    bytes: frame(0x8, "x"),
    error: "close-body-too-short",
  },
  ...wrongCodes.map((code) => ({
    name: `close code ${code}`,
    bytes: closeOf(code),
    error: "invalid-close-code",
  })),
];

/** Neither answers the Close nor hangs up; what matters is that the server does. */
async function tryCase(
  { open }: World,
  { name, bytes }: FrameCase,
): Promise<void> {
  using peer = await open();
  await peer.write(bytes);
  requireClose(await peer.readToEnd(), 1002, name);
  // Its half has ended; writing into it until it is gone is the attacker's right.
  await peer.write(frame(0x1, "still here")).catch(() => {});
}

export const frames: Family = {
  name: "frames",
  attacks: [
    {
      name: `${cases.length} frames that may not be`,
      source: "RFC 6455 §5.1–5.5, §7.4; fastwebsockets, uWebSockets, gorilla",
      bound: "1002 and the rule's name; gone within closeTimeoutMs",
      server: { accepting: { closeTimeoutMs: 300 } },
      run: async (world) => {
        await Promise.all(cases.map((one) => tryCase(world, one)));
        const { errors } = await world.state();
        for (const { error } of cases) {
          const wanted = cases.filter((one) => one.error === error).length;
          requireBound(
            errors[error] === wanted,
            `${errors[error]} ${error}, wanted ${wanted}`,
          );
        }
        return `${cases.length} of ${cases.length} told 1002`;
      },
    },
    {
      name: "a peer that is told 1002, and stays",
      source: "RFC 6455 §7.1.1, §7.1.7",
      bound: "the server hangs up by closeTimeoutMs, whatever still comes",
      server: { accepting: { closeTimeoutMs: 500 } },
      run: async ({ open, state }) => {
        using peer = await open();
        await peer.write(frame(0x3));
        requireClose(await peer.readToEnd(), 1002, "opcode 3");
        let written = 0;
        try {
          // Ends when the server resets what it no longer reads.
          for (; written < 100_000; written++) {
            await peer.write(frame(0x9, "anybody?"));
            await new Promise((resolve) => setTimeout(resolve, 5));
          }
        } catch {
          // That is it.
        }
        requireBound(written < 100_000, "a connection that stays");
        const { errors } = await state();
        requireBound(errors["reserved-opcode"] === 1, JSON.stringify(errors));
        return `hung up while ${written} more Pings came, which nobody read`;
      },
    },
  ],
};
