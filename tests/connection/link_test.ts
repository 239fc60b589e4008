import { assert, assertEquals } from "@std/assert";
import { requireConnectionOptions } from "../../lib/connection/connection.ts";
import { createLink, type Link } from "../../lib/connection/link.ts";
import type { ExtensionCodec } from "../../lib/extension/extension.ts";
import type { SessionOptions } from "../../lib/session/options.ts";
import { memoryTransports } from "../../lib/transport/memory.ts";
import type { Transport } from "../../lib/transport/transport.ts";
import type { Role } from "../../lib/frame/frame.ts";
import { prefixing } from "../extension/codecs.ts";
import { utf8 } from "../support/hex.ts";
import { idle, standing } from "../stream/streams.ts";
import {
  closeFrame,
  eventLine,
  fromPeerOf,
  pingFrame,
  textFrame,
} from "../session/sessions.ts";
import { pause, type RawPeer, rawPeer, until, within } from "./connections.ts";

interface Begun {
  readonly link: Link;
  readonly peer: RawPeer;
  readonly events: string[];
  isFull: boolean;
  isLeft: boolean;
  isIdle: boolean;
}

function begin(
  role: Role,
  options: Partial<SessionOptions> & {
    readonly maxBufferedBytes?: number;
    readonly capacity?: number;
    readonly leftover?: Uint8Array;
    readonly wrap?: (transport: Transport) => Transport;
    readonly codec?: ExtensionCodec;
  } = {},
): Begun {
  const {
    maxBufferedBytes = 1024,
    capacity = 64 * 1024,
    leftover = new Uint8Array(0),
    wrap = (transport: Transport) => transport,
    codec,
    ...settings
  } = options;
  const [own, other] = memoryTransports({ maxBufferedBytes: capacity });
  const events: string[] = [];
  const begun = { events, isFull: false, isLeft: true, isIdle: true };
  const link = createLink(
    wrap(own),
    leftover,
    {
      ...requireConnectionOptions(
        { heartbeat: false, ...settings, maxBufferedBytes },
        role,
      ),
      codec,
    },
    {
      onEvent: (event) => void events.push(eventLine(event)),
      onFault: (error) => void events.push(`fault ${error}`),
      isFull: () => begun.isFull,
      heldBytes: () => 0,
      isLeft: () => begun.isLeft,
      isIdle: () => begun.isIdle,
    },
  );
  return Object.assign(begun, { link, peer: rawPeer(other, role) });
}

/** Ends both halves, and waits until the link has seen it. */
async function finish({ link, peer }: Begun): Promise<void> {
  peer.close();
  link.wake();
  await until(() => link.session.phase === "ended", "the end");
}

Deno.test("createLink() reads into the session, and writes what comes out", async () => {
  const begun = begin("server");
  await begun.peer.say(textFrame("a"), pingFrame("1"));
  assertEquals(await begun.peer.hear(1), ["pong 1"]);
  assertEquals(begun.events, ["text a", "ping 1"]);
  begun.link.apply({
    type: "send",
    messages: [{ type: "text", data: "b" }],
  });
  assertEquals(await begun.peer.hear(1), ["text b"]);
  await finish(begun);
});

Deno.test("createLink() begins with what was left over, but not before its maker is done", async () => {
  const leftover = fromPeerOf("server", textFrame("first"));
  const begun = begin("server", { leftover });
  assertEquals(begun.events, []);
  await begun.peer.say(textFrame("second"));
  await until(() => begun.events.length === 2, "the messages");
  assertEquals(begun.events, ["text first", "text second"]);
  await finish(begun);
});

Deno.test("createLink() gathers what is sent in one turn into one write", async () => {
  let writes = 0;
  const begun = begin("server", {
    wrap: (transport) => ({
      ...transport,
      write: (bytes) => {
        writes += 1;
        return transport.write(bytes);
      },
    }),
  });
  for (const data of ["a", "b", "c"]) {
    begun.link.apply({ type: "send", messages: [{ type: "text", data }] });
  }
  assertEquals(await begun.peer.hear(3), ["text a", "text b", "text c"]);
  assertEquals(writes, 1);
  await finish(begun);
});

