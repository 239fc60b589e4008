/**
 * The client of graphql-ws with our class in place of the platform's, against
 * the server part of graphql-ws on a server of ours.
 *
 * By itself, since it takes packages from npm: `deno task test:libraries`.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { buildSchema } from "graphql";
import {
  createClient,
  GRAPHQL_TRANSPORT_WS_PROTOCOL,
  makeServer,
} from "graphql-ws";
import { serveWebSocket } from "../../lib/connection/serve.ts";
import type { WebSocketConnection } from "../../lib/connection/connection.ts";
import { permessageDeflate } from "../../lib/deflate/mod.ts";
import { createWebSocketClass, WebSocket } from "../../lib/facade/mod.ts";
import { until, within } from "../connection/connections.ts";

/** Three greetings, and whatever is asked for, as graphql-ws wants it served. */
const graphql = makeServer({
  schema: buildSchema(`
    type Query { hello(name: String!): String! }
    type Subscription { countdown(from: Int!): Int! }
  `),
  roots: {
    query: { hello: ({ name }: { name: string }) => `Hello, ${name}` },
    subscription: {
      countdown: async function* ({ from }: { from: number }) {
        for (let countdown = from; countdown > 0; countdown--) {
          await Promise.resolve();
          yield { countdown };
        }
      },
    },
  },
});

/** Joins a connection of ours to the server part of graphql-ws. */
async function serveGraphql(connection: WebSocketConnection): Promise<void> {
  let onMessage: ((text: string) => Promise<void>) | undefined;
  const closed = graphql.opened({
    protocol: connection.protocol,
    send: (text) => void connection.send(text),
    close: (closeCode = 1000, reason = "") =>
      connection.close({ closeCode, reason }),
    onMessage: (listener) => onMessage = listener,
  }, {});
  for await (const message of connection) await onMessage?.(String(message));
  const { closeCode, reason } = await connection.closed;
  await closed(closeCode, reason);
}

Deno.test("graphql-ws asks, subscribes and closes on our WebSocket, compressed", async () => {
  const asked: string[] = [];
  await using server = serveWebSocket({
    hostname: "127.0.0.1",
    protocols: [GRAPHQL_TRANSPORT_WS_PROTOCOL],
    extensions: [permessageDeflate()],
    authorize: ({ headers }) => {
      asked.push(...headers.map((line) => line.join(": ")));
      return undefined;
    },
  }, serveGraphql);
  const events: string[] = [];
  const client = createClient({
    url: `ws://${server.address}/graphql`,
    webSocketImpl: createWebSocketClass({
      extensions: [permessageDeflate()],
      headers: { Authorization: "Bearer secret" },
    }),
    lazy: false,
    retryAttempts: 0,
    on: {
      opened: (socket) =>
        void events.push(`opened ${(socket as WebSocket).extensions}`),
      connected: () => void events.push("connected"),
      closed: (event) =>
        void events.push(`closed ${(event as CloseEvent).code}`),
      error: (error) => void events.push(`error ${error}`),
    },
  });
  const ask = async (query: string, variables: Record<string, unknown>) => {
    const results: unknown[] = [];
    for await (const result of client.iterate({ query, variables })) {
      results.push(result.data ?? result.errors);
    }
    return results;
  };
  const name = "é".repeat(2000);
  const [hello, countdown] = await within(
    Promise.all([
      ask("query ($name: String!) { hello(name: $name) }", { name }),
      ask("subscription { countdown(from: 3) }", {}),
    ]),
    "the answers",
    5_000,
  );
  assertEquals(hello, [{ hello: `Hello, ${name}` }]);
  assertEquals(countdown, [3, 2, 1].map((countdown) => ({ countdown })));
  await client.dispose();
  await until(() => events.length === 3, "the end");
  assertEquals(events, [
    "opened permessage-deflate",
    "connected",
    "closed 1000",
  ]);
  assert(asked.includes("Authorization: Bearer secret"), asked.join("\n"));
});

Deno.test("graphql-ws is told by our WebSocket that a server wants something else", async () => {
  await using server = serveWebSocket(
    { hostname: "127.0.0.1", protocols: [GRAPHQL_TRANSPORT_WS_PROTOCOL] },
    (connection) => connection.close({ closeCode: 4403, reason: "Forbidden" }),
  );
  const client = createClient({
    url: `ws://${server.address}/`,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
  });
  const failed = Promise.withResolvers<unknown>();
  client.subscribe({ query: "{ hello }" }, {
    next: () => {},
    complete: () => failed.reject(new Error("Completed")),
    error: failed.resolve,
  });
  const event = await within(failed.promise, "the end") as CloseEvent;
  assertEquals([event.code, event.reason], [4403, "Forbidden"]);
  await client.dispose();
});
