import { nicknamesOf, type Presence, presenceChange } from "./presence.ts";
import type { PresenceChange } from "./presence.ts";

/** Tells the clients of a channel who came and went, from look to look. */
export interface PresenceTeller {
  /** Whom the clients have been told of. */
  readonly nicknames: () => ReadonlySet<string>;
  /** How many connections there were at the last look. */
  readonly count: () => number;
  /** Looks who is there. */
  readonly look: () => Promise<void>;
  /** Looks in a moment, once for all who ask meanwhile. */
  readonly lookSoon: () => void;
  /** Looks no more. */
  readonly close: () => void;
}

/** What a teller needs. */
export interface PresenceTellerOptions {
  readonly channel: string;
  readonly presence: Presence;
  readonly onChange: (change: PresenceChange) => void;
  readonly onError: (error: unknown) => void;
}

/** However quickly people come and go, who is there is read no more often. */
const pauseMs = 200;

/** Begins with nobody there. */
export function createPresenceTeller(
  { channel, presence, onChange, onError }: PresenceTellerOptions,
): PresenceTeller {
  let told: ReadonlySet<string> = new Set();
  let count = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const look = async () => {
    const members = await presence.list(channel);
    const nicknames = nicknamesOf(members);
    const change = presenceChange(told, nicknames);
    told = nicknames;
    count = members.length;
    if (change.arrived.length + change.left.length > 0) onChange(change);
  };
  const lookNow = () => {
    timer = undefined;
    look().catch(onError);
  };
  return {
    nicknames: () => told,
    count: () => count,
    look,
    lookSoon: () => {
      timer ??= setTimeout(lookNow, pauseMs);
    },
    close: () => clearTimeout(timer),
  };
}