for (const role of ["client", "server"] as const) {
  Deno.test(`createLink() as a ${role} hangs up when both have closed (R57, R65)`, async () => {
    const { link, peer, events } = begin(role);
    await peer.say(closeFrame(1000, "bye"));
    assertEquals(await peer.hear(1), ["close 1000 bye"]);
    if (role === "server") {
      assertEquals(await peer.hearAll(), [], "the server ends first");
      assertEquals(link.session.phase, "closed");
    } else {
      const next = await standing(peer.transport.read());
      assertEquals(next.status, "pending", "the client waits");
    }
    await peer.transport.closeWrite();
    await until(() => link.session.phase === "ended", "the end");
    assertEquals(events.at(-1), "ended 1000 clean");
    assertEquals(await within(peer.transport.read(), "the end"), null);
  });

  Deno.test(`createLink() as a ${role} tells a peer what it did wrong, and hangs up (R68)`, async () => {
    const { link, peer } = begin(role);
    await peer.write(Uint8Array.of(0x83, 0x80));
    const [line, ...more] = await peer.hearAll();
    assert(line?.startsWith("close 1002 Cannot read frame"));
    assertEquals(more, []);
    assertEquals(link.session.phase, "failed");
    await peer.transport.closeWrite();
    await until(() => link.session.phase === "ended", "the end");
  });

  Deno.test(`createLink() as a ${role} closes by itself when the peer does not (R57)`, async () => {
    const { link, peer, events } = begin(role, { closeTimeoutMs: 10 });
    link.apply({ type: "close", closeCode: 1000, reason: "" });
    assertEquals(await peer.hearAll(), ["close 1000"]);
    await until(() => link.session.phase === "ended", "the end");
    assertEquals(events, ["ended 1006 unclean"]);
  });

  Deno.test(`createLink() as a ${role} keeps its deadlines from the beginning`, async () => {
    const heartbeat = { intervalMs: 5, timeoutMs: 10 };
    const { link, peer, events } = begin(role, {
      heartbeat,
      closeTimeoutMs: 5,
    });
    const [ping, close] = await peer.hear(2);
    assertEquals(ping, "ping");
    assert(close?.startsWith("close 1008 "));
    await until(() => link.session.phase === "ended", "the end");
    assertEquals(events, ["error heartbeat-timeout", "ended 1006 unclean"]);
    assertEquals(await peer.hearAll(), []);
  });

  Deno.test(`createLink() as a ${role} sends a due Close when the application is idle (R56)`, async () => {
    const begun = begin(role);
    Object.assign(begun, { isLeft: false, isIdle: false });
    await begun.peer.say(textFrame("question"), closeFrame(1000));
    await until(() => begun.events.length === 2, "the Close");
    begun.link.answer();
    begun.link.apply({
      type: "send",
      messages: [{ type: "text", data: "answer" }],
    });
    assertEquals(await begun.peer.hear(1), ["text answer"]);
    Object.assign(begun, { isLeft: true, isIdle: true });
    begun.link.answer();
    assertEquals(await begun.peer.hear(1), ["close 1000"]);
    await finish(begun);
  });

  Deno.test(`createLink() as a ${role} does not wait long for who took the last message (R56)`, async () => {
    const begun = begin(role);
    begun.isIdle = false;
    await begun.peer.say(textFrame("question"), closeFrame(1000));
    await until(() => begun.events.length === 2, "the Close");
    assertEquals(await begun.peer.hear(1), ["close 1000"]);
    await finish(begun);
  });
}

Deno.test("createLink() reads nothing while the application is full", async () => {
  const begun = begin("server");
  await begun.peer.say(textFrame("a"));
  begun.isFull = true;
  await until(() => begun.events.length === 1, "the first message");
  await begun.peer.say(textFrame("b"));
  await idle();
  assertEquals(begun.events, ["text a"]);
  begun.link.wake();
  await idle();
  assertEquals(begun.events, ["text a"], "still full");
  begun.isFull = false;
  begun.link.wake();
  await until(() => begun.events.length === 2, "the second message");
  await finish(begun);
});

