import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  type ConnectionLoss,
  type ReconnectOptions,
  reconnectWebSocket,
} from "../../lib/connection/reconnect.ts";
import { serveWebSocket } from "../../lib/connection/serve.ts";
import { ProtocolError } from "../../lib/error/protocol_error.ts";
import { within } from "./connections.ts";

/** Every wait as long as it may be, so that it is known. */
const longest = { random: () => 0.999999, firstDelayMs: 2, maxDelayMs: 8 };

/** Answers each request with what the list says, and then with its last entry. */
async function withServer(
  answers: readonly (number | "open" | "retry-after-9")[],
  act: (url: string, count: () => number) => Promise<void>,
): Promise<void> {
  let count = 0;
  await using server = serveWebSocket({
    hostname: "127.0.0.1",
    onError: () => {},
    authorize: () => {
      const answer = answers[Math.min(count++, answers.length - 1)]!;
      if (answer === "open") return;
      return answer === "retry-after-9"
        ? new Response(null, { status: 503, headers: { "Retry-After": "9" } })
        : new Response(null, { status: answer });
    },
  }, (connection) => connection.send(`hello ${count}`));
  await act(`ws://${server.address}/`, () => count);
}

/** The waits until there is a connection; that is then left. */
async function waitsUntilOpen(
  url: string,
  options: ReconnectOptions = {},
): Promise<{ waits: number[]; losses: ConnectionLoss[] }> {
  const waits: number[] = [];
  const losses: ConnectionLoss[] = [];
  const connections = reconnectWebSocket(url, {
    ...longest,
    onRetry: (delayMs, loss) => {
      waits.push(delayMs);
      losses.push(loss);
    },
    ...options,
  });
  for await (const connection of connections) {
    assert(typeof await connection.receive() === "string");
    break;
  }
  return { waits, losses };
}

Deno.test("reconnectWebSocket() gives a new connection when the one before is closed (R70)", async () => {
  await withServer(["open"], async (url) => {
    const seen: unknown[] = [];
    for await (const connection of reconnectWebSocket(url, longest)) {
      seen.push(await connection.receive());
      if (seen.length === 3) break;
      connection.close();
    }
    assertEquals(seen, ["hello 1", "hello 2", "hello 3"]);
  });
});

Deno.test("reconnectWebSocket() waits longer after each failure, up to its bound (R70)", async () => {
  await withServer([503, 500, 502, 504, "open"], async (url, count) => {
    const { waits, losses } = await waitsUntilOpen(url);
    assertEquals(waits, [1, 3, 7, 7]);
    assertEquals(count(), 5);
    assert(losses.every((loss) => loss instanceof ProtocolError));
  });
});

Deno.test("reconnectWebSocket() tries again where nobody listens", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const stop = new AbortController();
  let tries = 0;
  const connections = reconnectWebSocket(`ws://127.0.0.1:${port}/`, {
    ...longest,
    signal: stop.signal,
    onRetry: () => {
      if (++tries === 3) stop.abort();
    },
  });
  assertEquals(await within(connections.next(), "the end"), {
    done: true,
    value: undefined,
  });
  assertEquals(tries, 3);
});

Deno.test("reconnectWebSocket() gives up what will be refused again", async () => {
  for (const status of [400, 401, 403, 404, 426, 499]) {
    await withServer([status, "open"], async (url, count) => {
      const connections = reconnectWebSocket(url, longest);
      await assertRejects(() => connections.next(), ProtocolError);
      assertEquals(count(), 1, `${status}`);
    });
  }
});

Deno.test("reconnectWebSocket() tries again what may be answered otherwise", async () => {
  for (const status of [408, 425, 429, 500, 503, 302]) {
    await withServer([status, "open"], async (url, count) => {
      await waitsUntilOpen(url);
      assertEquals(count(), 2, `${status}`);
    });
  }
});

Deno.test("reconnectWebSocket() waits as long as Retry-After says, within its bound, and a random while", async () => {
  await withServer(["retry-after-9", "open"], async (url) => {
    assertEquals((await waitsUntilOpen(url)).waits, [8 + 1]);
  });
});

