import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import {
  burstTransform,
  type BurstTransformer,
} from "../../lib/stream/burst_transform.ts";
import {
  collect,
  countingSource,
  idle,
  standing,
  takenAfterReading,
} from "./streams.ts";

const broken = new Error("An exclamation mark");
const unfinished = new Error("The end without a full stop");

/**
 * Strings into characters: "!" is an error, "." the end, and of spaces
 * nothing is made.
 */
const characters: BurstTransformer<string, string> = {
  transform: (chunk) => {
    const end = chunk.search(/[!.]/);
    const items = [...chunk.slice(0, end === -1 ? undefined : end)]
      .filter((character) => character !== " ");
    if (end === -1) return { items };
    return chunk[end] === "!"
      ? { items, error: broken }
      : { items, last: true };
  },
  flush: () => undefined,
};

const strict = { ...characters, flush: () => unfinished };

Deno.test("burstTransform() gives the items of every chunk in order", async () => {
  for (const chunks of [["abcd"], ["a", "bc", "d"], [" ", "ab", "", "cd "]]) {
    const readable = ReadableStream.from(chunks)
      .pipeThrough(burstTransform(characters));
    assertEquals(await collect(readable), {
      items: ["a", "b", "c", "d"],
      error: undefined,
    });
  }
});

Deno.test("burstTransform() of nothing is nothing", async () => {
  const readable = ReadableStream.from<string>([])
    .pipeThrough(burstTransform(characters));
  assertEquals(await collect(readable), { items: [], error: undefined });
});

Deno.test("burstTransform() lets the items before an error be read before it", async () => {
  for (const chunks of [["abc!d"], ["a", "bc!", "d"], ["a", "b", "c", "!"]]) {
    const readable = ReadableStream.from(chunks)
      .pipeThrough(burstTransform(characters));
    const { items, error } = await collect(readable);
    assertEquals(items, ["a", "b", "c"], String(chunks));
    assertStrictEquals(error, broken);
  }
});

Deno.test("burstTransform() lets a slow reader have the items before an error", async () => {
  const { readable, writable } = burstTransform(characters);
  const writer = writable.getWriter();
  const written = writer.write("abc!");
  const reader = readable.getReader();
  for (const expected of ["a", "b", "c"]) {
    assertEquals((await reader.read()).value, expected);
    await idle();
  }
  const end = await standing(reader.read());
  assert(end.status === "rejected");
  assertStrictEquals(end.reason, broken);
  await written;
});

Deno.test("burstTransform() lets several reads at once have the items before an error", async () => {
  const { readable, writable } = burstTransform(characters);
  const writer = writable.getWriter();
  const reader = readable.getReader();
  const reads = [reader.read(), reader.read()];
  await idle();
  const written = writer.write("abcd!");
  const first = await Promise.all(reads);
  assertEquals(first.map(({ value }) => value), ["a", "b"]);
  await idle();
  for (const expected of ["c", "d"]) {
    const next = await standing(reader.read());
    assert(next.status === "fulfilled", `wanted ${expected}`);
    assertEquals(next.value.value, expected);
  }
  const end = await standing(reader.read());
  assert(end.status === "rejected");
  assertStrictEquals(end.reason, broken);
  await written;
});

Deno.test("burstTransform() lets the items before an abort be read before it", async () => {
  const { readable, writable } = burstTransform(characters);
  const writer = writable.getWriter();
  const reader = readable.getReader();
  const written = writer.write("abc");
  assertEquals((await reader.read()).value, "a");
  await written;
  const reason = new Error("The connection is gone");
  const aborted = writer.abort(reason);
  await idle();
  assertEquals((await reader.read()).value, "b");
  assertEquals((await reader.read()).value, "c");
  const end = await standing(reader.read());
  assert(end.status === "rejected");
  assertStrictEquals(end.reason, reason);
  await aborted;
});

Deno.test("burstTransform() lets a chunk that waits be read before an abort", async () => {
  const { readable, writable } = burstTransform(characters);
  const writer = writable.getWriter();
  const written = writer.write("abc");
  await idle();
  const reason = new Error("The connection is gone");
  const aborted = writer.abort(reason);
  await idle();
  const { items, error } = await collect(readable);
  assertEquals(items, ["a", "b", "c"]);
  assertStrictEquals(error, reason);
  await Promise.all([written, aborted]);
});

