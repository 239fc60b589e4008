/**
 * The client's part of a chat, without a connection: what to send on each one that
 * is opened, and what to make of what comes. The page and `client.ts` share it.
 */
import type {
  ChatEvent,
  ChatMessage,
  ChatRequest,
  ToldLimits,
} from "./protocol.ts";
import { createTokenBucket, type TokenBucket } from "./rate_limit.ts";

/** A message that the server has not confirmed. */
export interface Unconfirmed {
  readonly channel: string;
  readonly id: string;
  readonly text: string;
}

/** Called with what happens. */
export interface ConversationHandlers {
  /** The server has taken the nickname. */
  readonly onWelcome?: (limits: ToldLimits) => void;
  /** The channel is open: everybody who is there, and what was missed. */
  readonly onJoined?: (
    channel: string,
    joined: {
      readonly nicknames: readonly string[];
      /** How many messages were missed that are not given any more. */
      readonly omitted: number;
    },
  ) => void;
  /** A message, in the order of the numbers of its channel, and once. */
  readonly onMessage?: (channel: string, message: ChatMessage) => void;
  readonly onPresence?: (
    channel: string,
    change: {
      readonly arrived: readonly string[];
      readonly left: readonly string[];
    },
  ) => void;
  /** A message of ours is stored, and is number `number`. */
  readonly onStored?: (message: Unconfirmed, number: number) => void;
  /** The server cannot do what was asked; a message of ours is given up. */
  readonly onRefused?: (
    words: string,
    about: { readonly channel?: string; readonly message?: Unconfirmed },
  ) => void;
  /** Whether the server can store messages; those of ours wait while not. */
  readonly onStorage?: (isAvailable: boolean) => void;
}

/** A chat that outlives its connections. */
export interface Conversation {
  /** Comes into a channel, now and on each connection that follows. */
  readonly join: (channel: string) => void;
  /** Leaves it for good; what is not confirmed there is not sent again. */
  readonly leave: (channel: string) => void;
  /**
   * Sends a message, and sends it again until the server says that it is stored.
   *
   * @returns `undefined` if too many wait already.
   */
  readonly say: (channel: string, text: string) => Unconfirmed | undefined;
  /** What the server has not confirmed, in order. */
  readonly unconfirmed: () => readonly Unconfirmed[];
  /** A connection was opened, on which `send` sends. */
  readonly opened: (send: (text: string) => void) => void;
  /** Something came on it. */
  readonly received: (text: string) => void;
  /** It is closed. */
  readonly closed: () => void;
}

/** How a client behaves. */
export interface ConversationOptions extends ConversationHandlers {
  readonly nickname: string;
  /**
   * Messages that wait to be confirmed, before no more are taken.
   *
   * @default {1000}
   */
  readonly maxUnconfirmed?: number;
}

/** A channel as we know it. */
interface KnownChannel {
  /** The last message that we have; `undefined` before the first join. */
  seen: number | undefined;
  isJoined: boolean;
}

/** Until the server says how fast we may be: enough to come in. */
const rateBeforeWelcome = { perSecond: 1, burst: 5 };

