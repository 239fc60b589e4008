import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { connectWebSocket, type WebSocketConnection } from "@sluice/websocket";
import { connectChat } from "../../examples/chat/client.ts";
import { defaultLimits } from "../../examples/chat/limits.ts";
import {
  type ChatEvent,
  type ChatMessage,
  parseRequest,
} from "../../examples/chat/protocol.ts";
import { createTokenBucket } from "../../examples/chat/rate_limit.ts";
import { createRecentMessages } from "../../examples/chat/recent_messages.ts";
import { followMessages } from "../../examples/chat/message_follower.ts";
import {
  type ChatServerOptions,
  serveChat,
} from "../../examples/chat/server.ts";
import { openSqliteStore } from "../../examples/chat/sqlite_store.ts";
import type { Store } from "../../examples/chat/store.ts";
import { forEachSeedAsync } from "../support/random.ts";

/** A server on a free port, with a store in memory. */
async function withServer(
  run: (url: string, store: Store) => Promise<void>,
  options: Partial<ChatServerOptions> = {},
): Promise<void> {
  await using store = openSqliteStore(":memory:");
  await using server = serveChat({ store, onError: () => {}, ...options });
  await run(`ws://${server.address}/chat`, store);
}

/** A client that says exactly what it is told to. */
interface BareClient extends AsyncDisposable {
  readonly connection: WebSocketConnection;
  readonly send: (...requests: readonly object[]) => void;
  /** The next event of this type; others before it are let go. */
  readonly next: <Type extends ChatEvent["type"]>(
    type: Type,
  ) => Promise<ChatEvent & { readonly type: Type }>;
}