Deno.test("createLink() gives up a connection that its application leaves full", async () => {
  const begun = begin("server", { heartbeat: false, idleTimeoutMs: 20 });
  begun.isFull = true;
  await begun.peer.say(textFrame("a"));
  await until(() => begun.events.length >= 1, "the end of patience");
  assertEquals(begun.events[0], "error idle-timeout");
  begun.isFull = false;
  begun.link.wake();
  await finish(begun);
});

Deno.test("createLink() finds a lost connection by writing, though its application leaves it full", async () => {
  const begun = begin("server", { heartbeat: false });
  begun.isFull = true;
  await idle();
  begun.peer.close();
  begun.link.send({ type: "text", data: "a" });
  await until(() => begun.events.length >= 2, "the end");
  assertEquals(begun.events, ["error missing-close", "ended 1006 unclean"]);
});

Deno.test("createLink() does not give a peer up while it does not read itself", async () => {
  const begun = begin("server", {
    heartbeat: { intervalMs: 5, timeoutMs: 5 },
  });
  begun.isFull = true;
  await begun.peer.say(textFrame("a"));
  await pause(40);
  assertEquals(begun.link.session.phase, "open");
  begun.isFull = false;
  begun.link.wake();
  await until(() => begun.events.length >= 1, "the message");
  assertEquals(begun.events[0], "text a");
  await finish(begun);
});

Deno.test("createLink() as a server reads nothing from a client that does not read", async () => {
  const { link, peer, events } = begin("server", {
    maxBufferedBytes: 100,
    capacity: 100,
  });
  const big = { type: "text", data: "x".repeat(500) } as const;
  link.apply({ type: "send", messages: [big] });
  await idle();
  assert(link.bufferedBytes > 100);
  const drained = link.drained();
  assertEquals((await standing(drained)).status, "pending");
  await peer.say(textFrame("a"));
  await idle();
  assertEquals(events, []);
  await peer.hear(1);
  await until(() => events.length === 1, "the message");
  await within(drained, "room");
  assertEquals(link.bufferedBytes, 0);
  await finish({
    link,
    peer,
    events,
    isFull: false,
    isLeft: true,
    isIdle: true,
  });
});

for (const role of ["client", "server"] as const) {
  Deno.test(`createLink() as a ${role} does not give up a peer that reads slowly, and speaks`, async () => {
    // 1000 bytes, 20 at a time: longer than the heartbeat waits.
    const begun = begin(role, {
      maxBufferedBytes: 100,
      heartbeat: { intervalMs: 10, timeoutMs: 15 },
      closeTimeoutMs: 20,
      wrap: (transport) => ({
        ...transport,
        write: async (bytes) => {
          for (let at = 0; at < bytes.length; at += 20) {
            await pause(1);
            await transport.write(bytes.slice(at, at + 20));
          }
        },
      }),
    });
    const { link, peer, events } = begun;
    link.apply({
      type: "send",
      messages: [{ type: "text", data: "x".repeat(1000) }],
    });
    let isHeard = false;
    const speaking = (async () => {
      while (!isHeard) {
        await peer.say(textFrame("still here"));
        await pause(2);
      }
    })();
    try {
      const [line] = await peer.hear(1);
      assertEquals(line?.length, 5 + 1000);
      assertEquals(events.filter((event) => event.startsWith("error")), []);
    } finally {
      isHeard = true;
      await speaking;
      await finish(begun);
    }
  });
}

