/** What Redis has of a channel. The braces keep a channel's keys together. */
export function channelKeys(channel: string): {
  readonly messages: string;
  readonly ids: string;
  readonly last: string;
  readonly members: string;
  /** Where its messages are published, and that somebody came or went. */
  readonly topic: string;
} {
  const prefix = `chat:{${channel}}`;
  return {
    messages: `${prefix}:messages`,
    ids: `${prefix}:ids`,
    last: `${prefix}:last`,
    members: `${prefix}:members`,
    topic: `${prefix}:topic`,
  };
}

/** The processes that live, and until when they are taken to. */
export const processesKey = "chat:processes";

/** What is published when somebody came or went. */
export const presenceWord = "presence";
