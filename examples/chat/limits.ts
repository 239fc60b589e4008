/** How much a server takes of a client; every limit is on. */
export interface ChatLimits {
  /** Characters (UTF-16 code units) of a message. */
  readonly maxTextLength: number;
  /** Characters of a nickname. */
  readonly maxNicknameLength: number;
  /** Characters of a channel's name. */
  readonly maxChannelLength: number;
  /** Channels that a client may be in. */
  readonly maxChannels: number;
  /** Clients that may be in a channel, in all processes. */
  readonly maxMembers: number;
  /** Messages a second that a client is asked to keep to. */
  readonly messagesPerSecond: number;
  /** Messages that a client may send at once after a pause. */
  readonly messageBurst: number;
  /** Messages that who joins anew is given. */
  readonly maxHistory: number;
  /** Messages that who comes back is given, of those that were missed. */
  readonly maxMissed: number;
  /** Bytes that wait for a client that does not read, before it is hung up on. */
  readonly maxBufferedBytes: number;
  /** Clients of one process. */
  readonly maxClients: number;
}

/** Limits for rooms of people; a client that types never meets one. */
export const defaultLimits: ChatLimits = {
  maxTextLength: 2_000,
  maxNicknameLength: 24,
  maxChannelLength: 32,
  maxChannels: 20,
  maxMembers: 1_000,
  messagesPerSecond: 10,
  messageBurst: 20,
  maxHistory: 100,
  maxMissed: 500,
  maxBufferedBytes: 1024 * 1024,
  maxClients: 10_000,
};
