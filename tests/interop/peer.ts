import type { Check } from "./conversation.ts";
import type { StartProxy } from "./proxies.ts";

/** What a peer is, when it is not us. */
export type Side = "server" | "client" | "proxy" | "onlooker";

/** A program, to be started. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** A folder of its own, made before and removed after. */
  readonly folder?: string;
  /** What is written there first, by name. */
  readonly files?: Readonly<Record<string, string>>;
}

/** A program that is known to do something else than RFC 6455 says. */
export interface Quirk {
  readonly check: Check;
  /** Where it shows; everywhere if nothing is said. */
  readonly side?: Side;
  /** Only with compression. */
  readonly deflate?: true;
  /** What it does, and whose fault that is by which section. */
  readonly what: string;
  /** Whether the check is left out, because the peer does not survive it. */
  readonly leaveOut?: true;
}

/** Another implementation, which sends back what it gets. */
export interface Peer {
  readonly name: string;
  /** What prints its version; `undefined` in the output if it is not there. */
  readonly version: (peers: string) => Program;
  /** As a server on a port. */
  readonly serve?: (peers: string, port: number, deflate: boolean) => Program;
  /** As a client of a server on a port. */
  readonly connect?: (peers: string, port: number, deflate: boolean) => Program;
  /** Whether it speaks a protocol of its own over WebSocket. */
  readonly isSocketIo?: true;
  /** Whether it looks on while we talk with ourselves. */
  readonly isOnlooker?: true;
  /** As a proxy between our client and our server. */
  readonly proxy?: StartProxy;
  /** After how long it cuts a link that says nothing, in milliseconds. */
  readonly idleCutMs?: number;
  /** Whether it is reached by TLS. */
  readonly isSecure?: boolean;
  /** Whether it has permessage-deflate. */
  readonly hasDeflate: boolean;
  readonly quirks?: readonly Quirk[];
}
