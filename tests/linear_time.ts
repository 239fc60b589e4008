/**
 * That decoding takes time linear in frames, bytes and chunks: eight times as
 * much of one takes about eight times as long, never anything like sixty-four.
 * Each measure is also taken of a decoder that is quadratic in it, to show that
 * it would be seen. Apart from the other tests, since what they do at the same time
 * would be measured too: `deno task test:linear`.
 */
import process from "node:process";
import { assert } from "@std/assert";
import {
  decodeFrames,
  type FrameDecoding,
} from "../lib/frame/decode_frames.ts";
import {
  decodePieces,
  type PieceDecoding,
} from "../lib/frame/decode_pieces.ts";
import { Opcode } from "../lib/frame/frame.ts";
import { parseFrame } from "../lib/frame/parse_frame.ts";
import { createDissector } from "../lib/inspect/dissector.ts";
import { serializeFrame } from "../lib/frame/serialize_frame.ts";
import type { ExtensionCodec } from "../lib/extension/extension.ts";
import { openSession, type StepContext } from "../lib/session/session.ts";
import { step } from "../lib/session/step.ts";
import { at } from "./session/sessions.ts";
import { utf8 } from "./support/hex.ts";

/** How much more of it is tried. */
const factor = 8;
/** Between 8, which is linear, and 64, which is quadratic. */
const mostTimes = 24;

type Chunks = readonly Uint8Array[];
type Decode = (chunks: Chunks) => void | Promise<void>;

const decoders: Readonly<Record<string, Decode>> = {
  decodeFrames: (chunks) => {
    let state: FrameDecoding | undefined;
    for (const chunk of chunks) {
      state = decodeFrames(chunk, state, { role: "server" }).state;
    }
  },
  decodePieces: (chunks) => {
    let state: PieceDecoding | undefined;
    for (const chunk of chunks) {
      state = decodePieces(chunk, state, { role: "server" }).state;
    }
  },
  "a session": (chunks) => feed(chunks, at(0)),
  "a session with an extension": (chunks) =>
    feed(chunks, { ...at(0), codec: idleCodec }),
  "a dissector that shows everything": async (chunks) => {
    const dissector = createDissector({ maxShownBytes: Infinity });
    for (const chunk of chunks) await dissector.read(chunk);
    await dissector.end();
  },
};

function feed(chunks: Chunks, context: StepContext): void {
  let session = openSession({ role: "server", heartbeat: false }, 0);
  for (const bytes of chunks) {
    ({ session } = step(session, { type: "bytes", bytes }, context));
  }
}

/** An extension that leaves everything as it is. */
const idleCodec: ExtensionCodec = {
  encode: ({ payload }) => ({ payload, rsv: 0 }),
  decode: ({ payload }) => ({ status: "valid", payloads: [payload] }),
};

/** Joins what waits again for every chunk, and moves the rest for every frame. */
const quadratic: Decode = (chunks) => {
  let waiting = new Uint8Array(0);
  for (const chunk of chunks) {
    const joined = new Uint8Array(waiting.length + chunk.length);
    joined.set(waiting);
    joined.set(chunk, waiting.length);
    waiting = joined;
    while (true) {
      const result = parseFrame(waiting, { role: "server" });
      if (result.status !== "complete") break;
      waiting = waiting.slice(result.bytesRead);
    }
  }
};

const maskingKey = Uint8Array.of(1, 2, 3, 4);

function frameOf(
  type: "text" | "binary",
  length: number,
): Uint8Array<ArrayBuffer> {
  const payload = utf8("a".repeat(length));
  return serializeFrame({ opcode: Opcode[type], payload, maskingKey });
}

function cutIntoChunks(bytes: Uint8Array, length: number): Uint8Array[] {
  return Array.from(
    { length: Math.ceil(bytes.length / length) },
    (_, index) => bytes.subarray(index * length, (index + 1) * length),
  );
}

/** Streams that have `n` of one thing, and about the same of the others. */
const measures: Readonly<Record<string, (n: number) => Uint8Array[]>> = {
  "frames in one chunk": (n) => {
    const frame = frameOf("text", 250);
    const chunk = new Uint8Array(n * frame.length);
    for (let index = 0; index < n; index++) {
      chunk.set(frame, index * frame.length);
    }
    return [chunk];
  },
  "bytes of one text, in chunks of 4 KiB": (n) =>
    cutIntoChunks(frameOf("text", n * 1024), 4096),
  "bytes of one binary frame, in chunks of 1 KiB": (n) =>
    cutIntoChunks(frameOf("binary", n * 1024), 1024),
  "chunks of one byte": (n) => cutIntoChunks(frameOf("text", n * 16), 1),
};

/** After so many rounds the least times are taken for the work itself. */
const fewestRounds = 7;
/** As often it is tried where they say that it is not linear. */
const mostRounds = 21;

/**
 * How many times as long the second takes: by the processor's time, which does not
 * count that of others, and by the least of several, since a busy machine adds to
 * it all the same. More rounds help who is linear, and nobody who is quadratic.
 */
async function growthOf(
  decode: Decode,
  [few, many]: readonly [Chunks, Chunks],
): Promise<number> {
  // Once before, so that both are measured as compiled code.
  await decode(few);
  let [leastFew, leastMany] = [Infinity, Infinity];
  for (let round = 1; round <= mostRounds; round++) {
    leastFew = Math.min(leastFew, await cpuMs(decode, few));
    leastMany = Math.min(leastMany, await cpuMs(decode, many));
    const isLinear = leastMany < mostTimes * leastFew;
    if (isLinear && round >= fewestRounds) break;
  }
  return leastMany / leastFew;
}

/** What it costs the processor, in milliseconds. */
async function cpuMs(decode: Decode, chunks: Chunks): Promise<number> {
  const before = process.cpuUsage();
  await decode(chunks);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

for (const [measure, make] of Object.entries(measures)) {
  const n = 500;
  const inputs = [make(n), make(factor * n)] as const;

  for (const [name, decode] of Object.entries(decoders)) {
    Deno.test(`${name} takes time linear in ${measure}`, async () => {
      const times = await growthOf(decode, inputs);
      assert(times < mostTimes, `${factor} × as many: ${times.toFixed(1)} ×`);
    });
  }

  Deno.test(`a decoder that is quadratic in ${measure} is seen to be`, async () => {
    const times = await growthOf(quadratic, inputs);
    assert(times > mostTimes, `${factor} × as many: ${times.toFixed(1)} ×`);
  });
}
