/** What is agreed between the attacks and the programs that are attacked. */
import type { ServeWebSocketOptions } from "@sluice/websocket";
import type { PermessageDeflateOptions } from "@sluice/websocket/deflate";
import type { Carrying } from "./listening.ts";

/** How the server is set up: options that can be written as JSON. */
export interface SubjectOptions {
  /** What carries its WebSockets; TCP by default. */
  readonly carrying?: Carrying;
  /** Limits, protocols and time-outs. */
  readonly accepting?: Pick<
    ServeWebSocketOptions,
    | "protocols"
    | "origins"
    | "handshakeTimeoutMs"
    | "idleTimeoutMs"
    | "closeTimeoutMs"
    | "heartbeat"
    | "maxFragments"
    | "maxMessageBytes"
    | "maxBufferedMessages"
  >;
  /** The settings of permessage-deflate; without them there is none. */
  readonly deflate?: PermessageDeflateOptions;
  /** Whether a function has each connection to itself, and reads it. */
  readonly readsAlone?: boolean;
  /** Where messages to `/disk` are written. */
  readonly diskPath?: string;
  /** Whether `Date.now` jumps by up to an hour, back and forth. */
  readonly clockJumps?: boolean;
}

/** What a server says of itself. */
export interface ServerState {
  /** How many connections are open. */
  readonly connections: number;
  /** The most bytes that wait to be written to one of them. */
  readonly mostBufferedBytes: number;
  /** How often each error was told to `onError`. */
  readonly errors: Readonly<Record<string, number>>;
  /** How many messages came for each target. */
  readonly messages: Readonly<Record<string, number>>;
  /** How many errors and promises nobody looked after. */
  readonly unhandled: number;
  /** Processor time so far. */
  readonly cpuMicroseconds: number;
}