/** Begins a conversation, without a connection. */
export function createConversation(
  { nickname, maxUnconfirmed = 1_000, ...handlers }: ConversationOptions,
): Conversation {
  const channels = new Map<string, KnownChannel>();
  const unconfirmed = new Map<string, Unconfirmed>();
  const pace = createPace();
  let isStorageAvailable = true;

  const sendMessage = (message: Unconfirmed) =>
    pace.send({ type: "say", ...message });
  /** All that wait for a channel, in their order. */
  const sendUnconfirmed = (channel: string) => {
    for (const message of unconfirmed.values()) {
      if (message.channel === channel) sendMessage(message);
    }
  };
  const canSend = (channel: string) =>
    isStorageAvailable && channels.get(channel)?.isJoined === true;
  const sendJoin = (channel: string, { seen }: KnownChannel) =>
    pace.send({
      type: "join",
      channel,
      ...seen === undefined ? {} : { after: seen },
    });

  const deliver = (name: string, message: ChatMessage) => {
    const channel = channels.get(name);
    if (channel === undefined || message.number <= (channel.seen ?? 0)) return;
    channel.seen = message.number;
    handlers.onMessage?.(name, message);
  };
  const onJoined = (event: ChatEvent & { type: "joined" }) => {
    const { channel: name, nicknames, omitted, messages, last } = event;
    const channel = channels.get(name);
    if (channel === undefined) return;
    channel.isJoined = true;
    // Numbers that begin anew are of a history that begins anew.
    if (last < (channel.seen ?? 0)) channel.seen = 0;
    handlers.onJoined?.(name, { nicknames, omitted });
    for (const message of messages) deliver(name, message);
    channel.seen = last;
    if (isStorageAvailable) sendUnconfirmed(name);
  };
  const settle = (id: string | undefined): Unconfirmed | undefined => {
    const message = unconfirmed.get(id ?? "");
    unconfirmed.delete(id ?? "");
    return message;
  };
  const onStorage = (isAvailable: boolean) => {
    const isBack = isAvailable && !isStorageAvailable;
    isStorageAvailable = isAvailable;
    handlers.onStorage?.(isAvailable);
    if (!isBack) return;
    for (const [name, { isJoined }] of channels) {
      if (isJoined) sendUnconfirmed(name);
    }
  };
  const onEvent = (event: ChatEvent) => {
    switch (event.type) {
      case "welcome":
        pace.keepTo(event.limits);
        handlers.onWelcome?.(event.limits);
        onStorage(event.isStorageAvailable);
        for (const [name, known] of channels) sendJoin(name, known);
        return;
      case "joined":
        return onJoined(event);
      case "message":
        return deliver(event.channel, event.message);
      case "presence":
        return handlers.onPresence?.(event.channel, event);
      case "stored": {
        const message = settle(event.id);
        if (message !== undefined) handlers.onStored?.(message, event.number);
        return;
      }
      case "storage":
        return onStorage(event.isAvailable);
      case "refused": {
        const { words, channel, id } = event;
        const message = settle(id);
        return handlers.onRefused?.(words, {
          ...channel === undefined ? {} : { channel },
          ...message === undefined ? {} : { message },
        });
      }
    }
  };

  return {
    join: (name) => {
      if (channels.has(name)) return;
      const channel = { seen: undefined, isJoined: false };
      channels.set(name, channel);
      if (pace.isWelcome()) sendJoin(name, channel);
    },
    leave: (name) => {
      const isJoined = channels.get(name)?.isJoined;
      channels.delete(name);
      for (const { id, channel } of unconfirmed.values()) {
        if (channel === name) unconfirmed.delete(id);
      }
      if (isJoined) pace.send({ type: "leave", channel: name });
    },
    say: (channel, text) => {
      if (unconfirmed.size >= maxUnconfirmed) return undefined;
      const message = { channel, id: createId(), text };
      unconfirmed.set(message.id, message);
      if (canSend(channel)) sendMessage(message);
      return message;
    },
    unconfirmed: () => [...unconfirmed.values()],
    opened: (send) => {
      pace.open(send);
      pace.send({ type: "hello", nickname });
    },
    received: (text) => onEvent(JSON.parse(text)),
    closed: () => {
      pace.close();
      for (const channel of channels.values()) channel.isJoined = false;
    },
  };
}

/** Requests go out in their order, and no faster than the server asked for. */
interface Pace {
  readonly open: (send: (text: string) => void) => void;
  readonly send: (request: ChatRequest) => void;
  readonly keepTo: (limits: ToldLimits) => void;
  /** Whether the server has said how fast we may be. */
  readonly isWelcome: () => boolean;
  readonly close: () => void;
}

function createPace(): Pace {
  let waiting: ChatRequest[] = [];
  let sendNow: ((text: string) => void) | undefined;
  let bucket: TokenBucket = createTokenBucket(rateBeforeWelcome);
  let isWelcome = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = () => {
    timer = undefined;
    while (waiting.length > 0 && bucket.take(performance.now())) {
      sendNow?.(JSON.stringify(waiting.shift()));
    }
    if (waiting.length === 0) return;
    timer = setTimeout(flush, bucket.waitMs(performance.now()));
  };
  return {
    open: (send) => {
      sendNow = send;
      bucket = createTokenBucket(rateBeforeWelcome);
    },
    send: (request) => {
      // What is asked between two connections is asked by the next one's opening.
      if (sendNow === undefined) return;
      waiting.push(request);
      if (timer === undefined) flush();
    },
    keepTo: ({ messagesPerSecond, messageBurst }) => {
      isWelcome = true;
      bucket = createTokenBucket({
        perSecond: messagesPerSecond,
        burst: messageBurst,
      });
    },
    isWelcome: () => isWelcome,
    close: () => {
      clearTimeout(timer);
      timer = undefined;
      waiting = [];
      sendNow = undefined;
      isWelcome = false;
    },
  };
}

/** 128 random bits. Pages without TLS have no `crypto.randomUUID`. */
function createId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(
    "",
  );
}