Deno.test("reconnectWebSocket() closes cleanly though more waits than it reads", async () => {
  const ended = Promise.withResolvers<boolean>();
  await using server = serveWebSocket({ hostname: "127.0.0.1" }, {
    open: (connection) => {
      for (let count = 0; count < 50; count++) connection.send("x".repeat(900));
    },
    close: (_, { wasClean }) => ended.resolve(wasClean),
  });
  const connections = reconnectWebSocket(`ws://${server.address}/`, {
    maxBufferedBytes: 1000,
  });
  for await (const connection of connections) {
    await connection.receive();
    break;
  }
  assertEquals(await within(ended.promise, "the Close"), true);
});

Deno.test("reconnectWebSocket() asks shouldRetry", async () => {
  await withServer([401, "open"], async (url) => {
    const { waits } = await waitsUntilOpen(url, { shouldRetry: () => true });
    assertEquals(waits, [1]);
  });
  await withServer(["open"], async (url, count) => {
    const losses: ConnectionLoss[] = [];
    const shouldRetry = (loss: ConnectionLoss) => losses.push(loss) === 0;
    const connections = reconnectWebSocket(url, { ...longest, shouldRetry });
    // The loop ends by itself, since nothing went wrong.
    for await (const connection of connections) {
      await connection.receive();
      connection.close({ closeCode: 1000, reason: "enough" });
    }
    assertEquals(count(), 1);
    assertEquals((losses[0] as { wasClean: boolean }).wasClean, true);
  });
});

Deno.test("reconnectWebSocket() begins anew after a connection that held", async () => {
  await withServer([503, 503, "open", 503, "open"], async (url) => {
    const waits: number[] = [];
    let count = 0;
    const connections = reconnectWebSocket(url, {
      ...longest,
      onRetry: (delayMs) => waits.push(delayMs),
    });
    for await (const connection of connections) {
      await connection.receive();
      if (++count === 2) break;
      await new Promise((resolve) => setTimeout(resolve, 5));
      connection.close();
    }
    assertEquals(waits, [1, 3, 1, 3]);
  });
});

Deno.test("reconnectWebSocket() closes the connection of a loop that is left", async () => {
  const ended = Promise.withResolvers<number>();
  await using server = serveWebSocket({ hostname: "127.0.0.1" }, {
    close: (_, { closeCode }) => ended.resolve(closeCode),
  });
  for await (const _ of reconnectWebSocket(`ws://${server.address}/`)) break;
  assertEquals(await within(ended.promise, "the Close"), 1000);
});

Deno.test("reconnectWebSocket() ends when its signal aborts, and closes with 1001", async () => {
  const ended = Promise.withResolvers<number>();
  await using server = serveWebSocket({ hostname: "127.0.0.1" }, {
    close: (_, { closeCode }) => ended.resolve(closeCode),
  });
  const stop = new AbortController();
  const { signal } = stop;
  let count = 0;
  const url = `ws://${server.address}/`;
  for await (const connection of reconnectWebSocket(url, { signal })) {
    count += 1;
    stop.abort();
    await connection.closed;
  }
  assertEquals(count, 1);
  assertEquals(await within(ended.promise, "the Close"), 1001);
});

Deno.test("reconnectWebSocket() does not wait on once its signal aborts", async () => {
  await withServer([503], async (url) => {
    const stop = new AbortController();
    const connections = reconnectWebSocket(url, {
      random: () => 0.9,
      firstDelayMs: 1_000_000,
      maxDelayMs: 1_000_000,
      signal: stop.signal,
      onRetry: () => setTimeout(() => stop.abort(), 1),
    });
    assertEquals((await within(connections.next(), "the end")).done, true);
  });
});

Deno.test("reconnectWebSocket() rejects for a caller's mistake, and does not try again", async () => {
  for (const url of ["http://[", "ws://127.0.0.1/#fragment"]) {
    const connections = reconnectWebSocket(url);
    await assertRejects(() => connections.next(), TypeError);
  }
  await withServer(["open"], async (url) => {
    const connections = reconnectWebSocket(url, { protocols: ["a b"] });
    await assertRejects(() => connections.next(), TypeError, "a b");
  });
  const connections = reconnectWebSocket("ws://127.0.0.1/", { maxDelayMs: -1 });
  await assertRejects(() => connections.next(), RangeError, "maxDelayMs");
});