Deno.test("burstTransform() hands on the error of the source after the items before it", async () => {
  const reason = new Error("The connection is gone");
  const chunks = ["ab", "cd"];
  const source = new ReadableStream<string>({
    pull: (controller) => {
      const chunk = chunks.shift();
      if (chunk === undefined) controller.error(reason);
      else controller.enqueue(chunk);
    },
  }, { highWaterMark: 0 });
  const { items, error } = await collect(
    source.pipeThrough(burstTransform(characters)),
  );
  assertEquals(items, ["a", "b", "c", "d"]);
  assertStrictEquals(error, reason);
});

/** A source of these chunks and 50 more, and the promise of its end. */
function pipeOn(chunks: readonly string[]) {
  let taken = 0;
  const total = chunks.length + 50;
  const cancelled: unknown[] = [];
  const source = new ReadableStream<string>({
    pull: (controller) => {
      if (taken === total) return controller.close();
      controller.enqueue(chunks[taken] ?? "after!");
      taken += 1;
    },
    cancel: (reason) => void cancelled.push(reason),
  }, { highWaterMark: 0 });
  const { readable, writable } = burstTransform(characters);
  return {
    readable,
    piped: source.pipeTo(writable),
    cancelled,
    isDrained: () => taken === total,
  };
}

Deno.test("burstTransform() takes and discards what comes after an error", async () => {
  const { readable, piped, cancelled, isDrained } = pipeOn(["ab", "c!d", "e"]);
  const { items, error } = await collect(readable);
  assertEquals(items, ["a", "b", "c"]);
  assertStrictEquals(error, broken);
  await piped;
  assert(isDrained());
  assertEquals(cancelled, []);
});

Deno.test("burstTransform() takes and discards what comes after the last item", async () => {
  const { readable, piped, cancelled, isDrained } = pipeOn(["ab", "c.d", "e"]);
  assertEquals(await collect(readable), {
    items: ["a", "b", "c"],
    error: undefined,
  });
  await piped;
  assert(isDrained());
  assertEquals(cancelled, []);
});

Deno.test("burstTransform() does not ask its transformer again after the end", async () => {
  for (const end of ["!", "."]) {
    const chunks: string[] = [];
    let flushes = 0;
    const readable = ReadableStream.from(["a", end, "b", "c"]).pipeThrough(
      burstTransform<string, string>({
        transform: (chunk) => {
          chunks.push(chunk);
          return characters.transform(chunk);
        },
        flush: () => {
          flushes += 1;
          return undefined;
        },
      }),
    );
    await collect(readable);
    await idle();
    assertEquals(chunks, ["a", end]);
    assertEquals(flushes, 0);
  }
});

Deno.test("burstTransform() takes no abort for an error after the end", async () => {
  const { readable, writable } = burstTransform(characters);
  const writer = writable.getWriter();
  const collected = collect(readable);
  await writer.write("ab.");
  await writer.abort(new Error("The connection is gone"));
  assertEquals(await collected, { items: ["a", "b"], error: undefined });
});

Deno.test("burstTransform() takes nothing while nobody reads", async () => {
  const source = countingSource(() => "abc");
  const readable = source.readable.pipeThrough(burstTransform(characters));
  await idle();
  assert(source.taken() <= 2, `${source.taken()} taken`);
  await readable.cancel();
});

Deno.test("burstTransform() stops its source when the reader stops", async () => {
  for (const reads of [1, 3, 4, 7, 30]) {
    const source = countingSource(() => "abc");
    const readable = source.readable.pipeThrough(burstTransform(characters));
    const taken = await takenAfterReading(source, readable, reads);
    assert(taken <= Math.ceil(reads / 3) + 2, `${taken} taken, ${reads} read`);
  }
});

Deno.test("burstTransform() takes one chunk after another until an item comes of it", async () => {
  const source = countingSource((index) => index < 40 ? " " : "a");
  const readable = source.readable.pipeThrough(burstTransform(characters));
  const taken = await takenAfterReading(source, readable, 1);
  assert(taken >= 41 && taken <= 43, `${taken} taken`);
});

