import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  createOutbox,
  type MessageData,
  type Outbox,
} from "../../lib/connection/outbox.ts";
import { step } from "../../lib/session/step.ts";
import { openSession, type SessionInput } from "../../lib/session/session.ts";
import { hex } from "../support/hex.ts";
import { idle } from "../stream/streams.ts";
import { at, linesOf } from "../session/sessions.ts";
import { within } from "./connections.ts";

interface Begun {
  readonly outbox: Outbox;
  /** What was written, a line a frame. */
  readonly lines: string[];
  readonly apply: (input: SessionInput) => void;
  /** How often it was waited for room. */
  readonly waits: () => number;
}

/** An outbox on a session that writes into a list. */
function begin(drained: () => Promise<void> = () => Promise.resolve()): Begun {
  let session = openSession({ role: "server", heartbeat: false }, 0);
  const lines: string[] = [];
  let waits = 0;
  const apply = (input: SessionInput) => {
    const result = step(session, input, at(0));
    session = result.session;
    lines.push(...linesOf("server", result.bytes));
  };
  const outbox = createOutbox({
    get session() {
      return session;
    },
    apply,
    send: (message) => apply({ type: "send", messages: [message] }),
    drainedOfPieces: () => {
      waits += 1;
      return drained();
    },
  });
  return { outbox, lines, apply, waits: () => waits };
}

/** A source that gives each item when it is told to. */
function gatedSource(...items: readonly MessageData[]) {
  const gates = items.map(() => Promise.withResolvers<void>());
  async function* generate() {
    for (const [index, item] of items.entries()) {
      await gates[index]!.promise;
      yield item;
    }
  }
  return { source: generate(), open: () => gates.forEach((g) => g.resolve()) };
}

Deno.test("createOutbox() sends text as text and bytes as bytes", () => {
  const { outbox, lines } = begin();
  assertEquals(outbox.send("a"), true);
  assertEquals(outbox.send(hex("62")), true);
  assertEquals(lines, ["text a", "binary b"]);
});

Deno.test("createOutbox() throws for what is neither, and can be used after it", () => {
  const { outbox, lines } = begin();
  for (const wrong of [1, null, undefined, {}, [1], new ArrayBuffer(1)]) {
    assertThrows(
      () => outbox.send(wrong as MessageData),
      TypeError,
      "wanted a string or a Uint8Array",
    );
  }
  outbox.send("a");
  assertEquals(lines, ["text a"]);
});

Deno.test("createOutbox() says that it does not send after a Close (R62)", () => {
  const { outbox, lines, apply } = begin();
  apply({ type: "close", closeCode: 1000, reason: "" });
  assertEquals(outbox.send("a"), false);
  assertEquals(lines, ["close 1000"]);
});

Deno.test("createOutbox() sends a message from a source, each chunk as a fragment (R45, R47)", async () => {
  const { outbox, lines, waits } = begin();
  await outbox.sendFrom("text", ["a", "b"]);
  await outbox.sendFrom("binary", [hex("63")]);
  assertEquals(lines, [
    "text… a",
    "continuation… b",
    "continuation",
    "binary… c",
    "continuation",
  ]);
  assertEquals(waits(), 3, "a wait for each chunk");
});

Deno.test("createOutbox() sends an empty source as an empty message", async () => {
  const { outbox, lines } = begin();
  await outbox.sendFrom("text", []);
  await outbox.sendFrom(
    "binary",
    new ReadableStream({
      start: (controller) => controller.close(),
    }),
  );
  assertEquals(lines, ["text", "binary"]);
});

Deno.test("createOutbox() takes the next chunk when there is room for it", async () => {
  const gate = Promise.withResolvers<void>();
  const { outbox } = begin(() => gate.promise);
  let taken = 0;
  function* source() {
    while (taken < 5) {
      taken += 1;
      yield "a";
    }
  }
  const sending = outbox.sendFrom("text", source());
  await idle();
  assertEquals(taken, 1);
  gate.resolve();
  await within(sending, "the message");
  assertEquals(taken, 5);
});

Deno.test("createOutbox() joins surrogates that chunks cut in two (R60)", async () => {
  const { outbox, lines } = begin();
  const chunks = [..."a😀b☺😀"].join("").split("");
  await outbox.sendFrom("text", chunks);
  assertEquals(
    lines.map((line) => line.replace(/^\S+ ?/, "")).join(""),
    "a😀b☺😀",
  );
});

Deno.test("createOutbox() sends half a surrogate pair as U+FFFD, like any text (R60)", async () => {
  const { outbox, lines } = begin();
  await outbox.sendFrom("text", ["a\ud83d", "b\ud83d"]);
  assertEquals(
    lines.map((line) => line.replace(/^\S+ ?/, "")).join(""),
    "a\ufffdb\ufffd",
  );
});

