import { assert, assertEquals } from "@std/assert";
import type { Message } from "../../lib/message/message.ts";
import { FrameDecoderStream } from "../../lib/stream/frame_decoder_stream.ts";
import { FrameEncoderStream } from "../../lib/stream/frame_encoder_stream.ts";
import { MessageDecoderStream } from "../../lib/stream/message_decoder_stream.ts";
import { MessageEncoderStream } from "../../lib/stream/message_encoder_stream.ts";
import { type Random, seededRandom } from "../support/random.ts";
import { randomPieces } from "../support/splits.ts";
import { collect, countingSource, takenAfterReading } from "./streams.ts";

const directions = [
  { from: "client", to: "server" },
  { from: "server", to: "client" },
] as const;

type Direction = (typeof directions)[number];

/** Bytes cut anew, as a network does. */
function recut(random: Random): TransformStream<Uint8Array, Uint8Array> {
  return new TransformStream({
    transform: (chunk, controller) => {
      for (const piece of randomPieces(chunk, random)) {
        controller.enqueue(piece);
      }
    },
  });
}

/** All four streams, with a network between the two pairs. */
function through(
  messages: ReadableStream<Message>,
  { from, to }: Direction,
  random: Random,
  maxFragmentBytes = Infinity,
): ReadableStream<Message> {
  return messages
    .pipeThrough(new MessageEncoderStream({ role: from, maxFragmentBytes }))
    .pipeThrough(new FrameEncoderStream({ role: from }))
    .pipeThrough(recut(random))
    .pipeThrough(new FrameDecoderStream({ role: to }))
    .pipeThrough(new MessageDecoderStream({ role: to }));
}

function randomMessage(random: Random): Message {
  const type = random.pick(["text", "binary", "ping", "pong"] as const);
  const control = type === "ping" || type === "pong";
  const size = random.integer(0, control ? 125 : 400);
  if (type !== "text") return { type, data: random.bytes(size) };
  const characters = ["a", "é", "€", "\u{1f600}", "\0"];
  const data = Array.from({ length: size }, () => random.pick(characters));
  return { type, data: data.join("") };
}

Deno.test("All four streams give the messages that were sent (R44, R47, R48, R60)", async () => {
  for (let seed = 1; seed <= 12; seed++) {
    const random = seededRandom(seed);
    const messages: Message[] = [
      ...Array.from({ length: 15 }, () => randomMessage(random)),
      { type: "close", code: 1000, reason: "bye" },
    ];
    const size = random.pick([1, 7, 125, Infinity]);
    for (const direction of directions) {
      const readable = through(
        ReadableStream.from(messages),
        direction,
        random,
        size,
      );
      const { items, error } = await collect(readable);
      assertEquals(error, undefined, `seed ${seed}`);
      assertEquals(items, messages, `seed ${seed}`);
    }
  }
});

Deno.test("All four streams stop the source when the reader stops (R76)", async () => {
  for (const direction of directions) {
    const taken = [];
    for (const reads of [1, 20]) {
      const source = countingSource<Message>((index) => ({
        type: "text",
        data: String(index),
      }));
      const readable = through(source.readable, direction, seededRandom(1));
      taken.push(await takenAfterReading(source, readable, reads) - reads);
    }
    // What waits in the queues on the way, however much has gone through: a
    // burst of frames twice, joined and taken apart again, and a few more.
    for (const ahead of taken) assert(ahead <= 140, `${ahead} ahead`);
  }
});

Deno.test("All four streams, cancelled, cancel the source", async () => {
  const source = countingSource<Message>(() => ({ type: "text", data: "a" }));
  const readable = through(source.readable, directions[0], seededRandom(1));
  const reader = readable.getReader();
  await reader.read();
  const reason = new Error("Not wanted any more");
  await reader.cancel(reason);
  // The streams between pass it on one after another.
  for (let turn = 0; turn < 20 && source.cancelled.length === 0; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  assertEquals(source.cancelled, [reason]);
});
