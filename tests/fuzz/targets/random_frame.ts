import type { FrameInit, Opcode } from "../../../lib/frame/frame.ts";
import { serializeFrame } from "../../../lib/frame/serialize_frame.ts";
import { serializeCloseBody } from "../../../lib/message/close.ts";
import type { Random } from "../../support/random.ts";
import { utf8 } from "../../support/hex.ts";

const words = ["", "a", "Hello", "é", "☺", "😀", "\0", "x".repeat(130)];

/** Bytes that may be a payload: text more often than not. */
export function randomPayload(random: Random): Uint8Array {
  if (random.chance(0.3)) return random.bytes(random.integer(0, 40));
  const text = Array.from(
    { length: random.integer(0, 4) },
    () => random.pick(words),
  ).join("");
  return utf8(text);
}

/** A frame that obeys every rule of its own. */
export function randomFrameInit(random: Random): FrameInit {
  const opcode: Opcode = random.pick([0, 0, 1, 1, 2, 2, 8, 9, 10]);
  const isControl = opcode >= 8;
  const payload = opcode === 8
    ? randomCloseBody(random)
    : randomPayload(random);
  return {
    opcode,
    fin: isControl || random.chance(0.6),
    rsv1: !isControl && random.chance(0.1),
    payload: isControl ? payload.subarray(0, 125) : payload,
  };
}

/** What a Close frame says: a code and a reason, or nothing. */
function randomCloseBody(random: Random): Uint8Array {
  const code = random.pick([1000, 1001, 1002, 1005, 1007, 3000, 4999]);
  const reason = code === 1005 ? "" : random.pick(["", "bye", "é"]);
  return serializeCloseBody(code, reason);
}

/** A frame on the wire. */
export function randomFrame(
  random: Random,
  isMasked: boolean,
): Uint8Array<ArrayBuffer> {
  const frame = randomFrameInit(random);
  const maskingKey = random.bytes(4);
  return serializeFrame(isMasked ? { ...frame, maskingKey } : frame);
}
