/**
 * What clients and servers say to each other: each message is a JSON object in a
 * text message of WebSocket, and its `type` says which.
 *
 * What is sent to a client can be trusted by it; what comes from a client is
 * judged here, and refused with words.
 */
import type { ChatLimits } from "./limits.ts";

/** A message as it is stored: the first one of a channel has number 1. */
export interface ChatMessage extends ChatDraft {
  /** Its place in the channel; no number is left out. */
  readonly number: number;
}

/** A message that is to be stored. */
export interface ChatDraft {
  /** What its sender knows it by; the same when it is sent again. */
  readonly id: string;
  readonly nickname: string;
  readonly text: string;
  /** When a server took it, in milliseconds since 1970. */
  readonly atMs: number;
}

/** What a client asks of a server. */
export type ChatRequest =
  | { readonly type: "hello"; readonly nickname: string }
  | {
    readonly type: "join";
    readonly channel: string;
    /** The last message that the client has, if it was here before. */
    readonly after?: number;
  }
  | { readonly type: "leave"; readonly channel: string }
  | {
    readonly type: "say";
    readonly channel: string;
    readonly id: string;
    readonly text: string;
  };

/** Those limits that a client keeps to by itself. */
export type ToldLimits = Pick<
  ChatLimits,
  "maxTextLength" | "maxChannels" | "messagesPerSecond" | "messageBurst"
>;

/** What a server tells a client. */
export type ChatEvent =
  | {
    /** The answer to a hello. */
    readonly type: "welcome";
    readonly nickname: string;
    readonly limits: ToldLimits;
    readonly isStorageAvailable: boolean;
  }
  | {
    /** The answer to a join: who is there, and what was said. */
    readonly type: "joined";
    readonly channel: string;
    readonly nicknames: readonly string[];
    readonly messages: readonly ChatMessage[];
    /** The number of the channel's last message; 0 for none. */
    readonly last: number;
    /** How many messages were missed beyond those that are given. */
    readonly omitted: number;
  }
  | { readonly type: "left"; readonly channel: string }
  | {
    readonly type: "message";
    readonly channel: string;
    readonly message: ChatMessage;
  }
  | {
    /** The answer to a say, once the message cannot be lost any more. */
    readonly type: "stored";
    readonly channel: string;
    readonly id: string;
    readonly number: number;
  }
  | {
    readonly type: "presence";
    readonly channel: string;
    readonly arrived: readonly string[];
    readonly left: readonly string[];
  }
  | { readonly type: "storage"; readonly isAvailable: boolean }
  | {
    /** The answer to what cannot be done; asking again will not help. */
    readonly type: "refused";
    readonly words: string;
    readonly channel?: string;
    readonly id?: string;
  };

/** Codes that a server closes with, beside those of RFC 6455. */
export const ChatClose = {
  /** The client is to come back, to this process or another (RFC 6455 §7.4). */
  tryAgainLater: 1013,
  /** What was stored has changed behind the server's back. */
  serviceRestart: 1012,
  /** The client sends faster than it was told to. */
  policyViolation: 1008,
} as const;

/** What a request was found to be. */
export type ParsedRequest =
  | { readonly status: "valid"; readonly request: ChatRequest }
  | {
    readonly status: "invalid";
    readonly words: string;
    /** Of which channel and message it was, as far as that could be read. */
    readonly channel?: string;
    readonly id?: string;
  };

/** Says what is wrong with a field; `undefined` if nothing is. */
type Judge = (value: unknown, limits: ChatLimits) => string | undefined;

/** The fields of each request, and who judges them. */
const shapes: Readonly<Record<string, Readonly<Record<string, Judge>>>> = {
  hello: { nickname: faultOfNickname },
  join: { channel: faultOfChannel, after: faultOfAfter },
  leave: { channel: faultOfChannel },
  say: { channel: faultOfChannel, id: faultOfId, text: faultOfText },
};

