/** What is agreed between the two ends, and who starts them. */
import type { ConnectionOptions } from "@sluice/websocket";

/** How the ends talk, as JSON. */
export interface TalkOptions {
  /** Where the server listens; the client connects to its port. */
  readonly address: string;
  readonly port?: number;
  readonly deflate: boolean;
  /** How many connections, and messages each way on each. */
  readonly connections: number;
  readonly messages: number;
  readonly pauseMs: number;
  readonly closeTimeoutMs: number;
  readonly heartbeat: NonNullable<ConnectionOptions["heartbeat"]>;
}

/** How one end saw its connections end. */
export interface TalkReport {
  /** Conversations that came to their end, whole and in order. */
  readonly whole: number;
  /** Why others did not. */
  readonly failures: readonly string[];
  /** How often connections ended in which way: the rule, or the close code. */
  readonly ends: Readonly<Record<string, number>>;
  /** When the first of them ended, in milliseconds since 1970. */
  readonly firstEndMs: number;
}
