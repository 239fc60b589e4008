import { assert, assertEquals } from "@std/assert";
import { permessageDeflate } from "../../lib/deflate/permessage_deflate.ts";
import type { DissectOptions } from "../../lib/inspect/dissector.ts";
import type { DissectedItem } from "../../lib/inspect/item.ts";
import { itemToJson } from "../../lib/inspect/render_json.ts";
import { renderItem } from "../../lib/inspect/render_text.ts";
import { joined, piecesOf } from "../deflate/engines.ts";
import { forEachSeedAsync, type Random } from "../support/random.ts";
import { byteByByte, randomPieces } from "../support/splits.ts";
import { assertHarmless, withoutColor } from "../support/terminal_text.ts";
import {
  assertAllCovered,
  asText,
  cutAs,
  dissectAll,
  type MadeUp,
  makeUp,
  only,
  randomDeflate,
  type SentBytes,
  streamOf,
  undirected,
} from "./conversations.ts";

const options: DissectOptions = { extensions: [permessageDeflate()] };

/** What was said, in the words in which it is found. */
function wantedOf({ messages, frames }: MadeUp): ReturnType<typeof foundIn> {
  return {
    messages: messages.map(({ data, ...message }) => ({
      ...message,
      byteLength: typeof data === "string"
        ? new TextEncoder().encode(data).length
        : data.length,
      data: typeof data === "string" ? data : data.join(" "),
    })),
    frames: frames.map(({ from, fin, rsv, opcode, payload }, index) => ({
      number: index + 1,
      status: "whole",
      from,
      fin,
      rsv,
      opcode,
      masked: from === "client",
      payloadLength: payload.length,
      payload: payload.join(" "),
    })),
  };
}

function foundIn(items: readonly DissectedItem[]) {
  return {
    messages: only(items, "message").map((message) => ({
      from: message.from,
      messageType: message.messageType,
      frames: message.frames,
      wireBytes: message.wireBytes,
      isCompressed: message.coding === "compressed",
      byteLength: message.byteLength,
      data: message.text ?? message.data!.join(" "),
    })),
    frames: only(items, "frame").map((frame) => ({
      number: frame.number,
      status: frame.status,
      from: frame.from,
      fin: frame.fin,
      rsv: frame.rsv,
      opcode: frame.opcode,
      masked: frame.maskingKey !== undefined,
      payloadLength: frame.payloadLength,
      payload: frame.payload.join(" "),
    })),
  };
}

Deno.test("what was said is found, in one stream of both sides and in two of one, cut anywhere (R47, R48, R50, R64, R88, R89, R96)", async () => {
  await forEachSeedAsync(async (random) => {
    const madeUp = makeUp(random, randomDeflate(random), 12);
    const wanted = wantedOf(madeUp);
    for (const sent of [undirected(madeUp.sent), madeUp.sent]) {
      const whole = await dissectAll(sent, options);
      assertEquals(foundIn(whole), wanted);
      assertEquals(only(whole, "violation"), []);
      assertEquals(only(whole, "unread"), []);
      assertEquals(only(whole, "head").map(({ from }) => from), [
        "client",
        "server",
      ]);
      assertAllCovered(whole, sent, "whole");
      for (
        const cut of [
          cutAs(sent, byteByByte),
          cutAs(sent, (bytes) => randomPieces(bytes, random)),
        ]
      ) {
        const items = await dissectAll(cut, options);
        assertEquals(asText(items), asText(whole), `${sent[0]!.from}`);
      }
    }
  });
});

Deno.test("each stream read to its end before the other says the same of it, whichever comes first", async () => {
  await forEachSeedAsync(async (random) => {
    const { sent, ...said } = makeUp(random, randomDeflate(random));
    const [client, server] = (["client", "server"] as const)
      .map((from) => ({ from, bytes: streamOf(sent, from) }));
    for (const [first, second] of [[client!, server!], [server!, client!]]) {
      const items = await dissectAll([first!, second!], options);
      assertEquals(only(items, "violation"), []);
      assertAllCovered(items, sent, `${first!.from} first`);
      for (const from of ["client", "server"] as const) {
        const own = <Item extends { readonly from: unknown }>(all: Item[]) =>
          all.filter((item) => item.from === from);
        const found = foundIn(items);
        const wanted = wantedOf({ sent, ...said });
        assertEquals(own(found.messages), own(wanted.messages));
        const unnumbered = (frames: typeof found.frames) =>
          own(frames).map((frame) => ({ ...frame, number: 0 }));
        assertEquals(unnumbered(found.frames), unnumbered(wanted.frames));
      }
    }
  });
});