Deno.test("burstTransform() cancelled stops the source and errors the writable", async () => {
  const source = countingSource(() => "abc");
  const { readable, writable } = burstTransform(characters);
  const piped = source.readable.pipeTo(writable);
  const reason = new Error("Not wanted any more");
  const reader = readable.getReader();
  await reader.read();
  await reader.cancel(reason);
  const end = await standing(piped);
  assert(end.status === "rejected");
  assertStrictEquals(end.reason, reason);
  assertEquals(source.cancelled, [reason]);
});

Deno.test("burstTransform() cancelled lets a write that waits go", async () => {
  const { readable, writable } = burstTransform(characters);
  const writer = writable.getWriter();
  const written = writer.write("abc");
  const next = writer.write("def");
  await idle();
  const reason = new Error("Not wanted any more");
  await readable.cancel(reason);
  const [first, second] = await Promise.all([
    standing(written),
    standing(next),
  ]);
  assert(first.status !== "pending");
  assert(second.status === "rejected");
  assertStrictEquals(second.reason, reason);
  const closed = await standing(writer.closed);
  assert(closed.status === "rejected");
  assertStrictEquals(closed.reason, reason);
});

Deno.test("burstTransform() cancelled while an error waits drops the error", async () => {
  const { readable, writable } = burstTransform(characters);
  const writer = writable.getWriter();
  const reader = readable.getReader();
  const written = writer.write("ab!");
  await reader.read();
  await reader.cancel();
  assert((await standing(written)).status !== "pending");
  assertEquals((await reader.read()).done, true);
});

Deno.test("burstTransform() gives the error of the end after the items before it", async () => {
  for (const chunks of [["abc"], ["a", "b", "c"], ["abc", " "]]) {
    const readable = ReadableStream.from(chunks)
      .pipeThrough(burstTransform(strict));
    const { items, error } = await collect(readable);
    assertEquals(items, ["a", "b", "c"]);
    assertStrictEquals(error, unfinished);
  }
});

Deno.test("burstTransform() does not ask about the end after an error or the last item", async () => {
  const ends = [["abc.", undefined], ["abc!", broken]] as const;
  for (const [chunk, expected] of ends) {
    const readable = ReadableStream.from([chunk])
      .pipeThrough(burstTransform(strict));
    const { items, error } = await collect(readable);
    assertEquals(items, ["a", "b", "c"]);
    assertStrictEquals(error, expected);
  }
});

Deno.test("burstTransform() tells the reader of an error that its transformer throws", async () => {
  const thrown = new TypeError("Not a string");
  const { readable, writable } = burstTransform<string, string>({
    ...characters,
    transform: () => {
      throw thrown;
    },
  });
  const piped = ReadableStream.from(["a"]).pipeTo(writable);
  const read = readable.getReader().read();
  const [, end] = await Promise.all([standing(piped), standing(read)]);
  assertEquals(end.status, "rejected");
  assert(end.status === "rejected");
  assertStrictEquals(end.reason, thrown);
});

Deno.test("burstTransform() leaves no rejection unhandled", async () => {
  const unhandled: unknown[] = [];
  const listen = (event: PromiseRejectionEvent) => {
    event.preventDefault();
    unhandled.push(event.reason);
  };
  globalThis.addEventListener("unhandledrejection", listen);
  try {
    for (const chunk of ["ab!", "ab.", "ab"]) {
      const ended = ReadableStream.from([chunk, chunk])
        .pipeThrough(burstTransform(strict));
      await collect(ended);
      const cancelled = countingSource(() => chunk).readable
        .pipeThrough(burstTransform(strict));
      await cancelled.cancel(new Error("Not wanted"));
      const { readable, writable } = burstTransform(strict);
      const aborted = writable.abort(new Error("Gone"));
      await collect(readable);
      await aborted;
    }
    await idle();
  } finally {
    globalThis.removeEventListener("unhandledrejection", listen);
  }
  assertEquals(unhandled, []);
});
