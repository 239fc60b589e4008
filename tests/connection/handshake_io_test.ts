import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  answerAndHangUp,
  defaultHandshakeTimeoutMs,
  handshakeTooLate,
  readHeadFrom,
  withinTime,
} from "../../lib/connection/handshake_io.ts";
import { ProtocolError } from "../../lib/error/protocol_error.ts";
import { parseRequestHead } from "../../lib/handshake/head.ts";
import { memoryTransports } from "../../lib/transport/memory.ts";
import type { Transport } from "../../lib/transport/transport.ts";
import { utf8 } from "../support/hex.ts";
import { standing } from "../stream/streams.ts";
import { pause, requestText, within } from "./connections.ts";

Deno.test("readHeadFrom() reads a head and what comes after it, cut anywhere", async () => {
  const wire = utf8(`${requestText()}after`);
  for (let at = 1; at < wire.length; at += 13) {
    const [own, other] = memoryTransports();
    await other.write(wire.slice(0, at));
    await other.write(wire.slice(at));
    const { head, rest } = await within(
      readHeadFrom(own, parseRequestHead),
      "the head",
    );
    assertEquals(head.target, "/chat?room=1", `cut at ${at}`);
    const more = await standing(own.read());
    const tail = more.status === "fulfilled" ? more.value : null;
    const text = [rest, tail ?? new Uint8Array(0)]
      .map((bytes) => new TextDecoder().decode(bytes)).join("");
    assertEquals(text, "after", `cut at ${at}`);
    own.close();
    other.close();
  }
});

Deno.test("readHeadFrom() copies, since a transport's bytes are its own", async () => {
  const buffer = new Uint8Array(20);
  const wire = utf8(requestText());
  let at = 0;
  const transport: Transport = {
    ...memoryTransports()[0],
    read: () => {
      const part = wire.subarray(at, at + buffer.length);
      at += part.length;
      buffer.fill(0x21);
      buffer.set(part);
      return Promise.resolve(buffer.subarray(0, part.length));
    },
  };
  const { head } = await readHeadFrom(transport, parseRequestHead);
  assertEquals(head.headers.length, 5);
  assertEquals(head.headers[0], ["Host", "server.example.com"]);
});

Deno.test("readHeadFrom() rejects for a head that ends early", async () => {
  const [own, other] = memoryTransports();
  await other.write(utf8("GET / HT"));
  await other.closeWrite();
  const error = await assertRejects(
    () => readHeadFrom(own, parseRequestHead),
    ProtocolError,
  );
  assertEquals([error.code, error.offset], ["truncated-head", 8]);
});

/** A handshake that fails when it is given up, and never ends otherwise. */
function hanging(signal?: AbortSignal, timeoutMs = Infinity) {
  const failed = Promise.withResolvers<never>();
  let gaveUp = 0;
  const result = withinTime(() => failed.promise, {
    timeoutMs,
    signal,
    giveUp: () => {
      gaveUp += 1;
      failed.reject(new Error("given up"));
    },
    tooLate: () => handshakeTooLate(timeoutMs),
  });
  return { result, gaveUp: () => gaveUp };
}

Deno.test("withinTime() gives what the handshake gives, and leaves no timer", async () => {
  const controller = new AbortController();
  const value = await withinTime(() => Promise.resolve(7), {
    timeoutMs: 60_000,
    signal: controller.signal,
    giveUp: () => {
      throw new Error("Given up");
    },
    tooLate: () => new Error("Too late"),
  });
  assertEquals(value, 7);
  controller.abort();
});

Deno.test("withinTime() gives up a handshake that takes too long", async () => {
  const { result, gaveUp } = hanging(undefined, 10);
  const error = await assertRejects(() => result, ProtocolError);
  assertEquals(error.code, "handshake-timeout");
  assert(error.message.includes("wanted one within 10 ms"));
  assertEquals(gaveUp(), 1);
});

Deno.test("withinTime() gives up when the signal aborts, for its reason", async () => {
  const controller = new AbortController();
  const { result, gaveUp } = hanging(controller.signal);
  assertEquals((await standing(result)).status, "pending");
  controller.abort(new Error("changed my mind"));
  await assertRejects(() => result, Error, "changed my mind");
  assertEquals(gaveUp(), 1);
});

Deno.test("withinTime() does not begin when the signal has aborted", async () => {
  let begun = false;
  const signal = AbortSignal.abort(new Error("never mind"));
  await assertRejects(
    () =>
      withinTime(() => {
        begun = true;
        return Promise.resolve();
      }, {
        timeoutMs: 10,
        signal,
        giveUp: () => {},
        tooLate: () => new Error("Too late"),
      }),
    Error,
    "never mind",
  );
  assert(!begun);
});

Deno.test("withinTime() throws what the handshake throws by itself", async () => {
  await assertRejects(
    () =>
      withinTime(() => Promise.reject(new Error("its own")), {
        timeoutMs: 60_000,
        signal: undefined,
        giveUp: () => {},
        tooLate: () => new Error("Too late"),
      }),
    Error,
    "its own",
  );
});

Deno.test("withinTime() waits for ever without a limit", async () => {
  const controller = new AbortController();
  const { result } = hanging(controller.signal, Infinity);
  await pause(10);
  assertEquals((await standing(result)).status, "pending");
  controller.abort();
  await assertRejects(() => result, DOMException);
});

Deno.test("the default time for a handshake is 10 seconds", () => {
  assertEquals(defaultHandshakeTimeoutMs, 10_000);
});

Deno.test("answerAndHangUp() sends the answer, and waits for the client to hang up", async () => {
  const [own, other] = memoryTransports();
  const answered = answerAndHangUp(own, () => own.write(utf8("gone")));
  let text = "";
  for (;;) {
    const bytes = await within(other.read(), "the answer");
    if (bytes === null) break;
    text += new TextDecoder().decode(bytes);
  }
  assertEquals(text, "gone");
  await other.write(utf8("more of a body"));
  assertEquals((await standing(answered)).status, "pending");
  other.close();
  await within(answered, "the end");
});

Deno.test("answerAndHangUp() hangs up on who does not, after a second", async () => {
  const [own, other] = memoryTransports();
  const answered = answerAndHangUp(own, () => own.write(utf8("gone")));
  await within(answered, "the end", 3_000);
  await assertRejects(() => other.write(utf8("still here")), Error);
});

Deno.test("answerAndHangUp() does not mind a client that is gone", async () => {
  const [own, other] = memoryTransports();
  other.close();
  await within(answerAndHangUp(own, () => own.write(utf8("gone"))), "the end");
});
