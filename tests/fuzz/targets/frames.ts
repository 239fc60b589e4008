/**
 * Frames. However a stream is cut, `decodeFrames` and `decodePieces` give the frames,
 * the state and the error that `parseFrame` gives of the whole; every frame is
 * written back as the bytes it came in; no payload is longer than the limit; and
 * the work is linear in the bytes.
 */
import { decodeFrames } from "../../../lib/frame/decode_frames.ts";
import {
  decodePieces,
  type FramePiece,
} from "../../../lib/frame/decode_pieces.ts";
import type { Frame, Role } from "../../../lib/frame/frame.ts";
import {
  parseFrame,
  type ParseFrameOptions,
} from "../../../lib/frame/parse_frame.ts";
import { serializeFrame } from "../../../lib/frame/serialize_frame.ts";
import { hex } from "../../support/hex.ts";
import {
  assertHolds,
  assertLinear,
  assertSame,
  cutsOf,
} from "../invariants.ts";
import { joined } from "../../deflate/engines.ts";
import type { FuzzTarget } from "../target.ts";
import { randomFrame } from "./random_frame.ts";

const roles: readonly (Role | undefined)[] = [undefined, "client", "server"];

const limits = [
  ...[Infinity, 16 * 1024 * 1024, 0, 1, 2, 125, 126, 127, 200, 1000, 65535],
  ...[65536, 2 ** 32, 2 ** 53 - 1],
];

/** How many bytes of an input say how to read the others. */
const optionBytes = 2;

/** Reads frames in every way there is, and compares. */
export const target: FuzzTarget = {
  name: "frames",
  files: /^lib\/(frame|bytes)\//,
  maxInputBytes: 1024,
  tokens: [
    "8100 8180 8900 8a00 8800 880203e8 0100 8000",
    "7e 7f 7e007e 7fffffffffffffffff 7f0000000000010000 7e0000 fe007e",
  ].flatMap((row) => row.split(" ").map(hex)),
  generate: (random) => {
    const options = [
      random.integer(0, roles.length - 1) | random.pick([0, 0, 0x40, 0x70]),
      random.chance(0.7) ? 0 : random.integer(0, limits.length - 1),
    ];
    const isMasked = options[0]! % 16 === 2 || random.chance(0.3);
    const frames = Array.from(
      { length: random.integer(1, 6) },
      () => randomFrame(random, isMasked),
    );
    return joined([Uint8Array.from(options), ...frames]);
  },
  part: (random) => randomFrame(random, random.chance(0.5)),
  check: (bytes, meter) => {
    const options = readOptions(bytes);
    const wire = bytes.subarray(optionBytes);
    const whole = parseAll(wire, options);
    const linear = <Result>(run: () => Result) =>
      assertLinear(meter, wire.length, 400, run);
    const decoded = linear(() => decodeAll([wire], options));
    assertSame(decoded.frames, whole.frames, "decodeFrames() of the whole");
    assertSame(decoded.error, whole.error, "decodeFrames() of the whole");
    for (const chunks of [[wire], ...cutsOf(wire)]) {
      const cut = linear(() => decodeAll(chunks, options));
      assertSame(cut, decoded, `decodeFrames() in ${chunks.length} chunks`);
      const pieces = linear(() => decodeAllPieces(chunks, options));
      assertSame(
        [framesOf(pieces.pieces), pieces.error],
        [whole.frames.map(withoutKey), whole.error],
        `decodePieces() in ${chunks.length} chunks`,
      );
    }
  },
};

function readOptions(bytes: Uint8Array): Required<
  Pick<ParseFrameOptions, "maxPayloadBytes" | "allowedRsv">
> {
  const [first = 0, second = 0] = bytes;
  const role = roles[(first % 16) % roles.length];
  return {
    ...role === undefined ? {} : { role },
    allowedRsv: first & 0x70,
    maxPayloadBytes: limits[second % limits.length]!,
  };
}

type Options = ReturnType<typeof readOptions>;

/** One frame after the other, each written back and compared. */
function parseAll(wire: Uint8Array, options: Options) {
  const frames: Frame[] = [];
  let at = 0;
  while (true) {
    const rest = wire.subarray(at);
    const result = parseFrame(rest, { ...options, streamOffset: at });
    if (result.status === "invalid") return { frames, error: result.error };
    if (result.status === "partial") {
      assertPartial(result.bytesNeeded, rest, options);
      return { frames, error: undefined };
    }
    const { frame, bytesRead } = result;
    assertHolds(
      frame.payload.length <= options.maxPayloadBytes,
      "A payload is longer than the limit",
    );
    const written = serializeFrame(frame);
    assertSame(written, rest.subarray(0, bytesRead), "serializeFrame()");
    frames.push(frame);
    at += bytesRead;
  }
}

const longestHeaderBytes = 14;

function assertPartial(
  bytesNeeded: number,
  rest: Uint8Array,
  { maxPayloadBytes }: Options,
): void {
  assertHolds(
    bytesNeeded > rest.length &&
      bytesNeeded <= longestHeaderBytes + maxPayloadBytes,
    `A partial frame of ${rest.length} bytes needs ${bytesNeeded}`,
  );
}

function decodeAll(chunks: readonly Uint8Array[], options: Options) {
  const frames: Frame[] = [];
  let state: ReturnType<typeof decodeFrames>["state"] | undefined;
  for (const chunk of chunks) {
    const result = decodeFrames(chunk, state, options);
    frames.push(...result.frames);
    if (result.error !== undefined) return { frames, error: result.error };
    state = result.state;
  }
  const { offset = 0, bytesNeeded = 2, waiting } = state ?? {};
  const waitingBytes = waiting?.byteLength ?? 0;
  return { frames, error: undefined, offset, bytesNeeded, waitingBytes };
}

function decodeAllPieces(chunks: readonly Uint8Array[], options: Options) {
  const pieces: FramePiece[] = [];
  let state: ReturnType<typeof decodePieces>["state"] | undefined;
  for (const chunk of chunks) {
    const result = decodePieces(chunk, state, options);
    pieces.push(...result.pieces);
    if (result.error !== undefined) return { pieces, error: result.error };
    state = result.state;
    assertHolds(state.waiting.length <= 138, "More waits than a control frame");
  }
  return { pieces, error: undefined };
}

/** The frames that pieces come to; the last one only if it is whole. */
function framesOf(pieces: readonly FramePiece[]) {
  const frames: ReturnType<typeof withoutKey>[] = [];
  let payloads: Uint8Array[] = [];
  for (const { start, end, payload, fin, rsv, opcode, offset } of pieces) {
    assertHolds(start === (payloads.length === 0), "A frame begins twice");
    assertHolds(offset >= 0, "A piece is nowhere");
    payloads.push(payload);
    if (!end) continue;
    frames.push({ fin, rsv, opcode, payload: joined(payloads) });
    payloads = [];
  }
  return frames;
}

function withoutKey({ fin, rsv1, rsv2, rsv3, opcode, payload }: Frame) {
  const rsv = (rsv1 ? 0x40 : 0) | (rsv2 ? 0x20 : 0) | (rsv3 ? 0x10 : 0);
  return { fin, rsv, opcode, payload };
}
