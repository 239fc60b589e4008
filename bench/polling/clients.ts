/** A client of each way to deliver updates. */
import { connectWebSocket } from "@sluice/websocket";
import { permessageDeflate } from "@sluice/websocket/deflate";
import { webSocketHeaders } from "./browser_heads.ts";
import { sleepUntil } from "./feed.ts";
import { openEvents, openHttp } from "./http_client.ts";
import type { Network } from "./network.ts";
import type { Receiver } from "./receiver.ts";
import type { Update } from "./update.ts";

/** A client that could get updates, were there any. */
export interface Client {
  /** Gets updates until all are there. */
  readonly receive: () => Promise<void>;
}

/** What a client is given. */
export interface ClientContext {
  readonly network: Network;
  readonly receiver: Receiver;
  /** Which of all the clients it is, from 0 up to and without 1. */
  readonly place: number;
}

export type OpenClient = (context: ClientContext) => Promise<Client>;

/** Asks by the clock; the clients are spread evenly over the interval. */
export function openPolling(intervalMs: number): OpenClient {
  return async ({ network, receiver, place }) => {
    const ask = await openHttp(network);
    const receive = async () => {
      let dueMs = performance.now() + place * intervalMs;
      while (!receiver.isComplete()) {
        await sleepUntil(dueMs);
        takeAll(receiver, await ask(`/updates?after=${receiver.lastId()}`));
        // What has come too late to ask in time is left out, as browsers do.
        dueMs = Math.max(dueMs + intervalMs, performance.now());
      }
    };
    return { receive };
  };
}

/** Asks again as soon as it was answered. */
export const openLongPolling: OpenClient = async ({ network, receiver }) => {
  const ask = await openHttp(network);
  const receive = async () => {
    while (!receiver.isComplete()) {
      takeAll(receiver, await ask(`/wait?after=${receiver.lastId()}`));
    }
  };
  return { receive };
};

export const openServerSentEvents: OpenClient = async (
  { network, receiver },
) => {
  const events = await openEvents(network, "/events");
  const receive = async () => {
    for await (const event of events) {
      receiver.takeText(event);
      if (receiver.isComplete()) return;
    }
  };
  return { receive };
};

export const openWebSocket: OpenClient = async ({ network, receiver }) => {
  const { port, traffic } = network;
  traffic.requests += 1;
  const connection = await connectWebSocket(`ws://127.0.0.1:${port}/`, {
    carrier: await network.connect(),
    headers: webSocketHeaders(port),
    // Offered as browsers do; the server does not take it.
    extensions: [permessageDeflate()],
  });
  const receive = async () => {
    for await (const message of connection) {
      receiver.takeText(String(message));
      if (receiver.isComplete()) connection.close();
    }
    const { wasClean } = await connection.closed;
    if (!wasClean) throw new Error("The WebSocket was not closed cleanly");
  };
  return { receive };
};

function takeAll(receiver: Receiver, body: string): void {
  const updates: readonly Update[] = JSON.parse(body);
  for (const update of updates) receiver.take(update);
}
