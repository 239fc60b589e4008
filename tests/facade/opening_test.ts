import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { acceptWebSocket } from "../../lib/connection/accept.ts";
import type { Carrier } from "../../lib/connection/carrier.ts";
import {
  openFor,
  type Opening,
  setClassOptions,
  type WebSocketClassOptions,
} from "../../lib/facade/opening.ts";
import { readSocketUrl } from "../../lib/facade/socket_url.ts";
import { memoryTransports } from "../../lib/transport/memory.ts";
import { rawPeer, responseText, within } from "../connection/connections.ts";

/** Opens for a class with these options, in memory. */
function open(options: WebSocketClassOptions, more: Partial<Opening> = {}) {
  const [own, other] = memoryTransports();
  const target = class {};
  setClassOptions(target, { carrier: () => own, ...options });
  const opening = openFor(target, {
    url: readSocketUrl("ws://foo:bar@a.example/x"),
    protocols: [],
    signal: new AbortController().signal,
    ...more,
  });
  opening.catch(() => {});
  return { opening, other };
}

Deno.test("openFor() asks for what the class and the object want", async () => {
  const asked: (readonly [string, string])[][] = [];
  const cases: [WebSocketClassOptions, Partial<Opening>, string[]][] = [
    [{}, {}, ["Basic Zm9vOmJhcg=="]],
    [{ headers: { authorization: "x" } }, {}, ["x"]],
    [{ headers: { authorization: "x" } }, {
      headers: { authorization: "y" },
    }, ["y"]],
    [{ headers: { authorization: "x" } }, { headers: [] }, [
      "Basic Zm9vOmJhcg==",
    ]],
  ];
  for (const [options, more, values] of cases) {
    const { opening, other } = open(options, {
      protocols: ["a", "b"],
      ...more,
    });
    const server = await acceptWebSocket(other, {
      protocols: ["b"],
      authorize: ({ headers }) => void asked.push([...headers]),
    });
    const connection = await within(opening, "the connection");
    assertEquals(connection.protocol, "b");
    const authorization = asked.pop()!
      .filter(([name]) => name.toLowerCase() === "authorization")
      .map(([, value]) => value);
    assertEquals(authorization, values);
    connection.close();
    await within(server.closed, "the end");
  }
});

Deno.test("openFor() knows the options of the class that a class extends", async () => {
  const [own, other] = memoryTransports();
  class Base {}
  setClassOptions(Base, { carrier: () => own });
  const opening = openFor(class extends Base {}, {
    url: readSocketUrl("ws://a/"),
    protocols: [],
    signal: new AbortController().signal,
  });
  const server = await within(acceptWebSocket(other), "the server");
  (await within(opening, "the connection")).close();
  await within(server.closed, "the end");
});

Deno.test("openFor() gives the carrier the URL, and a signal that gives up", async () => {
  const giveUp = new AbortController();
  let given: { readonly url: URL; readonly signal: AbortSignal } | undefined;
  const making = Promise.withResolvers<Carrier>();
  const { opening } = open({
    carrier: (url, signal) => {
      given = { url, signal };
      return making.promise;
    },
  }, { signal: giveUp.signal });
  assertEquals(given?.url.href, "ws://a.example/x");
  assertEquals(given?.signal.aborted, false);
  giveUp.abort(new RangeError("enough"));
  await assertRejects(() => within(opening, "it"), RangeError, "enough");
  assertEquals(given?.signal.aborted, true);
  // What comes too late is closed.
  const [own, other] = memoryTransports();
  making.resolve(own);
  assertEquals(await within(other.read(), "the end"), null);
  other.close();
});

Deno.test("openFor() counts the making of a carrier as a part of the handshake", async () => {
  const { opening } = open({
    carrier: () => new Promise(() => {}),
    handshakeTimeoutMs: 10,
  });
  await assertRejects(() => within(opening, "it"), Error, "after 10 ms");
  const failing = open({
    carrier: () => {
      throw new RangeError("no line");
    },
  });
  await assertRejects(() => failing.opening, RangeError, "no line");
});

Deno.test("openFor() gives up when the signal of the class aborts, before and after", async () => {
  const goAway = new AbortController();
  const first = open({ signal: goAway.signal });
  const server = await within(acceptWebSocket(first.other), "the server");
  await within(first.opening, "the connection");
  goAway.abort(new RangeError("away"));
  assertEquals(await server.receive(), undefined);
  assertEquals((await within(server.closed, "the end")).closeCode, 1001);

  const second = open({ signal: goAway.signal });
  await assertRejects(() => second.opening, RangeError, "away");
});

Deno.test("openFor() follows no redirect over a carrier", async () => {
  const { opening, other } = open({ maxRedirects: 3 });
  const peer = rawPeer(other, "client");
  await peer.head();
  await peer.write(
    "HTTP/1.1 302 Found\r\nLocation: ws://b/\r\nContent-Length: 0\r\n\r\n",
  );
  await assertRejects(() => within(opening, "it"), Error, "302 Found");
  peer.close();
});

Deno.test("setClassOptions() judges options once, for all that will be opened", async () => {
  const target = class {};
  assertThrows(
    () => setClassOptions(target, { maxMessageBytes: -1 }),
    RangeError,
  );
  assertThrows(
    () => setClassOptions(target, { handshakeTimeoutMs: 0.5 }),
    RangeError,
  );
  assertThrows(
    () => setClassOptions(target, { headers: { upgrade: "x" } }),
    TypeError,
  );
  // A list that can be read only once serves every object.
  const ends = [memoryTransports(), memoryTransports()];
  const left = ends.map(([own]) => own);
  const headers = new Map([["X-Key", "1"]]).entries();
  setClassOptions(target, { headers, carrier: () => left.shift()! });
  for (const [, other] of ends) {
    const opening = openFor(target, {
      url: readSocketUrl("ws://a/"),
      protocols: [],
      signal: new AbortController().signal,
    });
    const peer = rawPeer(other, "client");
    const request = await peer.head();
    assertEquals(/^X-Key: 1\r$/m.test(request), true, request);
    await peer.write(await responseText(request));
    (await within(opening, "the connection")).close();
    await peer.hear(1);
    peer.close();
  }
});