for (const role of ["client", "server"] as const) {
  // The second has the link tell the session of writes for the sake of its Close
  // alone.
  for (const maxUnwrittenBytes of [64 * 1024, 2 ** 30]) {
    Deno.test(`createLink() as a ${role} waits for a slow peer to take what goes before its Close, with maxUnwrittenBytes ${maxUnwrittenBytes}`, async () => {
      // 12 writes of 50 ms each: longer than all of a closing may take otherwise.
      const { link, peer, events } = begin(role, {
        maxBufferedBytes: 1024 * 1024,
        capacity: 1024 * 1024,
        closeTimeoutMs: 200,
        maxUnwrittenBytes,
        wrap: (transport) => ({
          ...transport,
          write: async (bytes) => {
            await pause(50);
            await transport.write(bytes);
          },
        }),
      });
      const data = "x".repeat(17 * 1024);
      for (let count = 0; count < 12; count++) {
        link.apply({ type: "send", messages: [{ type: "text", data }] });
      }
      link.apply({ type: "close", closeCode: 1000, reason: "" });
      const lines = await within(peer.hear(13), "the Close", 10_000);
      assertEquals(lines.at(-1), "close 1000");
      await peer.say(closeFrame(1000));
      await peer.transport.closeWrite();
      await until(() => link.session.phase === "ended", "the end");
      assertEquals(events.at(-1), "ended 1000 clean");
    });
  }
}

Deno.test({
  name: "createLink() leaves no timer when all is over",
  sanitizeOps: true,
  fn: async () => {
    const { link, peer } = begin("server", { closeTimeoutMs: 60_000 });
    await peer.say(closeFrame(1000));
    await peer.transport.closeWrite();
    await until(() => link.session.phase === "ended", "the end");
    assertEquals(await peer.hearAll(), ["close 1000"]);
  },
});

Deno.test("createLink() ends when reading fails, and when the peer is gone (R69)", async () => {
  const reading = Promise.withResolvers<never>();
  const begun = begin("client", {
    wrap: (transport) => ({ ...transport, read: () => reading.promise }),
  });
  await idle();
  reading.reject(new Error("reset"));
  await until(() => begun.link.session.phase === "ended", "the end");
  assertEquals(begun.events, ["error missing-close", "ended 1006 unclean"]);

  const other = begin("client");
  other.peer.close();
  await until(() => other.link.session.phase === "ended", "the end");
  assertEquals(other.events, ["error missing-close", "ended 1006 unclean"]);
});

Deno.test("createLink() still reads a Close when writing fails", async () => {
  const begun = begin("client", {
    wrap: (transport) => ({
      ...transport,
      write: () => Promise.reject(new Error("broken pipe")),
    }),
  });
  begun.link.apply({ type: "ping", data: utf8("1") });
  await idle();
  await begun.peer.say(closeFrame(1001, "away"));
  await begun.peer.transport.closeWrite();
  await until(() => begun.link.session.phase === "ended", "the end");
  assertEquals(begun.events.at(-1), "ended 1001 clean");
});

Deno.test("createLink() closes the transport once the last bytes are written, or late", async () => {
  // The peer never reads: the last write never ends by itself.
  let closes = 0;
  const begun = begin("server", {
    closeTimeoutMs: 10,
    capacity: 10,
    wrap: (transport) => ({
      ...transport,
      close: () => {
        closes += 1;
        transport.close();
      },
    }),
  });
  begun.link.apply({
    type: "send",
    messages: [{ type: "text", data: "x".repeat(500) }],
  });
  begun.link.apply({ type: "close", closeCode: 1000, reason: "" });
  await until(() => closes > 0, "the transport to be closed");
  assertEquals(begun.link.session.phase, "ended");
});

Deno.test("createLink() has extensions see what comes and goes, and lets them go with the connection", async () => {
  const log: string[] = [];
  const begun = begin("server", { codec: prefixing(0x2a, 0, log) });
  await begun.peer.say(textFrame("*a"));
  await until(() => begun.events.length === 1, "the message");
  assertEquals(begun.events, ["text a"]);
  begun.link.send({ type: "text", data: "b" });
  assertEquals(await begun.peer.hear(1), ["text *b"]);
  assertEquals(log, ["first+start+last [42 97]"]);
  await finish(begun);
  assertEquals(log.slice(1), ["close 42"]);
  begun.link.apply({ type: "time" });
  assertEquals(log.slice(1), ["close 42"], "once");
});

