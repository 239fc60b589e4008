import type { WebSocketConnection } from "@sluice/websocket/connection";
import { type Channel, type Guest, sendEvent } from "./channel.ts";
import type { ChannelDirectory } from "./channel_directory.ts";
import type { ChatLimits } from "./limits.ts";
import {
  ChatClose,
  type ChatRequest,
  parseRequest,
  type ToldLimits,
} from "./protocol.ts";
import { createTokenBucket } from "./rate_limit.ts";
import type { Store } from "./store.ts";

/** A client as its server sees it, from the opening to the end. */
export interface Visitor {
  /** Takes what it sent. */
  readonly receive: (data: string | Uint8Array) => void;
  /** It has gone. */
  readonly leave: () => Promise<void>;
}

/** What visitors share. */
export interface VisitorSettings {
  readonly channels: ChannelDirectory;
  readonly store: Store;
  readonly limits: ChatLimits;
  readonly onError: (error: unknown) => void;
}

/**
 * A client is asked to keep to the rate; one whose messages the network held up
 * and then brought at once has kept to it all the same.
 */
const burstTolerance = 2;

/**
 * Serves one client.
 *
 * Requests are dealt with one after the other, so that a message may follow its
 * join at once. Messages do not wait for those before them to be stored: the
 * store keeps their order. When it fails, the connection is closed, since a later
 * message must not be stored before an earlier one is sent again.
 *
 * @param key No other visitor of this process has it.
 */
export function createVisitor(
  connection: WebSocketConnection,
  key: string,
  { channels, store, limits, onError }: VisitorSettings,
): Visitor {
  const { messagesPerSecond, messageBurst } = limits;
  const bucket = createTokenBucket({
    perSecond: messagesPerSecond,
    burst: messageBurst * burstTolerance,
  });
  const joined = new Map<string, { channel: Channel; guest: Guest }>();
  let nickname: string | undefined;
  let isGone = false;
  let last: Promise<void> = Promise.resolve();

  const refuse = (
    words: string,
    about: { readonly channel?: string; readonly id?: string } = {},
  ) => sendEvent(connection, { type: "refused", words, ...about });
  /** What comes after that is not taken: it will be sent again, in its order. */
  const hangUp = (closeCode: number, reason: string) => {
    isGone = true;
    connection.close({ closeCode, reason });
  };
  const fail = (error: unknown) => {
    // Who lost the storage loses it for all that was asked meanwhile.
    if (isGone) return;
    onError(error);
    hangUp(ChatClose.tryAgainLater, "The storage does not answer");
  };

  const hello = (name: string) => {
    if (nickname !== undefined) {
      return refuse("Cannot change the nickname: wanted one hello");
    }
    nickname = name;
    sendEvent(connection, {
      type: "welcome",
      nickname,
      limits: toldLimits(limits),
      isStorageAvailable: store.isAvailable(),
    });
  };
  const join = async (name: string, after: number | undefined) => {
    if (nickname === undefined) {
      return refuse("Cannot join: wanted a hello first", { channel: name });
    }
    if (joined.has(name)) {
      return refuse("Cannot join: found you there", { channel: name });
    }
    if (joined.size >= limits.maxChannels) {
      const words =
        `Cannot join: wanted at most ${limits.maxChannels} channels`;
      return refuse(words, { channel: name });
    }
    // What was missed may be much: nobody has it wait for them again and again.
    await connection.drained();
    if (isGone) return;
    const channel = await channels.take(name);
    const guest = { key, nickname, connection, isGone: () => isGone };
    joined.set(name, { channel, guest });
    if (channel.memberCount() >= limits.maxMembers) {
      await leave(name);
      return refuse("Cannot join: found it full", { channel: name });
    }
    await channel.join(guest, after);
  };
  const leave = async (name: string) => {
    const found = joined.get(name);
    joined.delete(name);
    if (found === undefined) return;
    try {
      await found.channel.leave(found.guest);
    } finally {
      await channels.release(name);
    }
  };
  const say = ({ channel: name, id, text }: ChatRequest & { type: "say" }) => {
    const found = joined.get(name);
    if (found === undefined || nickname === undefined) {
      return refuse("Cannot say: wanted a join first", { channel: name, id });
    }
    found.channel.say({ id, nickname, text, atMs: Date.now() }).then(
      (number) =>
        sendEvent(connection, { type: "stored", channel: name, id, number }),
      fail,
    );
  };
  const serve = async (request: ChatRequest) => {
    if (isGone) return;
    switch (request.type) {
      case "hello":
        return hello(request.nickname);
      case "join":
        return await join(request.channel, request.after);
      case "leave":
        await leave(request.channel);
        return sendEvent(connection, {
          type: "left",
          channel: request.channel,
        });
      case "say":
        return say(request);
    }
  };

  return {
    receive: (data) => {
      if (isGone) return;
      if (!bucket.take(performance.now())) {
        const words = `Wanted at most ${messagesPerSecond} messages a second`;
        return hangUp(ChatClose.policyViolation, words);
      }
      const parsed = parseRequest(data, limits);
      if (parsed.status === "invalid") {
        const { status: _, words, ...about } = parsed;
        return refuse(words, about);
      }
      last = last.then(() => serve(parsed.request)).catch(fail);
    },
    leave: async () => {
      isGone = true;
      await last;
      const leaving = await Promise.allSettled([...joined.keys()].map(leave));
      for (const result of leaving) {
        if (result.status === "rejected") onError(result.reason);
      }
    },
  };
}

function toldLimits(
  { maxTextLength, maxChannels, messagesPerSecond, messageBurst }: ChatLimits,
): ToldLimits {
  return { maxTextLength, maxChannels, messagesPerSecond, messageBurst };
}