/** Reads what a client sent. */
export function parseRequest(
  data: string | Uint8Array,
  limits: ChatLimits,
): ParsedRequest {
  const fields = typeof data === "string" ? parseObject(data) : undefined;
  if (fields === undefined) {
    return invalid("Cannot read the message: wanted a JSON object in text");
  }
  const { type } = fields;
  const isKnown = typeof type === "string" && Object.hasOwn(shapes, type);
  const shape = isKnown ? shapes[type] : undefined;
  if (shape === undefined) {
    return invalid(
      `Cannot read the message: found type ${show(type)}, wanted ` +
        Object.keys(shapes).join(", "),
      fields,
    );
  }
  const read: Record<string, unknown> = { type };
  for (const [name, judge] of Object.entries(shape)) {
    const value = fields[name];
    const fault = judge(value, limits);
    if (fault !== undefined) return invalid(fault, fields);
    if (value !== undefined) read[name] = value;
  }
  // Every field has been judged, so that it is what its type says.
  return { status: "valid", request: read as ChatRequest };
}

type Fields = Readonly<Record<string, unknown>>;

function parseObject(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === "object" && value !== null;
    return isObject ? value as Fields : undefined;
  } catch {
    return undefined;
  }
}

/** An answer names what it answers, if that is fit to be repeated. */
function invalid(words: string, fields: Fields = {}): ParsedRequest {
  const { channel, id } = fields;
  return {
    status: "invalid",
    words,
    ...typeof id === "string" && idPattern.test(id) ? { id } : {},
    ...typeof channel === "string" && channelPattern.test(channel)
      ? { channel: channel.slice(0, 64) }
      : {},
  };
}

/** Letters of any script, and what stands in names; nothing that is not seen. */
const nicknamePattern = /^[\p{L}\p{N}][\p{L}\p{N}\p{M} ._'’-]*$/u;
const channelPattern = /^[\p{Ll}\p{Lo}\p{N}][\p{Ll}\p{Lo}\p{M}\p{N}-]*$/u;
const idPattern = /^[\w-]{8,64}$/;
/** Controls other than line feed and tab, and what turns the direction of text. */
const unseenPattern = /[^\P{Cc}\n\t]|[\u202a-\u202e\u2066-\u2069]/u;

/** What is wrong with a nickname. */
export function faultOfNickname(
  value: unknown,
  { maxNicknameLength: most }: ChatLimits,
): string | undefined {
  if (isTextUpTo(value, most) && nicknamePattern.test(value)) return undefined;
  return `Cannot take the nickname: found ${
    show(value)
  }, wanted 1 to ${most} ` +
    "letters, digits, spaces and . _ ' -, beginning with a letter or digit";
}

/** What is wrong with the name of a channel. */
export function faultOfChannel(
  value: unknown,
  { maxChannelLength: most }: ChatLimits,
): string | undefined {
  if (isTextUpTo(value, most) && channelPattern.test(value)) return undefined;
  return `Cannot take the channel: found ${show(value)}, wanted 1 to ${most} ` +
    "small letters, digits and -, beginning with a letter or digit";
}

/** What is wrong with the text of a message. */
export function faultOfText(
  value: unknown,
  { maxTextLength: most }: ChatLimits,
): string | undefined {
  if (typeof value !== "string" || value.trim() === "") {
    return `Cannot take the text: found ${show(value)}, wanted some`;
  }
  if (value.length > most) {
    return `Cannot take the text: found ${value.length} characters, wanted at ` +
      `most ${most}`;
  }
  if (value.isWellFormed() && !unseenPattern.test(value)) return undefined;
  return "Cannot take the text: found control characters or half a character, " +
    "wanted text";
}

function faultOfId(value: unknown): string | undefined {
  if (typeof value === "string" && idPattern.test(value)) return undefined;
  return `Cannot take the id: found ${show(value)}, wanted 8 to 64 letters, ` +
    "digits, _ and -";
}

function faultOfAfter(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (Number.isSafeInteger(value) && Number(value) >= 0) return undefined;
  return `Cannot take after: found ${show(value)}, wanted the number of a ` +
    "message";
}

function isTextUpTo(value: unknown, most: number): value is string {
  return typeof value === "string" && value.length <= most;
}

/** A value in an error message, however long it is. */
function show(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length <= 40 ? text : `${text.slice(0, 40).toWellFormed()}…`;
}