Deno.test("createLink() reads a long payload whole through an extension, not into its place", async () => {
  const begun = begin("server", { codec: prefixing(0x2a), capacity: 1 << 20 });
  const text = `*${"a".repeat(300_000)}`;
  await begun.peer.say(textFrame(text));
  await until(() => begun.events.length === 1, "the message");
  assert(begun.events[0] === `text ${text.slice(1)}`);
  await finish(begun);
});

// How many messages of a KiB come together, of the 40 that were sent together, with
// the handshake or after it.
const together: readonly [Partial<SessionOptions>, number][] = [
  [{}, 16],
  [{ maxMessageBytes: Infinity }, 16],
  [{ maxMessageBytes: 2 ** 23 }, 8],
  [{ maxMessageBytes: 2_000 }, 4],
  [{ delivery: "pieces" }, 16],
];

for (const [options, count] of together) {
  for (const isLeftover of [false, true]) {
    const when = isLeftover ? "with the handshake" : "after it";
    const name = `${when}, with ${Deno.inspect(options)}`;
    Deno.test(`createLink() asks in the middle of a chunk for extensions whether the application is full, ${name} (R76)`, async () => {
      const plain = prefixing(0x2a);
      const codec: ExtensionCodec = {
        ...plain,
        decode: (...given) => {
          begun.isFull = true;
          return plain.decode(...given);
        },
      };
      const text = textFrame(`*${"a".repeat(1_000)}`);
      const texts = Array.from({ length: 40 }, () => text);
      const leftover = isLeftover
        ? fromPeerOf("server", ...texts)
        : new Uint8Array(0);
      const begun = begin("server", { codec, leftover, ...options });
      const ends = () =>
        begun.events.filter((event) => !event.startsWith("text…")).length;
      if (!isLeftover) await begun.peer.say(...texts);
      await until(() => ends() > 0, "the first messages");
      await pause(5);
      assertEquals(ends(), count);
      while (ends() < 40) {
        const before = ends();
        begun.isFull = false;
        begun.link.wake();
        await until(() => ends() > before, "some more");
      }
      begun.isFull = false;
      await finish(begun);
    });
  }
}

Deno.test("createLink() tells when what was sent so far is written, in order", async () => {
  const begun = begin("client", { capacity: 0 });
  const { link, peer } = begun;
  const told: string[] = [];
  link.whenWritten(() => told.push("nothing sent"));
  assertEquals(told, ["nothing sent"]);
  link.send({ type: "text", data: "a" });
  link.whenWritten(() => told.push("a, while it is gathered"));
  await idle();
  link.whenWritten(() => told.push("a, while it is written"));
  link.send({ type: "text", data: "b" });
  await idle();
  link.whenWritten(() => told.push("b"));
  assertEquals(told.length, 1);
  assertEquals(await peer.hear(1), ["text a"]);
  await idle();
  assertEquals(told.slice(1), [
    "a, while it is gathered",
    "a, while it is written",
  ]);
  assertEquals(await peer.hear(1), ["text b"]);
  await idle();
  assertEquals(told.slice(3), ["b"]);
  await finish(begun);
});

Deno.test("createLink() tells nothing of what is lost", async () => {
  const begun = begin("client", { capacity: 0 });
  const { link, peer } = begun;
  const told: string[] = [];
  link.send({ type: "text", data: "a" });
  link.whenWritten(() => told.push("before"));
  await idle();
  peer.close();
  await until(() => link.session.phase === "ended", "the end");
  link.whenWritten(() => told.push("after"));
  await pause(5);
  assertEquals(told, []);
});

Deno.test("createLink() tells nothing of what an extension could not make into bytes", async () => {
  const codec = {
    ...prefixing(0x2a),
    encode: () => {
      throw new RangeError("no");
    },
  };
  const { link, events, peer } = begin("client", { codec });
  const told: string[] = [];
  link.send({ type: "text", data: "a" });
  link.whenWritten(() => told.push("before"));
  await idle();
  link.whenWritten(() => told.push("after"));
  await pause(5);
  assertEquals([told, link.session.phase], [[], "ended"]);
  assert(events.includes("fault RangeError: no"), events.join());
  peer.close();
});