/** Some bytes of a conversation changed, left out, or put in. */
function mutated(random: Random, bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  for (let count = random.integer(1, 4); count > 0; count--) {
    copy[random.integer(0, copy.length - 1)] = random.integer(0, 255);
  }
  const at = random.integer(0, copy.length);
  return random.pick([
    copy,
    joined([copy.subarray(0, at), copy.subarray(at + random.integer(1, 9))]),
    joined([copy.subarray(0, at), random.bytes(3), copy.subarray(at)]),
  ]);
}

/** Anything that may come on a wire: noise, or nearly a conversation. */
function anything(random: Random): SentBytes[] {
  if (random.chance(0.3)) {
    const bytes = random.bytes(random.integer(0, 200));
    return random.pick([
      [{ bytes }],
      [{ from: "client", bytes }, { from: "server", bytes }],
    ]);
  }
  const { sent } = makeUp(random, randomDeflate(random), 8);
  // Often nothing but the frames: a head that is wrong hides what follows.
  const parts = random.chance(0.5) ? sent : sent.slice(2);
  const changed = parts.map((part) =>
    random.chance(0.2) ? { ...part, bytes: mutated(random, part.bytes) } : part
  );
  return random.chance(0.5) ? undirected(changed) : changed;
}

Deno.test("anything at all is accounted for to the last byte, and can be written, however it is cut (R77)", async () => {
  await forEachSeedAsync(async (random) => {
    for (let count = 0; count < 4; count++) {
      const sent = anything(random);
      const limits = random.pick<DissectOptions>([
        {},
        { requireHandshake: true },
        { agreed: "permessage-deflate" },
        { agreed: "x-unknown" },
        { maxShownBytes: random.integer(0, 20) },
        { maxPayloadBytes: 50, maxMessageBytes: 100, maxFragments: 2 },
        { maxHeadBytes: 100, maxHeaders: 3 },
      ]);
      for (
        const cut of [
          sent,
          cutAs(sent, byteByByte),
          cutAs(sent, (bytes) => randomPieces(bytes, random)),
        ]
      ) {
        const items = await dissectAll(cut, { ...options, ...limits });
        assertAllCovered(items, sent, JSON.stringify(limits));
        for (const item of items) assertWritable(item);
      }
    }
  });
});

function assertWritable(item: DissectedItem): void {
  JSON.stringify(itemToJson(item));
  for (const detail of ["full", "brief"] as const) {
    const text = renderItem(item, { detail });
    assertHarmless(text);
    const colored = renderItem(item, { detail, color: true });
    assertEquals(withoutColor(colored), text);
  }
}

/** What does not depend on when the bytes came: all but how far was read. */
function broken(items: readonly DissectedItem[]): readonly unknown[] {
  return only(items, "violation").map(({ around: _, ...violation }) =>
    violation
  );
}

Deno.test("the first rule that a side breaks is the same, however the bytes are cut", async () => {
  let count = 0;
  await forEachSeedAsync(async (random) => {
    // Not compressed: where that is wrong is known only to a piece.
    const { sent } = makeUp(random, undefined, 8);
    const changed = sent.map((part, index) =>
      index > 1 && random.chance(0.3)
        ? { ...part, bytes: mutated(random, part.bytes) }
        : part
    );
    for (const all of [changed, undirected(changed)]) {
      const wanted = broken(await dissectAll(all, options));
      count += wanted.length;
      for (const size of [1, 2, 50]) {
        const cut = cutAs(all, (bytes) => piecesOf(bytes, size));
        assertEquals(broken(await dissectAll(cut, options)), wanted);
      }
    }
  });
  assert(count > 20, `${count} rules were broken`);
});

Deno.test("a conversation that ends anywhere is read up to there, and nothing of it is wrong", async () => {
  await forEachSeedAsync(async (random) => {
    const madeUp = makeUp(random, randomDeflate(random), 6);
    const [{ bytes }] = undirected(madeUp.sent) as [SentBytes];
    const ends: number[] = [];
    for (const part of madeUp.sent) {
      ends.push((ends.at(-1) ?? 0) + part.bytes.length);
    }
    for (let count = 0; count < 30; count++) {
      const end = random.integer(0, bytes.length);
      const cut = [{ bytes: bytes.subarray(0, end) }];
      const items = await dissectAll(cut, options);
      assertAllCovered(items, cut, `at ${end}`);
      assertEquals(only(items, "violation"), [], `at ${end}`);
      const whole = ends.filter((one) => one <= end).length;
      const isWhole = ({ status }: { readonly status: string }) =>
        status === "whole";
      const heads = only(items, "head").length;
      const frames = only(items, "frame");
      assertEquals(heads + frames.filter(isWhole).length, whole, `at ${end}`);
      assert(frames.slice(0, -1).every(isWhole), `at ${end}`);
    }
  });
});
