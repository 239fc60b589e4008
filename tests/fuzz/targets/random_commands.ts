import { joined } from "../../deflate/engines.ts";
import type { Random } from "../../support/random.ts";
import { randomFrameInit, randomPayload } from "./random_frame.ts";
import { type CommandKind, commandKinds } from "./session_commands.ts";

/** What a life is made of, as often as it stands here. */
const common: readonly CommandKind[] = [
  ...["frame", "frame", "frame", "frame", "frame", "compressed"] as const,
  ...["text", "binary", "fragment", "fragment", "ping", "answer"] as const,
  ...["written", "time", "time", "pause", "pong", "bytes"] as const,
];

/** A command that does what it says. */
export function randomCommand(random: Random): Uint8Array {
  const kind = random.chance(0.9) ? random.pick(common) : random.pick(
    commandKinds,
  );
  const name = Uint8Array.of(commandKinds.indexOf(kind));
  return joined([name, randomArguments(kind, random)]);
}

/** A life of some commands. */
export function randomCommands(random: Random): Uint8Array {
  return joined(
    Array.from({ length: random.integer(1, 14) }, () => randomCommand(random)),
  );
}

function randomArguments(kind: CommandKind, random: Random): Uint8Array {
  switch (kind) {
    case "frame":
      return frameArguments(random);
    case "bytes":
    case "text":
    case "binary":
    case "ping":
    case "pong":
      return withLength(randomPayload(random));
    case "compressed":
    case "fragment":
      return joined([
        Uint8Array.of(random.integer(0, 3)),
        withLength(randomPayload(random)),
      ]);
    case "close": {
      const code = random.pick([1000, 1001, 1005, 3000, 4999, 1006, 0]);
      return Uint8Array.of(code >> 8, code, 2, 0x6f, 0x6b);
    }
    case "written":
    case "pause":
    case "time":
      return random.bytes(1);
    case "answer":
    case "end":
      return new Uint8Array(0);
  }
}

function frameArguments(random: Random): Uint8Array {
  const { fin, rsv1, opcode, payload } = randomFrameInit(random);
  const first = (fin ? 0x80 : 0) | (rsv1 ? 0x40 : 0) | opcode;
  return joined([Uint8Array.of(first), withLength(payload)]);
}

function withLength(bytes: Uint8Array): Uint8Array {
  const some = bytes.subarray(0, 255);
  return joined([Uint8Array.of(some.length), some]);
}