async function connectBare(
  url: string,
  ...requests: readonly object[]
): Promise<BareClient> {
  const connection = await connectWebSocket(url);
  const send = (...requests: readonly object[]) => {
    for (const request of requests) connection.send(JSON.stringify(request));
  };
  send(...requests);
  const isOf = <Type extends ChatEvent["type"]>(
    event: ChatEvent,
    type: Type,
  ): event is ChatEvent & { readonly type: Type } => event.type === type;
  return {
    connection,
    send,
    next: async (type) => {
      for await (const data of connection) {
        const event: ChatEvent = JSON.parse(String(data));
        if (isOf(event, type)) return event;
      }
      const { closeCode, reason } = await connection.closed;
      throw new Error(`Closed with ${closeCode} ${reason}, wanted ${type}`);
    },
    [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
  };
}

const hello = (nickname: string) => ({ type: "hello", nickname });
const join = (channel: string, after?: number) => ({
  type: "join",
  channel,
  after,
});
const say = (channel: string, number: number, text = `text ${number}`) => ({
  type: "say",
  channel,
  id: idOf(number),
  text,
});
const idOf = (number: number) => `id-${String(number).padStart(8, "0")}`;

Deno.test("parseRequest() takes what is right, and says what is wrong", () => {
  const id = idOf(1);
  const cases: readonly (readonly [sent: unknown, words: string | null])[] = [
    [hello("Ada"), null],
    [hello("Žofie O'Neil-2"), null],
    [hello("名前"), null],
    [hello(""), "wanted 1 to 24"],
    [hello(" Ada"), "wanted 1 to 24"],
    [hello("x".repeat(24)), null],
    [hello("x".repeat(25)), "wanted 1 to 24"],
    [hello("Ada\u202e"), "wanted 1 to 24"],
    [{ type: "hello", nickname: 7 }, "found 7"],
    [{ type: "join", channel: "lobby" }, null],
    [{ type: "join", channel: "lobby", after: 7 }, null],
    [{ type: "join", channel: "lobby", after: -1 }, "found -1"],
    [{ type: "join", channel: "lobby", after: 0.5 }, "found 0.5"],
    [{ type: "join", channel: "Lobby" }, "wanted 1 to 32"],
    [{ type: "join", channel: "a}:b" }, "wanted 1 to 32"],
    [{ type: "join", channel: "x".repeat(33) }, "wanted 1 to 32"],
    [{ type: "leave", channel: "lobby" }, null],
    [{ type: "leave" }, "found nothing"],
    [{ type: "say", channel: "lobby", id, text: "two\nlines" }, null],
    [{ type: "say", channel: "lobby", id, text: "  " }, "wanted some"],
    [{ type: "say", channel: "lobby", id, text: "x".repeat(2000) }, null],
    [{ type: "say", channel: "lobby", id, text: "x".repeat(2001) }, "2001"],
    [{ type: "say", channel: "lobby", id, text: "\u0000" }, "control"],
    [{ type: "say", channel: "lobby", id, text: "\ud800" }, "half a"],
    [{ type: "say", channel: "lobby", id: "short", text: "x" }, "8 to 64"],
    [{ type: "toString" }, 'found type "toString"'],
    [{ type: 1 }, "found type 1"],
    [[], "found type nothing"],
    [null, "wanted a JSON object"],
    ["x", "wanted a JSON object"],
  ];
  for (const [sent, words] of cases) {
    const parsed = parseRequest(JSON.stringify(sent), defaultLimits);
    if (words === null) assertEquals(parsed.status, "valid");
    else {
      assert(parsed.status === "invalid", JSON.stringify(sent));
      assertStringIncludes(parsed.words, words);
    }
  }
  for (const data of ["{", "", Uint8Array.of(1)]) {
    assertEquals(parseRequest(data, defaultLimits).status, "invalid");
  }
});

Deno.test("parseRequest() names the message that it refuses", () => {
  const sent = { type: "say", channel: "lobby", id: idOf(1), text: "" };
  const parsed = parseRequest(JSON.stringify(sent), defaultLimits);
  assert(parsed.status === "invalid");
  assertEquals([parsed.channel, parsed.id], ["lobby", idOf(1)]);
});

Deno.test("createTokenBucket() gives so many at once, and so many a second", () => {
  const bucket = createTokenBucket({ perSecond: 10, burst: 3 });
  const taken = [0, 0, 0, 0, 50, 100, 100, 1000, 1000, 1000, 1000, 900];
  assertEquals(
    taken.map(bucket.take),
    [true, true, true, false, false, true, false, true, true, true, false]
      .concat(false),
  );
  assertEquals(bucket.waitMs(1000), 100);
  assertEquals(bucket.waitMs(1100), 0);
});

function message(number: number): ChatMessage {
  return { number, id: idOf(number), nickname: "Ada", text: "x", atMs: 0 };
}

Deno.test("createRecentMessages() knows what it does not have", () => {
  const recent = createRecentMessages(2, 3);
  assertEquals(recent.since(2), []);
  assertEquals(recent.since(1), undefined);
  for (let number = 3; number <= 20; number++) recent.add(message(number));
  assertEquals(recent.last, 20);
  assertEquals(recent.since(18)?.map(({ number }) => number), [19, 20]);
  assertEquals(recent.since(17)?.length, 3);
  assertEquals(recent.since(2), undefined);
});

Deno.test("followMessages() brings what was told in any order, or not at all", async () => {
  await forEachSeedAsync(async (random) => {
    await using store = openSqliteStore(":memory:");
    const recent = createRecentMessages(0, 5);
    const heard: number[] = [];
    const follower = followMessages({
      channel: "lobby",
      store,
      recent,
      onMessage: ({ number }) => heard.push(number),
    });
    const count = 40;
    const told: Promise<void>[] = [];
    for (let number = 1; number <= count; number++) {
      const { number: _, ...draft } = message(number);
      await store.append("lobby", draft);
      if (random.chance(0.3)) continue;
      told.push(follower.hear(message(random.integer(1, number))));
    }
    await Promise.all(told);
    await follower.catchUp();
    assertEquals(heard, Array.from({ length: count }, (_, at) => at + 1));
    await follower.collect(3, (messages) => {
      assertEquals(messages.map(({ number }) => number), heard.slice(3));
    });
  });
});

Deno.test("a message is stored, acknowledged and told to all", async () => {
  await withServer(async (url, store) => {
    await using ada = await connectBare(url, hello("Ada"), join("lobby"));
    await using bob = await connectBare(url, hello("Bob"), join("lobby"));
    assertEquals((await bob.next("joined")).messages, []);
    ada.send(say("lobby", 1), say("lobby", 2));
    const { message } = await bob.next("message");
    assertEquals(
      [message.number, message.nickname, message.text],
      [1, "Ada", "text 1"],
    );
    const { id, number } = await ada.next("stored");
    assertEquals([id, number], [idOf(1), 1]);
    assertEquals((await ada.next("stored")).number, 2);
    assertEquals(await store.last("lobby"), 2);
  });
});

Deno.test("a message that is sent again is acknowledged again, and not doubled", async () => {
  await withServer(async (url, store) => {
    {
      await using ada = await connectBare(url, hello("Ada"), join("lobby"));
      ada.send(say("lobby", 1), say("lobby", 1), say("lobby", 2));
      assertEquals((await ada.next("stored")).number, 1);
      assertEquals((await ada.next("stored")).number, 1);
    }
    await using ada = await connectBare(url, hello("Ada"), join("lobby", 0));
    const { messages } = await ada.next("joined");
    assertEquals(messages.map(({ text }) => text), ["text 1", "text 2"]);
    ada.send(say("lobby", 2));
    assertEquals((await ada.next("stored")).number, 2);
    assertEquals(await store.last("lobby"), 2);
  });
});

Deno.test("who joins is given the last messages, who comes back those missed", async () => {
  const limits = { maxHistory: 5, maxMissed: 12 };
  await withServer(async (url, store) => {
    for (let number = 1; number <= 20; number++) {
      const { number: _, ...draft } = message(number);
      await store.append("lobby", draft);
    }
    const cases = [
      { after: undefined, first: 16, omitted: 0 },
      { after: 20, first: undefined, omitted: 0 },
      { after: 17, first: 18, omitted: 0 },
      { after: 10, first: 11, omitted: 0 },
      { after: 8, first: 9, omitted: 0 },
      { after: 3, first: 9, omitted: 5 },
      // A number that was never given out is of another history.
      { after: 21, first: 16, omitted: 0 },
    ];
    for (const { after, first, omitted } of cases) {
      await using client = await connectBare(
        url,
        hello("Ada"),
        join("lobby", after),
      );
      const joined = await client.next("joined");
      assertEquals(joined.messages[0]?.number, first);
      assertEquals([joined.last, joined.omitted], [20, omitted]);
    }
  }, { limits });
});

Deno.test("presence tells who is there, who comes and who goes, by nickname", async () => {
  await withServer(async (url) => {
    await using ada = await connectBare(url, hello("Ada"), join("lobby"));
    assertEquals((await ada.next("joined")).nicknames, ["Ada"]);
    assertEquals((await ada.next("presence")).arrived, ["Ada"]);
    const bob = await connectBare(url, hello("Bob"), join("lobby"));
    assertEquals((await bob.next("joined")).nicknames, ["Ada", "Bob"]);
    assertEquals((await ada.next("presence")).arrived, ["Bob"]);
    const again = await connectBare(url, hello("Bob"), join("lobby"));
    await again.next("joined");
    bob.send({ type: "leave", channel: "lobby" });
    assertEquals((await bob.next("left")).channel, "lobby");
    // Bob has another window open, so that it is Cleo's coming that is told next.
    await using cleo = await connectBare(url, hello("Cleo"), join("lobby"));
    await cleo.next("joined");
    const next = await ada.next("presence");
    assertEquals([next.arrived, next.left], [["Cleo"], []]);
    await again[Symbol.asyncDispose]();
    assertEquals((await ada.next("presence")).left, ["Bob"]);
    await bob[Symbol.asyncDispose]();
  });
});

Deno.test("a client that sends too fast is closed with 1008, after twice its burst", async () => {
  const limits = { messagesPerSecond: 1, messageBurst: 4 };
  await withServer(async (url, store) => {
    await using ada = await connectBare(url, hello("Ada"), join("lobby"));
    assertEquals((await ada.next("welcome")).limits.messageBurst, 4);
    await ada.next("joined");
    for (let number = 1; number <= 50; number++) ada.send(say("lobby", number));
    const { closeCode, reason } = await ada.connection.closed;
    assertEquals(closeCode, 1008);
    assertStringIncludes(reason, "1 messages a second");
    // A hello, a join, and nothing behind the first message that was too much.
    assert(await store.last("lobby") <= 6);
  }, { limits });
});

Deno.test("what cannot be done is refused with words", async () => {
  const limits = { maxChannels: 2, maxMembers: 1 };
  await withServer(async (url) => {
    const cases = [
      { requests: [join("lobby")], words: "wanted a hello first" },
      { requests: [hello("Ada"), hello("Bob")], words: "wanted one hello" },
      { requests: [hello("Ada"), say("lobby", 1)], words: "a join first" },
      {
        requests: [hello("Ada"), join("a"), join("a")],
        words: "found you there",
      },
      {
        requests: [hello("Ada"), join("a"), join("b"), join("c")],
        words: "at most 2 channels",
      },
      { requests: [{ type: "shout" }], words: 'found type "shout"' },
    ];
    for (const { requests, words } of cases) {
      await using client = await connectBare(url, ...requests);
      assertStringIncludes((await client.next("refused")).words, words);
    }
    await using ada = await connectBare(url, hello("Ada"), join("full"));
    await ada.next("joined");
    await using bob = await connectBare(url, hello("Bob"), join("full"));
    assertStringIncludes((await bob.next("refused")).words, "found it full");
  }, { limits });
});

Deno.test("a server takes no more clients than it may, and no other paths", async () => {
  await withServer(async (url) => {
    const lost = connectChat(url + "/other", { nickname: "Ada" });
    const error = await lost.finished.then(() => "closed", String);
    assertStringIncludes(error, "404");
    await using _ada = await connectBare(url, hello("Ada"));
    const tooMany = await connectWebSocket(url).then(() => "opened", String);
    assertStringIncludes(tooMany, "503");
  }, { limits: { maxClients: 1 } });
});

Deno.test("a store that fails closes the client before anything is out of order", async () => {
  await using real = openSqliteStore(":memory:");
  let isBroken = false;
  const store: Store = {
    ...real,
    append: (channel, draft) =>
      isBroken
        ? Promise.reject(new Error("No room left on the disk"))
        : real.append(channel, draft),
  };
  await withServer(async (url) => {
    await using ada = await connectBare(url, hello("Ada"), join("lobby"));
    await ada.next("joined");
    isBroken = true;
    ada.send(say("lobby", 1));
    assertEquals((await ada.connection.closed).closeCode, 1013);
    isBroken = false;
    assertEquals(await store.last("lobby"), 0);
  }, { store });
});

Deno.test("a client goes on with another server: nothing lost, doubled or out of order", async () => {
  await using store = openSqliteStore(":memory:");
  const options = { store, onError: () => {} };
  let server = serveChat(options);
  const port = Number(server.address.split(":").at(-1));
  const heard: string[] = [];
  const stored: string[] = [];
  const all = Promise.withResolvers<void>();
  const count = 30;
  const client = connectChat(`ws://${server.address}/chat`, {
    nickname: "Ada",
    firstDelayMs: 10,
    maxDelayMs: 20,
    onMessage: (_channel, { text }) => heard.push(text),
    onStored: ({ text }) => {
      stored.push(text);
      if (stored.length === count) all.resolve();
    },
  });
  client.join("lobby");
  for (let number = 1; number <= count / 2; number++) {
    client.say("lobby", `text ${number}`);
  }
  await server.shutdown();
  for (let number = count / 2 + 1; number <= count; number++) {
    client.say("lobby", `text ${number}`);
  }
  server = serveChat({ ...options, port });
  await all.promise;
  assertEquals(client.unconfirmed(), []);
  await client.close();
  await server.shutdown();
  const wanted = Array.from({ length: count }, (_, at) => `text ${at + 1}`);
  assertEquals(stored, wanted);
  const kept = await store.read("lobby", 0, 100);
  assertEquals(kept.map(({ text }) => text), wanted);
  // What was stored last may have been told of after the client had gone.
  assertEquals(heard, wanted.slice(0, heard.length));
});

Deno.test("a channel keeps so many messages, and forgets their ids with them", async () => {
  await using store = openSqliteStore(":memory:", { keptMessages: 3 });
  for (let number = 1; number <= 5; number++) {
    const { number: _, ...draft } = message(number);
    assertEquals(await store.append("lobby", draft), number);
  }
  const kept = await store.read("lobby", 0, 10);
  assertEquals(kept.map(({ number }) => number), [3, 4, 5]);
  const { number: _, ...known } = message(4);
  assertEquals(await store.append("lobby", known), 4);
});

Deno.test("a client that does not read is hung up on with 1013, and others go on", async () => {
  const limits = { maxBufferedBytes: 64 * 1024 };
  const text = "x".repeat(2000);
  const batches = 1_000;
  const batchSize = 10;
  await withServer(async (url, store) => {
    await using slow = await connectBare(url, hello("Slow"), join("lobby"));
    await slow.next("joined");
    await using fast = await connectBare(url, hello("Fast"), join("lobby"));
    await fast.next("joined");
    // More than the buffers of the system take.
    for (let batch = 0; batch < batches; batch++) {
      const drafts = Array.from({ length: batchSize }, (_, at) => ({
        id: idOf(batch * batchSize + at),
        nickname: "Ada",
        text,
        atMs: 0,
      }));
      await Promise.all(drafts.map((draft) => store.append("lobby", draft)));
      for (const _ of drafts) await fast.next("message");
    }
    let count = 0;
    for await (const data of slow.connection) {
      if (String(data).startsWith('{"type":"message"')) count += 1;
    }
    assertEquals((await slow.connection.closed).closeCode, 1013);
    assert(
      count < batches * batchSize,
      `${count} messages waited for the slow one`,
    );
  }, { limits });
});