Deno.test("createOutbox() has messages sent meanwhile follow, in order (R49)", async () => {
  const { outbox, lines } = begin();
  const { source, open } = gatedSource("a", "b");
  const sending = outbox.sendFrom("text", source);
  outbox.send("after");
  outbox.send(hex("62"));
  assertEquals(outbox.heldBytes, 6);
  open();
  await within(sending, "the message");
  assertEquals(lines, [
    "text… a",
    "continuation… b",
    "continuation",
    "text after",
    "binary b",
  ]);
  assertEquals(outbox.heldBytes, 0);
});

Deno.test("createOutbox() copies messages sent meanwhile (R45)", async () => {
  const { outbox, lines } = begin();
  const { source, open } = gatedSource("a");
  const sending = outbox.sendFrom("text", source);
  const data = hex("62");
  outbox.send(data);
  data.fill(0x78);
  open();
  await within(sending, "the message");
  assertEquals(lines.at(-1), "binary b");
});

Deno.test("createOutbox() sends one message after the other, however many are begun", async () => {
  const { outbox, lines } = begin();
  const sources = ["a", "b", "c"].map((text) => gatedSource(text));
  const sendings = sources.map(({ source }) => outbox.sendFrom("text", source));
  // The last may be ready first.
  for (const { open } of sources.toReversed()) {
    open();
    await idle();
  }
  await within(Promise.all(sendings), "the messages");
  assertEquals(lines, [
    "text… a",
    "continuation",
    "text… b",
    "continuation",
    "text… c",
    "continuation",
  ]);
});

for (
  const [name, source, message] of [
    ["whose source fails", failing(), "source failed"],
    ["with a chunk of the wrong type", ["a", hex("01")], "in a text message"],
  ] as const
) {
  Deno.test(`createOutbox() closes with 1011 for a message ${name}`, async () => {
    const { outbox, lines } = begin();
    await assertRejects(() => outbox.sendFrom("text", source), Error, message);
    assertEquals(lines.slice(0, 1), ["text… a"]);
    assertEquals(lines.at(-1), "close 1011");
    assertEquals(outbox.send("more"), false);
  });
}

async function* failing() {
  yield "a";
  await Promise.resolve();
  throw new Error("source failed");
}

Deno.test("createOutbox() rejects a message in pieces once the connection is closed (R62)", async () => {
  const { outbox, lines, apply } = begin();
  const { source, open } = gatedSource("a", "b");
  const sending = outbox.sendFrom("text", source);
  apply({ type: "close", closeCode: 1001, reason: "" });
  open();
  await assertRejects(
    () => sending,
    TypeError,
    "wanted nothing after the Close",
  );
  assert(!lines.some((line) => line.startsWith("text")));
  await assertRejects(() => outbox.sendFrom("text", ["c"]), TypeError);
  assertEquals(lines, ["close 1001"]);
});

Deno.test("createOutbox() ends the source of a message that cannot be sent", async () => {
  const { outbox, apply } = begin();
  apply({ type: "close", closeCode: 1001, reason: "" });
  let isReturned = false;
  function* source() {
    try {
      yield "a";
      yield "b";
    } finally {
      isReturned = true;
    }
  }
  await assertRejects(() => outbox.sendFrom("text", source()), TypeError);
  assert(isReturned);
});

Deno.test("createOutbox() has sent a message from a source, though the connection closes right after it", async () => {
  let session = openSession({ role: "server", heartbeat: false }, 0);
  const apply = (input: SessionInput) => {
    session = step(session, input, at(0)).session;
    if (input.type !== "send-fragment" || !input.last) return;
    const close = { type: "close", closeCode: 1000, reason: "" } as const;
    session = step(session, close, at(0)).session;
  };
  const outbox = createOutbox({
    get session() {
      return session;
    },
    apply,
    send: () => {},
    drainedOfPieces: () => Promise.resolve(),
  });
  await outbox.sendFrom("text", ["a"]);
  assertEquals(session.phase, "closing");
});

Deno.test("createOutbox() says of every message, and every piece, whether to compress it (R100)", async () => {
  const wanted: (boolean | undefined)[] = [];
  const session = openSession({ role: "server", heartbeat: false }, 0);
  const outbox = createOutbox({
    session,
    send: ({ compress }) => void wanted.push(compress),
    apply: (input) => {
      if (input.type !== "send-fragment") return;
      wanted.push(input.message.compress);
    },
    drainedOfPieces: () => Promise.resolve(),
  });
  for (const compress of [true, false, undefined]) {
    outbox.send("a", { compress });
    outbox.send(hex("01"), { compress });
    await outbox.sendFrom("text", ["a"], { compress });
  }
  outbox.send("a");
  assertEquals(wanted, [
    ...[true, true, true, true],
    ...[false, false, false, false],
    ...[undefined, undefined, undefined, undefined],
    undefined,
  ]);
});
