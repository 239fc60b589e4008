import { type Frame, Opcode } from "../../lib/frame/frame.ts";
import type { Random } from "./random.ts";

/** A frame with FIN and without RSV bits, unless `fields` say otherwise. */
export function frameOf(
  fields: Partial<Frame> & Pick<Frame, "opcode" | "payload">,
): Frame {
  return { fin: true, rsv1: false, rsv2: false, rsv3: false, ...fields };
}

/** Lengths on both sides of every change of the length form, RFC 6455 §5.2. */
export const edgeLengths: readonly number[] = [0, 125, 126, 127, 65535, 65536];

/** A frame that is legal in itself; it need not make sense after another. */
export function randomFrame(random: Random): Frame {
  const opcode = random.pick(Object.values(Opcode));
  const isControl = opcode >= 0x8;
  const payload = random.bytes(
    isControl ? random.integer(0, 125) : randomLength(random),
  );
  const fields = { opcode, payload, fin: isControl || random.chance(0.5) };
  return random.chance(0.5)
    ? frameOf({ ...fields, maskingKey: random.bytes(4) })
    : frameOf(fields);
}

/** Mostly short, for speed; often at an edge, where the faults are. */
function randomLength(random: Random): number {
  if (random.chance(0.03)) return random.pick(edgeLengths);
  return random.chance(0.3)
    ? random.pick([0, 125, 126, 127])
    : random.integer(0, 300);
}
